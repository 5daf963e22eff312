"""factor-scales: move common factors out of sums of products, so that the summed values are as few as possible.

    sum_i (s * x_i) * w_i  =  s * sum_i x_i * w_i              activations with a scale: binary(alpha=0.5)
    sum_i x_i * (g * v_i)  =  g * sum_i x_i * v_i              weights of -g, 0, g, whatever their quantizer

Scales also move behind reshapes, padding and pooling, which only move elements. One-bit activations {0, 2**k} are bits
{0, 1} with such a scale. The factor is one shift or product per output; a threshold after it takes it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import QnnOp
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import MulOp, ShiftOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.owner import hand_on, substitute
from qdialect.dialects.qnn.traits import Selects
from qdialect.dialects.qnn.types import (
    PLANES,
    ZERO_ONE,
    BinaryType,
    Po2Type,
    TernaryType,
    format_of,
    tensor,
    tensor_type,
)
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat


def few_values(value: SSAValue) -> bool:
    """Whether products with these values, zero-padded or not, need no multiplier."""
    if isinstance(value.owner, PadOp):
        return few_values(value.owner.operand)
    element = tensor_type(value.type).element_type
    return element in PLANES or isinstance(element, Po2Type)


def scale_of(value: SSAValue) -> ShiftOp | MulOp | None:
    """The operation that scales values of few levels by one number; None if `value` is not the result of one."""
    op = value.owner
    if isinstance(op, ShiftOp) and few_values(op.operand):
        return op
    if isinstance(op, MulOp) and few_values(op.lhs):
        factor = constant_of(op.rhs)
        return op if factor is not None and factor.size == 1 and format_of(op.rhs.type) is not None else None
    return None


def rescaled(scale: ShiftOp | MulOp, value: SSAValue) -> ShiftOp | MulOp:
    """The same scale on another value."""
    return ShiftOp(value, scale.by.value.data) if isinstance(scale, ShiftOp) else MulOp(value, scale.rhs)


def replace_scaled(
    op: QnnOp, rewriter: PatternRewriter, before: list[Operation], unscaled: QnnOp, scaled: QnnOp
) -> None:
    """Replace `op` by the same operation on unscaled values, followed by the scale."""
    (result,) = op.results
    unscaled.results[0].name_hint = f"{result.name_hint}_unscaled"
    substitute(rewriter, op, [*before, unscaled, scaled])


def moves_one(op: Operation | Block) -> TypeGuard[QnnOp]:
    """Whether an operation only moves or selects elements of one operand, and so commutes with positive scales."""
    return isinstance(op, QnnOp) and len(op.operands) == 1 and op.has_trait(Selects)


class ScaleOfBits(RewritePattern):
    """Make activations {0, 2**k} of a contraction shifted bits {0, 1}, before the first operation that moves them.

    Lemma: `scales-move-the-binary-point`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ContractionOp, rewriter: PatternRewriter) -> None:
        user: Operation = op
        while moves_one(move := user.operands[0].owner):
            user = move
        fmt = format_of(user.operands[0].type)
        if not isinstance(fmt, FixedFormat) or (fmt.width, fmt.signed) != (1, False) or fmt.lsb == 0:
            return
        if scale_of(user.operands[0]) is not None:
            return
        bits = ShiftOp(user.operands[0], -fmt.lsb)
        bits.result.name_hint = f"{user.operands[0].name_hint}_is_one"
        values = ShiftOp(bits.result, fmt.lsb)
        hand_on(op, [bits, values])
        rewriter.insert((bits, values), InsertPoint.before(user))
        user.operands[0] = values.result
        rewriter.notify_op_modified(user)


class ScaleAfter(RewritePattern):
    """Move a scale from the operand of a contraction, or of a move, to its result. Lemma: `scales-leave-sums`."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, QnnOp) or not (isinstance(op, ContractionOp) or moves_one(op)):
            return
        scale = scale_of(op.operands[0])
        if scale is None or (isinstance(op, MaxPool2DOp) and not is_positive(scale)):
            return
        unscaled = op.clone({op.operands[0]: scale.operands[0]})
        shape, fmt = unscaled.inferred()
        result = rewriter.replace_value_with_new_type(unscaled.results[0], tensor(shape, fmt))
        replace_scaled(op, rewriter, [], unscaled, rescaled(scale, result))


def is_positive(scale: ShiftOp | MulOp) -> bool:
    factor = None if isinstance(scale, ShiftOp) else constant_of(scale.rhs)
    return factor is None or int(factor.flat[0]) > 0


@dataclass
class KernelOfFewLevels(RewritePattern):
    """Make a fixed-point kernel with the codes -g, 0 and g binary, ternary or {0, 1}, and multiply the sum by g.

    Lemma: `kernels-of-few-levels`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ContractionOp, rewriter: PatternRewriter) -> None:
        fmt, codes = format_of(op.kernel.type), constant_of(op.kernel)
        if codes is None or fmt is None or tensor_type(op.kernel.type).element_type in PLANES or not codes.any():
            return
        g = int(np.abs(codes).max())
        if not np.isin(np.abs(codes), (0, g)).all():
            return
        kernel = ConstantOp(np.sign(codes).astype(np.int64), levels_of(codes), op.kernel.name_hint)
        unscaled = type(op).create(
            operands=[op.operand, kernel.result],
            properties=op.properties,
            result_types=[tensor(op.result_shape(), op.result_format(op.operand, kernel.result, op.fan_in))],
        )
        if g == 1:
            replace_scaled(op, rewriter, [kernel], unscaled, ShiftOp(unscaled.result, fmt.lsb))
            return
        factor = ConstantOp(np.array([g]), FixedFormat.holding(g, g, fmt.lsb), f"{op.kernel.name_hint}_scale")
        replace_scaled(op, rewriter, [kernel, factor], unscaled, MulOp(unscaled.result, factor.result))


def levels_of(codes: IntArray) -> Attribute:
    """The smallest type that holds the signs of `codes`."""
    if codes.all():
        return BinaryType()
    return TernaryType() if (codes < 0).any() else ZERO_ONE


@dataclass(frozen=True)
class FactorScales(ModulePass):
    """Move scales of activations and weights out of sums of products."""

    name = "factor-scales"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([ScaleAfter(), ScaleOfBits(), KernelOfFewLevels()], dce_enabled=True)
        PatternRewriteWalker(patterns).rewrite_module(op)
        network(op).update_function_type()
