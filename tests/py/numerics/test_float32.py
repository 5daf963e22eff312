"""float32 by integers: one rounding of the exact value."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rationals import arrays_of, dyadic, rounded

from qdialect.numerics import float32
from qdialect.numerics.rounding import Rounding


def to_float32(value: Fraction) -> float:
    """The float32 nearest to a fraction, ties to even, by integers; normal results only."""
    if value == 0:
        return 0.0
    exponent = 23
    size = abs(value)
    while size * Fraction(2) ** exponent >= 1 << 24:
        exponent -= 1
    while size * Fraction(2) ** exponent < 1 << 23:
        exponent += 1
    mantissa = rounded(size * Fraction(2) ** exponent, Rounding.HALF_EVEN)
    return math.ldexp(math.copysign(mantissa, value), -exponent)


MANTISSA = st.one_of(st.integers(-(1 << 24), 1 << 24), st.sampled_from([1, -1, (1 << 24) - 1, 1 << 23, 3]))
FLOAT32 = st.builds(lambda m, e: math.ldexp(m, e), MANTISSA, st.integers(-30, 6))


@given(FLOAT32, FLOAT32, FLOAT32)
def test_fma_rounds_once(a, b, c):
    result = float32.fma(*(np.array([v], np.float32) for v in (a, b, c)))
    assert result.dtype == np.float32
    assert float(result[0]) == to_float32(Fraction(a) * Fraction(b) + Fraction(c))


@given(st.integers(1, (1 << 24) - 1), st.integers(1, (1 << 24) - 1), st.integers(-3, 3), st.booleans())
def test_fma_next_to_ties(a, b, nudge, negative):
    """Addends that bring a*b to within a few units of its own last place of a float32 tie."""
    product = a * b
    spare = max(product.bit_length() - 24, 1)
    tie = (product >> spare << spare) + (1 << (spare - 1))
    c = float(np.float32(tie - product + nudge)) * (-1 if negative else 1)
    a_ = -a if negative else a
    result = float32.fma(*(np.array([v], np.float32) for v in (float(a_), float(b), c)))
    assert float(result[0]) == to_float32(Fraction(a_ * b) + Fraction(c))


@given(arrays_of(24), st.integers(-40, 20))
def test_from_codes_is_exact_up_to_24_bits(codes, lsb):
    assert [Fraction(float(v)) for v in float32.from_codes(codes.clip(-(1 << 24), 1 << 24), lsb)] == dyadic(
        codes.clip(-(1 << 24), 1 << 24), lsb
    )
