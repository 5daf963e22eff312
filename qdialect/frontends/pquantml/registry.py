"""Handlers of PQuantML's layers, registered beside those of Keras, QKeras and HGQ2.

@handles_pquantml("PQDense")
def dense(b: Builder, layer: Layer, x: SSAValue) -> SSAValue: ...
"""

from __future__ import annotations

from collections.abc import Callable

from qdialect.frontends.hgq2.registry import shapes_as_stored
from qdialect.frontends.keras.handlers import H, handles
from qdialect.frontends.keras.model.configuration import PQUANTML
from qdialect.frontends.keras.model.parameters import Shape, Shapes, has
from qdialect.frontends.keras.model.source import Layer

STORED = (
    *("input_quantizer", "output_quantizer", "weight_quantizer", "bias_quantizer", "in_quant_bits", "out_quant_bits"),
    *("weight_quant_bits", "bias_quant_bits", "in_quant_granularity", "out_quant_granularity"),
    *("weight_quant_granularity", "bias_quant_granularity", "enable_pruning", "final_compression_done"),
)
"""Options of which the file has the result as variables, and those of training."""


def handles_pquantml(*class_names: str) -> Callable[[H], H]:
    """Register a handler for layers of PQuantML."""
    names = [PQUANTML + name for name in class_names]
    has(*names)(shapes_of)

    def register(handler: H) -> H:
        return handles(*names)(handler)

    return register


def shapes_of(layer: Layer, shape: Shape) -> Shapes:
    """Variables have numbers for names, and handlers see whether their shapes fit."""
    for key in STORED:
        layer.option(key)
    return shapes_as_stored(layer, shape)
