"""Channels that are computed alike: which they are, and the sums of the weights for them."""

import numpy as np
from chains import Network
from channel_networks import ALIKE, CODES, channels_in, codes, dense, kept, thresholds

from qdialect.analysis.channels import added_up, first_of_each, slices
from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, ReluOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.numerics.formats import Po2Format
from qdialect.numerics.quantizers import Round
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding


def test_identical_channels_have_one_stand_in():
    net = Network((2,), CODES)
    first = dense(net, ALIKE)
    second = dense(net, [[1, 2], [2, 0], [3, 1], [1, 1]])
    found = channels_in(net)
    assert found.stand_ins(second.owner).tolist() == [0, 1, 2, 1]
    assert kept(found, first) == [0, 1, 2]


def test_weights_of_few_values_stay_apart():
    """Sums of powers of two are none."""
    net = Network((2,), CODES)
    first = dense(net, ALIKE)
    second = dense(net, [[1, 2], [2, 1], [1, 1], [1, 1]], Po2Format(0, 1, signed=True))
    found = channels_in(net)
    assert found.same[first].tolist() == [0, 1, 2, 1]
    assert found.stand_ins(second.owner).tolist() == [0, 1, 2, 3]
    assert kept(found, first) == [0, 1, 2, 3]


def test_channels_alike_by_the_sums_of_their_weights():
    """Of alike inputs only the sum of the weights counts: 2 + 1 = 1 + 2."""
    net = Network((2,), CODES)
    dense(net, ALIKE)
    second = dense(net, [[1, 1, 1], [2, 1, 2], [3, 3, 3], [1, 2, 2]])
    assert channels_in(net).same[second].tolist() == [0, 0, 2]


def each_rounded(net, steps=(0, 0, 0, 0), widths=(3, 3, 3, 3), signs=(1, 1, 1, 1)):
    """Formats of `widths` and so on per channel."""
    formats = (np.array(values, np.int64) for values in (steps, widths, signs))
    each = RoundEach(Rounding.HALF_UP, Overflow.SATURATE, *formats)
    return QuantizeOp(net.value, RoundEachAttr(each), CODES)


SAME = [0, 1, 2, 1]
APART = [0, 1, 2, 3]
COMPUTED = {
    "relu": (lambda net: ReluOp(net.value), SAME),
    "bias": (lambda net: AddOp(net.value, codes(net, [1, 2, 3, 2])), SAME),
    "other_bias": (lambda net: AddOp(net.value, codes(net, [1, 2, 1, 3])), APART),
    "shared_bias": (lambda net: AddOp(net.value, codes(net, [2])), SAME),
    "scalar": (lambda net: AddOp(net.value, codes(net, 2)), SAME),
    "bias_of_positions": (lambda net: AddOp(net.value, codes(net, [[1, 2, 3, 2], [1, 2, 3, 1]])), APART),
    "twice": (lambda net: AddOp(net.value, net.value), SAME),
    "round": (lambda net: QuantizeOp(net.value, RoundAttr(Round()), CODES), SAME),
    "each": (lambda net: each_rounded(net, widths=(1, 2, 3, 2)), SAME),
    "steps": (lambda net: each_rounded(net, steps=(0, 0, 0, 1)), APART),
    "widths": (lambda net: each_rounded(net, widths=(3, 3, 3, 2)), APART),
    "signs": (lambda net: each_rounded(net, signs=(1, 1, 1, 0)), APART),
    "thresholds": (lambda net: thresholds(net, [[0, 1], [1, 2], [1, 2], [1, 2]]), SAME),
    "other_thresholds": (lambda net: thresholds(net, [[0, 1], [1, 2], [1, 2], [1, 3]]), APART),
    "shared_thresholds": (lambda net: thresholds(net, [[0, 1]]), SAME),
    "directions": (lambda net: thresholds(net, [[0, 1]] * 4, [1, 1, -1, -1]), APART),
    "lookup": (lambda net: LookupOp(net.value, codes(net, np.zeros((4, 512), int), CODES), -256), SAME),
    "padded": (lambda net: PadOp(net.value, (1, 0), (0, 0)), SAME),
    "padded_channels": (lambda net: PadOp(net.value, (0, 0), (0, 1)), [0, 1, 2, 3, 4]),
    "slice": (lambda net: SliceOp(net.value, (0, 0), (1, 4)), APART),
    "concat": (lambda net: ConcatOp([net.value, net.value], 0), SAME),
    "concat_of_channels": (lambda net: ConcatOp([net.value, net.value], 1), [*range(8)]),
    "flat": (lambda net: ReshapeOp(net.value, (8,)), [0, 1, 2, 1, 4, 5, 6, 5]),
    "same_channels": (lambda net: ReshapeOp(net.value, (1, 2, 4)), SAME),
    "narrow": (lambda net: ReshapeOp(net.value, (4, 2)), [0, 1]),
    "transposed": (lambda net: TransposeOp(net.value, (1, 0)), [0, 1]),
    "dense": (lambda net: DenseOp(net.value, codes(net, np.ones((4, 2), int))), [0, 0]),
}


def test_channels_computed_alike():
    """The first channel that each is computed as, after an operation on four, the last as the second."""

    def computed(build):
        net = Network((2, 2), CODES)
        dense(net, ALIKE)
        net.then(build(net))
        return channels_in(net).same[net.value].tolist()

    assert {op: computed(build) for op, (build, _) in COMPUTED.items()} == {op: c for op, (_, c) in COMPUTED.items()}


def test_filters_alike():
    """Of a convolution all taps; of a depthwise one those of a channel, of the same source."""
    net = Network((2, 3, 2), CODES)
    kernel = np.arange(1, 13).reshape(2, 3, 2, 1).repeat(3, 3) - 6
    kernel[1, 2, 1, 1] += 1
    net.then(Conv2DOp(net.value, codes(net, kernel)))
    assert channels_in(net).same[net.value].tolist() == [0, 1, 0]
    net = Network((2, 3, 2), CODES)
    dense(net, ALIKE)
    kernel = np.ones((2, 2, 4, 2), np.int64)
    kernel[0, 0, 3, 1], kernel[1, 1, 0, 1] = 2, 3
    net.then(DepthwiseConv2DOp(net.value, codes(net, kernel)))
    # channels 2c and 2c + 1 are of input c, the last input is as the second
    assert channels_in(net).same[net.value].tolist() == [0, 1, 2, 2, 4, 4, 2, 7]


def test_keys_of_constants():
    """Equal for equal codes, also for those beyond 64 bits; numbers that are equal need not be one object."""
    codes = np.array([[1, 2, 1], [3, 4, 3]])
    first, second, third = slices(codes, -1)
    assert first == third != second
    assert len(slices(codes, 0)) == 2
    wide = np.array([[2**70 + int(n) for n in row] for row in codes], object)
    first, second, third = slices(wide, -1)
    assert first == third != second


def test_first_of_each():
    assert first_of_each("abcacb").tolist() == [0, 1, 2, 0, 2, 1]


def test_weights_added_up():
    """At the first of those that are one; the sum of weights of 64 bits is exact. Nothing is copied if all stay."""
    weights = np.array([[1, 2], [3, -4], [5, 6]])
    assert added_up(weights, np.array([0, 1, 0])).tolist() == [[6, 8], [3, -4], [0, 0]]
    assert added_up(weights, np.arange(3)) is weights
    taps = np.stack([weights, -weights])
    assert added_up(taps, np.array([0, 0, 2])).tolist() == [[[4, -2], [0, 0], [5, 6]], [[-4, 2], [0, 0], [-5, -6]]]
    large = np.full((4, 1), 2**61)
    assert added_up(large, np.array([0, 0, 0, 0])).tolist() == [[2**63], [0], [0], [0]]
