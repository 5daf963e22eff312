"""Intervals of codes: of all positions of a channel, of all elements, and what types and quantizers allow."""

import numpy as np
import pytest
from chains import Network

from qdialect.analysis.code_range import FLOAT32_BITS, Range, float32_bits, whole_type
from qdialect.numerics.formats import FixedFormat, TernaryFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow

LOW = np.array([[[0, -3], [2, 5], [-1, 4]], [[-2, 1], [1, 1], [7, -8]]])
KNOWN = Range(LOW, LOW + np.array([1, 20]))


def test_ranges_of_channels():
    """Of [2, 3, 2] elements the last axis, or pairs of positions and channels."""
    channels = KNOWN.per_channel(2)
    assert (channels.low.tolist(), channels.high.tolist()) == ([-2, -8], [8, 25])
    pixels = KNOWN.per_channel(6)
    assert pixels.low.tolist() == [-2, -3, 1, 1, -1, -8]
    assert pixels.high.tolist() == [1, 21, 3, 25, 8, 24]
    assert KNOWN.per_channel(1).low.tolist() == [-8]


def test_hull_ends_and_intersection():
    assert KNOWN.hull == (-8, 25)
    assert KNOWN.ends.tolist() == [LOW.tolist(), KNOWN.high.tolist()]
    within = KNOWN.within(np.array([0, -5]), np.array([5, 20]))
    assert within.low.tolist() == [[[0, -3], [2, 5], [0, 4]], [[0, 1], [1, 1], [7, -5]]]
    assert within.high.tolist() == [[[1, 17], [3, 20], [0, 20]], [[-1, 20], [2, 20], [5, 12]]]


def test_bits_of_a_float32_significand():
    """2^24 is the last of the integers that float32 holds, with either sign."""
    hulls = {
        (0, 0): 0,
        (-1, 1): 0,
        (-2, 1): 1,
        (-5, 3): 3,
        (1, 4): 2,
        (-4, 9): 4,
        (-(2**24), 5): 24,
        (0, 2**24 + 1): 25,
    }
    assert {hull: float32_bits(Range(*map(np.array, hull))) for hull in hulls} == hulls
    assert FLOAT32_BITS == 24


@pytest.mark.parametrize(
    ("fmt", "quantizer", "ends"),
    [
        (FixedFormat(3, 1, signed=True), Round(overflow=Overflow.SATURATE_SYMMETRIC), (-3, 3)),
        (FixedFormat(3, 1, signed=True), None, (-4, 3)),
        (FixedFormat(3, 1, signed=False), None, (0, 7)),
        (TernaryFormat(), None, (-1, 1)),
    ],
    ids=str,
)
def test_what_a_type_and_a_quantizer_allow(fmt, quantizer, ends):
    whole = whole_type(Network((2, 3), fmt).argument, quantizer)
    assert (whole.low.shape, whole.high.shape) == ((2, 3), (2, 3))
    assert {*zip(whole.low.flat, whole.high.flat, strict=True)} == {ends}
    assert whole_type(Network((2, 3), None).argument, quantizer) is None
