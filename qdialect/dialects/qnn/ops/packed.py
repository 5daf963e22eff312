"""Operations on values of {-1, 0, +1} packed into planes of bits.

A product of two such values is zero unless both have a one in their `nonzero` planes, and then +1 where their
`positive` planes are equal, -1 where they differ. A type without zeros needs no first plane, one without signs no
second (`types.PLANES`). So sums of products are counts of bits:

    s agreements among m non-zero products:    sum = s - (m - s)
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import DenseArrayBase, TensorType, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import GRAPHS, Count, CountAttr, Product, ProductAttr
from qdialect.dialects.qnn.geometry import ints, values_of, verify_fits, verify_pair, windows
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.storage import WORD_BITS, unpack_codes
from qdialect.dialects.qnn.traits import WeightedSums
from qdialect.dialects.qnn.types import PLANES, BinaryType, BitsType, TernaryType, packed_type, tensor, tensor_type
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat, Format

SIGNED = (BinaryType(), TernaryType())


def verify_packable(operand: SSAValue) -> Attribute:
    """The element type of values that planes of bits can hold; VerifyException for others."""
    element = tensor_type(operand.type).element_type
    if element not in PLANES:
        raise VerifyException(f"expected elements of {', '.join(map(str, PLANES))}, got {operand.type}")
    return element


@irdl_op_definition
class PackOp(QnnOp):
    """The last axis of a tensor as one vector of bits: [..., N] to [...] of `!qnn.bits<N>`."""

    name = "qnn.pack"
    operand = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue):
        super().__init__(operands=[operand], result_types=[self._infer(operand)])

    @staticmethod
    def _infer(operand: SSAValue) -> TensorType:
        element, shape = verify_packable(operand), shape_of(operand)
        if not shape:
            raise VerifyException(f"expected a tensor with an axis to pack, got {operand.type}")
        return tensor(shape[:-1], BitsType(shape[-1], element))

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self._infer(self.operand)), None

    def verify_(self) -> None:
        if self.result.type != self._infer(self.operand):
            raise VerifyException(f"result must be {self._infer(self.operand)}, got {self.result.type}")


class PopcountOp(QnnOp):
    """A count over the products of activations with a packed kernel: of agreements, or of these minus
    disagreements."""

    operand = operand_def(TensorType)
    kernel = operand_def(TensorType)
    count = prop_def(CountAttr)
    product = prop_def(ProductAttr)
    result = result_def(TensorType)
    traits = traits_def(WeightedSums())

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return cls.properties_of(Count.AGREEMENTS)

    @staticmethod
    def properties_of(count: Count) -> dict[str, Attribute]:
        return {"count": CountAttr(count), "product": ProductAttr(Product.POPCOUNT)}

    def verify_(self) -> None:
        super().verify_()
        if self.product.data is not Product.POPCOUNT and not (self.product.data in GRAPHS and self.is_linear()):
            raise VerifyException(f"product '{self.product.data}' is not possible for this count of packed values")

    def is_linear(self) -> bool:
        """Whether the count is a constant linear function of the activations: a balance, or agreements of values
        without zeros or without signs."""
        return self.count.data is Count.BALANCE or len(PLANES[self.operand_element]) == 1

    @staticmethod
    def result_format(count: Count, fan_in: int) -> FixedFormat:
        """From the number of products alone."""
        return FixedFormat.holding(-fan_in if count is Count.BALANCE else 0, fan_in, 0)

    @property
    @abstractmethod
    def fan_in(self) -> int:
        """Products per output."""

    @property
    @abstractmethod
    def operand_element(self) -> Attribute:
        """The element type of the activations."""

    @abstractmethod
    def result_shape(self) -> tuple[int, ...]:
        """Shape of the result. Raises VerifyException where the operands do not fit."""

    @abstractmethod
    def per_output(self, codes: IntArray) -> IntArray:
        """Sums of numbers [kernel shape, n] over the products of each channel of the result."""

    def bounds(self) -> tuple[IntArray, IntArray]:
        """The least and the largest count per channel, over any part of the products."""
        words, type_ = constant_of(self.kernel), packed_type(self.kernel.type)
        codes = np.ones((*shape_of(self.kernel), type_.count.data)) if words is None else unpack_codes(words, type_)
        if self.operand_element in SIGNED or words is None:
            high = self.per_output(np.abs(codes))
            low = -high
        else:
            high, low = self.per_output(np.maximum(codes, 0)), self.per_output(np.minimum(codes, 0))
        return low if self.count.data is Count.BALANCE else low * 0, high

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        shape = self.result_shape()
        return shape, self.result_format(self.count.data, self.fan_in)


def verify_same_count(operand: SSAValue, kernel: SSAValue, kernel_rank: int) -> int:
    """The number of values per packed vector. Raises VerifyException where operand and kernel differ."""
    count = packed_type(operand.type).count.data
    if packed_type(kernel.type).count.data != count or len(shape_of(kernel)) != kernel_rank:
        raise VerifyException(f"{operand.type} does not fit kernel {kernel.type}")
    return count


@irdl_op_definition
class PopcountDenseOp(PopcountOp):
    """`result[..., j]` = count over operand[...] and kernel[j], both of `!qnn.bits<N>`."""

    name = "qnn.popcount_dense"
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, kernel: SSAValue, count: Count = Count.AGREEMENTS):
        fan_in = verify_same_count(operand, kernel, 1)
        result = tensor((*shape_of(operand), *shape_of(kernel)), self.result_format(count, fan_in))
        super().__init__(operands=[operand, kernel], properties=self.properties_of(count), result_types=[result])

    @property
    def fan_in(self) -> int:
        return packed_type(self.kernel.type).count.data

    @property
    def operand_element(self) -> Attribute:
        return packed_type(self.operand.type).element

    def result_shape(self) -> tuple[int, ...]:
        verify_same_count(self.operand, self.kernel, 1)
        return (*shape_of(self.operand), *shape_of(self.kernel))

    def per_output(self, codes: IntArray) -> IntArray:
        return codes.sum(axis=-1)


GEOMETRY = (("strides", 1), ("dilations", 1), ("low", 0), ("high", 0))
"""The properties of windows, each [rows, columns], with their smallest values."""


class PopcountWindowOp(PopcountOp):
    """A count over windows of [H, W, ...].

    Rows and columns are extended by `low` and `high` positions that do not count: zero padding is neither -1 nor +1.
    """

    strides = prop_def(DenseArrayBase.constr(i64))
    dilations = prop_def(DenseArrayBase.constr(i64))
    low = prop_def(DenseArrayBase.constr(i64))
    high = prop_def(DenseArrayBase.constr(i64))

    def __init__(self, operand: SSAValue, kernel: SSAValue, *geometry: Sequence[int], count: Count = Count.AGREEMENTS):
        """`geometry` is strides, dilations, low, high."""
        names = [name for name, _ in GEOMETRY]
        fmt = self.result_format(count, self.products(kernel))
        super().__init__(
            operands=[operand, kernel],
            properties=self.properties_of(count) | {n: ints(*v) for n, v in zip(names, geometry, strict=True)},
            result_types=[tensor(self.shape(operand, kernel, *geometry), fmt)],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return super().default_properties() | {name: ints(least, least) for name, least in GEOMETRY}

    @staticmethod
    @abstractmethod
    def products(kernel: SSAValue) -> int:
        """Products per output with this kernel."""

    @staticmethod
    @abstractmethod
    def window(operand: SSAValue, kernel: SSAValue) -> tuple[Sequence[int], int]:
        """(rows, columns) of the kernel and the channels of the result; VerifyException where they do not fit."""

    @classmethod
    def shape(cls, operand: SSAValue, kernel: SSAValue, *geometry: Sequence[int]) -> tuple[int, ...]:
        """The shape of the result. Raises VerifyException where the operands and the geometry do not fit."""
        taps, channels = cls.window(operand, kernel)
        for (name, least), values in zip(GEOMETRY, geometry, strict=True):
            verify_pair(name, values, least)
        strides, dilations, low, high = geometry
        x = shape_of(operand)
        rows, columns = (windows(x[a] + low[a] + high[a], taps[a], strides[a], dilations[a]) for a in (0, 1))
        verify_fits("the kernel", (rows, columns), operand)
        return (rows, columns, channels)

    def geometry(self) -> tuple[tuple[int, ...], ...]:
        """strides, dilations, low, high as [rows, columns]."""
        return tuple(values_of(a) for a in (self.strides, self.dilations, self.low, self.high))

    def is_linear(self) -> bool:
        """Also the same function everywhere: no window lies partly in the padding."""
        *_, low, high = self.geometry()
        return super().is_linear() and not any((*low, *high))

    @property
    def fan_in(self) -> int:
        return self.products(self.kernel)

    def result_shape(self) -> tuple[int, ...]:
        return self.shape(self.operand, self.kernel, *self.geometry())


@irdl_op_definition
class PopcountConv2DOp(PopcountWindowOp):
    """Operand [H, W], kernel [KH, KW, F], both of `!qnn.bits<C>`."""

    name = "qnn.popcount_conv2d"
    traits = traits_def(Pure())

    @staticmethod
    def products(kernel: SSAValue) -> int:
        return packed_type(kernel.type).count.data * math.prod(shape_of(kernel)[:-1])

    @staticmethod
    def window(operand: SSAValue, kernel: SSAValue) -> tuple[Sequence[int], int]:
        verify_same_count(operand, kernel, 3)
        if len(shape_of(operand)) != 2:
            raise VerifyException(f"{operand.type} does not fit kernel {kernel.type}")
        *taps, filters = shape_of(kernel)
        return taps, filters

    @property
    def operand_element(self) -> Attribute:
        return packed_type(self.operand.type).element

    def per_output(self, codes: IntArray) -> IntArray:
        return codes.sum(axis=(0, 1, 3))


@irdl_op_definition
class PopcountDepthwiseConv2DOp(PopcountWindowOp):
    """Every channel on its own: operand [H, W, C], not packed, because the sums run over the window; kernel [C, M, KH]
    of `!qnn.bits<KW>`; channel c*M + m of the result."""

    name = "qnn.popcount_depthwise_conv2d"
    traits = traits_def(Pure())

    @staticmethod
    def products(kernel: SSAValue) -> int:
        return shape_of(kernel)[-1] * packed_type(kernel.type).count.data

    @staticmethod
    def window(operand: SSAValue, kernel: SSAValue) -> tuple[Sequence[int], int]:
        verify_packable(operand)
        x, k, columns = shape_of(operand), shape_of(kernel), packed_type(kernel.type).count.data
        if len(x) != 3 or len(k) != 3 or x[2] != k[0] or columns > WORD_BITS:
            raise VerifyException(f"{operand.type} does not fit kernel {kernel.type}")
        return (k[2], columns), k[0] * k[1]

    @property
    def operand_element(self) -> Attribute:
        return tensor_type(self.operand.type).element_type

    def per_output(self, codes: IntArray) -> IntArray:
        return codes.sum(axis=(2, 3)).reshape(-1)
