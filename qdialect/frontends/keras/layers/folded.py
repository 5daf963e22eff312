"""Handlers: convolutions and dense layers with batch normalization folded into their weights before quantization.

    inv = f32(rsqrt(variance + epsilon) * gamma)
    kernel' = kernel_quantizer(f32(inv * kernel)),    bias' = bias_quantizer(f32(f32(inv * (bias - mean)) + beta))

[qkeras/qconv2d_batchnorm.py 0.9.0]; both folding modes compute this at inference. The last bits of TensorFlow's
rsqrt depend on the processor: weights whose codes depend on them are counted in a remark.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.handlers import HANDLERS, handles, only_result
from qdialect.frontends.keras.layers.norm import normalized_axis, parameters
from qdialect.frontends.keras.layers.parts import option_quantizer
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import Quantizer, with_trainable_rule
from qdialect.frontends.keras.quantizers.scales import AutoScaled
from qdialect.frontends.keras.quantizers.weights import blocks_for, grid_weights
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.float32 import RSQRT_ULPS, Roundings, inverse_deviation

FOLDED_ROUNDINGS = 2 * RSQRT_ULPS + 12
"""Of a folded number that stays float32: the root within RSQRT_ULPS units, of two roundoffs each, and six more
roundings in Keras and six here."""


def factors(layer: Layer, outputs: Sequence[int], ulps: int = 0) -> Float32Array:
    """inv in the shape of the kernel's outputs: [channels], or [inputs, multiplier] of a depthwise layer."""
    values = parameters(layer, math.prod(outputs))
    return inverse_deviation(values["gamma"], values["variance"], float(layer.option("epsilon", 1e-3)), ulps).reshape(
        outputs
    )


def folded_bias(layer: Layer, inv: Float32Array) -> tuple[Float32Array, Float32Array]:
    """The bias [channels], and the sum of the magnitudes of its terms."""
    values, inv = parameters(layer, inv.size), inv.reshape(-1)
    bias = layer.weight("bias") if layer.option("use_bias", True) else np.zeros_like(inv)
    terms = np.abs(inv) * (np.abs(bias) + np.abs(values["mean"])) + np.abs(values["beta"])
    return np.add(inv * (bias - values["mean"]), values["beta"]), terms


def differing(quantizer: Quantizer | None, where: str, weights: Float32Array, *others: Float32Array) -> int:
    """How many of the `weights` have a different value, once quantized, in one of the others."""
    values = grid_weights(quantizer, weights, where).values()
    return int(np.count_nonzero(np.any([grid_weights(quantizer, w, where).values() != values for w in others], axis=0)))


def differing_products(quantizer: Quantizer | None, where: str, kernel: Float32Array, *inv: Float32Array) -> int:
    """The same of inv * kernel for several inv, a part of the kernel at a time."""
    if isinstance(quantizer, AutoScaled) and isinstance(quantizer.alpha, tuple):
        quantizer = replace(quantizer, alpha=1.0)  # given scales decide nothing
    spread = [np.broadcast_to(factor, kernel.shape) for factor in inv]
    return sum(
        differing(quantizer, where, *(factor[block] * kernel[block] for factor in spread))
        for block in blocks_for(quantizer, kernel.shape)
    )


def fold(
    b: Builder, layer: Layer, quantizers: Mapping[str, Quantizer | None]
) -> tuple[dict[str, Float32Array], Float32Array]:
    """The folded kernel and bias, by the names of `quantizers`, and the magnitudes of the bias' terms; a remark counts
    the numbers that depend on the root."""
    kernel, _ = quantizers
    weights = layer.weight(kernel)
    outputs = weights.shape[-2:] if kernel == "depthwise_kernel" else weights.shape[-1:]
    inv, *moved = (factors(layer, outputs, ulps) for ulps in (0, -RSQRT_ULPS, RSQRT_ULPS))
    bias, terms = folded_bias(layer, inv)
    folded = {kernel: np.multiply(inv, weights), "bias": bias}
    counts = {
        kernel: differing_products(quantizers[kernel], f"{layer.where} {kernel}", weights, inv, *moved),
        "bias": differing(quantizers["bias"], f"{layer.where} bias", bias, *(folded_bias(layer, m)[0] for m in moved)),
    }
    for name, count in counts.items():
        if count:
            b.remark(
                layer,
                f"{count} of {folded[name].size} folded {name} numbers depend on the last bits of TensorFlow's rsqrt, "
                "which differ between processors",
            )
    return folded, terms


@handles("QConv2DBatchnorm", "QDepthwiseConv2DBatchnorm", "QDenseBatchnorm")
def folded_layer(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The layer without batch normalization, with the folded weights."""
    layer.expect("center", True)  # QKeras fails without beta
    layer.expect("folding_mode", "ema_stats_folding", "batch_stats_folding")
    normalized_axis(layer, len(shape_of(x)) + 1)
    for key in ("ema_freeze_delay", "fused"):
        layer.option(key)
    kernel, option = ("depthwise_kernel", "depthwise") if "Depthwise" in layer.class_name else ("kernel", "kernel")
    quantizers = {
        kernel: with_trainable_rule(option_quantizer(layer, f"{option}_quantizer")),
        "bias": option_quantizer(layer, "bias_quantizer"),
    }
    folded, terms = fold(b, layer, quantizers)
    b.remark(
        layer, f"its batch normalization is folded into {kernel} and bias before these are quantized, as in QKeras"
    )
    plain = replace(layer, config={**layer.config, "use_bias": True}, weights=folded)
    sizes = {"bias": terms}
    b.folded = {name: Roundings(FOLDED_ROUNDINGS, sizes.get(name, 0.0)) for name, q in quantizers.items() if q is None}
    result = only_result(layer, HANDLERS[layer.class_name.removesuffix("Batchnorm")](b, plain, x))
    b.folded = {}
    return result
