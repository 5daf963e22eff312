"""Rounding and saturation: the only places where information is lost.

Codes are integers in units of `2**lsb`. Integer code arrays are `int64`, or Python integers (dtype object)
where 62 bits do not suffice; see `exact.py`.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import holding, magnitude, shift_left


class Rounding(StrEnum):
    """How a value between two codes is resolved (UG1399 names in brackets)."""

    HALF_EVEN = "half_even"  # nearest, ties to the even code [AP_RND_CONV]; every numeric-alpha QKeras quantizer
    HALF_AWAY = "half_away"  # nearest, ties away from zero [AP_RND_INF]
    HALF_ZERO = "half_zero"  # nearest, ties towards zero [AP_RND_ZERO]
    HALF_UP = "half_up"  # nearest, ties towards plus infinity [AP_RND]; what HGQ2 calls RND
    HALF_DOWN = "half_down"  # nearest, ties towards minus infinity [AP_RND_MIN_INF]
    FLOOR = "floor"  # towards minus infinity [AP_TRN]
    CEIL = "ceil"  # towards plus infinity
    ZERO = "zero"  # towards zero [AP_TRN_ZERO]
    AWAY = "away"  # away from zero

    @property
    def is_directed(self) -> bool:
        """Whether values between two codes all go the same way: rounding to a step and then to a coarser one is
        rounding to the coarser one at once."""
        return self in (Rounding.FLOOR, Rounding.CEIL, Rounding.ZERO, Rounding.AWAY)

    @property
    def is_periodic(self) -> bool:
        """Whether a value that is an integer larger is rounded to a code that is as much larger."""
        return self in (Rounding.FLOOR, Rounding.CEIL, Rounding.HALF_UP, Rounding.HALF_DOWN)


class Overflow(StrEnum):
    """What happens to codes beyond the ends of the result format."""

    SATURATE = "saturate"  # clamp to [min_code, max_code] [AP_SAT]
    SATURATE_SYMMETRIC = "saturate_symmetric"  # clamp to [-max_code, max_code] [AP_SAT_SYM]
    WRAP = "wrap"  # drop the bits above: the code that is congruent modulo 2**width [AP_WRAP]; not monotone


def round_codes(codes: IntArray, drop: int, rounding: Rounding) -> IntArray:
    """`codes / 2**drop` rounded to integers; exact (a left shift) for `drop <= 0`."""
    if drop <= 0:
        return shift_left(codes, -drop)
    codes = holding(codes, max(magnitude(codes), 1 << drop))
    quotient, remainder = codes >> drop, codes & ((1 << drop) - 1)
    half = 1 << (drop - 1)
    match rounding:
        case Rounding.FLOOR:
            return quotient
        case Rounding.CEIL:
            up = remainder > 0
        case Rounding.ZERO:
            up = (remainder > 0) & (codes < 0)
        case Rounding.AWAY:
            up = (remainder > 0) & (codes >= 0)
        case Rounding.HALF_EVEN:
            up = (remainder > half) | ((remainder == half) & (quotient & 1 == 1))
        case Rounding.HALF_AWAY:
            up = (remainder > half) | ((remainder == half) & (codes >= 0))
        case Rounding.HALF_ZERO:
            up = (remainder > half) | ((remainder == half) & (codes < 0))
        case Rounding.HALF_UP:
            up = remainder >= half
        case Rounding.HALF_DOWN:
            up = remainder > half
    return quotient + up


def round_reals(values: np.ndarray, lsb: int, rounding: Rounding) -> np.ndarray:
    """`values / 2**lsb` rounded to integers, as float64; `values` are float32 or float64, scaling is exact."""
    scaled = np.ldexp(values.astype(np.float64), -lsb)
    match rounding:
        case Rounding.FLOOR:
            return np.floor(scaled)
        case Rounding.CEIL:
            return np.ceil(scaled)
        case Rounding.ZERO:
            return np.trunc(scaled)
        case Rounding.AWAY:
            return np.copysign(np.ceil(np.abs(scaled)), scaled)
        case Rounding.HALF_EVEN:
            return np.rint(scaled)
        case Rounding.HALF_AWAY | Rounding.HALF_ZERO:
            # adding 0.5 to the largest double below one half would round up: compare the fraction instead
            whole = np.trunc(scaled)
            part = np.abs(scaled - whole)
            up = part >= 0.5 if rounding is Rounding.HALF_AWAY else part > 0.5
            return whole + np.where(up, np.sign(scaled), 0.0)
        case Rounding.HALF_UP:
            below = np.floor(scaled)
            return below + (scaled - below >= 0.5)
        case Rounding.HALF_DOWN:
            above = np.ceil(scaled)
            return above - (above - scaled >= 0.5)


def fitted(codes: IntArray, low: int, high: int, overflow: Overflow) -> IntArray:
    """Rounded codes in [low, high], the ends that `clamp_bounds` gives."""
    bound = max(high, -low)
    if overflow is not Overflow.WRAP:
        return holding(holding(codes, max(magnitude(codes), bound)).clip(low, high), bound)
    span = high - low + 1
    return holding((holding(codes, magnitude(codes) + span) - low) % span + low, bound)


def clamp_bounds(min_code: int, max_code: int, overflow: Overflow) -> tuple[int, int]:
    """The lowest and highest code that a format keeps."""
    if overflow is Overflow.SATURATE_SYMMETRIC:
        return max(min_code, -max_code), max_code
    return min_code, max_code
