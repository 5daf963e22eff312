"""Small PQuantML networks of every layer class, with fixed formats and with those of HGQ2. Needs PQuantML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pquant
from pquant.activations import PQActivation, PQSoftmax
from pquant.layers import (
    PQAvgPool1d,
    PQAvgPool2d,
    PQBatchNormalization,
    PQConv1d,
    PQConv2d,
    PQDense,
    PQDepthwiseConv2d,
    PQSeparableConv2d,
)
from pquant.quantizer import Quantizer

Layers = list[Any]
NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[Any], Layers]]] = {
    "dense": (
        (6,),
        lambda c: [PQDense(c, 5, quantize_output=True), PQActivation(c, "relu"), PQDense(c, 3, quantize_output=True)],
    ),
    "convolution": (
        (8, 8, 2),
        lambda c: [
            PQConv2d(c, 4, 3, use_bias=True),
            PQBatchNormalization(c),
            PQActivation(c, "relu", quantize_output=True),
            PQAvgPool2d(c, 2, quantize_output=True),
            keras.layers.Flatten(),
            PQDense(c, 3, quantize_output=True),
        ],
    ),
    "sequence": (
        (9, 2),
        lambda c: [
            PQConv1d(c, 4, 3, use_bias=True, strides=2, padding="same"),
            PQActivation(c, "tanh", quantize_output=True),
            PQAvgPool1d(c, 2, quantize_output=True),
        ],
    ),
    "depthwise": (
        (6, 6, 2),
        lambda c: [
            PQDepthwiseConv2d(c, 3, use_bias=True, quantize_output=True),
            PQActivation(c, "hard_tanh", quantize_output=True),
        ],
    ),
    "separable": ((6, 6, 2), lambda c: [PQSeparableConv2d(c, 3, 3, quantize_output=True)]),
    "softmax": ((5,), lambda c: [PQDense(c, 4), PQSoftmax(c, quantize_output=True)]),
}


def settle(rng: np.random.Generator, model: keras.Model) -> None:
    """Draw every format of data, and every variable of batch normalization."""
    for layer in model._flatten_layers():
        if isinstance(layer, Quantizer) and layer.built and layer.use_hgq:
            q = layer.quantizer.quantizer
            q._k.assign(rng.integers(0, 2, q._k.shape))
            q._i.assign(rng.integers(-1, 4, q._i.shape))
            q._f.assign(rng.integers(0, 6, q._f.shape))
        elif isinstance(layer, Quantizer) and layer.built and layer.is_data:
            layer.set_quantization_bits(float(rng.integers(0, 4)), float(rng.integers(1, 6)))
        if hasattr(layer, "moving_variance"):
            for variable in (layer.moving_mean, layer.gamma, layer.beta):
                variable.assign(rng.normal(size=variable.shape))
            layer.moving_variance.assign(rng.uniform(0.3, 2, layer.moving_mean.shape))
        if getattr(layer, "_bias", None) is not None:
            layer._bias.assign(rng.normal(size=layer._bias.shape))
        if hasattr(layer, "multiplier"):
            layer.multiplier.assign(rng.integers(-2, 3, (1,)) * 0.8)


def network(name: str, of_hgq2: bool, seed: int) -> tuple[keras.Model, np.ndarray]:
    """A network after its final compression, and inputs of which many leave its formats."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    config = pquant.pdp_config()
    q = config.quantization_parameters
    q.use_high_granularity_quantization = of_hgq2
    q.granularity = "per_weight" if of_hgq2 else "per_tensor"
    q.default_data_keep_negatives = 1.0
    q.overflow_mode_data = "WRAP" if seed % 2 and name != "softmax" else "SAT"
    q.round_mode = ("RND", "RND_CONV", "TRN")[seed % 3]
    shape, layers = NETWORKS[name]
    x = first = keras.Input(shape)
    for layer in layers(config):
        x = layer(x)
    model = keras.Model(first, x)
    settle(rng, model)
    pquant.apply_final_compression(model)
    return model, (rng.normal(size=(60, *shape)) * 3).astype(np.float32)
