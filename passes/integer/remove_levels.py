"""remove-levels: drop thresholds that every value of the proven range, or none, reaches.

Ascending, with x in [low, high] and levels T_1 <= ... <= T_n of a channel:

    T <= low         always reached: counted by `first`, if every channel has one
    T > high         never reached: not compared, if every channel has one

The other levels of a channel that lie outside are clamped to low and high + 1, so that their type is no wider than
that of x. Descending comparisons likewise, with signs turned around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.transforms.dead_code_elimination import dce

from qdialect.analysis.code_range import Range
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.owner import hand_on
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat


def reachable_levels(levels: IntArray, direction: IntArray, low: IntArray, high: IntArray) -> tuple[IntArray, int]:
    """The levels [channels, n] that separate operands in [low, high] per channel, at least one, and how many of the
    removed ones are always reached."""
    sign = direction[:, np.newaxis]
    first, last = (
        end[:, np.newaxis] for end in (np.where(direction > 0, low, -high), np.where(direction > 0, high, -low))
    )
    ascending = np.sort(np.clip(sign * levels, first, last + 1), axis=1)
    n = levels.shape[1]
    always = min(int((ascending <= first).sum(axis=1).min()), n - 1)
    never = min(int((ascending > last).sum(axis=1).min()), n - 1 - always)
    return sign * ascending[:, always : n - never], always


def per_row(end: IntArray, rows: int, lowest: bool) -> IntArray:
    """The end of a range per channel, or of all channels together for a table of one row."""
    channels = end.reshape(-1, end.shape[-1] if rows > 1 else 1)
    return channels.min(axis=0) if lowest else channels.max(axis=0)


def trim(op: ThresholdOp, known: Range) -> None:
    levels = constant_of(op.thresholds)
    direction = np.ones(1, np.int64) if op.direction is None else constant_of(op.direction)
    if levels is None or direction is None:
        return
    rows = len(levels)
    low, high = per_row(known.low, rows, lowest=True), per_row(known.high, rows, lowest=False)
    kept, always = reachable_levels(levels, np.broadcast_to(direction, (rows,)), low, high)
    if kept.shape == levels.shape and (kept == levels).all():
        return
    fmt = FixedFormat.holding(int(kept.min()), int(kept.max()), exact_format_of(op.thresholds.type).lsb)
    table = ConstantOp(kept, fmt, op.thresholds.name_hint)
    hand_on(op, [table])
    Rewriter.insert_op(table, InsertPoint.before(op))
    op.operands[1] = table.result
    op.first = IntegerAttr(op.first.value.data + always, i64)


@dataclass(frozen=True)
class RemoveLevels(ModulePass):
    """Drop thresholds that are always or never reached."""

    name = "remove-levels"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        known = ranges(op)
        for inner in list(network(op).body.block.ops):
            if isinstance(inner, ThresholdOp) and inner.operand in known:
                trim(inner, known[inner.operand])
        dce(op)
