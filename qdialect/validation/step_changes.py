"""Which samples show that a constant before or in a step function is another one.

A constant changed by one moves an integer next to a step by one. So the changes here are of integers: in a channel,
every integer directly below or above the same step takes the code beyond it; of a table, one entry is another one.
For a threshold and an entry that is what the constant changed by one does, and for weights and biases what they do to
the sums next to a step. A sample shows a change where an output differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.packed import PopcountOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.interpreter.blocks import window_elements
from qdialect.numerics.arrays import Array, IntArray
from qdialect.simulator.codes import Codes
from qdialect.simulator.plan import SimulationPlan

MOST_CODES = 1 << 13
"""Codes of a step function whose steps are apart from each other; of more, all steps of a channel are one."""

ROUNDINGS = 4
"""Samples for each channel and side of a rounding: it has no constants, but weights before it."""

CALL = 1 << 12
"""The work that running a step is, however few its elements."""

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

    @property
    def count(self) -> int:
        """Of changes."""
        return self.channels * self.codes * 2

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
        operand, result = values[op.operand], values[op.result]
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
        return found


class Changes:
    """The changes of a network: those of its step functions."""

    def __init__(self, plan: SimulationPlan):
        self.plan = plan
        self.steps: list[ChangingStep] = []
        for index, step in enumerate(plan.steps):
            op = step.result.owner
            if isinstance(op, ThresholdOp | QuantizeOp | LookupOp):
                if plan.known[op.operand] is not None and plan.known[op.result] is not None:
                    self.steps.append(ChangingStep(plan, index, self.count))

    def wanted(self) -> IntArray:
        """How many samples are to show each change: weights before a rounding need several."""
        counts = [(ROUNDINGS if isinstance(step.op, QuantizeOp) else 1, step.count) for step in self.steps]
        return np.concatenate([np.zeros(0, np.int64), *(np.full(count, n) for n, count in counts)])

    @property
    def count(self) -> int:
        """Of all changes."""
        return self.steps[-1].first + self.steps[-1].count if self.steps else 0

    @cached_property
    def work(self) -> NDArray[np.int64]:
        """[steps + 1]: what the steps of the plan cost from each on, per sample: elements that are written or gathered,
        and an eighth of the products."""
        costs = [_work(step.result) for step in self.plan.steps]
        return np.cumsum([0, *costs[::-1]])[::-1]

    def values(self, inputs: Sequence[Array]) -> dict[SSAValue, Array]:
        """Every value for some samples."""
        given = zip(self.plan.function.args, self.plan.arguments, inputs, strict=True)
        values = {**self.plan.constants, **{parameter: made.run(x) for parameter, made, x in given}}
        for step in self.plan.steps:
            value = step.run(*[values[operand] for operand in step.operands])
            values[step.result] = np.broadcast_to(value, (len(inputs[0]), *value.shape[1:]))
        return values

    def met(self, values: Mapping[SSAValue, Array], samples: int) -> NDArray[np.bool_]:
        """[changes, samples]: which changes alter a step function's result for which samples."""
        met = np.zeros((self.count + 1, samples), np.bool_)  # the last row is that of NONE
        columns = np.arange(samples)[:, np.newaxis]
        for step in self.steps:
            for alteration in step.alterations(values):
                met[alteration.changes.reshape(samples, -1), columns] = True
        return met[:-1]

    def work_of(self, changes: IntArray) -> int:
        """What it takes to see whether a sample shows some changes."""
        firsts = [step.first for step in self.steps]
        steps = np.searchsorted(firsts, changes, side="right") - 1
        indices = np.array([step.index for step in self.steps])[steps]
        calls = (len(self.plan.steps) - np.unique(indices)).sum()
        return int(self.work[indices].sum() + CALL * calls)

    def shown(self, values: Mapping[SSAValue, Array], row: int, changes: IntArray) -> NDArray[np.bool_]:
        """Which of some changes alter an output for one of the samples."""
        one = {value: array if array.shape[0] == 1 else array[row : row + 1] for value, array in values.items()}
        shown = np.zeros(len(changes), np.bool_)
        for step in self.steps:
            of_step = np.flatnonzero((step.first <= changes) & (changes < step.first + step.count))
            if of_step.size:
                altered = one[step.op.result].repeat(len(of_step), axis=0)
                for alteration in step.alterations(one):
                    here = alteration.changes == changes[of_step].reshape(-1, *[1] * (altered.ndim - 1))
                    altered = np.where(here, alteration.codes, altered)
                shown[of_step] = self._differs(step, one, altered)
        return shown

    def _differs(self, changed: ChangingStep, one: Mapping[SSAValue, Array], altered: Array) -> NDArray[np.bool_]:
        """Where an output of one sample is another one with `altered` [n, ...] as the result of a step function."""
        values: dict[SSAValue, Array] = {changed.op.result: altered}
        for step in self.plan.steps[changed.index + 1 :]:
            if any(operand in values for operand in step.operands):
                operands = [values.get(o, self._spread(o, one[o], len(altered))) for o in step.operands]
                values[step.result] = step.run(*operands)
        differs = np.zeros(len(altered), np.bool_)
        for result in self.plan.results:
            if result in values:
                differs |= (values[result] != one[result]).reshape(len(altered), -1).any(axis=1)
        return differs

    def _spread(self, value: SSAValue, array: Array, samples: int) -> Array:
        """A value of one sample for several, constants as they are."""
        return array if value in self.plan.constants else np.broadcast_to(array, (samples, *array.shape[1:]))


def _work(result: SSAValue) -> int:
    op = result.owner
    products = 0
    if isinstance(op, ContractionOp | PopcountOp):
        products = int(np.prod(shape_of(op.result))) * int(np.prod(shape_of(op.kernel)[:-1]))
    windows = window_elements(op) if isinstance(op, ContractionOp) else 0
    return int(np.prod(shape_of(result))) + windows + products // 8
