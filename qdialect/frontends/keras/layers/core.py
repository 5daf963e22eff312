"""Handlers: dense layers, activations, and layers that only move data."""

from __future__ import annotations

import math

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.quotients import linear_operand
from qdialect.frontends.keras.activations.quantizers import apply_activation
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.parts import contraction, layer_activation, layer_kernel
from qdialect.frontends.keras.layers.refused import PARTLY
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import Function


@handles("Dense", "QDense")
def dense(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    x = linear_operand(b, x)
    kernel = layer_kernel(layer)
    return contraction(b, layer, DenseOp(x, b.weights(kernel, "kernel")), kernel)


@handles("Activation", "QActivation")
def activation(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    if layer.class_name == "QActivation" and layer.option("activation") is None:
        raise layer.error("activation=None is not supported, in QKeras neither; name a quantizer, such as 'linear'")
    return apply_activation(b, layer, x, layer_activation(layer))


@handles("Softmax")
def softmax(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    if layer.option("axis", -1) not in (-1, len(shape_of(x))):
        raise layer.error(f"axis={layer.option('axis')!r:.60}: {PARTLY['Softmax']}")
    return apply_activation(b, layer, x, Function("softmax"))


@handles("Flatten")
def flatten(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.expect("data_format", "channels_last")
    return b.emit(ReshapeOp(x, (math.prod(shape_of(x)),)))


@handles(
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
)
def identity(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Layers that are the identity at inference."""
    for key in ("rate", "noise_shape", "seed", "stddev", "l1", "l2"):
        layer.option(key)
    return x
