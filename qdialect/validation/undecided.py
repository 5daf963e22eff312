"""Where an enclosure decides nothing: it is wider than the step of the quantizer that reads the value, and codes lie in
it that are no neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import ReluOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.traits import Selects
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.numerics.arrays import Array, Float64Array, Mask
from qdialect.numerics.quantizers import NearestPo2
from qdialect.validation.enclosure_rules import Enclosure

OUTPUT_BITS = 16
"""Of the quantizer that judges outputs which have none: hardware seldom has wider ones."""


@dataclass(frozen=True)
class Undecided:
    """How many values of a layer have an enclosure that is wider than the step of the next quantizer, of all that were
    computed; the widest in steps."""

    values: int
    total: int
    steps: float

    @staticmethod
    def of(wide: Mask, steps: Float64Array) -> Undecided:
        return Undecided(int(wide.sum()), wide.size, float(np.max(steps, initial=0, where=wide)))

    @staticmethod
    def joined(parts: Iterable[Undecided]) -> Undecided:
        values, totals, steps = zip(*((part.values, part.total, part.steps) for part in parts), strict=True)
        return Undecided(sum(values), sum(totals), max(steps))

    def __str__(self) -> str:
        steps = f"up to {self.steps:.2g} steps of the next quantizer"
        return f"undecided in {self.values} of {self.total} values: Keras' float32 may be anywhere within {steps}"


def keeps_distances(op: Operation) -> bool:
    """Whether results are as far apart as operands, at most, and nothing is rounded."""
    return op.has_trait(Selects) or isinstance(op, ReluOp | MaximumOp | MinimumOp)


def rounding_layer(value: SSAValue) -> str | None:
    """The layer that computes what a quantizer reads, before moves, maxima and relu; None for an input."""
    while isinstance(value.owner, Operation) and keeps_distances(value.owner) and len(value.owner.operands) == 1:
        value = value.owner.operands[0]
    return layer_of(value.owner) if isinstance(value.owner, Operation) else None


def at_quantizer(op: QuantizeOp, x: Enclosure, q: Enclosure) -> Undecided:
    """Of the operand x of a quantizer that makes q of it. Both ends of an enclosure may saturate to one code."""
    step = np.full(q.low.shape, np.ldexp(1.0, exact_format_of(op.result.type).lsb))
    if isinstance(op.mode.data, NearestPo2):
        step = np.maximum(step, np.maximum(np.abs(q.low), np.abs(q.high)) / 2)
    steps = np.broadcast_to(x.width, step.shape) / step
    return Undecided.of((q.low != q.high) & (steps > 1), steps)


def output_step(outputs: Array, own: float) -> float:
    """The step that enclosures of outputs are judged by: that of their type, or of OUTPUT_BITS over their range."""
    return max(own, float(np.ldexp(np.max(np.abs(outputs), initial=0), 1 - OUTPUT_BITS)))
