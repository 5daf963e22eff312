"""Two quantizers in a row are one only where that is equal: over all codes of small types, and for all integers."""

import os
from itertools import product

import numpy as np
import pytest
import z3
from chains import Network

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow, Rounding

SOURCE = FixedFormat(7, 4, signed=True)
MIDDLE = [FixedFormat(w, w + lsb, signed) for w, lsb, signed in product((3, 6), (-3, -1), (False, True))]
RESULT = [FixedFormat(w, w + lsb, signed) for w, lsb, signed in product((2, 3), (-1, 1), (False, True))]
SATURATE, SYMMETRIC, WRAP = Overflow
OVERFLOWS = [(SATURATE, SATURATE), (SATURATE, SYMMETRIC), (SATURATE, WRAP), (WRAP, SATURATE), (WRAP, WRAP)]
X = (np.arange(-64, 64) / 8)[:, np.newaxis]


def two_quantizers(first, second):
    net = Network((1,), SOURCE)
    for mode, fmt in (first, second):
        net.then(QuantizeOp(net.value, RoundAttr(mode), fmt))
    return net.module()


def quantizers(module):
    return sum(isinstance(op, QuantizeOp) for op in network(module).walk())


PAIRS = [(pair, OVERFLOWS[:1]) for pair in product(Rounding, Rounding)]
PAIRS += [(pair, OVERFLOWS[1:]) for pair in product(list(Rounding)[:3], repeat=2)]


STRIDE = 1 if "QDIALECT_LONG" in os.environ else 3
"""Of the types of each pair of quantizers, one of so many."""


@pytest.mark.parametrize(("roundings", "clamps"), PAIRS, ids=str)
def test_all_codes_of_small_types(roundings, clamps):
    """What is made one gives the same codes; rounding to the nearest twice is kept, and differs from once."""
    merged = kept = 0
    first = PAIRS.index((roundings, clamps)) % STRIDE
    for middle, result, overflows in list(product(MIDDLE, RESULT, clamps))[first::STRIDE]:
        modes = map(Round, roundings, overflows)
        module = two_quantizers(*zip(modes, (middle, result), strict=True))
        canonical = lower(module, ["canonicalize"])
        assert np.array_equal(simulate(canonical, X), simulate(module, X))
        merged, kept = merged + (quantizers(canonical) == 1), kept + (quantizers(canonical) == 2)
    assert merged
    assert kept


def test_rounding_to_the_nearest_twice_is_kept():
    """3/8 is 1/2 in halves, and that is 0; 5/8 is 1/2 as well; 7/8 is 1."""
    halves, ones = FixedFormat(6, 5, signed=True), FixedFormat(4, 4, signed=True)
    once = Network((1,), SOURCE)
    once.then(QuantizeOp(once.value, RoundAttr(Round()), ones))
    module = two_quantizers((Round(), halves), (Round(), ones))
    assert not np.array_equal(simulate(module, X), simulate(once.module(), X))
    assert quantizers(lower(module, ["canonicalize"])) == 2


@pytest.mark.parametrize("d", range(5))
def test_proof_for_all_integers(d):
    """clamp2(round(clamp1(y) / 2**d)) = clamp2(round(y / 2**d)) if range 2 << d is within range 1, however rounded."""
    y, low, high, lowest, highest = z3.Ints("y low high lowest highest")

    def clamp(v, a, b):
        return z3.If(v < a, a, z3.If(v > b, b, v))

    def rounded(v, rounding):
        quotient, remainder, half = v / 2**d, v % 2**d, 2**d / 2
        up = {
            Rounding.FLOOR: False,
            Rounding.CEIL: remainder > 0,
            Rounding.ZERO: z3.And(remainder > 0, v < 0),
            Rounding.AWAY: z3.And(remainder > 0, v >= 0),
            Rounding.HALF_EVEN: z3.Or(remainder > half, z3.And(remainder == half, quotient % 2 == 1)),
            Rounding.HALF_AWAY: z3.If(v >= 0, remainder >= half, remainder > half),
            Rounding.HALF_ZERO: z3.If(v < 0, remainder >= half, remainder > half),
            Rounding.HALF_UP: remainder >= half,
            Rounding.HALF_DOWN: remainder > half,
        }[rounding]
        return quotient if d == 0 else z3.If(up, quotient + 1, quotient)

    for rounding in Rounding:
        solver = z3.Solver()
        solver.add(low <= high, lowest <= low * 2**d, high * 2**d <= highest)
        twice = clamp(rounded(clamp(y, lowest, highest), rounding), low, high)
        solver.add(twice != clamp(rounded(y, rounding), low, high))
        assert solver.check() == z3.unsat
