"""What several quantizers give of a value, each gives of its common rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdialect.numerics.common_rounding import common_rounding
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.numerics.sticky import Sticky

N = 6
"""Elements."""


@st.composite
def quantizers(draw: st.DrawFn) -> list[RoundEach]:
    rounding, overflow = st.sampled_from(Rounding), st.sampled_from(Overflow)
    few = draw(st.lists(rounding, min_size=1, max_size=2))
    same = draw(overflow)

    def array(low: int, high: int) -> np.ndarray:
        shape = draw(st.sampled_from([(1,), (N,)]))
        return np.array(draw(st.lists(st.integers(low, high), min_size=shape[0], max_size=shape[0])))

    return [
        RoundEach(draw(st.sampled_from(few)), draw(st.sampled_from([same, draw(overflow)])), *formats)
        for formats in draw(
            st.lists(
                st.builds(
                    lambda *rows: np.broadcast_arrays(*rows),
                    *(st.builds(array, st.just(low), st.just(high)) for low, high in ((-3, 2), (0, 4), (0, 1))),
                ),
                min_size=2,
                max_size=3,
            )
        )
    ]


def reals() -> np.ndarray:
    """A grid that is finer than every step, and reaches beyond every range; numbers between its points."""
    grid = np.arange(-320, 321) / 8
    return np.repeat(np.concatenate([grid, grid + 1 / 64])[:, np.newaxis], N, axis=1)


def agree(qs: list[RoundEach], common: RoundEach | Sticky) -> bool:
    codes = common.reals(reals(), common.hull)
    return all(np.array_equal(q.reals(reals(), q.hull), q.codes(codes, common.hull.lsb, q.hull)) for q in qs)


@settings(max_examples=100, deadline=None)
@given(quantizers())
def test_each_quantizer_gives_the_same_of_the_common_rounding(qs: list[RoundEach]) -> None:
    common = common_rounding(qs)
    assert agree(qs, common)
    read = np.any(np.broadcast_arrays(*(q.widths > 0 for q in qs)), axis=0)
    kept = common.widths + (common.periods if isinstance(common, Sticky) else 0)
    assert not kept[~np.broadcast_to(read, kept.shape)].any()


@st.composite
def stickies(draw: st.DrawFn) -> Sticky:
    columns = ((-3, 0), (0, 3), (0, 1), (0, 3))
    return Sticky(*(np.array(draw(st.lists(st.integers(*ends), min_size=N, max_size=N))) for ends in columns))


@settings(deadline=None)
@given(stickies())
def test_the_bounds_of_a_sticky_rounding_are_reached(common: Sticky) -> None:
    multiples = np.repeat(np.arange(-200, 201)[:, np.newaxis], N, axis=1)
    codes = common.codes(multiples, -3, common.hull)
    low, high = common.bounds(common.hull)
    assert np.array_equal(codes.min(axis=0), low)
    assert np.array_equal(codes.max(axis=0), high)
    assert common.hull == FixedFormat.holding(min(low), max(high), common.hull.lsb)


def of(rounding: str, overflow: str, lsb: int, width: int, sign: int) -> RoundEach:
    return RoundEach(Rounding(rounding), Overflow(overflow), *(np.full(N, n) for n in (lsb, width, sign)))


FOUND = [
    [of("half_up", "wrap", -2, 6, 1), of("floor", "wrap", -3, 5, 0)],
    [of("half_up", "wrap", -2, 6, 1), of("half_up", "wrap", 0, 6, 1)],
    [of("half_down", "saturate", -2, 6, 1), of("ceil", "saturate_symmetric", 0, 3, 1)],
    [of("half_away", "saturate", -2, 6, 0), of("zero", "saturate", 0, 3, 1)],
    [of("half_even", "saturate", -2, 6, 1), of("half_even", "saturate", -2, 4, 0)],
]


@pytest.mark.parametrize("qs", FOUND)
def test_those_of_a_family_have_one_and_a_bit_less_does_not_do(qs: list[RoundEach]) -> None:
    common = common_rounding(qs)
    assert isinstance(common, RoundEach)
    assert agree(qs, common)
    assert not agree(qs, replace(common, steps=common.steps + 1, widths=common.widths - 1))
    assert not agree(qs, replace(common, widths=common.widths - 1))


OTHERS = [
    [of("half_up", "wrap", -2, 6, 1), of("half_up", "saturate", -2, 6, 1)],
    [of("half_even", "saturate", -2, 6, 1), of("half_even", "saturate", 0, 6, 1)],
    [of("half_away", "wrap", -2, 6, 1), of("zero", "wrap", 0, 6, 1)],
    [of("half_zero", "wrap", 0, 3, 0), of("away", "saturate_symmetric", -1, 2, 0), of("half_even", "wrap", -2, 1, 1)],
]


@pytest.mark.parametrize("qs", OTHERS)
def test_others_share_a_sticky_bit_and_a_place_less_does_not_do(qs: list[RoundEach]) -> None:
    common = common_rounding(qs)
    assert isinstance(common, Sticky)
    assert agree(qs, common)
    less = {"steps": common.steps + 1, "widths": np.maximum(common.widths - 1, 0)}
    assert not agree(qs, replace(common, **less, periods=np.maximum(common.periods - 1, 0)))
    assert not agree(qs, replace(common, periods=np.maximum(common.periods - 1, 0))) or not common.periods.any()
    assert not agree(qs, replace(common, widths=np.maximum(common.widths - 1, 0))) or not common.widths.any()


@pytest.mark.parametrize("qs", OTHERS)
def test_large_and_infinite_numbers_go_the_long_way(qs: list[RoundEach]) -> None:
    common = common_rounding(qs)
    x = np.repeat(np.array([2.0**70, -(2.0**100) + 2.0**60, 3e38, -1e-40, 2.0**52 + 0.25])[:, np.newaxis], N, axis=1)
    codes = common.reals(x, common.hull)
    assert all(np.array_equal(q.reals(x, q.hull), q.codes(codes, common.hull.lsb, q.hull)) for q in qs)
    infinite = np.full((1, N), np.inf)
    assert np.array_equal(
        common.reals(infinite, common.hull), common.reals(np.full((1, N), 3.4028234663852886e38), common.hull)
    )


def test_elements_without_bits_read_nothing() -> None:
    """Whatever their step and sign; a sign is that of a format that has one."""
    for overflow in ("saturate", "wrap"):
        quantizers = [of("floor", overflow, 10, 0, 1), of("floor", overflow, -2, 3, 0)]
        common = common_rounding(quantizers)
        assert isinstance(common, RoundEach)
        assert common.formats == [FixedFormat(3, 1, signed=False)]
        both = common_rounding([*quantizers, of("floor", overflow, -1, 4, 1)])
        assert isinstance(both, RoundEach)
        assert both.formats == [FixedFormat(5, 3, signed=True)]


@settings(deadline=None)
@given(stickies())
def test_a_sticky_rounding_is_one_of_numbers(common: Sticky) -> None:
    """In whatever unit they are given, the step itself among them, and coarser ones."""
    x = np.repeat(np.arange(-40, 41)[:, np.newaxis], N, axis=1)
    for lsb in (-3, -1, 0, 2):
        expected = common.codes(x << (lsb + 5), -5, common.hull)
        assert np.array_equal(common.codes(x, lsb, common.hull), expected)


def test_formats_become_as_narrow_as_their_numbers() -> None:
    """In steps of their own; symmetric ends mirror each other."""
    low, high = np.array([0, -4, -16, 0]), np.array([3, 1, 4, 0])
    for overflow, widths in (("saturate", [2, 3, 4, 0]), ("saturate_symmetric", [2, 4, 5, 0]), ("wrap", [2, 3, 4, 0])):
        each = RoundEach(Rounding.FLOOR, Overflow(overflow), *map(np.array, ([0, 0, 1, 0], [9] * 4, [1] * 4)))
        narrowed = each.narrowed(low, high, 0)
        assert narrowed.widths.tolist() == widths
        assert narrowed.signs.tolist() == [0, 1, 1, 0]


def test_intervals_wrap_where_an_end_does() -> None:
    fmt = FixedFormat(4, 4, signed=False)
    low, high = np.array([0, 0, -1, 3, -9]), np.array([15, 16, 15, 4, 40])
    for overflow, expected in ((Overflow.WRAP, [False, True, True, False, True]), (Overflow.SATURATE, [False] * 5)):
        assert Round(Rounding.FLOOR, overflow).wraps(low, high, 0, fmt).tolist() == expected
