"""Rectifiers and roundings that netlists exchange, and words without the zeros below that all their numbers have."""

from __future__ import annotations

import numpy as np
import pytest
from chains import Network
from netlists import assert_equal
from xdsl.dialects import comb, hw

from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, ReluOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding

SOURCE, BIAS = FixedFormat(8, 4, True), FixedFormat(6, 3, True)
RESULTS = [FixedFormat(4, 3, True), FixedFormat(4, 2, False), FixedFormat(7, 5, True), FixedFormat(2, -1, False)]


def biased(bias: list[int]) -> Network:
    net = Network((len(bias),), SOURCE)
    net.then(AddOp(net.value, net.constant(np.array(bias), BIAS)))
    return net


@pytest.mark.parametrize("overflow", Overflow)
@pytest.mark.parametrize("rounding", Rounding)
def test_a_rectifier_is_rounded_first(rounding: Rounding, overflow: Overflow) -> None:
    """Every code of the input, without a constant and with ones of many zeros and of none."""
    for fmt in RESULTS:
        net = biased([0, 16, -3, -31, 5])
        net.then(ReluOp(net.value))
        net.then(QuantizeOp(net.value, RoundAttr(Round(rounding, overflow)), fmt))
        assert_equal(net.module(), rows=300)


def test_a_rectifier_that_wraps_takes_no_comparison() -> None:
    """Its sign is that of the sum of constants."""
    net = biased([5])
    net.then(ReluOp(net.value))
    net.then(QuantizeOp(net.value, RoundAttr(Round(Rounding.HALF_UP, Overflow.WRAP)), RESULTS[0]))
    made = assert_equal(net.module(), rows=300)
    kinds = [type(op) for op in made.rtl.walk() if isinstance(op, comb.AddOp | comb.ICmpOp | comb.MuxOp)]
    assert kinds == [comb.AddOp, comb.MuxOp]


def test_zeros_below_stay_outside_words() -> None:
    """A quantizer to steps of 1 and of 8, two bits each, is a module of four bits, not of seven."""
    each = RoundEach(Rounding.FLOOR, Overflow.WRAP, np.array([0, 3]), np.array([2, 2]), np.array([0, 0]))
    net = Network((2,), FixedFormat(8, 8, False))
    net.then(QuantizeOp(net.value, RoundEachAttr(each), each.hull))
    net.then(DenseOp(net.value, net.constant(np.array([[1], [1]]), FixedFormat(2, 2, True))))
    made = assert_equal(net.module(), rows=300)
    outputs = [op.operands[0].type.width.data for op in made.rtl.walk() if isinstance(op, hw.OutputOp)]
    assert outputs[0] == 4
