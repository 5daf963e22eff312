"""Element-wise operations: the one lossy op (`quantize`), exact arithmetic, and Keras' float steps.

Operands of different shape broadcast as in numpy. An op with a float (f32) operand computes Keras' float32 result;
with quantized operands the result type holds every value the op can produce.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import (
    I64,
    DenseArrayBase,
    Float64Type,
    FloatAttr,
    IntegerAttr,
    TensorType,
    f32,
    f64,
    i64,
)
from xdsl.interfaces import HasCanonicalizationPatternsInterface, HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    base,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import Commutative, Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialect.attributes import (
    BatchNormFormulaAttr,
    DeadZoneAttr,
    NearestPo2Attr,
    Product,
    ProductAttr,
    QuantizerMode,
    RoundAttr,
    SignAttr,
)
from qdialect.dialect.base import QnnOp, shape_of
from qdialect.dialect.types import BinaryType, FixedType, Po2Type, TernaryType, format_of, tensor, tensor_type
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.formats import FixedFormat, Format, Po2Format
from qdialect.numerics.intervals import Interval
from qdialect.numerics.rounding import Overflow

RESULT_OF_MODE = {
    RoundAttr: FixedType,
    SignAttr: BinaryType,
    DeadZoneAttr: TernaryType,
    NearestPo2Attr: Po2Type,
}


@irdl_op_definition
class QuantizeOp(QnnOp, HasFolderInterface):
    """The only op that loses information: to the result's element type, in the way the mode says.

    `#qnn.round` gives fixed point, `#qnn.sign` binary (or one unsigned bit), `#qnn.dead_zone` ternary,
    `#qnn.nearest_po2` powers of two.
    """

    name = "qnn.quantize"
    operand = operand_def(TensorType)
    mode = prop_def(base(RoundAttr) | base(SignAttr) | base(DeadZoneAttr) | base(NearestPo2Attr))
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, mode: QuantizerMode, fmt: Format):
        result = tensor(shape_of(operand), fmt)
        super().__init__(operands=[operand], properties={"mode": mode}, result_types=[result])

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), format_of(self.result.type)

    def verify_(self) -> None:
        format_of(self.operand.type)
        expected = RESULT_OF_MODE[type(self.mode)]
        element = tensor_type(self.result.type).element_type
        one_bit = isinstance(self.mode, SignAttr) and element == FixedType(1, 1, signed=False)
        if not isinstance(element, expected) and not one_bit:
            raise VerifyException(f"mode {self.mode} gives {expected.name} elements, the result has {element}")
        super().verify_()

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """Rounding to the type that the value already has is the identity, unless it clamps symmetrically."""
        identity = tensor_type(self.result.type).element_type == BinaryType() or (
            isinstance(self.mode, RoundAttr) and self.mode.data.overflow is Overflow.SATURATE
        )
        return (self.operand,) if identity and self.operand.type == self.result.type else None


class BinaryOp(QnnOp):
    """An exact operation on two broadcasting operands."""

    lhs = operand_def(TensorType)
    rhs = operand_def(TensorType)
    result = result_def(TensorType)

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        """The range of the result."""
        raise NotImplementedError

    def __init__(self, lhs: SSAValue, rhs: SSAValue):
        shape, fmt = self._infer(lhs, rhs)
        super().__init__(operands=[lhs, rhs], result_types=[tensor(shape, f32 if fmt is None else fmt)])

    @classmethod
    def _infer(cls, lhs: SSAValue, rhs: SSAValue) -> tuple[tuple[int, ...], Format | None]:
        try:
            shape = np.broadcast_shapes(shape_of(lhs), shape_of(rhs))
        except ValueError:
            raise VerifyException(f"shapes do not broadcast: {lhs.type} and {rhs.type}") from None
        a, b = format_of(lhs.type), format_of(rhs.type)
        if a is None or b is None:
            return shape, None
        return shape, cls.combine(Interval.of(a), Interval.of(b)).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return self._infer(self.lhs, self.rhs)


@irdl_op_definition
class AddOp(BinaryOp, HasCanonicalizationPatternsInterface):
    """`lhs + rhs`: biases and residual sums. Binary points are aligned to the finer step."""

    name = "qnn.add"
    traits = traits_def(Pure(), Commutative())

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        return a + b

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from qdialect.dialect.canonicalization import AddZero

        return (AddZero(),)


@irdl_op_definition
class SubOp(BinaryOp):
    """`lhs - rhs`. Binary points are aligned to the finer step."""

    name = "qnn.sub"
    traits = traits_def(Pure())

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        return a - b


@irdl_op_definition
class MulOp(BinaryOp):
    """`lhs * rhs`: scales per channel. `product = shift` needs a power-of-two right operand."""

    name = "qnn.mul"
    product = prop_def(ProductAttr)
    traits = traits_def(Pure())

    def __init__(self, lhs: SSAValue, rhs: SSAValue, product: Product = Product.MULTIPLY):
        super().__init__(lhs, rhs)
        self.product = ProductAttr(product)

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        return a * b

    def verify_(self) -> None:
        super().verify_()
        verify_product(self.product.data, self.lhs, self.rhs)


def verify_product(product: Product, *factors: SSAValue) -> None:
    """A contraction or scale may only claim a cheap product that the type of one of its factors allows."""
    elements = [tensor_type(factor.type).element_type for factor in factors]
    needed = {
        Product.MULTIPLY: object,
        Product.SHIFT: Po2Type,
        Product.ADD_SUB: BinaryType | TernaryType,
    }[product]
    if not any(isinstance(element, needed) for element in elements):
        raise VerifyException(f"product '{product}' is not possible between {' and '.join(map(str, elements))}")


@irdl_op_definition
class ShiftOp(QnnOp, HasFolderInterface, HasCanonicalizationPatternsInterface):
    """`operand * 2**by`. Only the step changes, the codes stay: free in hardware."""

    name = "qnn.shift"
    operand = operand_def(TensorType)
    by = prop_def(IntegerAttr[I64])
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, by: int):
        fmt = self._infer(operand, by)
        super().__init__(
            operands=[operand],
            properties={"by": IntegerAttr(by, i64)},
            result_types=[tensor(shape_of(operand), f32 if fmt is None else fmt)],
        )

    @staticmethod
    def _infer(operand: SSAValue, by: int) -> Format | None:
        match format_of(operand.type):
            case None:
                return None
            case FixedFormat(width, int_bits, signed):
                return FixedFormat(width, int_bits + by, signed)
            case Po2Format(low, high, signed):
                return Po2Format(low + by, high + by, signed)
            case fmt:
                interval = Interval.of(fmt)
                return Interval(interval.low, interval.high, interval.lsb + by).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), self._infer(self.operand, self.by.value.data)

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        return (self.operand,) if self.by.value.data == 0 and self.operand.type == self.result.type else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from qdialect.dialect.canonicalization import ShiftOfShift

        return (ShiftOfShift(),)


@irdl_op_definition
class ReluOp(QnnOp):
    """`max(operand, 0)`."""

    name = "qnn.relu"
    operand = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue):
        fmt = self._infer(operand)
        super().__init__(operands=[operand], result_types=[tensor(shape_of(operand), f32 if fmt is None else fmt)])

    @staticmethod
    def _infer(operand: SSAValue) -> Format | None:
        fmt = format_of(operand.type)
        return None if fmt is None else Interval(0, max(fmt.max_code, 0), fmt.lsb).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), self._infer(self.operand)


class FloatOp(QnnOp):
    """A step that Keras computes in float32, one rounding per operation; monotone in its first operand."""

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


@irdl_op_definition
class ThresholdOp(QnnOp, HasCanonicalizationPatternsInterface):
    """A monotone step function on integers, per channel: how many thresholds does the operand reach?

    result = the (`first` + count)-th code of the result type in ascending order, where
    count = #{k : direction * operand >= direction * thresholds[channel, k]}.
    `thresholds` is [channels, levels] in the operand's step (channels = 1 is shared), `direction` [channels] is
    {-1, +1}; without it all channels ascend. `uncertified` lists the channels of thresholds for which TensorFlow's
    own float32 formulas disagree, once per threshold.
    """

    name = "qnn.threshold"
    operand = operand_def(TensorType)
    thresholds = operand_def(TensorType)
    direction = opt_operand_def(TensorType)
    first = prop_def(IntegerAttr[I64])
    uncertified = opt_prop_def(DenseArrayBase.constr(i64))
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(
        self,
        operand: SSAValue,
        thresholds: SSAValue,
        direction: SSAValue | None,
        fmt: Format,
        first: int = 0,
        uncertified: Sequence[int] = (),
    ):
        super().__init__(
            operands=[operand, thresholds, [] if direction is None else [direction]],
            properties={
                "first": IntegerAttr(first, i64),
                "uncertified": DenseArrayBase.from_list(i64, list(uncertified)) if uncertified else None,
            },
            result_types=[tensor(shape_of(operand), fmt)],
        )

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), format_of(self.result.type)

    def verify_(self) -> None:
        operand, table = format_of(self.operand.type), format_of(self.thresholds.type)
        if operand is None or table is None or operand.lsb != table.lsb:
            raise VerifyException("operand and thresholds must be quantized with the same step")
        if not shape_of(self.operand):
            raise VerifyException(f"expected an operand with a channel axis, got {self.operand.type}")
        shape = shape_of(self.thresholds)
        channels = shape_of(self.operand)[-1]
        if len(shape) != 2 or shape[0] not in (1, channels):
            raise VerifyException(f"thresholds must be [{channels} or 1, levels], got {self.thresholds.type}")
        if self.direction is not None:
            if tensor_type(self.direction.type).element_type != BinaryType():
                raise VerifyException(f"direction must be !qnn.binary, got {self.direction.type}")
            if shape_of(self.direction) != shape[:1]:
                raise VerifyException(f"direction must have shape {shape[0]}, got {self.direction.type}")
        super().verify_()
        result = format_of(self.result.type)
        if result is None or self.first.value.data < 0 or self.first.value.data + shape[1] >= len(result.codes()):
            raise VerifyException(f"{shape[1]} thresholds from code {self.first.value.data} leave {self.result.type}")

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from qdialect.dialect.canonicalization import ThresholdOfAdd, ThresholdOfMul, ThresholdOfShift

        return (ThresholdOfAdd(), ThresholdOfMul(), ThresholdOfShift())
