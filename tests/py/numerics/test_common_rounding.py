"""What several quantizers give of a value, each gives of its common rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdialect.numerics.common_rounding import common_rounding
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding

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


def agree(qs: list[RoundEach], common: RoundEach) -> bool:
    codes = common.reals(reals(), common.hull)
    return all(np.array_equal(q.reals(reals(), q.hull), q.codes(codes, common.hull.lsb, q.hull)) for q in qs)


@settings(max_examples=100, deadline=None)
@given(quantizers())
def test_each_quantizer_gives_the_same_of_the_common_rounding(qs: list[RoundEach]) -> None:
    common = common_rounding(qs)
    assert common is None or agree(qs, common)


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
    assert common is not None
    assert agree(qs, common)
    assert not agree(qs, replace(common, steps=common.steps + 1, widths=common.widths - 1))
    assert not agree(qs, replace(common, widths=common.widths - 1))


@pytest.mark.parametrize(
    "qs",
    [
        [of("half_up", "wrap", -2, 6, 1), of("half_up", "saturate", -2, 6, 1)],
        [of("half_even", "saturate", -2, 6, 1), of("half_even", "saturate", 0, 6, 1)],
        [of("half_away", "wrap", -2, 6, 1), of("zero", "wrap", 0, 6, 1)],
    ],
)
def test_others_have_none(qs: list[RoundEach]) -> None:
    assert common_rounding(qs) is None
