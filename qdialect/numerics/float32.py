"""Keras' float32 arithmetic, reproduced operation by operation: one rounding each, in Keras' own order.

Sources: reference measurements of `model.predict` (graph mode, CPU); batch normalization has four formulas there,
chosen by Keras and TensorFlow from rank, axis and channel count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.arrays import Float32Array, IntArray
from qdialect.numerics.exact import INT64_LIMIT, nearest_reals, parts
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.vectorized import rsqrt

RSQRT_ULPS = 4
"""Units in the last place that cover TensorFlow's `rsqrt` on other processors: a step of Newton's method from 12 bits
ends between -3 and 1 units from the rounded root, 1/sqrt within 1."""

ROUNDOFF = 2.0**-24
"""u, the largest relative error of one rounding to float32."""


def gamma(n: int) -> float:
    """n*u / (1 - n*u): the largest relative error that n roundings leave in a product, or in each term of a sum
    [Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, lemma 3.1]."""
    return n * ROUNDOFF / (1 - n * ROUNDOFF)


@dataclass(frozen=True)
class Roundings:
    """How Keras arrives at a number that is a constant of the network: `count` roundings, in Keras and here together,
    and the sum of the magnitudes of the terms on the way, `size` (0: no larger than the number); or how far from it
    Keras' own number lies at most, `apart`."""

    count: int = 0
    size: NDArray[Any] | float = 0.0
    apart: float = 0.0


class BatchNormFormula(StrEnum):
    """Order of operations of `BatchNormalization` at inference."""

    SCALE_OFFSET = "scale_offset"  # x*inv + (beta - mean*inv), inv = rsqrt(var+eps)*gamma: wherever it is not fused
    FUSED_FMA = "fused_fma"  # fma((x-mean)*r, gamma, beta), r = 1/sqrt(var+eps): rank 4, channels a multiple of 4
    FUSED_SCALE = "fused_scale"  # (x-mean)*(gamma/sqrt(var+eps)) + beta: rank 4 otherwise
    FUSED_PRODUCT = "fused_product"  # (x-mean)*inv + beta: rank 5, and rank 4 without oneDNN


def from_codes(codes: IntArray, lsb: int) -> Float32Array:
    """The float32 nearest to `codes * 2**lsb` (exact up to 24 significant bits)."""
    return nearest_reals(codes, lsb).astype(np.float32)


def dyadic(values: Float32Array) -> tuple[IntArray, FixedFormat]:
    """float32 numbers, each an integer of 24 bits times a power of two, as codes of the coarsest step they share."""
    fmt = dyadic_format(values)
    return codes_of(values, fmt.lsb), fmt


def dyadic_format(values: Float32Array) -> FixedFormat:
    """The narrowest format with the coarsest step that holds the numbers and zero."""
    lsb = min((step for part in parts(values) if (step := _lowest_bit(part)) is not None), default=0)
    low, high = (int(math.ldexp(end, -lsb)) for end in (np.min(values, initial=0), np.max(values, initial=0)))
    return FixedFormat.holding(low, high, lsb)


def _lowest_bit(values: Float32Array) -> int | None:
    """The exponent of the lowest bit that is set in any of the numbers; None if all are zero."""
    fraction, exponent = np.frexp(values[values != 0])
    mantissa = np.ldexp(fraction, 24).astype(np.int64)
    lowest = np.frexp((mantissa & -mantissa).astype(np.float64))[1] - 1
    return int((exponent - 24 + lowest).min()) if mantissa.size else None


def codes_of(values: NDArray[Any], lsb: int) -> IntArray:
    """Multiples of 2**lsb as integers: int64, or Python's where that is too short."""
    scaled = np.ldexp(values.astype(np.float64), -lsb)
    if np.max(np.abs(scaled), initial=0) < INT64_LIMIT:
        return scaled.astype(np.int64)
    return np.array([int(v) for v in scaled.flat], object).reshape(values.shape)


def fma(a: Float32Array, b: Float32Array, c: Float32Array) -> Float32Array:
    """`a*b + c` with a single rounding to float32.

    The product of two float32 is exact in float64; the sum is rounded to odd there, which makes the second
    rounding to float32 innocuous (Boldo and Melquiond 2008).
    """
    product = a.astype(np.float64) * b.astype(np.float64)
    addend = np.broadcast_to(c.astype(np.float64), product.shape)
    total = product + addend
    back = total - product
    error = (product - (total - back)) + (addend - back)
    even = (np.ascontiguousarray(total).view(np.int64) & 1) == 0
    towards = np.where(error > 0, np.inf, -np.inf)
    return np.where((error != 0) & even, np.nextafter(total, towards), total).astype(np.float32)


def inverse_deviation(gamma: Float32Array, variance: Float32Array, epsilon: float, ulps: int = 0) -> Float32Array:
    """`inv = rsqrt(variance + epsilon) * gamma`, the factor of batch normalization, per channel.

    `ulps` moves the reciprocal square root by so many units in the last place: `rsqrt` is that of Intel's processors,
    and differs between processors.
    """
    return _float32(move_ulps(rsqrt(variance + np.float32(epsilon)), ulps) * gamma)


def offset(inv: Float32Array, beta: Float32Array, mean: Float32Array) -> Float32Array:
    """`beta - mean*inv`, the summand of batch normalization, per channel."""
    return _float32(beta - mean * inv)


def batch_norm(
    x: Float32Array,
    gamma: Float32Array,
    beta: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    epsilon: float,
    formula: BatchNormFormula,
    ulps: int = 0,
) -> Float32Array:
    """Keras' inference formula on the last axis of `x`.

    `ulps` is that of `inverse_deviation`; thresholds are certified over its range.
    """
    deviation = np.sqrt(variance + np.float32(epsilon))
    inv = inverse_deviation(gamma, variance, epsilon, ulps)
    match formula:
        case BatchNormFormula.SCALE_OFFSET:
            return _float32(x * inv + offset(inv, beta, mean))
        case BatchNormFormula.FUSED_FMA:
            return fma((x - mean) * move_ulps(np.float32(1) / deviation, ulps), gamma, beta)
        case BatchNormFormula.FUSED_SCALE:
            return _float32((x - mean) * move_ulps(gamma / deviation, ulps) + beta)
        case BatchNormFormula.FUSED_PRODUCT:
            return _float32((x - mean) * inv + beta)


def _float32(values: Any) -> Float32Array:
    """A cast for the type checker alone: numpy's stubs lose float32 in arithmetic, the values do not."""
    assert values.dtype == np.float32
    return values


def move_ulps(values: Any, ulps: int) -> Float32Array:
    """Each value `ulps` units in the last place further up."""
    for _ in range(abs(ulps)):
        values = np.nextafter(values, np.float32(np.inf if ulps > 0 else -np.inf))
    return values
