"""Changes of weights and biases before a rounding, which mostly hides them.

A sum next to a step is not needed: one that the change takes across a step is enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics.arrays import Array
from qdialect.simulator.contractions import windows
from qdialect.simulator.plan import SimulationPlan
from qdialect.validation.step_changes import NONE, Alteration, ChangingStep

MOST_TAPS = 16
"""Rows of a kernel whose weights are watched; of more, as many all over the kernel."""

Addend = Callable[[Mapping[SSAValue, Array]], Array]
"""What a weight changed by one adds to a sum, for all channels: integers [samples, ..., 1]."""


@dataclass(frozen=True)
class ChangingWeights:
    """Weights of the sums that a step rounds, changed by one. Their changes are numbered from `first`."""

    step: ChangingStep
    first: int
    addends: Sequence[Addend]

    wanted = 1

    @property
    def op(self) -> QuantizeOp:
        """The rounding."""
        assert isinstance(self.step.op, QuantizeOp), "as found"
        return self.step.op

    @property
    def index(self) -> int:
        """Of the rounding in the plan."""
        return self.step.index

    @property
    def runs(self) -> int:
        """How often the rounding is computed to see which changes samples meet."""
        return 2 * len(self.addends)

    @property
    def count(self) -> int:
        """Of changes: each weight one way and the other."""
        return self.runs * self.step.channels

    def alterations(self, values: Mapping[SSAValue, Array]) -> list[Alteration]:
        """What changes make of the result for some samples."""
        operand, result = values[self.op.operand], values[self.op.result]
        (x, _), run = self.step.ends, self.step.plan.steps[self.index].run
        channel = np.arange(self.step.channels)
        found: list[Alteration] = []
        for number, addend in enumerate(self.addends):
            added = addend(values)
            for side in (0, 1):
                codes = run((operand + (1 - 2 * side) * added).clip(x.low, x.high).astype(operand.dtype))
                changes = self.first + (2 * number + side) * self.step.channels + channel
                found.append(Alteration(codes, np.where(codes != result, changes, NONE)))
        return found


def addends_of(op: QuantizeOp, plan: SimulationPlan) -> list[Addend]:
    """The addends of the bias and of some rows of the kernel of the sums that are rounded; none of other values."""
    lsb, value = exact_format_of(op.operand.type).lsb, op.operand
    found: list[Addend] = []
    while isinstance(value.owner, AddOp):
        constants = [v for v in value.owner.operands if isinstance(v.owner, ConstantOp)]
        others = [v for v in value.owner.operands if v not in constants]
        if len(constants) != 1:
            return found
        step = np.array(2.0 ** (exact_format_of(constants[0].type).lsb - lsb))
        found.append(lambda _, step=step: step)
        value = others[0]
    product = value.owner
    if not isinstance(product, DenseOp | Conv2DOp) or any(plan.known[v] is None for v in product.operands):
        return found
    fmt = format_of(product.kernel.type)
    if fmt is None or not isinstance(product.kernel.owner, ConstantOp):
        return found
    scale = 2.0 ** (exact_format_of(product.operand.type).lsb + fmt.lsb - lsb)
    taps = int(np.prod(shape_of(product.kernel)[:-1]))
    chosen = np.unique(np.linspace(0, taps - 1, min(taps, MOST_TAPS)).astype(int)).tolist()
    return [*found, *(tap_of(product, tap, scale) for tap in chosen)]


def tap_of(op: DenseOp | Conv2DOp, tap: int, scale: float) -> Addend:
    """What the weights of a row of the kernel are multiplied by."""
    if isinstance(op, DenseOp):
        return lambda values: values[op.operand][..., tap : tap + 1] * scale
    geometry = values_of(op.strides), values_of(op.dilations)
    rows, columns, channels, _ = shape_of(op.kernel)
    place, channel = divmod(tap, channels)

    def added(values: Mapping[SSAValue, Array]) -> Array:
        x = values[op.operand][..., channel : channel + 1]
        return windows(x, (rows, columns), geometry, np.float64)[..., place : place + 1] * scale

    return added
