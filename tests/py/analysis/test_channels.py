"""Which channels a network needs: dead and constant ones go, others are kept together."""

import numpy as np
from chains import Network
from channel_networks import CODES, DISTINCT, channels_in, codes, dense, kept, thresholds
from modules import module_of

from qdialect.analysis.channels import Channels, channels_of, tied_channels
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import FixedFormat, TernaryFormat
from qdialect.numerics.functions import ElementFunction, FunctionName

WIDE = FixedFormat(9, 9, signed=True)


def test_dead_channels():
    """Those without weights, and those with weights for dead ones alone; arguments stay whole."""
    net = Network((3,), CODES)
    first = dense(net, [[1, 2, 3], [0, 0, 0], [3, 1, -2]])
    second = dense(net, [[1, 0, 2], [0, 3, 0], [1, 1, 1]])
    third = dense(net, [[1, 2], [0, 0], [-1, 1]])
    found = channels_in(net)
    assert kept(found, third) == [0, 1]
    assert kept(found, second) == [0, 2]
    assert kept(found, first) == [0, 2]
    assert kept(found, net.argument) == [0, 1, 2]


def test_dead_inputs_of_a_convolution():
    """Weights of any tap keep a channel."""
    net = Network((2, 3, 2), CODES)
    first = dense(net, DISTINCT)
    kernel = np.zeros((2, 2, 4, 3), np.int64)
    kernel[1, 0, 1, 0], kernel[0, 1, 3, 2] = 1, -1
    net.then(Conv2DOp(first, codes(net, kernel)))
    assert kept(channels_in(net), first) == [1, 3]


def test_constant_channels():
    """One code at every position; zero is one of them. `keep` is without them before sums of products alone."""
    net = Network((2, 2), CODES)
    first = dense(net, [[1, 0, 0, 0], [2, 0, 0, 0]])
    second = net.then(AddOp(first, codes(net, [[1, 3, 2, 0], [1, 3, 1, 0]])))
    dense(net, [[1], [2], [3], [-1]])
    found = channels_in(net)
    assert found.is_constant(first).tolist() == [False, True, True, True]
    assert found.is_constant(second).tolist() == [False, True, False, True]
    assert kept(found, first) == kept(found, second) == [0, 2]


def test_nothing_is_known_of_floats_and_of_float_inputs():
    """The one channel is 0 for all inputs, its float hyperbolic tangent too."""
    net = Network((2,), CODES)
    first = dense(net, [[0], [0]])
    net.then(FunctionOp(first, ElementFunction(FunctionName.TANH)))
    found = channels_in(net)
    assert net.value in found.known
    assert found.is_constant(first).tolist() == [True]
    assert found.is_constant(net.value).tolist() == [False]
    floats = Network((3,), None)
    assert channels_in(floats).is_constant(floats.argument).tolist() == [False] * 3


def test_one_channel_stays_with_all_that_it_needs():
    """The thresholds are out of reach: nothing depends on the first sums, of which one stays with two of its inputs."""
    net = Network((2,), CODES)
    first = dense(net, [[1, 2, 3], [3, 1, -2]])
    second = dense(net, [[1, 2], [0, 1], [3, 0]])
    third = net.then(ThresholdOp(second, codes(net, [[200]], WIDE), None, FixedFormat(2, 2, signed=False)))
    dense(net, [[1], [2]])
    found = channels_in(net)
    assert kept(found, third) == kept(found, second) == [0]
    assert kept(found, first) == [0, 2]


def test_kernels_that_are_computed_need_and_give_all():
    def build(x, y):
        weights = ConstantOp(np.array([[1], [0], [1], [0]]), CODES)
        mixed = DenseOp(x, y)
        filters = ReshapeOp(y, (1, 1, 2, 2))
        depthwise = DepthwiseConv2DOp(mixed.result, filters.result)
        return [weights, mixed, filters, depthwise, DenseOp(depthwise.result, weights.result)]

    module = module_of([tensor((1, 3, 2), CODES), tensor((2, 2), CODES)], build)
    found = Channels(network(module), ranges(module))
    assert all(mask.all() for mask in found.keep.values())
    assert all(same.tolist() == [*range(len(same))] for same in found.same.values())


def test_a_first_state_is_whole():
    """A constant that a contraction takes for its operand."""
    net = Network((2,), CODES)
    state = codes(net, [1, 2, 1])
    net.then(DenseOp(state, codes(net, [[0, 1], [0, 0], [1, 2]])))
    found = channels_in(net)
    assert kept(found, state) == [0, 1, 2]
    assert found.same[state].tolist() == [0, 1, 2]
    assert net.value in found.keep
    assert net.value.owner.kernel not in found.keep


DEAD = [1, 0, 0, 1, 1, 1, 0, 1]
"""Weights for what follows: channels 1 and 2 are dead, and 6."""
WHOLE = [0, 1, 2, 3]
TIED = {
    "relu": (lambda net: ReluOp(net.value), [0, 3], [0, 3]),
    "flat": (lambda net: ReshapeOp(net.value, (8,)), [0, 1, 3], [0, 1, 3, 4, 5, 7]),
    "halves": (lambda net: ReshapeOp(net.value, (4, 2)), [0, 2], [0]),
    "odd": (lambda net: ReshapeOp(net.then(SliceOp(net.value, (0, 0), (2, 3))), (3, 2)), [0, 1, 2], [0, 1]),
    "slice": (lambda net: SliceOp(net.value, (0, 1), (2, 3)), [1], [0]),
    "pair": (lambda net: ConcatOp([net.value, net.value], 1), [0, 1, 3], [0, 1, 3, 4, 5, 7]),
    "with_constant": (lambda net: ConcatOp([net.value, codes(net, [[1], [2]])], 1), WHOLE, [*WHOLE, 4]),
    "rows": (lambda net: ConcatOp([net.value, net.value], 0), [0, 3], [0, 3]),
    "rows_with_constant": (lambda net: ConcatOp([net.value, codes(net, [DEAD[:4]])], 0), [0, 3], [0, 3]),
    "padded": (lambda net: PadOp(net.value, (1, 0), (1, 0)), [0, 3], [0, 3]),
    "padded_before": (lambda net: PadOp(net.value, (0, 1), (0, 0)), WHOLE, [*WHOLE, 4]),
    "padded_after": (lambda net: PadOp(net.value, (0, 0), (0, 1)), WHOLE, [*WHOLE, 4]),
    "kept_in_place": (lambda net: TransposeOp(net.value, (0, 1)), [0, 3], [0, 3]),
    "transposed": (lambda net: TransposeOp(net.value, (1, 0)), WHOLE, [0, 1]),
    "dilated": (lambda net: DilateOp(net.value, (2, 1)), [0, 3], [0, 3]),
    "dilated_channels": (lambda net: DilateOp(net.value, (1, 2)), WHOLE, [*range(7)]),
    "repeated": (lambda net: RepeatOp(net.value, (2, 1)), [0, 3], [0, 3]),
    "repeated_channels": (lambda net: RepeatOp(net.value, (1, 2)), WHOLE, [*range(8)]),
    "with_constants": (lambda net: MulOp(net.value, codes(net, [1, 2, 3, 4])), [0, 3], [0, 3]),
    "broadcast": (lambda net: MulOp(net.value, net.then(SliceOp(net.value, (0, 0), (2, 1)))), WHOLE, WHOLE),
    "ternary": (lambda net: thresholds(net, [[1, 2]]), [0, 3], [0, 3]),
}


def test_channels_kept_together():
    """Of four channels before an operation, and of those after it, where a sum of products with `DEAD` follows."""

    def tied(build):
        net = Network((2, 2), CODES)
        first = dense(net, DISTINCT)
        result = net.then(build(net))
        dense(net, [[weight] for weight in DEAD[: shape_of(result)[-1]]])
        found = channels_in(net)
        return kept(found, first), kept(found, result)

    assert {op: tied(build) for op, (build, *_) in TIED.items()} == {op: (x, y) for op, (_, x, y) in TIED.items()}


def test_windows_keep_their_channels_alone():
    """Of pooling the same channels; a filter of a depthwise convolution keeps its channel, with its other filters."""
    net = Network((2, 3, 2), CODES)
    first = dense(net, DISTINCT)
    net.then(MaxPool2DOp(first, (1, 2), (1, 1)))
    second = net.then(DepthwiseConv2DOp(net.value, codes(net, np.arange(1, 9).reshape(1, 1, 4, 2) - 2)))
    dense(net, [[1], [0], [0], [0], [0], [2], [0], [0]])
    found = channels_in(net)
    assert kept(found, second) == [0, 1, 4, 5]
    assert kept(found, first) == [0, 2]


def test_ties_of_a_reshape_are_lanes():
    net = Network((2, 3), CODES)
    op = ReshapeOp(net.value, (6,))
    net.then(op)
    (x, before), (y, after) = tied_channels(op)
    assert (x, y) == (op.operand, op.result)
    assert (before.tolist(), after.tolist()) == ([0, 1, 2, 0, 1, 2], [0, 1, 2, 3, 4, 5])
    (_, before), (_, after) = tied_channels(ReshapeOp(op.result, (2, 3)))
    assert (before.tolist(), after.tolist()) == ([0, 1, 2, 3, 4, 5], [0, 1, 2, 0, 1, 2])
    assert tied_channels(ReshapeOp(op.operand, (3, 2))) is None
    assert tied_channels(net.module().body.ops.first.body.block.last_op) is None


def test_operations_on_constants_alone_tie_nothing():
    net = Network((2,), CODES)
    assert tied_channels(ReluOp(codes(net, [1, 2]))) is None
    net.then(ReluOp(codes(net, [1, 2])))
    assert kept(channels_in(net), net.value) == [0, 1]


def test_channels_of_a_scalar():
    net = Network((2, 3), TernaryFormat())
    assert channels_of(net.argument) == 3
    assert channels_of(codes(net, 1)) == 1
