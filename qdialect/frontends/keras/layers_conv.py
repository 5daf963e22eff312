"""Handlers: convolution and pooling, in two dimensions and, as images of one row, in one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.contractions import Conv2DOp
from qdialect.dialect.elementwise import MulOp, ShiftOp
from qdialect.dialect.float_steps import DivideOp
from qdialect.dialect.geometry import taps_inside
from qdialect.dialect.moves import ConcatOp, SliceOp
from qdialect.dialect.padding import PadOp, ReshapeOp
from qdialect.dialect.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialect.types import format_of
from qdialect.frontends.keras.builder import Builder, as_float32, handles
from qdialect.frontends.keras.exact_form import exact_if_possible
from qdialect.frontends.keras.layers_core import exact_or_function, finish, layer_kernel
from qdialect.frontends.keras.source import Layer
from qdialect.frontends.keras.weights import QuantizedWeights
from qdialect.numerics.formats import FixedFormat


def is_sequence(layer: Layer) -> bool:
    """Does the layer's class work on [steps, channels]?"""
    return "1D" in layer.class_name


def image(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The input as [rows, columns, channels]: one row for the layers on [steps, channels].

    Raises QdialectError for inputs of other ranks.
    """
    layer.expect("data_format", "channels_last")
    shape = shape_of(x)
    if len(shape) != (2 if is_sequence(layer) else 3):
        axes = "[steps, channels]" if is_sequence(layer) else "[rows, columns, channels]"
        raise layer.error(f"expected an input {axes} per sample, got {list(shape)}")
    return b.emit(ReshapeOp(x, (1, *shape)), "in_row") if is_sequence(layer) else x


def unlike_image(b: Builder, layer: Layer, y: SSAValue, suffix: str = "") -> SSAValue:
    """The result as the layer gives it: without the row that `image` has added."""
    if not is_sequence(layer):
        return y
    y.name_hint = "_".join(filter(None, (b.layer_name, suffix, "row")))
    return b.emit(ReshapeOp(y, shape_of(y)[1:]), suffix)


def pair(layer: Layer, key: str, default: int = 1) -> tuple[int, int]:
    """An option given as one number, or one per spatial axis, as [rows, columns]; one row in layers on sequences."""
    value = layer.option(key, default)
    values = list(value) if isinstance(value, Sequence) else [value] * (1 if is_sequence(layer) else 2)
    rows, columns = [1, *values] if is_sequence(layer) else values
    return int(rows), int(columns)


def same_padding(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Elements before and after for Keras' padding='same': ceil(size / stride) positions, the extra one behind."""
    span = (window - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def paddings(
    layer: Layer, x: SSAValue, window: Sequence[int], strides: Sequence[int], dilations: Sequence[int] = (1, 1)
) -> tuple[tuple[int, int], tuple[int, int]]:
    """(rows, columns) before and (rows, columns) after, from the `padding` option."""
    layer.expect("padding", "valid", "same", "VALID", "SAME", *(["causal"] if "Conv1D" in layer.class_name else []))
    padding = layer.option("padding", "valid").lower()
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "causal":
        return (0, (window[1] - 1) * dilations[1]), (0, 0)
    rows, columns = (same_padding(*axis) for axis in zip(shape_of(x)[:2], window, strides, dilations, strict=True))
    return (rows[0], columns[0]), (rows[1], columns[1])


@dataclass(frozen=True)
class Window:
    """A padded image, and the strides and dilations with which a kernel moves over it."""

    image: SSAValue
    strides: tuple[int, int]
    dilations: tuple[int, int]


def window_of(b: Builder, layer: Layer, x: SSAValue) -> Window:
    """The options of a convolution, applied to its input."""
    x = image(b, layer, exact_if_possible(b, x))
    size, strides, dilations = (pair(layer, key) for key in ("kernel_size", "strides", "dilation_rate"))
    low, high = paddings(layer, x, size, strides, dilations)
    if any((*low, *high)):
        x = b.emit(PadOp(x, (*low, 0), (*high, 0)), "padded")
    return Window(x, strides, dilations)


def kernel_constant(b: Builder, kernel: QuantizedWeights, suffix: str = "kernel") -> SSAValue:
    """A kernel [KH, KW, ...]; one row for [K, ...]."""
    data = kernel.data
    return b.constant(data if data.ndim == 4 else data[np.newaxis], kernel.format, suffix)


@handles("Conv1D", "QConv1D", "Conv2D", "QConv2D")
def convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.expect("mask", None)
    layer.option("filters")
    groups = int(layer.option("groups", 1))
    window = window_of(b, layer, x)
    kernel = layer_kernel(layer)
    sums = grouped(b, window, kernel, groups) if groups > 1 else conv2d(b, window, kernel)
    return unlike_image(b, layer, finish(b, layer, sums, kernel))


def conv2d(b: Builder, window: Window, kernel: QuantizedWeights) -> SSAValue:
    weights = kernel_constant(b, kernel)
    return b.emit(Conv2DOp(window.image, weights, window.strides, window.dilations), "sum")


def grouped(b: Builder, window: Window, kernel: QuantizedWeights, groups: int) -> SSAValue:
    """Each group of input channels has filters of its own: convolutions side by side."""
    name, sums = b.layer_name, []
    rows, columns, channels = shape_of(window.image)
    size = channels // groups
    for group, filters in enumerate(np.split(kernel.data, groups, axis=-1)):
        b.layer_name = f"{name}_group{group}"
        part = b.emit(SliceOp(window.image, (0, 0, group * size), (rows, columns, size)), "in")
        sums.append(conv2d(b, replace(window, image=part), replace(kernel, data=filters)))
    b.layer_name = name
    return b.emit(ConcatOp(sums, axis=2), "sum")


def pool_geometry(layer: Layer, x: SSAValue) -> tuple[Sequence[int], ...]:
    """pool, strides (default: the pool itself), padding before and after."""
    pool = pair(layer, "pool_size", 2)
    strides = pool if layer.option("strides") is None else pair(layer, "strides")
    return pool, strides, *paddings(layer, x, pool, strides)


@handles("MaxPooling1D", "MaxPool1D", "MaxPooling2D", "MaxPool2D")
def max_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = image(b, layer, x)
    return unlike_image(b, layer, b.emit(MaxPool2DOp(x, *pool_geometry(layer, x))))


@handles("AveragePooling1D", "AvgPool1D", "AveragePooling2D", "AvgPool2D")
def average_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = image(b, layer, exact_or_function(b, layer, x))
    pool, strides, low, high = pool_geometry(layer, x)
    if format_of(x.type) is None and any((*low, *high)):
        raise layer.error("padding='same' divides float numbers by different counts; put a QActivation before it")
    sums, count = window_sums(b, x, pool, strides, low, high)
    return divided(b, unlike_image(b, layer, sums, "sums"), count)


def window_sums(
    b: Builder,
    x: SSAValue,
    pool: Sequence[int],
    strides: Sequence[int] = (1, 1),
    low: Sequence[int] = (0, 0),
    high: Sequence[int] = (0, 0),
) -> tuple[SSAValue, int]:
    """The exact sum over each window, and the number of real elements by which it is to be divided.

    Where the count depends on the position, sums are first brought to a common denominator.
    """
    sums = b.emit(SumPool2DOp(x, pool, strides, low, high), "sum")
    rows, columns = (
        taps_inside(size, window, stride, 1, before, after)
        for size, window, stride, before, after in zip(shape_of(x)[:2], pool, strides, low, high, strict=True)
    )
    counts = np.outer(rows, columns)
    count = math.lcm(*counts.flat)
    if (counts != count).any():
        factors = count // counts[:, :, np.newaxis]
        weights = b.constant(factors, FixedFormat.holding(int(factors.min()), int(factors.max()), 0), "weight")
        sums = b.emit(MulOp(sums, weights), "weighted")
    return sums, count


def divided(b: Builder, sums: SSAValue, count: int, suffix: str = "") -> SSAValue:
    """f32(sum / count), as TensorFlow divides; exact for powers of two."""
    if count & (count - 1) == 0:
        return b.emit(ShiftOp(sums, 1 - count.bit_length()), suffix)
    return b.emit(DivideOp(sums, b.constant(as_float32([count]), None, "count")), suffix)
