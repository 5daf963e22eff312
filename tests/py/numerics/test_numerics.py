"""Rounding, formats and quantizer functions against exact rational arithmetic: `fractions.Fraction`."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rationals import FIXED, MODES, REALS, SMALL_FORMATS, arrays_of, dyadic, fit, integers, rounded

from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import DeadZone, NearestPo2, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds, round_codes, round_reals


@given(st.integers(1, 100).flatmap(arrays_of), st.integers(-80, 110), MODES)
def test_round_codes_is_the_exact_quotient_rounded(codes, drop, rounding):
    expected = [rounded(v, rounding) for v in dyadic(codes, -drop)]
    assert round_codes(codes, drop, rounding).tolist() == expected


@given(REALS, st.integers(-20, 20), MODES)
def test_round_reals_is_the_exact_quotient_rounded(values, lsb, rounding):
    expected = [rounded(Fraction(float(v)) / Fraction(2) ** lsb, rounding) for v in values]
    assert [int(v) for v in round_reals(values, lsb, rounding)] == expected


@given(FIXED)
def test_symmetric_saturation_drops_the_lowest_code_only(fmt):
    assert clamp_bounds(fmt.min_code, fmt.max_code, Overflow.SATURATE) == (fmt.min_code, fmt.max_code)
    low, high = clamp_bounds(fmt.min_code, fmt.max_code, Overflow.SATURATE_SYMMETRIC)
    assert (low, high) == (-fmt.max_code if fmt.signed else 0, fmt.max_code)


@given(SMALL_FORMATS)
def test_codes_ends_and_membership_agree(fmt):
    codes = list(fmt.codes())
    assert codes == sorted(set(codes))
    assert (codes[0], codes[-1]) == (fmt.min_code, fmt.max_code)
    around = range(fmt.min_code - 3, fmt.max_code + 4)
    assert [c for c in around if c in fmt] == codes
    assert len(codes) == fmt.count <= 2**fmt.bits


@given(SMALL_FORMATS)
def test_bits_are_no_more_than_the_codes_need(fmt):
    assert len(fmt.codes()) > 2 ** (fmt.bits - 1) or fmt.bits == 1


@given(st.builds(FixedFormat, st.integers(1, 8), st.integers(-12, 12), st.booleans()), SMALL_FORMATS)
def test_a_fixed_format_holds_another_where_it_has_its_values(fmt, other):
    own, others = ({Fraction(code) * Fraction(2) ** f.lsb for code in f.codes()} for f in (fmt, other))
    within = min(own) <= min(others) and max(others) <= max(own)
    assert fmt.holds(other) == (within and other.lsb >= fmt.lsb)
    assert not fmt.holds(None)


@given(integers(90), integers(90), st.integers(-40, 40))
def test_holding_is_the_narrowest_format(a, b, lsb):
    low, high = min(a, b), max(a, b)
    fmt = FixedFormat.holding(low, high, lsb)
    assert fmt.lsb == lsb
    assert fmt.signed == (low < 0)
    assert low in fmt
    assert high in fmt
    if fmt.width > 1:
        narrower = FixedFormat(fmt.width - 1, fmt.int_bits - 1, fmt.signed)
        assert low not in narrower or high not in narrower


def test_impossible_formats_are_refused():
    with pytest.raises(ValueError, match="at least 1 bit"):
        FixedFormat(0, 0, signed=False)
    with pytest.raises(ValueError, match="empty code range"):
        FixedFormat.holding(1, 0, 0)
    with pytest.raises(ValueError, match="empty exponent range"):
        Po2Format(1, 0, signed=True)


# --- quantizer functions ---------------------------------------------------------------------------------------------


ROUNDS = st.builds(Round, MODES, st.sampled_from(Overflow))
ZONES = st.builds(lambda t: DeadZone(float(np.float32(t))), st.floats(0, 4, width=32))
PO2 = st.builds(
    lambda low, n, *has: Po2Format(low, low + n, *has),
    st.integers(-20, 0),
    st.integers(0, 20),
    st.booleans(),
    st.booleans(),
)
CEILINGS = st.sampled_from([None, 0.25, 1.0, 3.0, 4.0])
FUNCTIONS = st.one_of(
    st.tuples(ROUNDS, FIXED),
    st.tuples(st.just(Sign()), st.just(BinaryFormat())),
    st.tuples(ZONES, st.just(TernaryFormat())),
    st.tuples(st.builds(NearestPo2, CEILINGS), PO2),
)


@given(FUNCTIONS, arrays_of(24), st.integers(-20, 10))
def test_codes_and_reals_give_the_same_code(function_and_format, codes, lsb):
    function, fmt = function_and_format
    from_codes = function.codes(codes, lsb, fmt)
    from_reals = function.reals(np.ldexp(codes.astype(np.float64), lsb).astype(np.float32), fmt)
    assert from_codes.tolist() == from_reals.tolist()
    assert all(code in fmt for code in from_codes.tolist())


@given(ROUNDS, st.integers(1, 90).flatmap(arrays_of), st.integers(-60, 20), FIXED)
def test_round_rounds_then_clamps_or_wraps(function, codes, lsb, fmt):
    step = Fraction(2) ** fmt.lsb
    expected = [fit(rounded(v / step, function.rounding), fmt, function.overflow) for v in dyadic(codes, lsb)]
    assert function.codes(codes, lsb, fmt).tolist() == expected


@given(ROUNDS, arrays_of(80), st.integers(60, 90))
def test_round_to_wide_formats(function, codes, width):
    fmt = FixedFormat(width, width, signed=True)
    assert function.codes(codes, 0, fmt).tolist() == [fit(int(c), fmt, function.overflow) for c in codes]


@given(ROUNDS, st.integers(1, 12).flatmap(arrays_of), st.integers(-8, 4), st.integers(0, 300), FIXED)
def test_the_image_of_an_interval_holds_what_its_codes_give(function, starts, lsb, length, fmt):
    """And no more than that, where nothing wraps around."""
    for start in map(int, starts):
        every = function.codes(np.arange(start, start + length + 1), lsb, fmt)
        low, high = (int(end) for end in function.image(np.array(start), np.array(start + length), lsb, fmt))
        assert low <= every.min()
        assert high >= every.max()
        if not function.wraps(np.array(start), np.array(start + length), lsb, fmt):
            assert (low, high) == (every.min(), every.max())


def test_huge_reals_wrap_exactly():
    fmt = FixedFormat(8, 4, signed=True)
    x = np.array([1e30, -3e38, 2.0**24 + 2, 15.96875, -8.03125], np.float32)
    expected = [fit(rounded(Fraction(float(v)) * 16, Rounding.HALF_UP), fmt, Overflow.WRAP) for v in x]
    assert Round(Rounding.HALF_UP, Overflow.WRAP).reals(x, fmt).tolist() == expected


@given(st.integers(1, 90), st.booleans())
def test_infinite_and_huge_reals_saturate(width, signed):
    fmt = FixedFormat(width, width, signed)
    codes = Round().reals(np.array([-np.inf, -3e38, 3e38, np.inf], np.float32), fmt)
    assert codes.tolist() == [fmt.min_code, fmt.min_code, fmt.max_code, fmt.max_code]


@given(ZONES, st.integers(1, 90).flatmap(arrays_of), st.integers(-40, 10))
def test_dead_zone_compares_exactly(zone, codes, lsb):
    expected = [(v > 0) - (v < 0) if abs(v) >= Fraction(zone.threshold) else 0 for v in dyadic(codes, lsb)]
    assert zone.codes(codes, lsb, TernaryFormat()).tolist() == expected


def nearest_exponent(size: Fraction) -> int:
    """The e with 2**(e - 1/2) < size < 2**(e + 1/2), for size > 0: compare squares."""
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    while size**2 > Fraction(2) ** (2 * exponent + 1):
        exponent += 1
    while size**2 < Fraction(2) ** (2 * exponent - 1):
        exponent -= 1
    return exponent


@given(PO2, CEILINGS, arrays_of(24), st.integers(-24, 4))
def test_nearest_po2_on_the_logarithmic_scale(fmt, ceiling, codes, lsb):
    function = NearestPo2(ceiling)
    expected = []
    for value in dyadic(codes, lsb):
        size = abs(value) if fmt.signed else max(value, Fraction(0))
        clipped = size if ceiling is None else min(size, Fraction(ceiling))
        tiny = size < Fraction(function.floor)
        exponent = fmt.min_exp if tiny else nearest_exponent(clipped)
        exponent = min(max(exponent, fmt.min_exp), fmt.max_exp)
        sign = -1 if fmt.signed and value < 0 else 1
        expected.append(0 if tiny and fmt.zero else sign << (exponent - fmt.min_exp))
    assert function.codes(codes, lsb, fmt).tolist() == expected
