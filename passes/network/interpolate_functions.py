"""interpolate-functions: functions that no quantizer follows, from short tables, within a remarked error.

    x clipped = index * h + rest                      h = 2**-segment: the upper and the lower bits of x
    f(x) ~ slope * max(x, 0) + V[index] + (V[index + 1] - V[index]) * rest / h,    rounded to the step of the table

`qdialect.numerics.interpolation` has the tables and their error. The pass runs before the others, on request:
`-p interpolate-functions,default`. It changes what the network computes, as Keras' own functions differ by processor.
Functions before a quantizer stay: `fold-batchnorm` makes exact thresholds or tables of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from qdialect.analysis.float_functions import float_function
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.emitter import Emitter
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import QnnOp
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import FloatOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.traits import Elementwise, Moves
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics.float32 import dyadic
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.interpolation import SHAPES, STEP, Interpolation
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding
from qdialect.passes import ChangesFunction
from qdialect.rewrites.result_types import retype


def feeds_quantizers(value: SSAValue) -> bool:
    """Whether only quantizers read the value, element by element."""
    return all(
        isinstance(op, QuantizeOp) or (passes_elements(op) and feeds_quantizers(op.results[0]))
        for op in (use.operation for use in value.uses)
    )


def passes_elements(op: Operation) -> bool:
    """Whether each element of the result depends on one element of one value: a table has one index."""
    if op.has_trait(Moves) or isinstance(op, MaxPool2DOp):
        return True
    variables = {operand for operand in op.operands if not isinstance(operand.owner, ConstantOp)}
    return op.has_trait(Elementwise) and (len(variables) == 1 or float_function(op.results[0]) is not None)


@dataclass(frozen=True)
class Expansion(Emitter):
    """The operations of one function, inserted before it."""

    op: FunctionOp

    @staticmethod
    def of(op: FunctionOp) -> Expansion:
        return Expansion(op, op, op.result.name_hint or "function", op)

    def rounded(self, x: SSAValue, fmt: FixedFormat, suffix: str, rounding: Rounding = Rounding.FLOOR) -> SSAValue:
        same = exact_format_of(x.type) == fmt
        return x if same else self.emit(QuantizeOp(x, RoundAttr(Round(rounding)), fmt), suffix)

    def result(self, tables: Interpolation) -> SSAValue:
        x, clipped, values = self.op.operand, tables.clipped, tables.values()
        t = self.rounded(x, clipped, "clipped")
        bits = clipped.int_bits + tables.segment
        index = self.rounded(t, FixedFormat(bits, clipped.int_bits, clipped.signed), "index")
        y = self.table(index, values[:-1], STEP, "entry", tables.first)
        if tables.rest_bits:
            rest = self.emit(SubOp(t, index), "difference")
            rest = self.rounded(rest, FixedFormat(tables.rest_bits, -tables.segment, signed=False), "rest")
            rise = self.table(index, np.diff(values), STEP, "rise", tables.first)
            product = self.emit(ShiftOp(self.emit(MulOp(rise, rest), "product"), tables.segment), "part")
            y = self.emit(AddOp(y, product), "between")
        if tables.shape.slope:
            y = self.emit(AddOp(self.line(tables.shape.slope), y), "sum")
        exact = exact_format_of(y.type)
        assert isinstance(exact, FixedFormat)
        return self.rounded(
            y, FixedFormat(exact.int_bits - STEP, exact.int_bits, exact.signed), "rounded", Rounding.HALF_EVEN
        )

    def line(self, slope: float) -> SSAValue:
        """slope * max(x, 0), the slope as a float32."""
        above = self.emit(ReluOp(self.op.operand), "above")
        codes, fmt = dyadic(np.array([slope], np.float32))
        return above if slope == 1 else self.emit(MulOp(above, self.constant(codes, fmt.lsb, "slope")), "line")


@dataclass(frozen=True)
class InterpolateFunctions(ModulePass, ChangesFunction):
    """Replace functions without a quantizer by tables and products; what follows them becomes fixed-point."""

    name = "interpolate-functions"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        for inner in list(function.body.block.ops):
            if isinstance(inner, FunctionOp) and can_be_interpolated(inner):
                add_remarks(function, [interpolate(inner)])
            elif has_become_exact(inner):
                retype(inner)
        function.update_function_type()


def can_be_interpolated(op: FunctionOp) -> bool:
    fixed = isinstance(format_of(op.operand.type), FixedFormat)
    return fixed and op.function.data.name in SHAPES and not feeds_quantizers(op.result)


def has_become_exact(op: Operation) -> TypeGuard[QnnOp]:
    """Whether a float operation has only fixed-point operands."""
    if not isinstance(op, QnnOp) or isinstance(op, FloatOp | ConstantOp):
        return False
    return format_of(op.results[0].type) is None and all(format_of(operand.type) for operand in op.operands)


def interpolate(op: FunctionOp) -> str:
    """Replace the function and return the remark on it."""
    source, name = exact_format_of(op.operand.type), op.result.name_hint
    assert isinstance(source, FixedFormat)
    tables = Interpolation(op.function.data, source)
    result = Expansion.of(op).result(tables)
    Rewriter.replace_op(op, [], [result])
    result.name_hint = f"{name}_interpolated"
    return f"'{name}': {tables.function.name} from a table, at most {tables.error:.2g} from the real function"
