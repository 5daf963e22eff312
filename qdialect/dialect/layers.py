"""Layer operations: contractions with a kernel, pooling, data movement. Shapes are per sample, channels last."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xdsl.dialects.builtin import I64, DenseArrayBase, TensorType, f32, i64
from xdsl.interfaces import HasCanonicalizationPatternsInterface, HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialect.attributes import Product, ProductAttr
from qdialect.dialect.base import QnnOp, shape_of
from qdialect.dialect.elementwise import verify_product
from qdialect.dialect.types import exact_format_of, format_of, tensor
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.numerics.intervals import Interval


def ints(*values: int) -> DenseArrayBase[I64]:
    return DenseArrayBase.from_list(i64, [int(v) for v in values])


def values_of(attr: DenseArrayBase[I64]) -> tuple[int, ...]:
    return tuple(attr.get_values())


class ContractionOp(QnnOp):
    """A sum of products of an input with a kernel; the result holds every partial sum in any order.

    With a float operand (an unquantized network input) the sum is rounded once to float32; Keras, which rounds each
    partial sum, may differ from it in the last bits.
    """

    operand = operand_def(TensorType)
    kernel = operand_def(TensorType)
    product = prop_def(ProductAttr)
    result = result_def(TensorType)

    @staticmethod
    def products(kernel: tuple[int, ...]) -> int:
        """Products per output with a kernel of this shape."""
        return math.prod(kernel[:-1])

    @property
    def fan_in(self) -> int:
        """Products per output."""
        return self.products(shape_of(self.kernel))

    def result_shape(self) -> tuple[int, ...]:
        raise NotImplementedError

    @staticmethod
    def result_format(operand: SSAValue, kernel: SSAValue, fan_in: int) -> FixedFormat | None:
        """From the types alone; `size-accumulators` narrows it with the weights. None for a float operand."""
        x, w = format_of(operand.type), exact_format_of(kernel.type)
        return None if x is None else (Interval.of(x) * Interval.of(w)).summed(fan_in).format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return self.result_shape(), self.result_format(self.operand, self.kernel, self.fan_in)

    def verify_(self) -> None:
        super().verify_()
        verify_product(self.product.data, self.operand, self.kernel)


@irdl_op_definition
class DenseOp(ContractionOp):
    """`result[..., j] = sum_i operand[..., i] * kernel[i, j]`, kernel [inputs, outputs] as in Keras."""

    name = "qnn.dense"
    traits = traits_def(Pure())

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


def windows(size: int, window: int, stride: int, dilation: int = 1) -> int:
    """Positions of a window of `window` taps, `dilation` apart, moved by `stride` over `size` elements."""
    return (size - (window - 1) * dilation - 1) // stride + 1


def verify_pair(name: str, values: Sequence[int], smallest: int = 1) -> None:
    """Raises VerifyException unless `values` are [rows, columns] from `smallest` on."""
    if len(values) != 2 or min(values) < smallest:
        raise VerifyException(f"{name} must be [rows, columns] of at least {smallest}, got {list(values)}")


def verify_fits(window: str, positions: Sequence[int], operand: SSAValue) -> None:
    """Raises VerifyException if the window has no position in the operand."""
    if min(positions) < 1:
        raise VerifyException(f"{window} is larger than {operand.type}")


def taps_inside(size: int, window: int, stride: int, dilation: int, low: int, high: int) -> list[int]:
    """For each position of a window over `size` elements with `low` and `high` more around them: how many of its taps
    lie on real elements."""
    positions = windows(size + low + high, window, stride, dilation)
    starts = (position * stride - low for position in range(positions))
    return [sum(0 <= start + tap * dilation < size for tap in range(window)) for start in starts]


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
        return {"strides": ints(1, 1), "dilations": ints(1, 1)}

    @staticmethod
    def filters(kernel: tuple[int, ...]) -> int:
        """The channels of the result."""
        raise NotImplementedError

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
    traits = traits_def(Pure())

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


@irdl_op_definition
class PadOp(QnnOp):
    """Zeros around the operand; `low` and `high` count elements before and after, per axis.

    The result type has a zero even if the operand's has none (binary, powers of two).
    """

    name = "qnn.pad"
    operand = operand_def(TensorType)
    low = prop_def(DenseArrayBase.constr(i64))
    high = prop_def(DenseArrayBase.constr(i64))
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, low: Sequence[int], high: Sequence[int]):
        shape = tuple(n + a + b for n, a, b in zip(shape_of(operand), low, high, strict=True))
        fmt = self.result_format(operand)
        super().__init__(
            operands=[operand],
            properties={"low": ints(*low), "high": ints(*high)},
            result_types=[tensor(shape, f32 if fmt is None else fmt)],
        )

    @staticmethod
    def result_format(operand: SSAValue) -> Format | None:
        fmt = format_of(operand.type)
        if fmt is None or 0 in fmt:
            return fmt
        return Interval.of(fmt).with_zero().format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        low, high = values_of(self.low), values_of(self.high)
        x = shape_of(self.operand)
        if not len(low) == len(high) == len(x) or min(*low, *high, 0) < 0:
            raise VerifyException(f"padding needs {len(x)} non-negative counts on either side")
        shape = tuple(n + a + b for n, a, b in zip(x, low, high, strict=True))
        return shape, self.result_format(self.operand)


class Pool2DOp(QnnOp):
    """A window moved over [H, W, C]. `low` and `high` extend rows and columns by elements that do not count."""

    operand = operand_def(TensorType)
    pool = prop_def(DenseArrayBase.constr(i64))
    strides = prop_def(DenseArrayBase.constr(i64))
    low = prop_def(DenseArrayBase.constr(i64))
    high = prop_def(DenseArrayBase.constr(i64))
    result = result_def(TensorType)

    def __init__(
        self,
        operand: SSAValue,
        pool: Sequence[int],
        strides: Sequence[int],
        low: Sequence[int] = (0, 0),
        high: Sequence[int] = (0, 0),
    ):
        fmt = self.result_format(operand, pool[0] * pool[1])
        shape = self._shape(operand, pool, strides, low, high)
        super().__init__(
            operands=[operand],
            properties={
                "pool": ints(*pool),
                "strides": ints(*strides),
                "low": ints(*low),
                "high": ints(*high),
            },
            result_types=[tensor(shape, f32 if fmt is None else fmt)],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"low": ints(0, 0), "high": ints(0, 0)}

    @staticmethod
    def result_format(operand: SSAValue, window: int) -> Format | None:
        raise NotImplementedError

    @staticmethod
    def _shape(
        operand: SSAValue,
        pool: Sequence[int],
        strides: Sequence[int],
        low: Sequence[int],
        high: Sequence[int],
    ) -> tuple[int, ...]:
        x = shape_of(operand)
        if len(x) != 3:
            raise VerifyException(f"expected [rows, columns, channels], got {operand.type}")
        verify_pair("pool", pool)
        verify_pair("strides", strides)
        verify_pair("low", low, 0)
        verify_pair("high", high, 0)
        rows, columns = (windows(x[a] + low[a] + high[a], pool[a], strides[a]) for a in (0, 1))
        verify_fits("the window", (rows, columns), operand)
        return (rows, columns, x[2])

    def geometry(self) -> tuple[tuple[int, ...], ...]:
        """pool, strides, low, high as [rows, columns]."""
        return tuple(values_of(a) for a in (self.pool, self.strides, self.low, self.high))

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        pool, strides, low, high = self.geometry()
        shape = self._shape(self.operand, pool, strides, low, high)
        return shape, self.result_format(self.operand, pool[0] * pool[1])


@irdl_op_definition
class MaxPool2DOp(Pool2DOp):
    """The largest element of each window."""

    name = "qnn.max_pool2d"
    traits = traits_def(Pure())

    @staticmethod
    def result_format(operand: SSAValue, window: int) -> Format | None:
        return format_of(operand.type)


@irdl_op_definition
class SumPool2DOp(Pool2DOp):
    """The exact sum of each window; the division of an average is an op of its own."""

    name = "qnn.sum_pool2d"
    traits = traits_def(Pure())

    @staticmethod
    def result_format(operand: SSAValue, window: int) -> Format | None:
        return Interval.of(exact_format_of(operand.type)).summed(window).format


@irdl_op_definition
class ReshapeOp(QnnOp, HasFolderInterface, HasCanonicalizationPatternsInterface):
    """The same elements in the same (row-major) order in another shape."""

    name = "qnn.reshape"
    operand = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, shape: Sequence[int]):
        fmt = format_of(operand.type)
        result = tensor(shape, f32 if fmt is None else fmt)
        super().__init__(operands=[operand], result_types=[result])

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        if math.prod(shape_of(self.operand)) != math.prod(shape_of(self.result)):
            raise VerifyException(f"{self.operand.type} and {self.result.type} differ in size")
        return shape_of(self.result), format_of(self.operand.type)

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        return (self.operand,) if self.operand.type == self.result.type else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from qdialect.dialect.canonicalization import ElementwiseOfReshape, ReshapeOfReshape

        return (ReshapeOfReshape(), ElementwiseOfReshape())
