"""What HGQ2's layers share: biases, activations, and the order of quantizers around them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.hgq2.quantizers import input_quantized, output_quantized
from qdialect.frontends.keras.activations.functions import apply_function
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.arrays import Float32Array

OTHERWISE = ("hard_sigmoid",)
"""Keras 3 means another function than tf_keras by these."""


def exact_input(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The input after its quantizer, in fixed point. Raises QdialectError where nothing has quantized it."""
    return require_exact(layer, exact(b, input_quantized(b, layer, x)))


def require_exact(layer: Layer, x: SSAValue) -> SSAValue:
    """Raise QdialectError for a value that nothing has quantized."""
    if format_of(x.type) is None:
        raise layer.error("its input is not quantized: train it with enable_iq=True, or give input_type='fixed<16, 6>'")
    return x


def activation_name(layer: Layer, key: str = "activation") -> str:
    """'linear' for none. Raises QdialectError for functions without a name."""
    match layer.option(key):
        case None:
            return "linear"
        case str(name) | {"config": str(name)}:
            return name
        case {"config": {"name": str(name)}}:
            return name
        case Mapping() as other:
            raise layer.error(f"{key} {other.get('registered_name') or other.get('class_name')} is not supported")
        case other:
            raise layer.error(f"{key}={other!r:.60} is not supported")


def function_of(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The activation, a function by its Keras name."""
    name = activation_name(layer)
    if name in OTHERWISE:
        raise layer.error(f"activation '{name}' of Keras 3 is not supported")
    return apply_function(b, layer, x, name)


def activated(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The activation, then the output quantizer."""
    return output_quantized(b, layer, function_of(b, layer, x))


def batch_norm_factor(gamma: Float32Array | np.float32, variance: Float32Array, epsilon: float) -> Float32Array:
    """gamma / sqrt(variance + epsilon), each step in float32."""
    return as_float32(gamma / np.sqrt(variance + np.float32(epsilon)))


def biased(b: Builder, x: SSAValue, bias: QuantizedWeights | None) -> SSAValue:
    return x if bias is None else b.emit(AddOp(x, b.constant(bias.data, bias.format, "bias")), "biased")
