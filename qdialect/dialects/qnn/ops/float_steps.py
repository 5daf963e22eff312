"""Steps that Keras computes in float32, one rounding per operation; they disappear into thresholds and tables."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import (
    Float64Type,
    FloatAttr,
    TensorType,
    f32,
    f64,
)
from xdsl.ir import SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import BatchNormFormulaAttr
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.traits import Elementwise
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.formats import Format


class FloatOp(QnnOp):
    """A step that Keras computes in float32, one rounding per operation; monotone in its first operand."""

    traits = traits_def(Elementwise())

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operands[0]), None

    def verify_(self) -> None:
        super().verify_()
        for parameter in self.operands[1:]:
            if format_of(parameter.type) is not None:
                raise VerifyException(f"parameters must be f32, got {parameter.type}")


@irdl_op_definition
class BatchNormOp(FloatOp):
    """Batch normalization over the last axis in float32; `formula` is TensorFlow's order of operations.

    gamma, beta, mean and variance are f32 tensors of the channels.
    """

    name = "qnn.batch_norm"
    operand = operand_def(TensorType)
    gamma = operand_def(TensorType)
    beta = operand_def(TensorType)
    mean = operand_def(TensorType)
    variance = operand_def(TensorType)
    epsilon = prop_def(FloatAttr[Float64Type])
    formula = prop_def(BatchNormFormulaAttr)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, parameters: Sequence[SSAValue], epsilon: float, formula: BatchNormFormula):
        super().__init__(
            operands=[operand, *parameters],
            properties={"epsilon": FloatAttr(epsilon, f64), "formula": BatchNormFormulaAttr(formula)},
            result_types=[tensor(shape_of(operand), f32)],
        )

    def verify_(self) -> None:
        super().verify_()
        channels = shape_of(self.operand)[-1:]
        if not channels:
            raise VerifyException(f"expected an operand with a channel axis, got {self.operand.type}")
        for parameter in self.operands[1:]:
            if shape_of(parameter) != channels:
                raise VerifyException(f"parameters must have shape {channels[0]}, got {parameter.type}")


@irdl_op_definition
class DivideOp(FloatOp):
    """`f32(operand / divisor)`: the division of an average, correctly rounded. The divisor broadcasts."""

    name = "qnn.divide"
    operand = operand_def(TensorType)
    divisor = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, divisor: SSAValue):
        super().__init__(operands=[operand, divisor], result_types=[tensor(shape_of(operand), f32)])
