"""Exact element-wise arithmetic.

Operands of different shape broadcast as in numpy. An op with a float (f32) operand computes Keras' float32 result;
with quantized operands the result type holds every value the op can produce.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from xdsl.dialects.builtin import (
    I64,
    IntegerAttr,
    TensorType,
    f32,
    i64,
)
from xdsl.dialects.func import ReturnOp
from xdsl.interfaces import HasCanonicalizationPatternsInterface, HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.traits import Commutative, Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import Product, ProductAttr
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.traits import Accumulates, Arithmetic, Bilinear, Elementwise, Linear, Rising
from qdialect.dialects.qnn.types import PLANES, Po2Type, format_of, tensor, tensor_type
from qdialect.numerics.formats import FixedFormat, Format, Po2Format
from qdialect.numerics.intervals import Interval


class BinaryOp(QnnOp):
    """An exact operation on two broadcasting operands."""

    lhs = operand_def(TensorType)
    rhs = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Elementwise(), Arithmetic())

    @staticmethod
    @abstractmethod
    def combine(a: Interval, b: Interval) -> Interval:
        """The range of the result."""

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
    traits = traits_def(Pure(), Commutative(), Linear(), Accumulates())

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        return a + b

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (AddZero(),)


@irdl_op_definition
class SubOp(BinaryOp):
    """`lhs - rhs`. Binary points are aligned to the finer step."""

    name = "qnn.sub"
    traits = traits_def(Pure(), Linear(), Accumulates())

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        return a - b


@irdl_op_definition
class MulOp(BinaryOp):
    """`lhs * rhs`: scales per channel. `product = shift` needs a power-of-two right operand."""

    name = "qnn.mul"
    product = prop_def(ProductAttr)
    traits = traits_def(Pure(), Bilinear())

    def __init__(self, lhs: SSAValue, rhs: SSAValue, product: Product = Product.MULTIPLY):
        super().__init__(lhs, rhs)
        self.product = ProductAttr(product)

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"product": ProductAttr(Product.MULTIPLY)}

    @staticmethod
    def combine(a: Interval, b: Interval) -> Interval:
        return a * b

    def verify_(self) -> None:
        super().verify_()
        verify_product(self.product.data, self.lhs, self.rhs)


def verify_product(product: Product, *factors: SSAValue) -> None:
    """A contraction or scale may only claim a cheap product that the type of one of its factors allows."""
    elements = [tensor_type(factor.type).element_type for factor in factors]
    cheap: Sequence[Attribute] = {
        Product.MULTIPLY: elements,
        Product.SHIFT: [element for element in elements if isinstance(element, Po2Type)],
        Product.ADD_SUB: [element for element in elements if element in PLANES],
    }.get(product, [])
    if not cheap:
        raise VerifyException(f"product '{product}' is not possible between {' and '.join(map(str, elements))}")


@irdl_op_definition
class ShiftOp(QnnOp, HasFolderInterface, HasCanonicalizationPatternsInterface):
    """`operand * 2**by`. Only the step changes, the codes stay: free in hardware."""

    name = "qnn.shift"
    operand = operand_def(TensorType)
    by = prop_def(IntegerAttr[I64])
    result = result_def(TensorType)
    traits = traits_def(Pure(), Elementwise(), Rising(), Linear())

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
            case Po2Format(low, high) as fmt:
                return replace(fmt, min_exp=low + by, max_exp=high + by)
            case fmt:
                interval = Interval.of(fmt)
                return Interval(interval.low, interval.high, interval.lsb + by).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), self._infer(self.operand, self.by.value.data)

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """A shift by nothing. Lemma: `shifts-add`."""
        return (self.operand,) if self.by.value.data == 0 and self.operand.type == self.result.type else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (ShiftOfShift(),)


@irdl_op_definition
class ReluOp(QnnOp):
    """`max(operand, 0)`."""

    name = "qnn.relu"
    operand = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure(), Elementwise(), Rising(), Arithmetic())

    def __init__(self, operand: SSAValue):
        fmt = self._infer(operand)
        super().__init__(operands=[operand], result_types=[tensor(shape_of(operand), f32 if fmt is None else fmt)])

    @staticmethod
    def _infer(operand: SSAValue) -> Format | None:
        fmt = format_of(operand.type)
        return None if fmt is None else Interval(0, max(fmt.max_code, 0), fmt.lsb).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), self._infer(self.operand)


class AddZero(RewritePattern):
    """x + 0 = x, of the same type or where only other operations use the sum: a result keeps its type.

    Lemma: `zero-is-neutral`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AddOp, rewriter: PatternRewriter) -> None:
        constant = constant_of(op.rhs)
        if constant is None or constant.any() or shape_of(op.lhs) != shape_of(op.result):
            return
        operand, result = format_of(op.lhs.type), format_of(op.result.type)
        returned = any(isinstance(use.operation, ReturnOp) for use in op.result.uses)
        # the bits of binary values and powers of two are no codes: fixed point only
        fixed = isinstance(operand, FixedFormat) and isinstance(result, FixedFormat) and operand.lsb == result.lsb
        if op.lhs.type == op.result.type or (fixed and not returned):
            rewriter.replace(op, [], [op.lhs])


class ShiftOfShift(RewritePattern):
    """(x * 2**a) * 2**b = x * 2**(a + b). Lemma: `shifts-add`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ShiftOp, rewriter: PatternRewriter) -> None:
        inner = op.operand.owner
        if isinstance(inner, ShiftOp):
            by = IntegerAttr(inner.by.value.data + op.by.value.data, i64)
            merged = ShiftOp.create(operands=[inner.operand], properties={"by": by}, result_types=[op.result.type])
            substitute(rewriter, op, [merged])
