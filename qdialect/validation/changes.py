"""Which samples show that a constant of a network is another one: where an output differs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
from qdialect.simulator.plan import SimulationPlan
from qdialect.validation.step_changes import ChangingStep
from qdialect.validation.weight_changes import ChangingWeights, addends_of

CALL = 1 << 12
"""The work that running a step is, however few its elements."""


class Changes:
    """The changes of a network: of its step functions, and of weights before roundings."""

    def __init__(self, plan: SimulationPlan):
        self.plan = plan
        self.steps: list[ChangingStep | ChangingWeights] = []
        for index, step in enumerate(plan.steps):
            op = step.result.owner
            if isinstance(op, ThresholdOp | QuantizeOp | LookupOp):
                if plan.known[op.operand] is not None and plan.known[op.result] is not None:
                    self.steps.append(found := ChangingStep(plan, index, self.count))
                    if isinstance(op, QuantizeOp) and (addends := addends_of(op, plan)):
                        self.steps.append(ChangingWeights(found, self.count, addends))

    def wanted(self) -> IntArray:
        """How many samples are to show each change."""
        return np.concatenate([np.zeros(0, np.int64), *(np.full(step.count, step.wanted) for step in self.steps)])

    @property
    def count(self) -> int:
        """Of all changes."""
        return self.steps[-1].first + self.steps[-1].count if self.steps else 0

    @property
    def meeting(self) -> int:
        """What it takes to see which changes a sample meets."""
        return sum(step.runs * math.prod(shape_of(step.op.result)) for step in self.steps)

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

    def _differs(
        self, changed: ChangingStep | ChangingWeights, one: Mapping[SSAValue, Array], altered: Array
    ) -> NDArray[np.bool_]:
        """Where an output of one sample is another one with `altered` [n, ...] as the result of a step function."""
        values: dict[SSAValue, Array] = {changed.op.result: altered}
        for step in self.plan.steps[changed.index + 1 :]:
            if any(operand in values for operand in step.operands):
                operands = [values.get(o, self._spread(o, one[o], len(altered))) for o in step.operands]
                if isinstance(op := step.result.owner, LookupOp):
                    operands[0] = _in_table(op, operands[0], one[op.operand])
                values[step.result] = step.run(*operands)
        differs = np.zeros(len(altered), np.bool_)
        for result in self.plan.results:
            if result in values:
                differs |= (values[result] != one[result]).reshape(len(altered), -1).any(axis=1)
        return differs

    def _spread(self, value: SSAValue, array: Array, samples: int) -> Array:
        """A value of one sample for several, constants as they are."""
        return array if value in self.plan.constants else np.broadcast_to(array, (samples, *array.shape[1:]))


def _in_table(op: LookupOp, codes: Array, unchanged: Array) -> Array:
    """Codes of a table. Beyond it a changed network reads what nobody knows: there no change is taken for shown."""
    first, last = op.covered
    return np.where((first <= codes) & (codes <= last), codes, unchanged)


def _work(result: SSAValue) -> int:
    op = result.owner
    products = 0
    if isinstance(op, ContractionOp | PopcountOp):
        products = int(np.prod(shape_of(op.result))) * int(np.prod(shape_of(op.kernel)[:-1]))
    windows = window_elements(op) if isinstance(op, ContractionOp) else 0
    return int(np.prod(shape_of(result))) + windows + products // 8
