"""Fixed-point numerics against exact rational arithmetic: `fractions.Fraction`, Python integers, nothing rounded."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdialect.numerics import exact, float32
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.intervals import Interval
from qdialect.numerics.quantizers import DeadZone, NearestPo2, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds, round_codes, round_reals


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
    below = math.floor(value)
    part = value - below
    if rounding is Rounding.FLOOR or part < Fraction(1, 2):
        return below
    if part > Fraction(1, 2):
        return below + 1
    if rounding is Rounding.HALF_EVEN:
        return below if below % 2 == 0 else below + 1
    return below + 1 if value >= 0 else below


MODES = st.sampled_from(Rounding)
FIXED = st.builds(FixedFormat, st.integers(1, 20), st.integers(-12, 12), st.booleans())
FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32, allow_subnormal=False)
TIES = st.builds(lambda n, e: math.ldexp(n, e), st.integers(-200, 200), st.integers(-8, 4))
REALS = st.lists(st.one_of(FINITE, TIES), min_size=1, max_size=6).map(lambda v: np.array(v, np.float32))


# --- rounding --------------------------------------------------------------------------------------------------------


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


# --- formats ---------------------------------------------------------------------------------------------------------

SMALL_FORMATS = st.one_of(
    st.builds(FixedFormat, st.integers(1, 8), st.integers(-12, 12), st.booleans()),
    st.builds(
        lambda low, n, *has: Po2Format(low, low + n, *has),
        st.integers(-9, 4),
        st.integers(0, 9),
        st.booleans(),
        st.booleans(),
    ),
    st.just(BinaryFormat()),
    st.just(TernaryFormat()),
)


@given(SMALL_FORMATS)
def test_codes_ends_and_membership_agree(fmt):
    codes = fmt.codes()
    assert codes == sorted(set(codes))
    assert (codes[0], codes[-1]) == (fmt.min_code, fmt.max_code)
    around = range(fmt.min_code - 3, fmt.max_code + 4)
    assert [c for c in around if c in fmt] == codes
    assert len(codes) <= 2**fmt.bits


@given(SMALL_FORMATS)
def test_bits_are_no_more_than_the_codes_need(fmt):
    assert len(fmt.codes()) > 2 ** (fmt.bits - 1) or fmt.bits == 1


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
def test_round_rounds_then_clamps(function, codes, lsb, fmt):
    low, high = clamp_bounds(fmt.min_code, fmt.max_code, function.overflow)
    step = Fraction(2) ** fmt.lsb
    expected = [min(max(rounded(v / step, function.rounding), low), high) for v in dyadic(codes, lsb)]
    assert function.codes(codes, lsb, fmt).tolist() == expected


@given(ROUNDS, arrays_of(80), st.integers(60, 90))
def test_round_to_wide_formats(function, codes, width):
    fmt = FixedFormat(width, width, signed=True)
    low, high = clamp_bounds(fmt.min_code, fmt.max_code, function.overflow)
    assert function.codes(codes, 0, fmt).tolist() == [min(max(int(c), low), high) for c in codes]


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
        exponent = fmt.min_exp if size < Fraction(function.floor) else nearest_exponent(clipped)
        exponent = min(max(exponent, fmt.min_exp), fmt.max_exp)
        expected.append((-1 if fmt.signed and value < 0 else 1) << (exponent - fmt.min_exp))
    assert function.codes(codes, lsb, fmt).tolist() == expected


# --- exact integer arrays --------------------------------------------------------------------------------------------


def as_ints(array: np.ndarray) -> list[int]:
    return [int(v) for v in array.flat]


@given(st.integers(1, 100).flatmap(arrays_of), st.integers(1, 100).flatmap(arrays_of), st.integers(0, 70))
def test_elementwise_operations_are_those_of_integers(a, b, amount):
    n = min(len(a), len(b))
    a, b = a[:n], b[:n]
    x, y = as_ints(a), as_ints(b)
    assert as_ints(exact.add(a, b)) == [p + q for p, q in zip(x, y, strict=True)]
    assert as_ints(exact.multiply(a, b)) == [p * q for p, q in zip(x, y, strict=True)]
    assert as_ints(exact.shift_left(a, amount)) == [p << amount for p in x]
    assert exact.magnitude(a) == max(map(abs, x))
    left, right, lsb = exact.align(a, amount, b, 5)
    assert dyadic(left, lsb) == dyadic(a, amount)
    assert dyadic(right, lsb) == dyadic(b, 5)


@st.composite
def factors(draw):
    """[rows, K] and [K, N] with entries of up to so many bits that sums pass 2^24, 2^53 and 2^63."""
    bits = st.sampled_from([1, 8, 11, 12, 13, 25, 26, 27, 31, 32, 45, 61, 62, 63, 64, 80])
    rows, inner, columns = (draw(st.integers(1, 3)) for _ in range(3))

    def matrix(n: int, m: int) -> np.ndarray:
        element = integers(draw(bits))
        values = draw(st.lists(element, min_size=n * m, max_size=n * m))
        return codes_of(values).reshape(n, m)

    return matrix(rows, inner), matrix(inner, columns)


@given(factors())
def test_matmul_is_that_of_integers(matrices):
    x, kernel = matrices
    expected = [
        [sum(int(a) * int(b) for a, b in zip(row, column, strict=True)) for column in kernel.T.tolist()]
        for row in x.tolist()
    ]
    assert exact.matmul(x, kernel).tolist() == expected


@pytest.mark.parametrize("bits", [24, 53, 62, 63])
@pytest.mark.parametrize("nudge", [-1, 0, 1])
def test_matmul_at_the_limits_of_each_number_type(bits, nudge):
    """The sum of absolute products stands at 2**bits - 1, 2**bits and 2**bits + 1, and all bits matter."""
    x = codes_of([(1 << (bits // 2)) - 1, 1, 1]).reshape(1, 3)
    rest = (1 << bits) + nudge - int(x[0, 0]) * (1 << (bits // 2))
    kernel = codes_of([1 << (bits // 2), rest - 1, 1]).reshape(3, 1)
    assert exact.matmul(x, kernel).tolist() == [[(1 << bits) + nudge]]


HUGE = 1 << 150


@pytest.mark.parametrize(
    ("x", "kernel"),
    [
        ([HUGE, -HUGE], [0, 0]),  # beyond float32, times nothing
        ([0, 0], [HUGE, HUGE]),
        ([1, 1], [(1 << 62) - 1, (1 << 62) - 1]),  # the magnitudes sum beyond 63 bits
        ([1, 1, 1, 1, 1], [(1 << 62) - 1] * 5),
        ([1, -1], [1 << 63, 1 << 63]),
    ],
)
def test_products_of_extremes(x, kernel):
    x, kernel = codes_of(x), codes_of(kernel)
    assert exact.matmul(x[np.newaxis], kernel[:, np.newaxis]).tolist() == [
        [sum(map(int.__mul__, as_ints(x), as_ints(kernel)))]
    ]
    assert as_ints(exact.multiply(x, kernel)) == list(map(int.__mul__, as_ints(x), as_ints(kernel)))


# --- float32 ---------------------------------------------------------------------------------------------------------


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


# --- intervals -------------------------------------------------------------------------------------------------------


def interval(draw, lsb=None) -> Interval:
    a, b = draw(st.integers(-6, 6)), draw(st.integers(-6, 6))
    return Interval(min(a, b), max(a, b), draw(st.integers(-2, 2)) if lsb is None else lsb)


def values(i: Interval) -> list[Fraction]:
    return [Fraction(c) * Fraction(2) ** i.lsb for c in range(i.low, i.high + 1)]


def ends(i: Interval) -> tuple[Fraction, Fraction]:
    return values(i)[0], values(i)[-1]


@given(st.data())
def test_intervals_are_the_hull_of_all_results(data):
    a, b = interval(data.draw), interval(data.draw)
    for result, all_of_them in (
        (a + b, [x + y for x in values(a) for y in values(b)]),
        (a * b, [x * y for x in values(a) for y in values(b)]),
        (a.with_zero(), [*values(a), Fraction(0)]),
    ):
        assert ends(result) == (min(all_of_them), max(all_of_them))
    same_step = interval(data.draw, a.lsb)
    assert set(ends(a.hull(same_step))) <= {*values(a), *values(same_step)}
    assert ends(a.to_lsb(a.lsb - 3)) == ends(a)
    assert a.low in a.format
    assert a.high in a.format


@given(st.data(), st.integers(0, 3))
def test_summed_holds_every_partial_sum(data, terms):
    a = interval(data.draw)
    partial, sums = {Fraction(0)}, {Fraction(0)}
    for _ in range(terms):
        sums = {s + x for s in sums for x in values(a)}
        partial |= sums
    assert ends(a.summed(terms)) == (min(partial), max(partial))


@given(SMALL_FORMATS)
def test_interval_of_a_format(fmt):
    assert Interval.of(fmt) == Interval(fmt.codes()[0], fmt.codes()[-1], fmt.lsb)
