"""The parts of layers: quantizers of options, kernels, contractions, scales, biases and activations."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ShiftOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact_if_possible
from qdialect.frontends.building.quotients import divided, lifted, quotient
from qdialect.frontends.building.weights import QuantizedWeights, exact_weights
from qdialect.frontends.keras.activations.quantizers import apply_activation
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import Function, Quantizer, with_trainable_rule
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights


def option_quantizer(layer: Layer, key: str) -> Quantizer | None:
    return read_quantizer(layer.option(key), f"{layer.where} {key}")


def layer_activation(layer: Layer, key: str = "activation") -> Quantizer | None:
    """The `activation` argument, with QKeras' meaning of names in QKeras layers and Keras' in Keras layers."""
    activation = option_quantizer(layer, key)
    if not layer.class_name.startswith("Q") and not isinstance(activation, Function | None):
        raise layer.error(f"activation {activation.name} belongs into a QActivation or a QKeras layer")
    return activation


def layer_kernel(layer: Layer, key: str = "kernel", outputs: int = 1) -> QuantizedWeights:
    """The quantized kernel; alpha=None means 'auto_po2' here, as `_set_trainable_parameter` makes it.

    `key` is 'kernel', 'depthwise', 'pointwise' or 'recurrent'. A scale that is not per output, which the last
    `outputs` axes of the kernel count, is multiplied into the weights.
    """
    quantizer = with_trainable_rule(option_quantizer(layer, f"{key}_quantizer"))
    values = layer.weight(key if key == "kernel" else f"{key}_kernel")
    where = f"{layer.where} {key}_quantizer"
    kernel = quantize_weights(quantizer, values, where)
    if kernel.scale is None:
        return kernel
    inputs = values.ndim - outputs
    scale = kernel.scale.reshape((1,) * (values.ndim - kernel.scale.ndim) + kernel.scale.shape)
    if max(scale.shape[:inputs]) > 1:
        return exact_weights(kernel.values(), where)
    return replace(kernel, scale=np.broadcast_to(scale, (1,) * inputs + values.shape[inputs:]))


def require_quantized(layer: Layer, x: SSAValue) -> None:
    if format_of(x.type) is None:
        raise layer.error("its input is not quantized; put a QActivation before it, or give input_type='fixed<16, 6>'")


def exact_or_function(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The exact form of a layer's input, or a float function of quantized values.

    Raises QdialectError for inputs of the network that are not quantized.
    """
    x = exact_if_possible(b, x)
    if x in b.raw:
        require_quantized(layer, x)
    return x


def scaled(b: Builder, x: SSAValue, weights: QuantizedWeights) -> SSAValue:
    """The sum of products times the kernel's scale: per output channel, or one for all."""
    if weights.scale is None:
        return x
    factors = weights.scale.reshape(-1)
    mantissa, exponent = math.frexp(float(factors[0]))
    if (factors == factors[0]).all() and mantissa == 0.5:
        return b.emit(ShiftOp(x, exponent - 1), "scaled")
    scale = exact_weights(factors, b.layer_name)
    return b.emit(MulOp(x, b.constant(scale.data, scale.format, "scale"), Product.MULTIPLY), "scaled")


def finish(b: Builder, layer: Layer, sums: SSAValue, kernel: QuantizedWeights) -> SSAValue:
    """Scale, bias and activation after the sum of products; the division of averages that were summed comes last."""
    b.remarks += off_grid(layer, "kernel", kernel)
    of = quotient(b, sums)
    x = scaled(b, of.numerator, kernel)
    quantizer = option_quantizer(layer, "bias_quantizer")
    if layer.option("use_bias", True):
        bias = quantize_weights(quantizer, layer.weight("bias"), f"{layer.where} bias_quantizer")
        b.remarks += off_grid(layer, "bias", bias)
        value = b.weights(bias, "bias")
        if bias.scale is not None:
            scale = exact_weights(bias.scale.reshape(-1), f"{layer.where} bias_quantizer")
            value = b.emit(MulOp(value, b.constant(scale.data, scale.format, "bias_scale")), "scaled_bias")
        x = b.emit(AddOp(x, lifted(b, value, of.divisor)), "biased")
    if of.divisor > 1:
        b.remark(
            layer,
            f"its sums of averages are exact and divided by {of.divisor} at the end, with one rounding to "
            "float32; Keras divides before them, and its own roundings may decide ties otherwise",
        )
        x = divided(b, x, of.divisor, "mean", of.roundings)
    return apply_activation(b, layer, x, layer_activation(layer))


def off_grid(layer: Layer, key: str, weights: QuantizedWeights) -> list[str]:
    """A remark on weights that QKeras' straight-through sum moves off their grid."""
    if not weights.deviation:
        return []
    return [f"{layer.where}: QKeras' {key} weights are off their grid by {weights.deviation:.1e}; those on it are used"]


def contraction(b: Builder, layer: Layer, op: ContractionOp, kernel: QuantizedWeights) -> SSAValue:
    return finish(b, layer, b.emit(op, "sum"), kernel)
