"""Range analysis: for every value of a network the interval of codes that each of its elements can take.

Forward over the function, element by element. Operations that are monotone in their first operand run in the
interpreter on both ends of the interval; contractions use the actual weights, split by sign. Intervals of sums
include every partial sum, in whatever order hardware adds. Where both operands of a sum depend on the same values,
`qdialect.analysis.linear_forms` sees it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import ReturnOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.code_range import Range, whole_type
from qdialect.analysis.linear_forms import range_of_form, share_roots
from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.network import argument_quantizer, network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import BinaryOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountOp
from qdialect.dialects.qnn.ops.packed_moves import PackedMoveOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics import exact
from qdialect.numerics.arrays import Array


def ranges(module: ModuleOp) -> dict[SSAValue, Range]:
    """The range of every quantized value, and of every float value that derives from quantized ones.

    Float arguments, packed values and what depends on them alone have no entry.
    """
    return _follow(module, [])


def unproven_lookups(module: ModuleOp) -> list[LookupOp]:
    """The lookups whose operand has codes outside of the table, as far as intervals can tell."""
    unproven: list[LookupOp] = []
    _follow(module, unproven)
    return unproven


def _follow(module: ModuleOp, unproven: list[LookupOp]) -> dict[SSAValue, Range]:
    function = network(module)
    interpreter = interpreter_for(module)
    known: dict[SSAValue, Range] = {}
    for index, argument in enumerate(function.args):
        if (whole := whole_type(argument, argument_quantizer(function, index))) is not None:
            known[argument] = whole
    for op in function.body.block.ops:
        if isinstance(op, LookupOp):
            found = known[op.operand]
            known[op.operand] = covered = _in_table(op, found)
            if not (np.array_equal(covered.low, found.low) and np.array_equal(covered.high, found.high)):
                unproven.append(op)
        if not isinstance(op, ReturnOp):
            result = range_of(op, known, interpreter)
            if result is not None:
                known[op.results[0]] = result
    return known


def range_of(op: Operation, known: Mapping[SSAValue, Range], interpreter: Interpreter) -> Range | None:
    """The range of the result of an operation from those of its operands; None where nothing is known."""
    match op:
        case ConstantOp():
            data = op.data
            return Range(data, data)
        case PackOp() | PackedMoveOp():
            return None
        case PopcountOp():
            return Range(*(np.broadcast_to(end, shape_of(op.result)) for end in op.bounds()))
        case LookupOp():
            return _image(op, known[op.operand])
        case FunctionOp() if not op.function.data.rising:
            return None
        case QuantizeOp(mode=RoundAttr(data=mode) | RoundEachAttr(data=mode)) if format_of(op.operand.type) is not None:
            x, source = known[op.operand], exact_format_of(op.operand.type)
            return Range(*mode.image(x.low, x.high, source.lsb, exact_format_of(op.result.type)))
        case QuantizeOp() if op.operand not in known or not op.mode.data.monotone:
            return whole_type(op.result, op.mode.data)
        case _ if any(operand not in known for operand in op.operands):
            return None
        case ContractionOp() if format_of(op.result.type) is None:
            return None
        case ContractionOp():
            return _contraction(op, known[op.operand], interpreter)
        case BinaryOp():
            a, b = known[op.lhs].ends, known[op.rhs].ends
            apart = _hull(interpreter, op, (a[[0, 0, 1, 1]], b[[0, 1, 0, 1]]))
            form = range_of_form(op.result, known, interpreter) if share_roots(op) else None
            return apart if form is None else apart.within(*form)
        case ConcatOp():
            return _hull(interpreter, op, tuple(known[part].ends for part in op.parts))
        case _:
            first, *parameters = op.operands
            x = known[first]
            if isinstance(op, SumPool2DOp):
                x = Range(np.minimum(x.low, 0), np.maximum(x.high, 0))
            return _hull(interpreter, op, (x.ends, *(known[p].low[np.newaxis] for p in parameters)))


def _hull(interpreter: Interpreter, op: Operation, values: tuple[Array, ...]) -> Range:
    """Lowest and highest result over a batch of operand values."""
    (result,) = interpreter.run_op(op, values)
    return Range(result.min(axis=0), result.max(axis=0))


def _in_table(op: LookupOp, x: Range) -> Range:
    """The codes of the operand that the table covers: no others reach it, even where interval arithmetic can no longer
    prove it after the pass that built the table."""
    return Range(x.low.clip(*op.covered), x.high.clip(*op.covered))


def _image(op: LookupOp, x: Range) -> Range | None:
    """Every value in the part of the channel's table that its codes reach; of the type, if the table is no constant."""
    if (table := constant_of(op.table)) is None:
        return whole_type(op.result)
    codes, first = _in_table(op, x).per_channel(len(table)), op.first.value.data
    reached = [row[a - first : b - first + 1] for row, a, b in zip(table, codes.low, codes.high, strict=True)]
    ends = ([row.min() for row in reached], [row.max() for row in reached])
    return Range(*(np.broadcast_to(np.array(end), shape_of(op.result)) for end in ends))


def _contraction(op: ContractionOp, x: Range, interpreter: Interpreter) -> Range:
    """Each product ranges between 0 and its extreme, so that partial sums in any order are included."""
    if constant_of(op.kernel) is None:
        whole = whole_type(op.result)
        assert whole is not None
        return whole
    return whole_sums(op, Range(np.minimum(x.low, 0), np.maximum(x.high, 0)), interpreter)


def whole_sums(op: ContractionOp, x: Range, interpreter: Interpreter) -> Range:
    """The range of the sums of all products with a constant kernel, for independent inputs:
    low = x.low * max(w, 0) + x.high * min(w, 0), high with the ends exchanged."""
    weights = constant_of(op.kernel)
    assert weights is not None, "a constant kernel"
    positive, negative = np.maximum(weights, 0)[np.newaxis], np.minimum(weights, 0)[np.newaxis]

    def contract(a: Array, w: Array) -> Array:
        return interpreter.run_op(op, (a[np.newaxis], w))[0][0]

    return Range(
        exact.add(contract(x.low, positive), contract(x.high, negative)),
        exact.add(contract(x.high, positive), contract(x.low, negative)),
    )
