"""Channels (indices of the last axis) that a network needs.

A channel of an operand of a contraction is not needed there if it is

    dead       its weights are zero, or lead to channels that are not needed themselves
    constant   its proven interval is one code, at every position: weight times code is a constant summand
    identical  computed as another channel is, from the same values by the same weights: the weights add up

Operations that treat every channel on its own tie channels of operand and result together: kept in both or in none.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp, mixes_channels
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.traits import Moves, PerChannel, RowPerChannel
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics import exact
from qdialect.numerics.arrays import IntArray, Mask
from qdialect.numerics.formats import FixedFormat

NOWHERE = -1


class Channels:
    """The analysis of one function: which channels to keep, and why the others may go.

    keep: per value that is no constant, a mask over its channels; at least one is kept.
    """

    def __init__(self, function: FuncOp, known: Mapping[SSAValue, Range]):
        self.known = known
        self.ops = [op for op in function.body.block.ops if not isinstance(op, ConstantOp)]
        values = [*function.args, *(result for op in self.ops for result in op.results)]
        self.keep: dict[SSAValue, Mask] = {v: np.zeros(channels_of(v), bool) for v in values}
        self.same: dict[SSAValue, IntArray] = {v: np.arange(channels_of(v)) for v in values}
        for op in self.ops:
            if isinstance(op, ContractionOp) and isinstance(op.operand.owner, ConstantOp):
                # a recurrent layer's first state
                self.keep[op.operand] = np.ones(channels_of(op.operand), bool)
                self.same[op.operand] = np.arange(channels_of(op.operand))
            for result in op.results:
                self.same[result] = first_of_each(self._computations(op, result))
        for argument in function.args:
            self.keep[argument][:] = True
        self._keep_what_is_needed()
        for mask in self.keep.values():
            mask[0] |= not mask.any()
        self._keep_what_is_needed()

    def is_constant(self, value: SSAValue) -> Mask:
        """Channels that have one code at every position."""
        known = self.known.get(value)
        if known is None or format_of(value.type) is None:
            return np.zeros(channels_of(value), bool)
        hull = known.per_channel(channels_of(value))
        return hull.low == hull.high

    def stand_ins(self, op: ContractionOp) -> IntArray:
        """For each channel of the operand the channel whose weights take up its own, or itself.

        Weights of few values stay apart: their sums would need a multiplier.
        """
        channels = np.arange(channels_of(op.operand))
        return self.same[op.operand] if isinstance(exact_format_of(op.kernel.type), FixedFormat) else channels

    def _needed(self, op: ContractionOp) -> Mask:
        """The channels of the operand of a contraction with constants that its kept results depend on."""
        weights = constant_of(op.kernel)
        assert weights is not None
        used = np.moveaxis(weights, -2, 0)[..., self.keep[op.result]].any(axis=tuple(range(1, weights.ndim)))
        used &= ~self.is_constant(op.operand)
        needed = np.zeros_like(used)
        needed[self.stand_ins(op)[used]] = True
        return needed

    def _keep_what_is_needed(self) -> None:
        """The smallest masks above the present ones that every operation agrees with."""
        before = None
        while before != (now := sum(int(mask.sum()) for mask in self.keep.values())):
            before = now
            for op in reversed(self.ops):
                if mixes_channels(op) and constant_of(op.kernel) is not None:
                    self.keep[op.operand] |= self._needed(op)
                    continue
                ties = None if mixes_channels(op) else tied_channels(op)
                if ties is not None:
                    self._tie(ties)
                    continue
                for value in (*op.operands, *op.results):
                    if value in self.keep:
                        self.keep[value][:] = True

    def _tie(self, ties: Sequence[tuple[SSAValue, IntArray]]) -> None:
        alive = np.any([self.keep[value][channel] & (channel != NOWHERE) for value, channel in ties], axis=0)
        for value, channel in ties:
            self.keep[value][channel[alive & (channel != NOWHERE)]] = True

    def _computations(self, op: Operation, result: SSAValue) -> Iterable[Hashable]:
        """For each channel of the result a key that is equal for channels computed alike."""
        channels = range(channels_of(result))
        match op:
            case DenseOp() | Conv2DOp() if (weights := constant_of(op.kernel)) is not None:
                return slices(added_up(weights, self.same[op.operand]), -1)
            case DepthwiseConv2DOp() if (weights := constant_of(op.kernel)) is not None:
                filters = slices(weights.reshape(*weights.shape[:2], len(channels)), -1)
                sources = np.repeat(self.same[op.operand], weights.shape[3]).tolist()
                return zip(sources, filters, strict=True)
            case ReshapeOp() if channels_of(result) % (n := channels_of(op.operand)) == 0:
                return [(c // n, self.same[op.operand][c % n]) for c in channels]
            case ConcatOp() | ReshapeOp() | SliceOp() if not is_last_axis_alone(op):
                return channels
            case _ if tied_channels(op) is None:
                return channels
            case _:
                pass
        parts = [self._parts(op, operand, channels) for operand in op.operands]
        if isinstance(op, QuantizeOp) and isinstance(op.mode, RoundEachAttr):
            formats = op.mode.data.of_sample(shape_of(result))
            parts.append(slices(np.stack([formats.steps, formats.widths, formats.signs]), -1))
        return zip(*parts, strict=True)

    def _parts(self, op: Operation, operand: SSAValue, channels: Sequence[int]) -> Sequence[Hashable]:
        """What an operand contributes to each channel of the result; a constant without channels is no difference."""
        codes = constant_of(operand)
        if codes is None:
            return self.same[operand].tolist()
        axis = channel_axis(op, operand)
        return [None] * len(channels) if axis is None else slices(codes, axis)


def channels_of(value: SSAValue) -> int:
    """The length of the last axis; 1 for a scalar."""
    return (shape_of(value) or (1,))[-1]


def slices(codes: IntArray, axis: int) -> Sequence[Hashable]:
    """The codes at each index of an axis, as keys that are equal for equal codes."""
    rows = np.ascontiguousarray(np.moveaxis(codes, axis, 0))
    return [tuple(row.flat) for row in rows] if rows.dtype == object else [row.tobytes() for row in rows]


def added_up(weights: IntArray, same: IntArray) -> IntArray:
    """Weights [..., channels, filters] with those of identical channels added up at the first of them."""
    if (same == np.arange(len(same))).all():
        return weights
    rows = exact.holding(np.moveaxis(weights, -2, 0), exact.magnitude(weights) * len(same))
    summed = np.zeros_like(rows)
    np.add.at(summed, same, rows)
    return np.moveaxis(summed, 0, -2)


def first_of_each(keys: Iterable[Hashable]) -> IntArray:
    """For each key the index of the first equal one."""
    first: dict[Hashable, int] = {}
    return np.array([first.setdefault(key, index) for index, key in enumerate(keys)])


def channel_axis(op: Operation, constant: SSAValue) -> int | None:
    """The axis of a constant operand that counts the channels of the result; None if all share it."""
    axis = 0 if op.has_trait(RowPerChannel) else -1
    shape = shape_of(constant)
    return axis if shape and shape[axis] != 1 else None


def tied_channels(op: Operation) -> list[tuple[SSAValue, IntArray]] | None:
    """Operands and results that are no constants, each with its channel per lane (or NOWHERE): the channels of a lane
    are kept together. None if all channels must be kept."""
    operands = [operand for operand in op.operands if not isinstance(operand.owner, ConstantOp)]
    if len(op.results) != 1 or not operands:
        return None
    (result,) = op.results
    n, whole = channels_of(result), np.arange(channels_of(result))
    match op:
        case DepthwiseConv2DOp() if constant_of(op.kernel) is not None:
            return [(op.operand, whole // shape_of(op.kernel)[3]), (result, whole)]
        case ReshapeOp():
            before = channels_of(op.operand)
            lanes = np.arange(max(before, n))
            return None if max(before, n) % min(before, n) else [(op.operand, lanes % before), (result, lanes % n)]
        case ConcatOp() if op.axis.value.data == len(shape_of(result)) - 1:
            constants = len(operands) < len(op.parts)
            return None if constants else [(result, whole), *_consecutive(op.parts, n)]
        case SliceOp():
            offset, size = (place[-1] for place in op.places)
            channel = np.full(channels_of(op.operand), NOWHERE)
            channel[offset : offset + size] = np.arange(size)
            return [(op.operand, np.arange(len(channel))), (result, channel)]
        case _ if not (is_last_axis_alone(op) if op.has_trait(Moves) else op.has_trait(PerChannel)):
            return None
        case _:
            pass
    if any(channels_of(operand) != n for operand in operands):
        return None
    return [(value, whole) for value in (*operands, result)]


def _consecutive(parts: Sequence[SSAValue], lanes: int) -> Iterable[tuple[SSAValue, IntArray]]:
    start = 0
    for part in parts:
        channel = np.full(lanes, NOWHERE)
        channel[start : start + channels_of(part)] = np.arange(channels_of(part))
        start += channels_of(part)
        yield part, channel


def is_last_axis_alone(op: Operation) -> bool:
    """Whether a move leaves every channel where it is."""
    last = len(shape_of(op.results[0])) - 1
    match op:
        case ConcatOp():
            return op.axis.value.data != last
        case TransposeOp():
            return op.places[0][last] == last
        case PadOp() | DilateOp() | RepeatOp():
            return channels_of(op.operand) == channels_of(op.result)
        case _:
            return False
