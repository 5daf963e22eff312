"""Handlers: batch normalization as a product and a sum with quantized numbers."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.hgq2.layers.parts import batch_norm_factor, exact_input
from qdialect.frontends.hgq2.quantizers import output_quantized, weight_quantized
from qdialect.frontends.hgq2.registry import handles_hgq, variables
from qdialect.frontends.keras.model.source import Layer


@handles_hgq("QBatchNormalization")
def batch_normalization(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """iq(x) * kq(scale) + bq(beta - mean * scale) with scale = gamma / sqrt(variance + epsilon), in float32.

    Without center HGQ2 takes 1 for beta.
    """
    scale, center = bool(layer.option("scale", True)), bool(layer.option("center", True))
    names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
    *learned, mean, variance = variables(layer, *names)
    gamma, beta = learned[0] if scale else np.float32(1), learned[-1] if center else np.float32(1)
    factor = batch_norm_factor(gamma, variance, layer.number("epsilon", 1e-3))
    x = exact_input(b, layer, x)
    axis, rank = layer.option("axis", -1), len(shape_of(x))
    trailing = rank - 1 - ((axis - 1) if axis > 0 else rank + axis)

    def constant(weights: QuantizedWeights, suffix: str) -> SSAValue:
        return b.constant(weights.data.reshape(-1, *[1] * trailing), weights.format, suffix)

    scaled = b.emit(MulOp(x, constant(weight_quantized(layer, factor, "kq"), "scale")), "scaled")
    offset = weight_quantized(layer, as_float32(beta - mean * factor), "bq")
    return output_quantized(b, layer, b.emit(AddOp(scaled, constant(offset, "offset")), "shifted"))
