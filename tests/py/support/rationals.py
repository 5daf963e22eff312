"""Integers, and the exact rational numbers that numerics is held to: nothing rounded."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds


def codes_of(values: list[int]) -> np.ndarray:
    """The interpreter's convention: int64 where 62 bits suffice, Python integers beyond."""
    return np.array(values, np.int64 if all(abs(v) < 1 << 62 for v in values) else object)


def integers(bits: int) -> st.SearchStrategy[int]:
    """Integers of up to `bits` bits, small ones and neighbours of powers of two more often."""
    near_powers = st.builds(lambda k, d: (1 << k) + d, st.integers(0, bits - 1), st.integers(-2, 2))
    return st.one_of(st.integers(-8, 8), near_powers, near_powers.map(lambda v: -v), st.integers(-1 << bits, 1 << bits))


def arrays_of(bits: int, most: int = 6) -> st.SearchStrategy[np.ndarray]:
    return st.lists(integers(bits), min_size=1, max_size=most).map(codes_of)


def dyadic(values: np.ndarray, lsb: int) -> list[Fraction]:
    return [Fraction(int(v)) * Fraction(2) ** lsb for v in values.flat]


def rounded(value: Fraction, rounding: Rounding) -> int:
    """The definition of each mode."""
    below, above = math.floor(value), math.ceil(value)
    towards_zero, away = (below, above) if value >= 0 else (above, below)
    even = below if below % 2 == 0 else above
    nearest = round(value) if 2 * value != 2 * below + 1 else None
    match rounding:
        case Rounding.FLOOR:
            return below
        case Rounding.CEIL:
            return above
        case Rounding.ZERO:
            return towards_zero
        case Rounding.AWAY:
            return away
        case Rounding.HALF_EVEN:
            return even if nearest is None else nearest
        case Rounding.HALF_AWAY:
            return away if nearest is None else nearest
        case Rounding.HALF_ZERO:
            return towards_zero if nearest is None else nearest
        case Rounding.HALF_UP:
            return above if nearest is None else nearest
        case Rounding.HALF_DOWN:
            return below if nearest is None else nearest


def fit(code: int, fmt: FixedFormat, overflow: Overflow) -> int:
    """The definition of each overflow: the nearest code, or the one that is congruent modulo the number of codes."""
    if overflow is Overflow.WRAP:
        return next(c for c in (code % fmt.count, code % fmt.count - fmt.count) if c in fmt)
    low, high = clamp_bounds(fmt.min_code, fmt.max_code, overflow)
    return min(max(code, low), high)


MODES = st.sampled_from(Rounding)
FIXED = st.builds(FixedFormat, st.integers(1, 20), st.integers(-12, 12), st.booleans())
FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32, allow_subnormal=False)
TIES = st.builds(lambda n, e: math.ldexp(n, e), st.integers(-200, 200), st.integers(-8, 4))
REALS = st.lists(st.one_of(FINITE, TIES), min_size=1, max_size=6).map(lambda v: np.array(v, np.float32))


def formats(width: int, int_bits: int, exponents: tuple[int, int], span: int) -> st.SearchStrategy[Format]:
    """Fixed point of up to `width` bits with up to +-`int_bits` integer bits, powers of two from one of `exponents` on
    over up to `span` more, binary and ternary."""
    return st.one_of(
        st.builds(FixedFormat, st.integers(1, width), st.integers(-int_bits, int_bits), st.booleans()),
        st.builds(
            lambda low, n, *has: Po2Format(low, low + n, *has),
            st.integers(*exponents),
            st.integers(0, span),
            st.booleans(),
            st.booleans(),
        ),
        st.just(BinaryFormat()),
        st.just(TernaryFormat()),
    )


SMALL_FORMATS = formats(8, 12, (-9, 4), 9)
