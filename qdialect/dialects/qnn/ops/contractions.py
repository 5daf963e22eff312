"""Sums of products of an input with a kernel. Shapes are per sample, channels last."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeGuard

from xdsl.dialects.builtin import DenseArrayBase, TensorType, i64
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import GRAPHS, Product, ProductAttr
from qdialect.dialects.qnn.geometry import ints, values_of, verify_fits, verify_pair, windows
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.elementwise import verify_product
from qdialect.dialects.qnn.traits import Bilinear, MixesChannels, WeightedSums
from qdialect.dialects.qnn.types import FixedType, exact_format_of, format_of, tensor, tensor_type
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.numerics.intervals import Interval


class ContractionOp(QnnOp):
    """A sum of products of an input with a kernel; the result holds every partial sum in any order.

    With a float operand (an unquantized network input) the sum is rounded once to float32; Keras, which rounds each
    partial sum, may differ from it in the last bits.
    """

    operand = operand_def(TensorType)
    kernel = operand_def(TensorType)
    product = prop_def(ProductAttr)
    result = result_def(TensorType)
    traits = traits_def(Bilinear(), WeightedSums())

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"product": ProductAttr(Product.MULTIPLY)}

    @staticmethod
    def products(kernel: tuple[int, ...]) -> int:
        """Products per output with a kernel of this shape."""
        return math.prod(kernel[:-1])

    @property
    def fan_in(self) -> int:
        """Products per output."""
        return self.products(shape_of(self.kernel))

    @abstractmethod
    def result_shape(self) -> tuple[int, ...]:
        """Shape of the result per sample."""

    @staticmethod
    def result_format(operand: SSAValue, kernel: SSAValue, fan_in: int) -> FixedFormat | None:
        """From the types alone; `size-accumulators` narrows it with the weights. None for a float operand."""
        x, w = format_of(operand.type), exact_format_of(kernel.type)
        return None if x is None else (Interval.of(x) * Interval.of(w)).summed(fan_in).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return self.result_shape(), self.result_format(self.operand, self.kernel, self.fan_in)

    def verify_(self) -> None:
        super().verify_()
        if self.product.data in GRAPHS:
            return
        if self.product.data is not Product.SIGNED_DIGITS:
            verify_product(self.product.data, self.operand, self.kernel)
        elif not isinstance(tensor_type(self.kernel.type).element_type, FixedType):
            raise VerifyException(f"product '{self.product.data}' needs a fixed-point kernel, got {self.kernel.type}")


@irdl_op_definition
class DenseOp(ContractionOp):
    """`result[..., j] = sum_i operand[..., i] * kernel[i, j]`, kernel [inputs, outputs] as in Keras."""

    name = "qnn.dense"
    traits = traits_def(Pure(), MixesChannels())

    def __init__(self, operand: SSAValue, kernel: SSAValue, product: Product = Product.MULTIPLY):
        inputs, outputs = shape_of(kernel)
        result = tensor((*shape_of(operand)[:-1], outputs), self.result_format(operand, kernel, inputs))
        super().__init__(
            operands=[operand, kernel], properties={"product": ProductAttr(product)}, result_types=[result]
        )

    def result_shape(self) -> tuple[int, ...]:
        kernel = shape_of(self.kernel)
        if len(kernel) != 2 or shape_of(self.operand)[-1:] != kernel[:1]:
            raise VerifyException(f"{self.operand.type} does not fit kernel {self.kernel.type}")
        return (*shape_of(self.operand)[:-1], kernel[1])


class Convolution2DOp(ContractionOp):
    """A kernel moved over [H, W, C] without padding (`qnn.pad` comes before).

    `strides` and `dilations` are [rows, columns].
    """

    strides = prop_def(DenseArrayBase.constr(i64))
    dilations = prop_def(DenseArrayBase.constr(i64))

    def __init__(
        self,
        operand: SSAValue,
        kernel: SSAValue,
        strides: Sequence[int] = (1, 1),
        dilations: Sequence[int] = (1, 1),
        product: Product = Product.MULTIPLY,
    ):
        shape = self._shape(operand, kernel, strides, dilations)
        fmt = self.result_format(operand, kernel, self.products(shape_of(kernel)))
        super().__init__(
            operands=[operand, kernel],
            properties={
                "product": ProductAttr(product),
                "strides": ints(*strides),
                "dilations": ints(*dilations),
            },
            result_types=[tensor(shape, fmt)],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return super().default_properties() | {"strides": ints(1, 1), "dilations": ints(1, 1)}

    @staticmethod
    @abstractmethod
    def filters(kernel: tuple[int, ...]) -> int:
        """The channels of the result."""

    @classmethod
    def _shape(
        cls, operand: SSAValue, kernel: SSAValue, strides: Sequence[int], dilations: Sequence[int]
    ) -> tuple[int, ...]:
        x, k = shape_of(operand), shape_of(kernel)
        if len(x) != 3 or len(k) != 4 or x[2] != k[2]:
            raise VerifyException(f"{operand.type} does not fit kernel {kernel.type}")
        verify_pair("strides", strides)
        verify_pair("dilations", dilations)
        rows, columns = (windows(x[a], k[a], strides[a], dilations[a]) for a in (0, 1))
        verify_fits("the kernel", (rows, columns), operand)
        return (rows, columns, cls.filters(k))

    def result_shape(self) -> tuple[int, ...]:
        return self._shape(self.operand, self.kernel, values_of(self.strides), values_of(self.dilations))


@irdl_op_definition
class Conv2DOp(Convolution2DOp):
    """2-D convolution: operand [H, W, C], kernel [KH, KW, C, F]."""

    name = "qnn.conv2d"
    traits = traits_def(Pure(), MixesChannels())

    @staticmethod
    def filters(kernel: tuple[int, ...]) -> int:
        return kernel[3]


@irdl_op_definition
class DepthwiseConv2DOp(Convolution2DOp):
    """Every channel convolved on its own: operand [H, W, C], kernel [KH, KW, C, M], channel c*M + m of the result."""

    name = "qnn.depthwise_conv2d"
    traits = traits_def(Pure())

    @staticmethod
    def filters(kernel: tuple[int, ...]) -> int:
        return kernel[2] * kernel[3]

    @staticmethod
    def products(kernel: tuple[int, ...]) -> int:
        return kernel[0] * kernel[1]


def mixes_channels(op: Operation | Block) -> TypeGuard[ContractionOp]:
    """Whether an operation is a contraction in which every channel of the result depends on every channel of the
    operand."""
    return isinstance(op, Operation) and op.has_trait(MixesChannels)
