"""Handlers: the layers that are one activation function."""

from __future__ import annotations

import math

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.functions import at_most, function, is_exact, leaky_relu
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.model.source import Layer, without_leading_ones
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.functions import FunctionName


@handles("ReLU")
def relu(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """min(x, max_value) above `threshold`, negative_slope * (x - threshold) elsewhere."""
    largest, slope, threshold = (_from_zero(layer, key) for key in ("max_value", "negative_slope", "threshold"))
    if threshold:
        return above_threshold(b, x, slope or 0.0, threshold, math.inf if largest is None else largest)
    y = leaky_relu(b, x, slope or 0.0)
    return y if largest is None else at_most(b, y, largest)


def _from_zero(layer: Layer, key: str) -> float | None:
    """An option that Keras wants to be None or a number from 0 on."""
    if layer.option(key) is None:
        return None
    value = layer.number(key, 0.0)
    if value < 0:
        raise layer.error(f"{key}={value:g} is not supported; use a number from 0 on, as Keras does")
    return value


@handles("ThresholdedReLU")
def thresholded_relu(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """x above `theta`, 0 elsewhere."""
    return above_threshold(b, x, 0, layer.number("theta", 1.0), math.inf)


def above_threshold(b: Builder, x: SSAValue, slope: float, threshold: float, largest: float) -> SSAValue:
    """`keras.backend.relu`; without a slope, x times the bit x > threshold is exact."""
    if slope or not is_exact(x, 0):
        return function(b, x, FunctionName.THRESHOLDED_RELU, slope, threshold, largest)
    fmt = exact_format_of(x.type)
    first = math.floor(math.ldexp(float(np.float32(threshold)), -fmt.lsb)) + 1
    level = b.constant(np.array([[first]]), FixedFormat.holding(first, first, fmt.lsb), "threshold")
    above = b.emit(ThresholdOp(x, level, None, FixedFormat(1, 1, signed=False)), "above")
    kept = b.emit(MulOp(x, above), "kept")
    return kept if math.isinf(largest) else at_most(b, b.emit(ReluOp(kept), "relu"), largest)


@handles("LeakyReLU")
def leaky(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """x above zero, alpha * x elsewhere; `negative_slope` is Keras 3's name of alpha."""
    key = "alpha" if layer.option("negative_slope") is None else "negative_slope"
    return leaky_relu(b, x, layer.number(key, 0.3))


@handles("ELU")
def elu(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """x above zero, alpha * (exp(x) - 1) elsewhere."""
    return function(b, x, FunctionName.ELU, layer.number("alpha", 1.0))


@handles("PReLU")
def parametric_relu(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """max(x, 0) + alpha * min(x, 0) with a learned alpha: one term is zero, so that the product alone rounds.

    The zero is a float32, so that a quantizer after the layer sees one float function of `x`.
    """
    zero = b.constant(np.zeros(1, np.float32), None, "zero")
    slope = b.constant(without_leading_ones(layer.weight("alpha")), None, "slope")
    below = b.emit(MulOp(b.emit(MinimumOp(x, zero), "negative"), slope), "below")
    return b.emit(AddOp(b.emit(MaximumOp(x, zero), "above"), below))
