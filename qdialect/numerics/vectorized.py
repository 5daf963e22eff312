"""Functions that TensorFlow approximates in vectors of 8 float32, to the bit, without TensorFlow.

Its x86 packages compute an element-wise function of a tensor in vectors of 8 elements, in the order of memory, with
one rounding per operation (no fused multiply-add), and the elements left over one by one with the C library, which
rounds correctly but for one logarithm in 3,000. Logarithms are the same on all these processors. Reciprocal roots start
from the processor's estimate, which differs: here it is that of Intel's. Measured with TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qdialect.numerics.arrays import Float32Array

VECTOR = 8

LOG_NUMERATOR = np.array([0.18256296349849254, 1.0000000190281063, 1.0000000190281136, 0], np.float32)

LOG_DENOMINATOR = np.array([0.049616247954120038, 0.59923249590823520, 1.4999999999999927, 1], np.float32)
"""Of Eigen's rational approximation of log(1 + t) on [sqrt(1/2) - 1, sqrt(2) - 1], highest power first."""

ESTIMATE_STEPS, ESTIMATE_BITS = 1 << 10, 13


def rsqrt(x: Float32Array) -> Float32Array:
    """1 / sqrt of a whole tensor of positive numbers."""
    return _in_vectors(_vector_rsqrt, lambda rest: np.reciprocal(np.sqrt(rest)), x)


def log(x: Float32Array) -> Float32Array:
    """The natural logarithm of a whole tensor of positive numbers."""
    return _in_vectors(vector_log, lambda rest: np.log(rest.astype(np.float64)).astype(np.float32), x)


def vector_log(x: Float32Array) -> Float32Array:
    """The natural logarithm of elements in the middle of a tensor: x = m 2**e, m in [sqrt(1/2), sqrt(2))."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < np.float32(np.sqrt(0.5))
    t = np.where(small, (mantissa - np.float32(1)) + mantissa, mantissa - np.float32(1))
    logarithm = _horner(LOG_NUMERATOR, t) / _horner(LOG_DENOMINATOR, t)
    return np.asarray((exponent - small).astype(np.float32) * np.float32(np.log(2)) + logarithm, np.float32)


def _vector_rsqrt(x: Float32Array) -> Float32Array:
    """One step of Newton's method from the processor's estimate."""
    root = _estimate(x)
    return np.asarray((root * np.float32(-0.5)) * ((x * root) * root - np.float32(1)) + root, np.float32)


def _estimate(x: Float32Array) -> Float32Array:
    """RSQRTPS: x = m 4**k, m in [1, 4); 1 / sqrt of the middle of one of 1,024 steps per octave, in 13 bits."""
    exponent = (np.frexp(x)[1] - 1) // 2
    m = np.ldexp(x.astype(np.float64), -2 * exponent)
    step = np.where(m < 2, 1, 2) / ESTIMATE_STEPS
    middle = (np.floor(m / step) + 0.5) * step
    return np.ldexp(np.rint(np.ldexp(1 / np.sqrt(middle), ESTIMATE_BITS)), -ESTIMATE_BITS - exponent).astype(np.float32)


def _in_vectors(
    vector: Callable[[Float32Array], Float32Array], single: Callable[[Float32Array], Float32Array], x: Float32Array
) -> Float32Array:
    flat = np.ravel(x)
    whole = flat.size // VECTOR * VECTOR
    return np.concatenate([vector(flat[:whole]), single(flat[whole:])]).reshape(np.shape(x))


def _horner(coefficients: Float32Array, x: Float32Array) -> Float32Array:
    first, *others = coefficients
    value = np.full_like(x, first)
    for coefficient in others:
        value = np.asarray(value * x + coefficient, np.float32)
    return value
