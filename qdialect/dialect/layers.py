"""Layer operations: contractions with a kernel, pooling, data movement. Shapes are per sample, channels last."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import I64, DenseArrayBase, TensorType, f32, i64
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
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

    @property
    def fan_in(self) -> int:
        """Products per output."""
        fan_in = 1
        for n in shape_of(self.kernel)[:-1]:
            fan_in *= n
        return fan_in

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


@irdl_op_definition
class Conv2DOp(ContractionOp):
    """2-D convolution without padding (`qnn.pad` comes before): operand [H, W, C], kernel [KH, KW, C, F].

    `strides` and `dilations` are [rows, columns].
    """

    name = "qnn.conv2d"
    strides = prop_def(DenseArrayBase.constr(i64))
    dilations = prop_def(DenseArrayBase.constr(i64))
    traits = traits_def(Pure())

    def __init__(
        self,
        operand: SSAValue,
        kernel: SSAValue,
        strides: Sequence[int] = (1, 1),
        dilations: Sequence[int] = (1, 1),
        product: Product = Product.MULTIPLY,
    ):
        kh, kw, channels, filters = shape_of(kernel)
        height, width, _ = shape_of(operand)
        out = (
            windows(height, kh, strides[0], dilations[0]),
            windows(width, kw, strides[1], dilations[1]),
            filters,
        )
        super().__init__(
            operands=[operand, kernel],
            properties={
                "product": ProductAttr(product),
                "strides": ints(*strides),
                "dilations": ints(*dilations),
            },
            result_types=[tensor(out, self.result_format(operand, kernel, kh * kw * channels))],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"strides": ints(1, 1), "dilations": ints(1, 1)}

    def result_shape(self) -> tuple[int, ...]:
        x, k = shape_of(self.operand), shape_of(self.kernel)
        if len(x) != 3 or len(k) != 4 or x[2] != k[2]:
            raise VerifyException(f"{self.operand.type} does not fit kernel {self.kernel.type}")
        s, d = values_of(self.strides), values_of(self.dilations)
        verify_pair("strides", s)
        verify_pair("dilations", d)
        rows, columns = windows(x[0], k[0], s[0], d[0]), windows(x[1], k[1], s[1], d[1])
        verify_fits("the kernel", (rows, columns), self.operand)
        return (rows, columns, k[3])


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
        fmt = self._infer(operand)
        super().__init__(
            operands=[operand],
            properties={"low": ints(*low), "high": ints(*high)},
            result_types=[tensor(shape, f32 if fmt is None else fmt)],
        )

    @staticmethod
    def _infer(operand: SSAValue) -> Format | None:
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
        return shape, self._infer(self.operand)


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
class ReshapeOp(QnnOp, HasFolderInterface):
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
        if _size(self.operand) != _size(self.result):
            raise VerifyException(f"{self.operand.type} and {self.result.type} differ in size")
        return shape_of(self.result), format_of(self.operand.type)

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        return (self.operand,) if self.operand.type == self.result.type else None


def _size(value: SSAValue) -> int:
    size = 1
    for n in shape_of(value):
        size *= n
    return size
