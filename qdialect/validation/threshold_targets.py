"""The integers next to thresholds: what a sample must reach for a change of a threshold by one to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.numerics.arrays import Array, IntArray
from qdialect.validation.step_changes import ChangingStep, least_rounded_to
from qdialect.validation.weight_changes import ChangingWeights


@dataclass(frozen=True)
class Targets:
    """Changes of thresholds, and the integer at which each is met, within the range of its channel."""

    step: ChangingStep
    changes: IntArray
    integers: IntArray

    def columns(self, values: Mapping[SSAValue, Array]) -> Array:
        """[samples, positions, channels]: the integers that are compared with thresholds."""
        operand = values[self.step.op.operand]
        return operand.reshape(len(operand), -1, operand.shape[-1] if self.step.channels > 1 else 1)

    def nearest(self, values: Mapping[SSAValue, Array], wanted: NDArray[np.bool_]) -> IntArray:
        """For each of the wanted changes, the sample that comes nearest to its integer."""
        columns = self.columns(values)
        samples = np.repeat(np.arange(len(columns)), columns.shape[1])
        left = wanted[self.changes]
        integers, channels = self.integers[left], self.step.channel_of(self.changes[left])
        found = np.zeros(len(integers), np.int64)
        for channel in np.unique(channels):
            here = channels == channel
            order = np.argsort(columns[:, :, channel], axis=None, kind="stable")
            ordered, targets = columns[:, :, channel].reshape(-1)[order], integers[here]
            right = np.searchsorted(ordered, targets).clip(max=len(ordered) - 1)
            below = (right - 1).clip(min=0)
            nearer = np.abs(ordered[below] - targets) < np.abs(ordered[right] - targets)
            found[here] = samples[order[np.where(nearer, below, right)]]
        return found


def targets_of(step: ChangingStep | ChangingWeights, known: Mapping[SSAValue, Range]) -> Targets | None:
    """Of thresholds whose steps are apart from each other, and of the first step of a rounding."""
    op = step.op
    if isinstance(step, ChangingWeights) or op.operand not in known:
        return None
    if isinstance(op, ThresholdOp) and step.codes > 1:
        return threshold_targets(step, op, known[op.operand])
    return rounding_targets(step, op, known[op.operand]) if isinstance(op, QuantizeOp) else None


def rounding_targets(step: ChangingStep, op: QuantizeOp, x: Range) -> Targets | None:
    """Where each channel leaves its lowest code: what one that never does hides, no sample shows."""
    if not isinstance(op.mode, RoundAttr):
        return None
    first = least_rounded_to(op, step.ends[1].low + 1)
    rows = np.arange(step.channels)
    changes = np.stack([step.change(rows, rows, np.array(side)) for side in (0, 1)])
    return within(step, changes, np.stack([np.full(step.channels, first - 1), np.full(step.channels, first)]), x)


def threshold_targets(step: ChangingStep, op: ThresholdOp, x: Range) -> Targets | None:
    """Of thresholds whose steps are apart from each other.

    The k-th code follows where the k-th threshold t, in the order in which they are reached, is reached: of ascending
    channels the changes are met at t - 1, whose code would be the next, and at t, whose code would be the one before.
    """
    levels = constant_of(op.thresholds)
    signs = np.ones(1, np.int64) if op.direction is None else constant_of(op.direction)
    if levels is None or signs is None or not levels.size:
        return None
    signs, first = np.broadcast_to(signs, len(levels))[:, np.newaxis], op.first.value.data
    at = np.sort(levels * signs, axis=1) * signs
    codes = np.array(exact_format_of(op.result.type).codes()[first : first + levels.shape[1] + 1])
    rows = np.arange(len(levels))[:, np.newaxis]
    up = step.change(rows, codes[:-1], (signs < 0).astype(np.int64))
    down = step.change(rows, codes[1:], (signs > 0).astype(np.int64))
    return within(step, np.stack([up, down]), np.stack([at - signs, at]), x)


def within(step: ChangingStep, changes: IntArray, integers: IntArray, x: Range) -> Targets:
    """The targets that the ranges of their channels reach; [sides, channels, ...]."""
    ends = x.per_channel(shape_of(step.op.operand)[-1] if step.channels > 1 else 1)
    low, high = (end.reshape(-1, *[1] * (integers.ndim - 2)) for end in (ends.low, ends.high))
    reached = (low <= integers) & (integers <= high)
    return Targets(step, changes[reached], integers[reached])
