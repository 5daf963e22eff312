"""Exact integer arrays and intervals against Python integers and fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rationals import SMALL_FORMATS, arrays_of, codes_of, dyadic, integers

from qdialect.numerics import exact, limbs
from qdialect.numerics.intervals import Interval


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


@given(st.integers(1, 100).flatmap(arrays_of), st.integers(5, 31))
def test_limbs_are_digits_and_no_more_than_there_are(codes, bits):
    length = exact.magnitude(codes).bit_length()
    split = limbs.split(codes, length, bits)
    assert len(split) == length // bits + 1
    assert [sum(int(limb) << bits * i for i, limb in enumerate(each)) for each in zip(*split, strict=True)] == as_ints(
        codes
    )


def test_products_are_int64_where_it_holds_them():
    for zero, other, kind in (
        (0, (1 << 62) - 1, np.int64),
        (1, (1 << 62) - 1, np.int64),
        (2, 1 << 62, np.dtype(object)),
    ):
        product = exact.multiply(np.array([zero]), np.array([other]))
        assert product.dtype == kind
        assert int(product[0]) == zero * other


def test_intervals_are_those_of_their_ends():
    a, b = Interval(0, 5, 0), Interval(-3, 4, 0)
    assert a - b == Interval(-4, 8, 0)
    assert b - a == Interval(-8, 4, 0)
    assert a + b == Interval(-3, 9, 0)
    assert a * b == Interval(-15, 20, 0)
    assert a - Interval(1, 2, -1) == Interval(-2, 9, -1)


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


@given(st.integers(1, 100).flatmap(arrays_of), st.integers(0, 70))
def test_trailing_zeros_are_those_of_every_code(codes, amount):
    zeros = exact.trailing_zeros(exact.shift_left(codes, amount))
    assert all(int(code) << amount & ((1 << zeros) - 1) == 0 for code in codes.flat)
    assert any(int(code) << amount >> zeros & 1 for code in codes.flat) or not codes.any()


@given(factors())
def test_matmul_is_that_of_integers(matrices):
    x, kernel = matrices
    expected = [
        [sum(int(a) * int(b) for a, b in zip(row, column, strict=True)) for column in kernel.T.tolist()]
        for row in x.tolist()
    ]
    assert exact.matmul(x, kernel).tolist() == expected


def test_matmul_of_nothing():
    for rows, inner, columns in ((0, 3, 2), (2, 0, 3), (2, 3, 0)):
        product = exact.matmul(np.ones((rows, inner), np.int64), np.ones((inner, columns), np.int64))
        assert np.array_equal(product, np.zeros((rows, columns), np.int64))


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
