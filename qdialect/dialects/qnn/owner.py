"""The owner of an operation: the Keras layer that it computes, and the time step of an unrolled layer.

    %fc1 = qnn.dense %x, %fc1_kernel {qnn.layer = "fc1"} : ...
    %h_step3_sum = qnn.add %a, %b {qnn.layer = "lstm", qnn.step = 3 : i64} : ...

The importer writes both on every operation. What takes the place of an operation belongs to the same owner
(`substitute`, `emitter.py`); sums of products hand on their schedule too. An operation without owner, in IR written by
hand, is a layer of its own, called as its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xdsl.dialects.builtin import IntegerAttr, StringAttr, i64
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.traits import WeightedSums

LAYER, STEP, WEIGHTS = "qnn.layer", "qnn.step", "qnn.weights"
"""Attributes of an operation: the layer's name in Keras, the time step, and of a constant which weights it holds."""

SUM = "qnn.sum"
"""Attribute of a sum of products: its number among those of the imported network, where someone follows it."""

OWNERSHIP = (LAYER, STEP, SUM)
"""The attributes that an operation hands on to those that replace it."""

SCHEDULE = "hls."
"""The prefix of the attributes of `schedule`, which sums of products hand on to those that replace them."""


def own(op: Operation, layer: str, step: int | None = None) -> None:
    """Make a layer of the network, or a time step of it, the owner of an operation."""
    op.attributes[LAYER] = StringAttr(layer)
    if step is not None:
        op.attributes[STEP] = IntegerAttr(step, i64)


def layer_of(op: Operation) -> str:
    """The Keras name of the layer that an operation belongs to."""
    layer = op.attributes.get(LAYER)
    if isinstance(layer, StringAttr):
        return layer.data
    return op.results[0].name_hint or op.name if op.results else op.name


def step_of(op: Operation) -> int | None:
    """The time step of an operation of an unrolled layer; None for all others."""
    step = op.attributes.get(STEP)
    return step.value.data if isinstance(step, IntegerAttr) else None


def weight_name(op: Operation) -> str | None:
    """Which weights of its layer a constant holds, such as 'kernel'; None for constants that passes have made."""
    weights = op.attributes.get(WEIGHTS)
    return weights.data if isinstance(weights, StringAttr) else None


def hand_on(owner: Operation, made: Iterable[Operation]) -> None:
    """Make the owner of `owner` that of the operations that have none; sums of products for others have their schedule,
    but for what they have of their own."""
    summed = owner.has_trait(WeightedSums)
    schedule = {name: value for name, value in owner.attributes.items() if summed and name.startswith(SCHEDULE)}
    for op in made:
        if LAYER not in op.attributes:
            op.attributes.update({name: owner.attributes[name] for name in OWNERSHIP if name in owner.attributes})
        if op.has_trait(WeightedSums):
            op.attributes.update({name: value for name, value in schedule.items() if name not in op.attributes})


def substitute(rewriter: PatternRewriter | type[Rewriter], op: Operation, made: Sequence[Operation]) -> None:
    """Replace `op` by operations: the last one takes its name, all take its owner."""
    made[-1].results[0].name_hint = op.results[0].name_hint
    hand_on(op, made)
    if isinstance(rewriter, PatternRewriter):
        rewriter.replace(op, made)
    else:
        rewriter.replace_op(op, made)
