"""Which samples show that a constant before or in a step function is another one.

A constant changed by one moves an integer next to a step by one. So the changes here are of integers: in a channel,
every integer directly below or above the same step takes the code beyond it; of a table, one entry is another one.
For a threshold and an entry that is what the constant changed by one does, and for weights and biases what they do to
the sums next to a step. The ends of a rounding that saturates are constants as well: changed by one, they let the code
directly beyond them pass, which wraps around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.rounding import Overflow, clamp_bounds, fitted, round_codes
from qdialect.simulator.codes import Codes
from qdialect.simulator.plan import SimulationPlan

MOST_CODES = 1 << 13
"""Codes of a step function whose steps are apart from each other; of more, all steps of a channel are one."""

ROUNDINGS = 4
"""Samples for each channel and side of a rounding: it has no constants, but weights before it."""

NONE = -1
"""No change: an integer that is not next to a step."""


@dataclass(frozen=True)
class Alteration:
    """Codes [samples, ..., channels] of the result of a step function after changes, and the number of each."""

    codes: Array
    changes: IntArray


@dataclass(frozen=True)
class ChangingStep:
    """A step of a plan whose result changes where its operand does by one. Its changes are numbered from `first`."""

    plan: SimulationPlan
    index: int
    first: int

    @cached_property
    def op(self) -> ThresholdOp | QuantizeOp | LookupOp:
        """The operation."""
        owner = self.plan.steps[self.index].result.owner
        assert isinstance(owner, ThresholdOp | QuantizeOp | LookupOp), "as found"
        return owner

    @cached_property
    def ends(self) -> tuple[Codes, Codes]:
        """What is known of operand and result."""
        x, y = self.plan.known[self.op.operand], self.plan.known[self.op.result]
        assert x is not None, "as found"
        assert y is not None, "as found"
        return x, y

    @cached_property
    def channels(self) -> int:
        """Of the constants: one where all channels share them."""
        match self.op:
            case ThresholdOp() as op:
                return shape_of(op.thresholds)[0]
            case LookupOp() as op:
                return shape_of(op.table)[0]
            case op:
                return shape_of(op.result)[-1] if shape_of(op.result) else 1

    @cached_property
    def codes(self) -> int:
        """Steps of a channel that are apart from each other."""
        if isinstance(self.op, LookupOp):
            return shape_of(self.op.table)[1]
        _, y = self.ends
        return y.high - y.low + 1 if isinstance(self.op, ThresholdOp) and y.high - y.low < MOST_CODES else 1

    @cached_property
    def beyond(self) -> list[tuple[range, int]]:
        """The integers that a rounding takes to the code directly beyond an end, and that code without saturation."""
        return beyond_ends(self.op) if isinstance(self.op, QuantizeOp) else []

    @property
    def count(self) -> int:
        """Of changes."""
        return self.channels * self.codes * 2 + len(self.beyond)

    @property
    def wanted(self) -> int:
        """How many samples are to show each change: weights before a rounding need several."""
        return ROUNDINGS if isinstance(self.op, QuantizeOp) else 1

    @property
    def runs(self) -> int:
        """How often the step function is computed to see which changes samples meet."""
        return 2

    def change(self, channel: IntArray, code: IntArray, side: IntArray) -> IntArray:
        """The number of the change of integers with a code whose neighbour above (side 0) or below has another one."""
        place = channel * self.codes + (code - self.ends[1].low if self.codes > 1 else 0)
        return self.first + 2 * place + side

    def channel_of(self, changes: IntArray) -> IntArray:
        """The channel of each of some changes."""
        return (changes - self.first) // (2 * self.codes)

    def alterations(self, values: Mapping[SSAValue, Array]) -> list[Alteration]:
        """What changes make of the result for some samples."""
        op, (x, y) = self.op, self.ends
        result = values[op.result]
        operand = np.broadcast_to(values[op.operand], result.shape)  # constants have one sample
        channel = np.arange(result.shape[-1]) if self.channels > 1 else np.zeros(1, np.int64)
        if isinstance(op, LookupOp):
            entry = channel * self.codes + operand.astype(np.int64) - op.first.value.data
            return [Alteration(np.where(result < y.high, result + 1, result - 1), self.first + entry)]
        run, constants = self.plan.steps[self.index].run, [self.plan.constants[c] for c in op.operands[1:]]
        found: list[Alteration] = []
        for side in (0, 1):
            codes = run((operand + (1 - 2 * side)).clip(x.low, x.high), *constants)
            changes = self.change(channel, result.astype(np.int64), np.array(side))
            found.append(Alteration(codes, np.where(codes != result, changes, NONE)))
        for number, (integers, code) in enumerate(self.beyond, self.first + self.channels * self.codes * 2):
            passes = (integers.start <= operand) & (operand < integers.stop)
            found.append(Alteration(np.where(passes, code, result), np.where(passes, number, NONE)))
        return found


def beyond_ends(op: QuantizeOp) -> list[tuple[range, int]]:
    """Of both ends of a rounding that saturates, the integers whose code lies directly beyond, and what it wraps to."""
    mode, fmt = op.mode, exact_format_of(op.result.type)
    if not isinstance(mode, RoundAttr) or mode.data.overflow is Overflow.WRAP:
        return []
    low, high = clamp_bounds(fmt.min_code, fmt.max_code, mode.data.overflow)
    wrapped = fitted(np.array([low - 1, high + 1], object), fmt.min_code, fmt.max_code, Overflow.WRAP).tolist()
    return [
        (range(least_rounded_to(op, code), least_rounded_to(op, code + 1)), word)
        for code, word in zip((low - 1, high + 1), wrapped, strict=True)
    ]


def least_rounded_to(op: QuantizeOp, code: int) -> int:
    """The least integer that a rounding takes to a code, or beyond it, without its ends."""
    assert isinstance(op.mode, RoundAttr), "a rounding"
    shift = exact_format_of(op.result.type).lsb - exact_format_of(op.operand.type).lsb
    low, high = ((code + side << shift) if shift > 0 else (code + side) >> -shift for side in (-2, 2))
    while low < high:
        middle = (low + high) // 2
        reached = int(round_codes(np.array(middle, object), shift, op.mode.data.rounding)) >= code
        low, high = (low, middle) if reached else (middle + 1, high)
    return low
