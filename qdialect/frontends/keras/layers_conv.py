"""Handlers: 2-D convolution and pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.elementwise import DivideOp, MulOp, ShiftOp
from qdialect.dialect.layers import Conv2DOp, MaxPool2DOp, PadOp, SumPool2DOp
from qdialect.frontends.keras.builder import Builder, as_float32, handles
from qdialect.frontends.keras.exact_form import exact
from qdialect.frontends.keras.layers_core import contraction, layer_kernel, require_quantized
from qdialect.frontends.keras.source import Layer
from qdialect.numerics.formats import FixedFormat


def pair(layer: Layer, key: str, default: int = 1) -> tuple[int, int]:
    """An option given as one number or as [rows, columns]."""
    value = layer.option(key, default)
    rows, columns = value if isinstance(value, Sequence) else (value, value)
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
    layer.expect("padding", "valid", "same", "VALID", "SAME")
    if layer.option("padding", "valid").lower() == "valid":
        return (0, 0), (0, 0)
    rows, columns = (same_padding(*axis) for axis in zip(shape_of(x)[:2], window, strides, dilations, strict=True))
    return (rows[0], columns[0]), (rows[1], columns[1])


@handles("Conv2D", "QConv2D")
def conv2d(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.expect("data_format", "channels_last")
    layer.expect("groups", 1)
    layer.expect("mask", None)
    layer.option("filters")
    x = exact(b, x)
    window, strides, dilations = (pair(layer, key) for key in ("kernel_size", "strides", "dilation_rate"))
    low, high = paddings(layer, x, window, strides, dilations)
    kernel = layer_kernel(layer)
    if any((*low, *high)):
        x = b.emit(PadOp(x, (*low, 0), (*high, 0)), "padded")
    weights = b.constant(kernel.codes, kernel.format, "kernel")
    return contraction(b, layer, Conv2DOp(x, weights, strides, dilations), kernel)


def pool_geometry(layer: Layer, x: SSAValue) -> tuple[Sequence[int], ...]:
    """pool, strides (default: the pool itself), padding before and after."""
    layer.expect("data_format", "channels_last")
    pool = pair(layer, "pool_size", 2)
    strides = pool if layer.option("strides") is None else pair(layer, "strides")
    return pool, strides, *paddings(layer, x, pool, strides)


@handles("MaxPooling2D", "MaxPool2D")
def max_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    return b.emit(MaxPool2DOp(x, *pool_geometry(layer, x)))


@handles("AveragePooling2D", "AvgPool2D")
def average_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The exact sum, divided by the number of real elements in the window: f32(sum / count).

    Where the count depends on the position, sums are first brought to a common denominator.
    """
    x = exact(b, x)
    require_quantized(layer, x)
    pool, strides, low, high = pool_geometry(layer, x)
    sums = b.emit(SumPool2DOp(x, pool, strides, low, high), "sum")
    rows, columns = (real_elements(*axis) for axis in zip(shape_of(x)[:2], pool, strides, low, high, strict=True))
    counts = np.outer(rows, columns)
    count = math.lcm(*counts.flat)
    if (counts != count).any():
        factors = count // counts[:, :, np.newaxis]
        weights = b.constant(factors, FixedFormat.holding(int(factors.min()), int(factors.max()), 0), "weight")
        sums = b.emit(MulOp(sums, weights), "weighted")
    if count & (count - 1) == 0:
        return b.emit(ShiftOp(sums, 1 - count.bit_length()))
    return b.emit(DivideOp(sums, b.constant(as_float32([count]), None, "count")))


def real_elements(size: int, pool: int, stride: int, low: int, high: int) -> list[int]:
    """For each window position along an axis, how many of its elements are not padding."""
    starts = range(-low, size + high - pool + 1, stride)
    return [min(start + pool, size) - max(start, 0) for start in starts]
