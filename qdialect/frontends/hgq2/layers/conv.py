"""Handlers: convolutions in one and two dimensions."""

from __future__ import annotations

from xdsl.ir import SSAValue

from qdialect.frontends.building.builder import Builder
from qdialect.frontends.hgq2.layers.parts import activated, biased, exact_input
from qdialect.frontends.hgq2.quantizers import weight_quantized
from qdialect.frontends.hgq2.registry import handles_hgq, variables
from qdialect.frontends.keras.layers.convolutions.conv import conv2d, grouped
from qdialect.frontends.keras.layers.windows import drop_row, window_of
from qdialect.frontends.keras.model.source import Layer


@handles_hgq("QConv1D", "QConv2D")
def convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """activation(conv(iq(x), kq(kernel)) + bq(bias)). What HGQ2 pads before it quantizes is zero after it as well."""
    has_bias, groups = bool(layer.option("use_bias", True)), layer.size("groups", 1)
    kernel, *bias = variables(layer, "kernel", *["bias"] * has_bias)
    for key in ("filters", "rank", "bq_conf"):
        layer.option(key)
    weights = weight_quantized(layer, kernel, "kq")
    window = window_of(b, layer, exact_input(b, layer, x))
    sums = grouped(b, window, weights, groups) if groups > 1 else conv2d(b, window, weights)
    offset = weight_quantized(layer, bias[0], "bq") if has_bias else None
    return activated(b, layer, drop_row(b, layer, biased(b, sums, offset), "biased"))
