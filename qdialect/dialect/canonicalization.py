"""Canonical forms: integer identities that every pass may rely on having been applied.

A threshold swallows the affine step before it. With direction d and levels T, exactly:
    x*s + c >= T   <=>   x >= ceil((T - c) / s)     for s > 0
and a negative s turns the direction around.
"""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.dialects.func import ReturnOp
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from qdialect.dialect.attributes import DeadZoneAttr, RoundAttr, SignAttr
from qdialect.dialect.base import shape_of
from qdialect.dialect.constant import ConstantOp, constant_of
from qdialect.dialect.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialect.functions import LookupOp
from qdialect.dialect.padding import ReshapeOp
from qdialect.dialect.quantize import QuantizeOp, ThresholdOp
from qdialect.dialect.types import exact_format_of, format_of, tensor, tensor_type
from qdialect.numerics import exact
from qdialect.numerics.exact import IntArray
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding, clamp_bounds


class AddZero(RewritePattern):
    """x + 0 = x, of the same type or where only other operations use the sum: a result keeps its type."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AddOp, rewriter: PatternRewriter) -> None:
        constant = constant_of(op.rhs)
        if constant is None or constant.any() or shape_of(op.lhs) != shape_of(op.result):
            return
        operand, result = format_of(op.lhs.type), format_of(op.result.type)
        returned = any(isinstance(use.operation, ReturnOp) for use in op.result.uses)
        # the bits of binary values and powers of two are no codes: fixed point only
        fixed = isinstance(operand, FixedFormat) and isinstance(result, FixedFormat) and operand.lsb == result.lsb
        if op.lhs.type == op.result.type or (fixed and not returned):
            rewriter.replace(op, [], [op.lhs])


class ShiftOfShift(RewritePattern):
    """(x * 2**a) * 2**b = x * 2**(a + b)"""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ShiftOp, rewriter: PatternRewriter) -> None:
        inner = op.operand.owner
        if isinstance(inner, ShiftOp):
            by = IntegerAttr(inner.by.value.data + op.by.value.data, i64)
            merged = ShiftOp.create(operands=[inner.operand], properties={"by": by}, result_types=[op.result.type])
            merged.result.name_hint = op.result.name_hint
            rewriter.replace(op, merged)


class ReshapeOfReshape(RewritePattern):
    """Only the last shape counts."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReshapeOp, rewriter: PatternRewriter) -> None:
        inner = op.operand.owner
        if isinstance(inner, ReshapeOp):
            merged = ReshapeOp.create(operands=[inner.operand], result_types=[op.result.type])
            merged.result.name_hint = op.result.name_hint
            rewriter.replace(op, merged)


class ElementwiseOfReshape(RewritePattern):
    """f(reshape(x)) = reshape(f(x)) for a function per channel and the same channels: reshapes meet and cancel."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReshapeOp, rewriter: PatternRewriter) -> None:
        users = {use.operation for use in op.result.uses}
        function = users.pop() if len(users) == 1 else None
        if not isinstance(function, PER_CHANNEL) or op.result in function.operands[1:]:
            return
        tables = isinstance(function, LookupOp | ThresholdOp)
        if not tables and any(constant_of(c) is None or len(shape_of(c)) > 1 for c in function.operands[1:]):
            return
        before, after = shape_of(op.operand), shape_of(op.result)
        if before[-1:] != after[-1:]:
            return
        earlier = function.clone({op.result: op.operand})
        result = function.results[0]
        rewriter.replace_value_with_new_type(earlier.results[0], tensor(before, tensor_type(result.type).element_type))
        later = ReshapeOp.create(operands=earlier.results, result_types=[result.type])
        earlier.results[0].name_hint, later.result.name_hint = f"{result.name_hint}_unshaped", result.name_hint
        rewriter.replace(function, [earlier, later])


PER_CHANNEL = (AddOp, LookupOp, MulOp, QuantizeOp, ReluOp, ShiftOp, SubOp, ThresholdOp)


class SignOfAffine(RewritePattern):
    """The sign of a sum, shift or product with constants, or its dead zone, is a comparison, which takes these up."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        fmt, inner = format_of(op.operand.type), op.operand.owner
        if fmt is None or not isinstance(inner, AddOp | MulOp | ShiftOp) or not shape_of(op.operand):
            return
        if any(constant_of(constant) is None for constant in inner.operands[1:]):
            return
        match op.mode:
            case SignAttr():
                levels = [0]
            case DeadZoneAttr(data=zone):
                smallest = zone.smallest_code(fmt.lsb)
                levels = [1 - smallest, smallest]
            case _:
                return
        table = ConstantOp(
            np.array([levels]),
            FixedFormat.holding(min(levels), max(levels), fmt.lsb),
            f"{op.result.name_hint}_thresholds",
        )
        threshold = ThresholdOp(op.operand, table.result, None, exact_format_of(op.result.type))
        threshold.result.name_hint = op.result.name_hint
        rewriter.replace(op, [table, threshold])


class QuantizeOfQuantize(RewritePattern):
    """Two quantizers are one where at most one of them rounds, or both round down, and the second range is narrower.

    With d bits between the steps and the second range, times 2**d, within the first: what the first one clamps lies
    beyond an end of the second either way. Rounding to the nearest twice is not the same as once: 3/8, 1/2, 0 or 1.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        first = op.operand.owner
        if not isinstance(first, QuantizeOp) or not first.result.has_one_use():
            return
        if not isinstance(op.mode, RoundAttr) or not isinstance(first.mode, RoundAttr):
            return
        inner, outer = first.mode.data, op.mode.data
        source, middle, result = (format_of(v.type) for v in (first.operand, first.result, op.result))
        if middle is None or result is None:
            return
        d = result.lsb - middle.lsb
        (low, high), (lowest, highest) = (
            clamp_bounds(f.min_code, f.max_code, mode.overflow) for f, mode in ((result, outer), (middle, inner))
        )
        if d < 0 or low << d < lowest or high << d > highest:
            return
        if d == 0:
            rounding = inner.rounding
        elif (source is not None and source.lsb >= middle.lsb) or inner.rounding == outer.rounding == Rounding.FLOOR:
            rounding = outer.rounding
        else:
            return
        once = QuantizeOp(first.operand, RoundAttr(Round(rounding, outer.overflow)), result)
        once.result.name_hint = op.result.name_hint
        rewriter.replace(op, once)


class ThresholdOfShift(RewritePattern):
    """A power-of-two scale moves into the step of the thresholds."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ThresholdOp, rewriter: PatternRewriter) -> None:
        inner, levels, directions = op.operand.owner, constant_of(op.thresholds), _directions(op)
        if not isinstance(inner, ShiftOp) or levels is None or directions is None:
            return
        _replace(op, rewriter, inner.operand, levels, directions)


class ThresholdOfAdd(RewritePattern):
    """A constant summand per channel is subtracted from the thresholds."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ThresholdOp, rewriter: PatternRewriter) -> None:
        inner, levels, directions = op.operand.owner, constant_of(op.thresholds), _directions(op)
        if not isinstance(inner, AddOp) or levels is None or directions is None:
            return
        summand = _per_channel(inner.rhs, inner.lhs)
        if summand is None:
            return
        x_lsb, c_lsb = exact_format_of(inner.lhs.type).lsb, exact_format_of(inner.rhs.type).lsb
        fine = min(x_lsb, c_lsb)
        levels, summand, _ = exact.align(levels, fine, summand, c_lsb)
        numerators = exact.add(levels, -summand[:, np.newaxis])
        scale = np.array([1 << (x_lsb - fine)], object)
        _replace(op, rewriter, inner.lhs, *_divide(numerators, scale, directions))


class ThresholdOfMul(RewritePattern):
    """A constant non-zero factor per channel is divided out of the thresholds."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ThresholdOp, rewriter: PatternRewriter) -> None:
        inner, levels, directions = op.operand.owner, constant_of(op.thresholds), _directions(op)
        if not isinstance(inner, MulOp) or levels is None or directions is None:
            return
        factor = _per_channel(inner.rhs, inner.lhs)
        if factor is None or not factor.all():
            return
        _replace(op, rewriter, inner.lhs, *_divide(levels, factor, directions))


def _per_channel(constant: SSAValue, other: SSAValue) -> IntArray | None:
    """A quantized constant's codes as one per channel of the last axis; None if it is not of that form."""
    codes, fmt = constant_of(constant), format_of(constant.type)
    if codes is None or fmt is None or format_of(other.type) is None:
        return None
    channels = shape_of(other)[-1]
    if codes.size != 1 and not codes.size == codes.shape[-1] == channels:
        return None
    return codes.reshape(-1)


def _directions(op: ThresholdOp) -> IntArray | None:
    """+1 or -1 per channel (or one for all); None if they are no constants."""
    if op.direction is None:
        return np.ones(shape_of(op.thresholds)[0], np.int64)
    return constant_of(op.direction)


def _divide(levels: IntArray, factor: IntArray, directions: IntArray) -> tuple[IntArray, IntArray]:
    """Thresholds [channels, levels] for x from those for `factor * x`, and the new directions.

    Ascending comparisons round up, descending ones down: the next integer that satisfies them.
    """
    directions = np.broadcast_to(directions, np.broadcast_shapes(directions.shape, factor.shape))
    turned = np.where(factor > 0, directions, -directions).astype(np.int64)
    divisor = np.abs(factor)[:, np.newaxis]
    signed = np.where(factor > 0, 1, -1)[:, np.newaxis] * levels
    down, up = signed // divisor, -(-signed // divisor)
    quotient = np.where(turned[:, np.newaxis] > 0, up, down)
    return exact.holding(quotient, exact.magnitude(quotient)), turned


def _replace(
    op: ThresholdOp, rewriter: PatternRewriter, operand: SSAValue, levels: IntArray, directions: IntArray
) -> None:
    """The same step function of another operand, thresholds in that operand's step."""
    lsb = exact_format_of(operand.type).lsb
    rows = max(len(levels), len(directions))
    levels = np.broadcast_to(levels, (rows, levels.shape[1]))
    fmt = FixedFormat.holding(int(levels.min()), int(levels.max()), lsb)
    name = op.result.name_hint
    thresholds = ConstantOp(levels, fmt, op.thresholds.name_hint)
    direction = None
    if (directions < 0).any():
        direction = ConstantOp(np.broadcast_to(directions, (rows,)), BinaryFormat(), f"{name}_direction")
    replacement = ThresholdOp(
        operand,
        thresholds.result,
        direction and direction.result,
        exact_format_of(op.result.type),
        op.first.value.data,
        form=op.form.data,
    )
    if op.uncertified is not None:
        replacement.properties["uncertified"] = op.uncertified
    replacement.result.name_hint = name
    constants = [thresholds] if direction is None else [thresholds, direction]
    rewriter.replace(op, [*constants, replacement])
