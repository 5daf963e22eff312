"""Handlers: depthwise and separable convolution, in one and two dimensions."""

from __future__ import annotations

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DepthwiseConv2DOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.parts import finish, layer_kernel, scaled
from qdialect.frontends.keras.layers.windows import drop_row, kernel_constant, window_of
from qdialect.frontends.keras.model.source import Layer


def depthwise(b: Builder, layer: Layer, x: SSAValue) -> tuple[SSAValue, QuantizedWeights]:
    """Every channel convolved with its `depth_multiplier` filters: the sums, and the kernel with its scale."""
    layer.option("filters")  # of QDepthwiseConv2D, which has none
    layer.option("groups")
    window = window_of(b, layer, x)
    kernel = layer_kernel(layer, "depthwise", outputs=2)
    weights = kernel_constant(b, kernel, "depthwise_kernel")
    return b.emit(DepthwiseConv2DOp(window.image, weights, window.strides, window.dilations), "sum"), kernel


@handles("DepthwiseConv1D", "DepthwiseConv2D", "QDepthwiseConv2D")
def depthwise_convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    sums, kernel = depthwise(b, layer, x)
    return drop_row(b, layer, finish(b, layer, sums, kernel))


@handles("SeparableConv1D", "SeparableConv2D", "QSeparableConv1D", "QSeparableConv2D")
def separable_convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Depthwise, then 1 x 1; Keras never rounds between the two."""
    name = b.layer_name
    b.layer_name = f"{name}_depthwise"
    sums, kernel = depthwise(b, layer, x)
    between = scaled(b, sums, kernel)
    b.layer_name = name
    kernel = layer_kernel(layer, "pointwise")
    weights = kernel_constant(b, kernel, "pointwise_kernel")
    return drop_row(b, layer, finish(b, layer, b.emit(Conv2DOp(between, weights), "sum"), kernel))
