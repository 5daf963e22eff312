"""pack-layout: values of {-1, 0, +1} stay packed between the layers that count them.

Packing commutes with what only moves or compares whole values:

    pack(flatten(x))   =  flatten(pack(x))       vectors joined to one vector
    pack(concat(x, y)) =  concat(pack(x), pack(y))
    pack(max_pool(x))  =  max_pool(pack(x))      OR and AND of words

so that packing moves up to the operation that computes the values, once for all that read them, and the words are
written where the values arise. The packed axis is the last one: the channels of a pixel, or the units of a dense layer;
words have up to 64 bits. Padding never moves: windows that count bits leave the positions outside out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp, PackedFlattenOp, PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.owner import hand_on, substitute
from qdialect.dialects.qnn.types import PLANES, tensor_type


def is_computed(value: SSAValue) -> bool:
    """Whether the network computes the values, several of them on the last axis."""
    return isinstance(value.owner, Operation) and shape_of(value)[-1] > 1


def flattened_axes(op: ReshapeOp) -> int:
    """How many axes before the last one `op` joins with it, leaving the others as they are; 0 if it is not that."""
    before, after = shape_of(op.operand), shape_of(op.result)
    kept = len(after) - 1
    joins = kept < len(before) - 1 and before[:kept] == after[:-1] and math.prod(before[kept:]) == after[-1]
    return len(before) - 1 - kept if joins else 0


class PackBeforeMove(RewritePattern):
    """Pack what a move reads instead of what it gives. Lemma: `packed-moves`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: PackOp, rewriter: PatternRewriter) -> None:
        move = op.operand.owner
        if not isinstance(move, Operation) or not all(map(is_computed, move.operands)):
            return
        packs = [PackOp(x) for x in move.operands if tensor_type(x.type).element_type in PLANES]
        moved = moved_packed(move, [pack.result for pack in packs]) if len(packs) == len(move.operands) else None
        if moved is not None:
            op.result.name_hint = f"{move.results[0].name_hint}_bits"
            hand_on(move, [moved])
            substitute(rewriter, op, [*packs, moved])


def moved_packed(move: Operation, packed: list[SSAValue]) -> Operation | None:
    """The same move of packed operands; None if there is none."""
    match move:
        case MaxPool2DOp():
            return PackedMaxPool2DOp(packed[0], *move.geometry())
        case ReshapeOp() if axes := flattened_axes(move):
            return PackedFlattenOp(packed[0], axes)
        case ConcatOp() if move.axis.value.data == len(shape_of(move.result)) - 1 and same_element(move):
            return PackedConcatOp(packed)
        case _:
            return None


def same_element(op: ConcatOp) -> bool:
    return len({tensor_type(value.type).element_type for value in (*op.parts, op.result)}) == 1


def pack_where_computed(op: ModuleOp) -> None:
    """One packing of each value, right after the operation that gives it."""
    first: dict[SSAValue, PackOp] = {}
    for pack in [inner for inner in network(op).body.block.ops if isinstance(inner, PackOp)]:
        kept = first.setdefault(pack.operand, pack)
        pack.result.name_hint = f"{pack.operand.name_hint}_bits"
        if kept is not pack:
            pack.result.replace_all_uses_with(kept.result)
            pack.detach()
            pack.erase()
        elif isinstance(source := pack.operand.owner, Operation) and source.next_op is not pack:
            pack.detach()
            network(op).body.block.insert_op_after(pack, source)


@dataclass(frozen=True)
class PackLayout(ModulePass):
    """Pack binary and ternary values where they are computed; flatten, concatenate and pool them packed."""

    name = "pack-layout"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([PackBeforeMove()], dce_enabled=True)
        PatternRewriteWalker(patterns).rewrite_module(op)
        pack_where_computed(op)
