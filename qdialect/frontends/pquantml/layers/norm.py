"""Handlers: batch normalization of quantized values with quantized gamma and beta."""

from __future__ import annotations

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.hgq2.registry import variables
from qdialect.frontends.keras.layers.norm import normalize, normalized_axis
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.pquantml.quantizers import input_quantized, parameters
from qdialect.frontends.pquantml.registry import handles_pquantml
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.float32 import BatchNormFormula


@handles_pquantml("PQBatchNormalization")
def batch_normalization(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Keras 3's, of iq(x): x * inv + (beta - mean * inv) with inv = gamma / sqrt(variance + epsilon), in float32."""
    learned = [key for key, option in (("gamma", "scale"), ("beta", "center")) if layer.option(option, True)]
    names = [*learned, "mean", "variance"]
    values = dict(zip(names, variables(layer, *names), strict=True))
    for key, place in (("gamma", "weight"), ("beta", "bias")):
        values[key] = trained(layer, values[key], place) if key in values else 0 * values["mean"] + (key == "gamma")
    ordered = {key: values[key] for key in ("gamma", "beta", "mean", "variance")}
    axis = normalized_axis(layer, len(shape_of(x)) + 1)
    return normalize(b, layer, input_quantized(b, layer, x), ordered, axis, BatchNormFormula.SCALE_OFFSET)


def trained(layer: Layer, values: Float32Array, place: str) -> Float32Array:
    """gamma or beta as the layer computes with it; nothing prunes them."""
    if not layer.option("quantize_parameters", True) or layer.option("final_compression_done", False):
        return values
    return parameters(layer, values, place).values()
