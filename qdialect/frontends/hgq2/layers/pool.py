"""Handlers: pooling behind an input quantizer."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import SSAValue

from qdialect.frontends.building.builder import Builder
from qdialect.frontends.hgq2.layers.parts import exact_input
from qdialect.frontends.hgq2.quantizers import output_quantized
from qdialect.frontends.hgq2.registry import handles_hgq
from qdialect.frontends.keras.handlers import Handler, only_result
from qdialect.frontends.keras.layers.pool import (
    average_pooling,
    global_average_pooling,
    global_max_pooling,
    max_pooling,
)
from qdialect.frontends.keras.model.source import Layer


def pooling(handler: Handler) -> Callable[[Builder, Layer, SSAValue], SSAValue]:
    """Keras' pooling between the quantizers of a layer."""

    def pool(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
        result = only_result(layer, handler(b, layer, exact_input(b, layer, x)))
        return output_quantized(b, layer, result)

    return pool


for name, keras in {
    "QMaxPooling": max_pooling,
    "QAveragePooling": average_pooling,
    "QGlobalMaxPooling": global_max_pooling,
    "QGlobalAveragePooling": global_average_pooling,
}.items():
    handles_hgq(f"{name}1D", f"{name}2D")(pooling(keras))
