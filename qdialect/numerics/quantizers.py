"""Quantizer functions: from exact codes or from reals to the codes of a format.

Each is a step function on the reals, monotone unless it says otherwise. `codes` takes integers in units of `2**lsb`,
`reals` takes float32 or float64 arrays; both return codes of the result format (int64, or Python integers beyond 62
bits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import (
    FLOAT64_SCALES,
    LEAST_EXPONENT,
    codes_of_reals,
    holding,
    integers,
    nearest_reals,
)
from qdialect.numerics.float32_steps import EPSILON, rounded_log2
from qdialect.numerics.formats import Format, Po2Format
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds, fitted, round_codes, round_reals
from qdialect.numerics.vectorized import vector_log


class QuantizerFunction(Protocol):
    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray: ...

    def reals(self, x: np.ndarray, result: Format) -> IntArray: ...

    @property
    def monotone(self) -> bool: ...

    def bounds(self, result: Format) -> tuple[IntArray, IntArray]:
        """The lowest and highest code of each element that any value gives; they broadcast to a sample."""
        ...


class Whole:
    """A quantizer that rises, and whose results are the whole format."""

    @property
    def monotone(self) -> bool:
        return True

    def bounds(self, result: Format) -> tuple[IntArray, IntArray]:
        return np.array(result.min_code), np.array(result.max_code)


@dataclass(frozen=True)
class Round:
    """Round to the step of the result, then clamp to its range or wrap around."""

    rounding: Rounding = Rounding.HALF_EVEN
    overflow: Overflow = Overflow.SATURATE

    @property
    def monotone(self) -> bool:
        return self.overflow is not Overflow.WRAP

    def bounds(self, result: Format) -> tuple[IntArray, IntArray]:
        low, high = clamp_bounds(result.min_code, result.max_code, self.overflow)
        return np.array(low), np.array(high)

    def wraps(self, low: IntArray, high: IntArray, lsb: int, result: Format) -> NDArray[np.bool_]:
        """Which of the intervals [low, high] of codes have some that wrap around."""
        first, last = (round_codes(end, result.lsb - lsb, self.rounding) for end in (low, high))
        outside = (first < result.min_code) | (last > result.max_code)
        return outside.astype(bool) & (self.overflow is Overflow.WRAP)

    def image(self, low: IntArray, high: IntArray, lsb: int, result: Format) -> tuple[IntArray, IntArray]:
        """The lowest and highest result for codes in [low, high]: the whole format for those that wrap around."""
        wraps = self.wraps(low, high, lsb, result)
        ends = (self.codes(end, lsb, result) for end in (low, high))
        first, last = (np.where(wraps, w, end) for w, end in zip(self.bounds(result), ends, strict=True))
        return first, last

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        low, high = clamp_bounds(result.min_code, result.max_code, self.overflow)
        return fitted(round_codes(x, result.lsb - lsb, self.rounding), low, high, self.overflow)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        if max(abs(result.lsb), result.bits) > FLOAT64_SCALES:
            return self.codes(codes_of_reals(x, LEAST_EXPONENT)[0], LEAST_EXPONENT, result)
        low, high = clamp_bounds(result.min_code, result.max_code, self.overflow)
        rounded = round_reals(x, result.lsb, self.rounding)
        if self.overflow is Overflow.WRAP:  # the remainder of a float64 by a power of two is exact
            span = high - low + 1
            return fitted(integers(np.mod(rounded, float(span)), span), low, high, self.overflow)
        # float(high) may round up to high + 1: clip once more as integers
        clipped = rounded.clip(float(low), float(high))
        return integers(clipped, max(high, -low)).clip(low, high)


@dataclass(frozen=True)
class Sign(Whole):
    """The smaller of two codes below zero, the larger from zero on [QKeras `binary`]: -1 and +1, or 0 and 1."""

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        return np.where(x >= 0, result.max_code, result.min_code).astype(np.int64)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        return self.codes(x, 0, result)


@dataclass(frozen=True)
class DeadZone(Whole):
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
class NearestPo2(Whole):
    """The nearest power of two on the logarithmic scale, or (rounding = floor) the next below; sign(0) = + [QKeras
    `quantized_po2`]. With `quadratic` the exponent is twice the rounded logarithm of the root, an even number.

    Magnitudes below `floor` (Keras' epsilon) get the exponent `tiny`, by default the smallest; magnitudes are clipped
    to `ceiling` first. An unsigned result maps every x <= 0 to that exponent too [QKeras `quantized_relu_po2`]. Into
    a format that has a zero all of them become zero.
    Logarithms are float32 as in Keras; `nudge` changes their argument by that relative amount, to find decisions
    close to a tie.
    """

    ceiling: float | None = None
    floor: float = float(EPSILON)
    rounding: Rounding = Rounding.HALF_EVEN
    quadratic: bool = False
    tiny: int | None = None
    nudge: float = 0.0

    @property
    def monotone(self) -> bool:
        """Below `floor` a quadratic approximation may give a larger exponent than just above it."""
        return self.tiny is None

    def stretch(self, x: np.ndarray, result: Format) -> IntArray:
        """The stretch of the reals, from 0 up, that each of `x` lies on. On each of them the function rises: below
        -floor, up to zero, from there to floor, and above."""
        size = np.abs(x) if result.min_code < 0 else np.maximum(x, 0)
        negative = (x < 0) & (result.min_code < 0)
        return np.where(size < self.floor, np.where(negative, 1, 2), np.where(negative, 0, 3))

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        return self.reals(nearest_reals(x, lsb), result)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        assert isinstance(result, Po2Format)
        size = np.abs(x) if result.signed else np.maximum(x, 0)
        clipped = np.clip(size, self.floor, self.ceiling).astype(np.float32)
        logarithm = rounded_log2(clipped * np.float32(1 + self.nudge), self.quadratic, self.rounding, vector_log)
        exponent = (logarithm * (2 if self.quadratic else 1)).clip(result.min_exp, result.max_exp)
        tiny = result.min_exp if self.tiny is None else self.tiny
        offset = np.where(size < self.floor, tiny, exponent) - result.min_exp
        codes = np.array([1 << int(k) for k in offset.flat], object).reshape(x.shape)
        signs = np.where(result.signed & (x < 0), -1, 1) * ~((size < self.floor) & result.zero)
        return holding(codes * signs, result.max_code)
