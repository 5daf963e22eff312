"""The float32 steps that QKeras quantizers are made of, rounded as TensorFlow rounds them in `model.predict`.

All arrays are float32 and every operation rounds once. Graph mode turns a division by a constant into a
multiplication with its float32 reciprocal (Grappler); divisions by powers of two stay exact either way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.vectorized import log

Logarithm = Callable[[Float32Array], Float32Array]

EPSILON = np.float32(1e-7)
"""`keras.backend.epsilon()`: below it a magnitude has no logarithm, and scales are kept away from zero by it."""

SMALLEST_NORMAL = -126
"""Exponent of the smallest normal float32; TensorFlow flushes what is below it to 0."""


def divide_by_constant(x: Float32Array, constant: float) -> Float32Array:
    """`x / constant` in graph mode."""
    return x * (np.float32(1) / np.float32(constant))


def log2(x: Float32Array, logarithm: Logarithm = log) -> Float32Array:
    """`K.log(x) / np.log(2.0)`, of a whole tensor unless `logarithm` is another."""
    return divide_by_constant(logarithm(x), np.log(2.0))


def rounded_log2(x: Float32Array, quadratic: bool, rounding: str, logarithm: Logarithm = log) -> Float32Array:
    """The exponent of `_clip_power_of_two` before clipping: log2 of x, or of its square root, to 'floor' or nearest."""
    exponent = log2(np.sqrt(x) if quadratic else x, logarithm)
    return np.floor(exponent) if rounding == "floor" else np.rint(exponent)


def pow2(exponent: Float32Array) -> Float32Array:
    """`2**exponent` for integral exponents, exact; 0 where TensorFlow flushes what is no normal number."""
    powers = np.asarray(np.ldexp(np.float32(1), exponent.astype(np.int32)), np.float32)
    return np.where(exponent < SMALLEST_NORMAL, np.float32(0), powers)


def hard_sigmoid(x: Float32Array) -> Float32Array:
    """QKeras' `hard_sigmoid`, clip(x/2 + 1/2, 0, 1): the default behind quantized tanh, sigmoid and ulaw."""
    return np.clip(np.float32(0.5) * x + np.float32(0.5), np.float32(0), np.float32(1))


def straight_through(x: Float32Array, quantized: Float32Array) -> Float32Array:
    """`x + stop_gradient(-x + quantized)`: what a QKeras quantizer returns; it is `quantized` unless a sum rounds."""
    return np.add(x, quantized - x)
