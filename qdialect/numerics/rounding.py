"""Rounding and saturation: the only places where information is lost.

Codes are integers in units of `2**lsb`. Integer code arrays are `int64`, or Python integers (dtype object)
where 62 bits do not suffice; see `exact.py`.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from qdialect.numerics.exact import IntArray, holding, magnitude, shift_left


class Rounding(StrEnum):
    """How a value between two codes is resolved (UG1399 names in brackets)."""

    HALF_EVEN = "half_even"  # nearest, ties to the even code [AP_RND_CONV]; every numeric-alpha QKeras quantizer
    HALF_AWAY = "half_away"  # nearest, ties away from zero [AP_RND_INF]
    FLOOR = "floor"  # towards minus infinity [AP_TRN]


class Overflow(StrEnum):
    """What happens to codes beyond the ends of the result format."""

    SATURATE = "saturate"  # clamp to [min_code, max_code] [AP_SAT]
    SATURATE_SYMMETRIC = "saturate_symmetric"  # clamp to [-max_code, max_code] [AP_SAT_SYM]


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
        case Rounding.HALF_EVEN:
            up = (remainder > half) | ((remainder == half) & (quotient & 1 == 1))
        case Rounding.HALF_AWAY:
            up = (remainder > half) | ((remainder == half) & (codes >= 0))
    return quotient + up


def round_reals(values: np.ndarray, lsb: int, rounding: Rounding) -> np.ndarray:
    """`values / 2**lsb` rounded to integers, as float64; `values` are float32 or float64, scaling is exact."""
    scaled = np.ldexp(values.astype(np.float64), -lsb)
    match rounding:
        case Rounding.FLOOR:
            return np.floor(scaled)
        case Rounding.HALF_EVEN:
            return np.rint(scaled)
        case Rounding.HALF_AWAY:
            # adding 0.5 to the largest double below one half would round up: compare the fraction instead
            whole = np.trunc(scaled)
            return whole + np.where(np.abs(scaled - whole) >= 0.5, np.sign(scaled), 0.0)


def clamp_bounds(min_code: int, max_code: int, overflow: Overflow) -> tuple[int, int]:
    """The codes that saturation can produce."""
    if overflow is Overflow.SATURATE_SYMMETRIC:
        return max(min_code, -max_code), max_code
    return min_code, max_code
