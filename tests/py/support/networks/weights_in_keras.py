"""Weights under a quantizer, here and in QKeras."""

from __future__ import annotations

import os
from functools import cache

import numpy as np

from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

WHERE = "layer 'fc1' kernel_quantizer"


def random_weights(*shape: int, scale: float = 0.5) -> np.ndarray:
    return (np.random.default_rng(len(shape)).normal(size=shape) * scale).astype(np.float32)


TIES = np.arange(-40, 41, dtype=np.float32) / 32  # codes, ties and ends of formats with steps down to 1/16
KERNELS = {
    "dense": random_weights(40, 16),
    "conv": random_weights(3, 3, 8, 5, scale=1.0),
    "vector": random_weights(37),
    "ties": TIES.reshape(27, 3),
    "zeros": np.zeros((4, 3), np.float32),
    "pruned": random_weights(6, 4) * np.array([0, 1, 0, 1], np.float32),
    "tiny": np.array([0, -0.0, 1e-30, 1e-7, -1.1e-7, 2.0**-23, 1e-5], np.float32).reshape(7, 1),
    "thirds": np.array([0.33, np.nextafter(np.float32(0.33), np.float32(0)), -0.33, 0.34], np.float32),
    "large": np.array([1.5, -8, 100, -3e4, 2.0**15], np.float32),
}


@cache
def graph(text: str, rank: int):
    """QKeras' quantizer as one graph, over tensors of any shape of that rank as in `model.predict`."""
    import qkeras.quantizers
    import tensorflow as tf

    quantizer = qkeras.quantizers.get_quantizer(text)
    return tf.function(quantizer, input_signature=[tf.TensorSpec([None] * rank, tf.float32)])


def in_keras(text: str, w: np.ndarray) -> np.ndarray:
    return graph(text, w.ndim)(w).numpy()


def quantized(text: str, w: np.ndarray) -> QuantizedWeights:
    result = quantize_weights(read_quantizer(text, WHERE), w, WHERE)
    assert result.codes.shape == w.shape
    assert all(int(code) in result.format for code in set(result.codes.flat))
    if result.scale is not None:
        assert result.scale.dtype == np.float32
        assert np.broadcast_shapes(result.scale.shape, w.shape) == w.shape
    return result


def assert_as_in_keras(text: str, w: np.ndarray) -> None:
    """Equal values, but for the deviation that the result itself states."""
    result, expected = quantized(text, w), in_keras(text, w)
    deviation = np.abs(expected.astype(np.float64) - result.values())
    assert deviation.max(initial=0) == result.deviation
    if result.uncertain == 0:
        assert result.deviation <= 2.0**-20 * np.abs(w).max(initial=0)
