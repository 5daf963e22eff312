"""The integers next to thresholds: what a sample must reach for a change of a threshold by one to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.numerics.arrays import Array, IntArray
from qdialect.validation.step_changes import ChangingStep
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
    """Of thresholds whose steps are apart from each other.

    The k-th code follows where the k-th threshold t, in the order in which they are reached, is reached: of ascending
    channels the changes are met at t - 1, whose code would be the next, and at t, whose code would be the one before.
    """
    op = step.op
    if (
        isinstance(step, ChangingWeights)
        or not isinstance(op, ThresholdOp)
        or step.codes == 1
        or op.operand not in known
    ):
        return None
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
    changes, integers = np.stack([up, down]), np.stack([at - signs, at])
    x = known[op.operand].per_channel(shape_of(op.operand)[-1] if len(levels) > 1 else 1)
    reached = (x.low[:, np.newaxis] <= integers) & (integers <= x.high[:, np.newaxis])
    return Targets(step, changes[reached], integers[reached])
