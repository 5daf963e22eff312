"""Handlers: pooling over all positions, and QKeras' averages."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.building.functions import combined
from qdialect.frontends.building.pooling import window_sums
from qdialect.frontends.building.quotients import divided
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.keras.activations.quantizers import apply_activation
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.parts import (
    exact_or_function,
    layer_activation,
    option_quantizer,
    require_quantized,
)
from qdialect.frontends.keras.layers.windows import drop_row, image, is_sequence, paddings, pair
from qdialect.frontends.keras.model.source import QKERAS_V3, Layer
from qdialect.frontends.keras.quantizers.classes import is_automatic
from qdialect.frontends.keras.quantizers.weights import quantize_weights


def without_positions(b: Builder, layer: Layer, x: SSAValue, suffix: str = "") -> SSAValue:
    """[1, 1, channels] as the layer gives it: [channels], or with `keepdims` an axis of length 1 per spatial axis."""
    channels = shape_of(x)[-1:]
    axes = (1,) * (1 if is_sequence(layer) else 2) if layer.option("keepdims", False) else ()
    return b.emit(ReshapeOp(x, (*axes, *channels)), suffix)


@handles("GlobalMaxPooling1D", "GlobalMaxPool1D", "GlobalMaxPooling2D", "GlobalMaxPool2D")
def global_max_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = image(b, layer, x)
    return without_positions(b, layer, b.emit(MaxPool2DOp(x, shape_of(x)[:2], (1, 1)), "largest"))


@handles("GlobalAveragePooling1D", "GlobalAvgPool1D", "GlobalAveragePooling2D", "GlobalAvgPool2D")
def global_average_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    return divided(b, *global_sums(b, layer, exact_or_function(b, layer, x)))


def global_sums(b: Builder, layer: Layer, x: SSAValue) -> tuple[SSAValue, int]:
    """The sum of each channel, and of how many elements."""
    x = image(b, layer, x)
    sums, count = window_sums(b, x, shape_of(x)[:2])
    return without_positions(b, layer, sums, "sums"), count


@handles("QAveragePooling2D")
def quantized_average_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = exact(b, x)
    require_quantized(layer, x)
    x = image(b, layer, x)
    pool, *moves = pool_geometry(layer, x)
    return quantized_average(b, layer, *window_sums(b, x, pool, *moves), math.prod(pool))


@handles("QGlobalAveragePooling2D")
def quantized_global_average_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = exact(b, x)
    require_quantized(layer, x)
    sums, count = global_sums(b, layer, x)
    return quantized_average(b, layer, sums, count, count)


def quantized_average(b: Builder, layer: Layer, sums: SSAValue, count: int, n: int) -> SSAValue:
    """activation(f32(f32(sum / count) * f32(n * q(1/n)))) with n elements per window: QKeras 0.9.0 multiplies the mean
    by n and by the quantized 1/n, TensorFlow's graph by both at once. qkeras-v3 multiplies by n before it averages:
    activation(f32(f32(n * sum / count) * q(1/n)))."""
    quantizer = option_quantizer(layer, "average_quantizer")
    if is_automatic(getattr(quantizer, "alpha", None)):
        raise layer.error("average_quantizer with an automatic alpha is not supported; use a number")
    if quantizer is None:
        return apply_activation(b, layer, divided(b, sums, count, "mean"), layer_activation(layer))
    where = f"{layer.where} average_quantizer"
    factor = quantize_weights(quantizer, as_float32([1 / n]), where).values()
    if layer.reference == QKERAS_V3:
        means = sums if count == n else divided(b, combined(b, MulOp, sums, n, "area"), count, "mean")
    else:
        means, factor = divided(b, sums, count, "mean"), np.float32(n) * factor
    if format_of(means.type) is None:
        scale = b.constant(factor, None, "factor")
    else:
        dyadic = exact_weights(factor, where)
        scale = b.constant(dyadic.data, dyadic.format, "factor")
    return apply_activation(b, layer, b.emit(MulOp(means, scale), "scaled"), layer_activation(layer))


def pool_geometry(layer: Layer, x: SSAValue) -> tuple[Sequence[int], ...]:
    """pool, strides (default: the pool itself), padding before and after."""
    pool = pair(layer, "pool_size", 2)
    strides = pool if layer.option("strides") is None else pair(layer, "strides")
    return pool, strides, *paddings(layer, x, pool, strides)


@handles("MaxPooling1D", "MaxPool1D", "MaxPooling2D", "MaxPool2D")
def max_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = image(b, layer, x)
    return drop_row(b, layer, b.emit(MaxPool2DOp(x, *pool_geometry(layer, x))))


@handles("AveragePooling1D", "AvgPool1D", "AveragePooling2D", "AvgPool2D")
def average_pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = image(b, layer, exact_or_function(b, layer, x))
    pool, strides, low, high = pool_geometry(layer, x)
    if format_of(x.type) is None and any((*low, *high)):
        raise layer.error("padding='same' divides float numbers by different counts; put a QActivation before it")
    sums, count = window_sums(b, x, pool, strides, low, high)
    return divided(b, drop_row(b, layer, sums, "sums"), count)
