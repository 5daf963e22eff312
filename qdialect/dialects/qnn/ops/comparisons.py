"""Exact comparisons: the larger or the smaller of two values, and the leaky relu with a power-of-two slope."""

from __future__ import annotations

from xdsl.dialects.builtin import I64, IntegerAttr, TensorType, f32, i64
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Commutative, Pure

from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.elementwise import BinaryOp
from qdialect.dialects.qnn.traits import Arithmetic, Elementwise, Rising
from qdialect.dialects.qnn.types import format_of, tensor, verify_exponents
from qdialect.numerics.formats import Format
from qdialect.numerics.intervals import Interval


@irdl_op_definition
class MaximumOp(BinaryOp):
    """`max(lhs, rhs)`, with both binary points aligned to the finer step."""

    name = "qnn.maximum"
    traits = traits_def(Pure(), Commutative(), Rising())

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        a, b = a.aligned(b)
        return Interval(max(a.low, b.low), max(a.high, b.high), a.lsb)


@irdl_op_definition
class MinimumOp(BinaryOp):
    """`min(lhs, rhs)`, with both binary points aligned to the finer step."""

    name = "qnn.minimum"
    traits = traits_def(Pure(), Commutative(), Rising())

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        a, b = a.aligned(b)
        return Interval(min(a.low, b.low), min(a.high, b.high), a.lsb)


@irdl_op_definition
class LeakyReluOp(QnnOp):
    """`operand` where it is positive, `operand * 2**slope_exponent` elsewhere."""

    name = "qnn.leaky_relu"
    operand = operand_def(TensorType)
    slope_exponent = prop_def(IntegerAttr[I64])
    result = result_def(TensorType)
    traits = traits_def(Pure(), Elementwise(), Rising(), Arithmetic())

    def __init__(self, operand: SSAValue, slope_exponent: int):
        fmt = self._infer(operand, slope_exponent)
        super().__init__(
            operands=[operand],
            properties={"slope_exponent": IntegerAttr(slope_exponent, i64)},
            result_types=[tensor(shape_of(operand), f32 if fmt is None else fmt)],
        )

    @staticmethod
    def _infer(operand: SSAValue, exponent: int) -> Format | None:
        fmt = format_of(operand.type)
        if fmt is None:
            return None
        verify_exponents(exponent, exponent)
        above = Interval(max(fmt.min_code, 0), max(fmt.max_code, 0), fmt.lsb)
        below = Interval(min(fmt.min_code, 0), min(fmt.max_code, 0), fmt.lsb + exponent)
        above, below = above.aligned(below)
        return above.hull(below).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), self._infer(self.operand, self.slope_exponent.value.data)
