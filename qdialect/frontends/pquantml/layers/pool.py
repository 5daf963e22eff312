"""Handlers: average pooling between quantizers."""

from __future__ import annotations

from xdsl.ir import SSAValue

from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.handlers import only_result
from qdialect.frontends.keras.layers.pool import average_pooling
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.pquantml.quantizers import exact_input, output_quantized
from qdialect.frontends.pquantml.registry import handles_pquantml


@handles_pquantml("PQAvgPool1d", "PQAvgPool2d")
def pooling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    return output_quantized(b, layer, only_result(layer, average_pooling(b, layer, exact_input(b, layer, x))))
