"""Handlers: convolutions and dense layers with batch normalization folded into their weights before quantization.

    inv = f32(rsqrt(variance + epsilon) * gamma)
    kernel' = kernel_quantizer(f32(inv * kernel)),    bias' = bias_quantizer(f32(f32(inv * (bias - mean)) + beta))

[qkeras/qconv2d_batchnorm.py 0.9.0]; both folding modes compute this at inference. The last bits of TensorFlow's
rsqrt depend on the processor: weights whose codes depend on them are counted in a remark.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialect.base import shape_of
from qdialect.frontends.keras.builder import HANDLERS, Builder, handles
from qdialect.frontends.keras.layers_core import option_quantizer
from qdialect.frontends.keras.layers_norm import normalized_axis, parameters
from qdialect.frontends.keras.quantizers import Quantizer, with_trainable_rule
from qdialect.frontends.keras.source import Layer
from qdialect.frontends.keras.weights import quantize_weights
from qdialect.numerics.float32 import RSQRT_ULPS, Roundings, inverse_deviation

Float32 = NDArray[np.float32]
FOLDED_ROUNDINGS = 2 * RSQRT_ULPS + 12
"""Of a folded number that stays float32: the root within RSQRT_ULPS units, of two roundoffs each, and six more
roundings in Keras and six here."""


def folded_weights(layer: Layer, kernel: str, ulps: int = 0) -> dict[str, Float32]:
    """The kernel [.., channels], or [.., inputs, multiplier] of a depthwise layer, the bias [channels], and the sum of
    the magnitudes of the bias' terms."""
    weights = layer.weight(kernel)
    outputs = weights.shape[-2:] if kernel == "depthwise_kernel" else weights.shape[-1:]
    values = parameters(layer, math.prod(outputs))
    inv = inverse_deviation(values["gamma"], values["variance"], float(layer.option("epsilon", 1e-3)), ulps)
    bias = layer.weight("bias") if layer.option("use_bias", True) else np.zeros_like(inv)
    return {
        kernel: np.multiply(inv.reshape(outputs), weights),
        "bias": np.add(inv * (bias - values["mean"]), values["beta"]),
        "terms": np.abs(inv) * (np.abs(bias) + np.abs(values["mean"])) + np.abs(values["beta"]),
    }


def uncertain(quantizer: Quantizer | None, where: str, folded: Float32, *moved: Float32) -> int:
    """How many of the `folded` weights have another value if folded with the `moved` roots."""
    values = quantize_weights(quantizer, folded, where).values()
    others = [quantize_weights(quantizer, w, where).values() != values for w in moved]
    return int(np.count_nonzero(np.any(others, axis=0)))


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
    folded, *moved = (folded_weights(layer, kernel, ulps) for ulps in (0, -RSQRT_ULPS, RSQRT_ULPS))
    b.remark(
        layer, f"its batch normalization is folded into {kernel} and bias before these are quantized, as in QKeras"
    )
    for name, quantizer in quantizers.items():
        count = uncertain(quantizer, f"{layer.where} {name}", *(weights[name] for weights in (folded, *moved)))
        if count:
            b.remark(
                layer,
                f"{count} of {folded[name].size} folded {name} numbers depend on the last bits of TensorFlow's rsqrt, "
                "which differ between processors",
            )
    plain = replace(layer, config={**layer.config, "use_bias": True}, weights=folded)
    sizes = {kernel: np.abs(folded[kernel]), "bias": folded["terms"]}
    b.folded = {name: Roundings(FOLDED_ROUNDINGS, sizes[name]) for name, q in quantizers.items() if q is None}
    result = HANDLERS[layer.class_name.removesuffix("Batchnorm")](b, plain, x)
    b.folded = {}
    return result
