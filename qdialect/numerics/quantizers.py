"""Quantizer functions: from exact codes or from reals to the codes of a format.

Each is a monotone step function on the reals. `codes` takes integers in units of `2**lsb`, `reals` takes float32
or float64 arrays; both return codes of the result format (int64, or Python integers beyond 62 bits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qdialect.numerics.exact import INT64_LIMIT, IntArray, holding, magnitude
from qdialect.numerics.formats import Format, Po2Format
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds, round_codes, round_reals


class QuantizerFunction(Protocol):
    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray: ...

    def reals(self, x: np.ndarray, result: Format) -> IntArray: ...


@dataclass(frozen=True)
class Round:
    """Round to the step of the result, then clamp to its range."""

    rounding: Rounding = Rounding.HALF_EVEN
    overflow: Overflow = Overflow.SATURATE

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        low, high = clamp_bounds(result.min_code, result.max_code, self.overflow)
        rounded = round_codes(x, result.lsb - lsb, self.rounding)
        bound = max(high, -low)
        return holding(holding(rounded, max(magnitude(rounded), bound)).clip(low, high), bound)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        low, high = clamp_bounds(result.min_code, result.max_code, self.overflow)
        rounded = round_reals(x, result.lsb, self.rounding)
        # float(high) may round up to high + 1: clip once more as integers
        clipped = rounded.clip(float(low), float(high))
        if max(high, -low) < INT64_LIMIT:
            return clipped.astype(np.int64).clip(low, high)
        return np.array([int(v) for v in clipped.flat], object).reshape(x.shape).clip(low, high)


@dataclass(frozen=True)
class Sign:
    """-1 below zero, +1 from zero on [QKeras `binary`]."""

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        return np.where(x >= 0, 1, -1).astype(np.int64)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        return np.where(x >= 0, 1, -1).astype(np.int64)


@dataclass(frozen=True)
class DeadZone:
    """0 below `threshold` in magnitude, the sign from there on [QKeras `ternary`]; `threshold` is a float32."""

    threshold: float

    def smallest_code(self, lsb: int) -> int:
        """The smallest positive code in units of `2**lsb` that reaches the threshold: ceil(threshold / 2**lsb)."""
        numerator, denominator = self.threshold.as_integer_ratio()
        return max(-(-(numerator << max(-lsb, 0)) // (denominator << max(lsb, 0))), 1)  # the sign of 0 is 0

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        smallest = self.smallest_code(lsb)
        return np.where(x >= smallest, 1, np.where(x <= -smallest, -1, 0)).astype(np.int64)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        return (np.sign(x) * (np.abs(x) >= self.threshold)).astype(np.int64)


@dataclass(frozen=True)
class NearestPo2:
    """The nearest power of two on the logarithmic scale, sign(0) = + [QKeras `quantized_po2`].

    Magnitudes below `floor` (Keras' epsilon) become the smallest exponent, magnitudes are clipped to `ceiling`
    first. An unsigned result maps every x <= 0 to the smallest exponent [QKeras `quantized_relu_po2`].
    """

    ceiling: float | None = None
    floor: float = float(np.float32(1e-7))

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        return self.reals(np.ldexp(x.astype(np.float64), lsb), result)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        assert isinstance(result, Po2Format)
        size = np.abs(x) if result.signed else np.maximum(x, 0)
        clipped = size if self.ceiling is None else np.minimum(size, np.float32(self.ceiling))
        mantissa, exponent = np.frexp(clipped.astype(np.float64))
        exponent = exponent - (mantissa * mantissa < 0.5)  # 2**(k+1/2) is irrational: no ties on dyadic inputs
        exponent = np.where(size < self.floor, result.min_exp, exponent).clip(result.min_exp, result.max_exp)
        offset = exponent - result.min_exp
        codes = np.array([1 << int(k) for k in offset.flat], object).reshape(x.shape)
        signs = np.where(result.signed & (x < 0), -1, 1)
        return holding(codes * signs, result.max_code)
