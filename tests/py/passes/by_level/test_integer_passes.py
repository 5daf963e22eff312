"""Passes of the integer level, in what they promise beyond equal results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from chains import Network

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.owner import layer_of, own
from qdialect.dialects.qnn.remarks import remarks
from qdialect.dialects.qnn.types import format_of
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.passes.integer.pack_layout import flattened_axes
from qdialect.passes.integer.po2_to_shift import span

NIBBLE = FixedFormat(4, 4, signed=False)


def threshold(levels: list[int], first: int) -> Network:
    """Of one channel with the codes 0 to 15."""
    net = Network((1,), NIBBLE)
    net.then(ThresholdOp(net.value, net.constant(np.array([levels]), FixedFormat(5, 5, False)), None, NIBBLE, first))
    net.value.name_hint = "y"
    own(net.value.owner, "act")
    return net


EVERY = np.arange(16)[:, np.newaxis]


@pytest.mark.parametrize(("first", "low"), [(2, 2), (1, 2), (0, 2), (3, 1)])
def test_thresholds_at_equal_distances_that_begin_above_zero_are_a_shift(first: int, low: int) -> None:
    """The first code is the offset's."""
    module = threshold(list(range(low, 16, 2)), first).module()
    lowered = lower(module, ["choose-forms"])
    assert any(isinstance(op, QuantizeOp) for op in network(lowered).body.block.ops)
    assert np.array_equal(simulate(lowered, EVERY), simulate(module, EVERY))


def test_levels_that_are_left_belong_to_the_layer() -> None:
    lowered = lower(threshold([0, 3, 20], 1).module(), ["remove-levels"])
    (op,) = (op for op in network(lowered).body.block.ops if isinstance(op, ThresholdOp))
    assert constant_of(op.thresholds).tolist() == [[3]]
    assert op.first.value.data == 2
    assert layer_of(op.thresholds.owner) == "act"


@pytest.mark.parametrize(
    ("before", "after", "axes"),
    [
        ((2, 3, 4), (2, 12), 1),
        ((2, 3, 4), (24,), 2),
        ((2, 3, 4), (2, 3, 4), 0),
        ((2, 3, 4), (6, 4), 0),
        ((2, 3, 4), (3, 8), 0),
        ((4, 6), (2, 12), 0),
        ((24,), (4, 6), 0),
    ],
    ids=str,
)
def test_axes_that_a_reshape_joins_with_the_last(before, after, axes: int) -> None:
    net = Network(before, BinaryFormat())
    net.then(ReshapeOp(net.value, after))
    assert flattened_axes(net.value.owner) == axes


def test_only_what_joins_the_channels_is_packed_before() -> None:
    """A reshape that tears pixels apart stays before the packing."""
    for after, packed_first in (((24,), True), ((3, 8), False)):
        net = Network((2, 3, 4), FixedFormat(3, 3, signed=True))
        net.then(ThresholdOp(net.value, net.constant(np.zeros((1, 1), int), NIBBLE), None, BinaryFormat()))
        net.then(ReshapeOp(net.value, after))
        net.then(PackOp(net.value))
        lowered = lower(net.module(), ["pack-layout"])
        names = [op.name for op in network(lowered).body.block.ops]
        assert ("qnn.reshape" not in names) == packed_first


def test_the_weights_that_make_a_sum_wide_are_named() -> None:
    """Those among the three smallest exponents, four of them, beside the largest."""
    codes = np.array([[1 << 9, 1 << 4], [1 << 6, -(1 << 5)], [1 << 7, 1 << 4], [1 << 8, -(1 << 9)]])
    kernel = ConstantOp(codes, Po2Format(-4, 5, signed=True), "k")
    found = span(kernel.result, 3)
    assert found == "weights k[0, 1] = 1, k[2, 1] = 1, k[1, 1] = -2 and 1 more beside k[3, 1] = -32"


def test_formats_of_elements_become_as_narrow_as_their_numbers() -> None:
    """Of a quantizer of integers; the type is that of all of them."""
    net = Network((2,), FixedFormat(3, 3, signed=False))
    net.then(AddOp(net.value, net.constant(np.array([0, -7]), FixedFormat(4, 4, signed=True))))
    widths, signs = np.array([9, 9]), np.array([1, 1])
    each = RoundEach(Rounding.FLOOR, Overflow.SATURATE, np.zeros(2, int), widths, signs)
    net.then(QuantizeOp(net.value, RoundEachAttr(each), FixedFormat(9, 9, signed=True)))
    lowered = lower(net.module(), ["size-accumulators"])
    (op,) = (op for op in network(lowered).body.block.ops if isinstance(op, QuantizeOp))
    assert format_of(op.result.type) == FixedFormat(4, 4, signed=True)
    narrowed = op.mode.data
    assert list(zip(narrowed.widths.tolist(), narrowed.signs.tolist(), strict=True)) == [(3, 0), (4, 1)]


def test_each_channel_alone_needs_so_many_bits() -> None:
    """Of all positions: sums up to 15 and 90, and down to -75."""
    net = Network((2, 1), NIBBLE)
    net.then(DenseOp(net.value, net.constant(np.array([[1, 6, -5]]), FixedFormat(4, 4, signed=True))))
    net.value.name_hint = "fc"
    lowered = lower(net.module(), ["size-accumulators{granularity=channel}"])
    assert remarks(network(lowered)) == ["'fc': 8 bits, per channel 4 to 8, 19 in all"]


@pytest.mark.parametrize("int_bits", [2, 4, 6])
def test_sums_that_are_saturated_keep_their_step(int_bits: int, tmp_path: Path) -> None:
    """To so many bits as data needs, whatever the step."""
    net = Network((2,), FixedFormat(4, int_bits, signed=False))
    net.then(DenseOp(net.value, net.constant(np.array([[5], [5]]), FixedFormat(4, 4, signed=False))))
    net.value.name_hint = "fc"
    step = 2.0 ** (int_bits - 4)
    np.save(tmp_path / "data.npy", np.array([[3, 3], [0, 1]]) * step)
    module = net.module()
    options = f'mode=profiled max-width=6 data="{tmp_path / "data.npy"}"'
    lowered = lower(module, [f"size-accumulators{{{options}}}"])
    x = np.array([[3, 3], [15, 15], [6, 6], [7, 6]]) * step
    assert np.array_equal(simulate(lowered, x), np.minimum(simulate(module, x), 63 * step))
