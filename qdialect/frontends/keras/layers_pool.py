"""Handlers: pooling over all positions, and QKeras' averages."""

from __future__ import annotations

import math

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.elementwise import MulOp
from qdialect.dialect.padding import ReshapeOp
from qdialect.dialect.pooling import MaxPool2DOp
from qdialect.dialect.types import format_of
from qdialect.frontends.keras.activation_steps import combined
from qdialect.frontends.keras.activations import apply_activation
from qdialect.frontends.keras.builder import Builder, as_float32, handles
from qdialect.frontends.keras.exact_form import exact
from qdialect.frontends.keras.layers_conv import divided, image, is_sequence, pool_geometry, window_sums
from qdialect.frontends.keras.layers_core import (
    exact_or_function,
    layer_activation,
    option_quantizer,
    require_quantized,
)
from qdialect.frontends.keras.quantizers import is_automatic
from qdialect.frontends.keras.source import QKERAS_V3, Layer
from qdialect.frontends.keras.weights import quantize_weights


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
        dyadic = quantize_weights(None, factor, where)
        scale = b.constant(dyadic.data, dyadic.format, "factor")
    return apply_activation(b, layer, b.emit(MulOp(means, scale), "scaled"), layer_activation(layer))
