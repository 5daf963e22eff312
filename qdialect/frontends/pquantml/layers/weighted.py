"""Handlers: dense layers and convolutions between quantizers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.ops.contractions import DepthwiseConv2DOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.hgq2.einsum import contracted
from qdialect.frontends.hgq2.layers.dense import last_axis
from qdialect.frontends.hgq2.layers.parts import biased
from qdialect.frontends.keras.layers.convolutions.conv import conv2d, grouped
from qdialect.frontends.keras.layers.windows import drop_row, kernel_constant, window_of
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.pquantml.quantizers import exact_input, output_quantized, parameters
from qdialect.frontends.pquantml.registry import handles_pquantml
from qdialect.numerics.arrays import Float32Array


def kernel_and_bias(layer: Layer) -> tuple[Float32Array, Float32Array | None]:
    """The layer's own last arrays: a depthwise convolution stores those of its base class before them.

    Raises QdialectError where the file lacks one.
    """
    names = ["kernel", "bias"] if layer.option("use_bias", True) else ["kernel"]
    own = [layer.weight(name) for name in layer.weights if name.isdigit()]
    found: Sequence[Float32Array] = [values for values in own if values.ndim][-len(names) :]
    if len(found) != len(names):
        raise layer.error(f"the file has {len(found)} variables for it, not {len(names)} ({', '.join(names)})")
    return found[0], found[1] if len(names) > 1 else None


def finished(b: Builder, layer: Layer, sums: SSAValue, bias: Float32Array | None) -> SSAValue:
    """The output quantizer of the sums with the bias."""
    offset = None if bias is None else parameters(layer, bias, "bias")
    return output_quantized(b, layer, biased(b, sums, offset))


@handles_pquantml("PQDense")
def dense(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    kernel, bias = kernel_and_bias(layer)
    layer.option("units")
    weights = parameters(layer, kernel, "weight").values()
    return finished(b, layer, contracted(b, exact_input(b, layer, x), weights, last_axis(x)), bias)


@handles_pquantml("PQConv1d", "PQConv2d")
def convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    kernel, bias = kernel_and_bias(layer)
    layer.option("filters")
    weights, groups = parameters(layer, kernel, "weight"), layer.size("groups", 1)
    window = window_of(b, layer, exact_input(b, layer, x))
    sums = grouped(b, window, weights, groups) if groups > 1 else conv2d(b, window, weights)
    return drop_row(b, layer, finished(b, layer, sums, bias))


@handles_pquantml("PQDepthwiseConv2d")
def depthwise_convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    kernel, bias = kernel_and_bias(layer)
    for key in ("depth_multiplier", "activation", "groups"):
        layer.option(key)
    window = window_of(b, layer, exact_input(b, layer, x))
    weights = kernel_constant(b, parameters(layer, kernel, "weight"), "depthwise_kernel")
    sums = b.emit(DepthwiseConv2DOp(window.image, weights, window.strides, window.dilations), "sum")
    return finished(b, layer, sums, bias)


@handles_pquantml("PQSeparableConv2d")
def separable_convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """A depthwise layer and one of 1 x 1, between which nothing is quantized."""
    for key in layer.config:
        layer.option(key)
    name = b.layer_name
    b.layer_name = f"{name}_depthwise"
    between = depthwise_convolution(b, inside(layer, "depthwise_conv", use_bias=False, quantize_output=False), x)
    b.layer_name = name
    alone = {"kernel_size": 1, "strides": 1, "dilation_rate": 1, "padding": "same"}
    return convolution(b, inside(layer, "pointwise_conv", quantize_input=False, **alone), between)


def inside(layer: Layer, group: str, **options: object) -> Layer:
    """A layer that it holds inside, with options of its own."""
    weights = {name.removeprefix(f"{group}/"): w for name, w in layer.weights.items() if name.startswith(f"{group}/")}
    return replace(layer, weights=weights, config={**layer.config, **options})
