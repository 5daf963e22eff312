"""Every element of every value of a module as a column (`columns.py`), the same for the same function of the inputs.

- Linear operations and moves are computed by the interpreter on columns.
- A function of one value is tabulated over the value's proven range, whatever it was made of: of x = a * t + b with t
  primitive, the table over t is an atom, or linear again. A function of an atom is a function of the atom's own t.
- A maximum is an atom named by the set of its elements. A monotone function of a maximum is a maximum of the function.
- A product of two polynomials without constants is an atom named by both.
- Anything else is an atom named by the operation and the columns of its operands.

So two values with equal columns are equal for all inputs; two with different columns need not be different.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import ReturnOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.code_range import Range, whole_type
from qdialect.analysis.ranges import range_of
from qdialect.dialects.qnn.network import argument_quantizer, network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountOp
from qdialect.dialects.qnn.ops.packed_moves import PackedMaxPool2DOp, PackedMoveOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.traits import Bilinear, Linear, Moves
from qdialect.dialects.qnn.types import format_of
from qdialect.interpreter.elementwise import expand
from qdialect.interpreter.functions import aligned
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.exact import holding, magnitude
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.sticky import Sticky
from qdialect.proof.applications import Image, apply
from qdialect.proof.columns import column_bytes, digest
from qdialect.proof.elements import ElementColumns
from qdialect.proof.functions import Unary, quantized, unary
from qdialect.proof.maxima import Choice, windows
from qdialect.proof.packed import element_shape, is_packed, packed_format, popcount, repacked
from qdialect.proof.pool import Pool
from qdialect.proof.products import product

Name = tuple[object, ...]
"""Of a function, in the name of an atom."""


@dataclass
class Numbering:
    """The columns [1 + POINTS, shape] of the values of one module, and their ranges."""

    module: ModuleOp
    pool: Pool
    values: dict[SSAValue, Array] = field(default_factory=dict[SSAValue, Array])
    known: dict[SSAValue, Range] = field(default_factory=dict[SSAValue, Range])

    @staticmethod
    def of(module: ModuleOp, pool: Pool) -> Numbering:
        numbering, function = Numbering(module, pool), network(module)
        for index, argument in enumerate(function.args):
            numbering.number_argument(index, argument)
        interpreter = interpreter_for(module)
        for op in function.body.block.ops:
            if not isinstance(op, ReturnOp):
                numbering.number(op, interpreter)
        return numbering

    def number_argument(self, index: int, argument: SSAValue) -> None:
        """Reals are atoms by their places, codes are what a quantizer makes of reals."""
        function, shape = network(self.module), shape_of(argument)
        places = range(int(np.prod(shape, dtype=int)))
        columns = np.stack([self.pool.named("input", index, place) for place in places], axis=1)
        quantizer = argument_quantizer(function, index)
        whole = whole_type(argument, quantizer)
        if whole is not None:
            self.known[argument] = whole
            columns = self.by_names(columns, quantizer_names(None, quantizer, argument))
        self.values[argument] = columns.reshape(-1, *shape)

    def by_names(self, columns: IntArray, names: Sequence[Name]) -> IntArray:
        """Elements [.., n] that functions of these names compute from the elements of an operand."""
        each = zip(names, np.ascontiguousarray(columns.T), strict=True)
        return np.stack([self.pool.named(name, column_bytes(column)) for name, column in each], axis=1)

    def number(self, op: Operation, interpreter: Interpreter) -> None:
        (result,) = op.results
        proven = range_of(op, self.known, interpreter)
        if proven is not None:
            self.known[result] = proven
        columns = self.columns(op, interpreter)
        self.values[result] = columns.reshape(len(columns), *element_shape(result))

    def columns(self, op: Operation, interpreter: Interpreter) -> IntArray:
        (result,) = op.results
        operands = [self.values[operand] for operand in op.operands]
        match op:
            case ConstantOp():
                return self.constant(op)
            case MaxPool2DOp() | PackedMaxPool2DOp():
                shape = element_shape(op.operand)
                return Choice(self.elements(op.operand), windows(op, shape)).columns(self.pool, 1)
            case MaximumOp() | MinimumOp() if format_of(result.type) is not None:
                return self.chosen(op)
            case PackOp() | PackedMoveOp():
                return repacked(result, operands)
            case MulOp() if format_of(result.type) is not None and not self.is_linear(op):
                rank = len(shape_of(result))
                return product(self.pool, *(expand(x, rank) for x in operands))
            case PopcountOp() if (sums := popcount(op, operands[0])) is not None:
                return sums
            case _ if self.is_linear(op):
                (sums,) = interpreter.run_op(op, tuple(operands))
                return np.broadcast_to(sums, (max(map(len, operands)), *sums.shape[1:]))
            case _:
                return self.function(op, interpreter)

    def is_linear(self, op: Operation) -> bool:
        """Whether the interpreter computes the columns of the result from those of the operands."""
        if format_of(op.results[0].type) is None:
            return op.has_trait(Moves)
        return op.has_trait(Linear) or (op.has_trait(Bilinear) and constant_of(op.operands[1]) is not None)

    def constant(self, op: ConstantOp) -> IntArray:
        """Floats are read as data, never as columns."""
        if is_packed(op.result) or format_of(op.result.type) is None:
            return np.zeros((1, *element_shape(op.result)), np.int64)
        return op.data[np.newaxis]

    def elements(self, value: SSAValue, lanes: int = 1) -> ElementColumns:
        if is_packed(value):
            ends = packed_format(value)
            shape = element_shape(value)
            known = Range(np.full(shape, ends.min_code), np.full(shape, ends.max_code))
            return ElementColumns.of(self.values[value], known, lanes)
        whole = whole_type(value)
        known = None if whole is None else self.known.get(value, whole)
        return ElementColumns.of(self.values[value], known, lanes)

    def chosen(self, op: MaximumOp | MinimumOp) -> IntArray:
        """The larger or the smaller of two elements in each place."""
        parts = np.broadcast_arrays(*aligned(op, (self.values[op.lhs], self.values[op.rhs])))
        ends = [aligned(op, (self.known[op.lhs].ends, self.known[op.rhs].ends))[side] for side in (0, 1)]
        shape = shape_of(op.result)
        n = int(np.prod(shape, dtype=int))
        low, high = (np.concatenate([np.broadcast_to(e[end], shape).reshape(-1) for e in ends]) for end in (0, 1))
        values = np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
        both = ElementColumns(values, low, high, False, np.zeros(2 * n, int))
        places = np.arange(2 * n).reshape(2, n).T
        return Choice(both, places).columns(self.pool, 1 if isinstance(op, MaximumOp) else -1)

    def function(self, op: Operation, interpreter: Interpreter) -> IntArray:
        """Functions of one value by their tables, all others by their names."""
        (result,) = op.results
        direct = unary(op, interpreter)
        image = None if direct is None else self.applied(direct, result)
        if isinstance(op, QuantizeOp) and (image is None or not image.done.all()):
            whole = quantized(self.module, op)
            image = image if whole is None or whole.source not in self.values else self.applied(whole, result)
        if image is None:
            return self.named(op)
        if format_of(result.type) is not None and image.done.all():
            ends = (end.reshape(shape_of(result)) for end in (image.low, image.high))
            self.known[result] = Range(*map(as_integers, ends))
        if image.done.all():
            return as_integers(image.values)
        return np.where(image.done, as_integers(image.values), self.named(op).reshape(image.values.shape))

    def applied(self, f: Unary, result: SSAValue) -> Image:
        x = self.elements(f.source, f.lanes)
        return apply(self.pool, f, x, is_float=format_of(result.type) is None)

    def named(self, op: Operation) -> IntArray:
        """Elements that are known by the operation and its operands alone: of an operation of one value without
        constants by the element in its place, of others by all elements and the place."""
        (result,) = op.results
        properties = sorted((name, str(value)) for name, value in op.properties.items())
        shape = shape_of(result)
        if len(op.operands) == 1 and shape_of(op.operands[0]) == shape:
            operand = op.operands[0]
            columns = self.values[operand].reshape(len(self.values[operand]), -1)
            if isinstance(op, QuantizeOp):
                return self.by_names(columns, quantizer_names(step_of(operand), op.mode.data, result))
            return self.by_names(columns, [(op.name, properties, step_of(operand), step_of(result))] * columns.shape[1])
        data = [self.data(operand) for operand in op.operands]
        whole = digest(op.name, properties, step_of(result), *data)
        return np.stack([self.pool.named(whole, i) for i in range(int(np.prod(shape, dtype=int)))], axis=1)

    def data(self, operand: SSAValue) -> bytes:
        constant = constant_of(operand)
        if constant is not None:
            return digest(str(constant.dtype), constant.shape, column_bytes_of(constant), str(operand.type))
        return digest(None if is_packed(operand) else step_of(operand), column_bytes(self.values[operand]))


def step_of(value: SSAValue) -> int | None:
    """The exponent of the step of a value's codes; None for floats."""
    fmt = format_of(value.type)
    return None if fmt is None else fmt.lsb


def quantizer_names(step: int | None, quantizer: object, result: SSAValue) -> Sequence[Name]:
    """The name of what a quantizer of reals, or of codes in a step, does with each element: where elements have formats
    of their own, those count, wherever in the tensor they stand."""
    shape, fmt = shape_of(result), format_of(result.type)
    match quantizer:
        case RoundEach():
            each, places = str(quantizer.round), step_of(result)
            return [("quantize", step, each, str(own), places) for own in quantizer.of_sample(shape).format_list()]
        case Sticky():
            rows = np.stack([np.broadcast_to(values, shape).reshape(-1) for values in quantizer.arrays], axis=1)
            return [("sticky", step, *row, step_of(result)) for row in rows.tolist()]
        case _:
            return [("quantize", step, str(quantizer), str(fmt), step_of(result))] * math.prod(shape)


def column_bytes_of(constant: Array) -> bytes:
    return column_bytes(constant) if constant.dtype.kind in "iO" else constant.tobytes()


def as_integers(values: IntArray) -> IntArray:
    """Python integers as int64 where all of them fit."""
    return holding(values, magnitude(values))
