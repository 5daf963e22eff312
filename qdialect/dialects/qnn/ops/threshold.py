"""Step functions: codes that count how many thresholds a value has reached.

A threshold absorbs the affine step before it. With direction d and levels T, exactly:
    x*s + c >= T   <=>   x >= ceil((T - c) / s)     for s > 0
and a negative s turns the direction around.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import (
    I64,
    DenseArrayBase,
    IntegerAttr,
    TensorType,
    i64,
)
from xdsl.interfaces import HasCanonicalizationPatternsInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import (
    Form,
    FormAttr,
)
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ShiftOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.traits import Elementwise, RowPerChannel
from qdialect.dialects.qnn.types import (
    BinaryType,
    exact_format_of,
    format_of,
    tensor,
    tensor_type,
)
from qdialect.numerics import exact
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format


@irdl_op_definition
class ThresholdOp(QnnOp, HasCanonicalizationPatternsInterface):
    """A monotone step function on integers, per channel: the number of thresholds that the operand reaches.

    result = the (`first` + count)-th code of the result type in ascending order, where
    count = #{k : direction * operand >= direction * thresholds[channel, k]}.
    `thresholds` is [channels, levels] in the operand's step (channels = 1 is shared), `direction` [channels] is
    {-1, +1}; without it all channels ascend. `form` says how hardware counts. `uncertified` lists the channels of
    thresholds for which TensorFlow's own float32 formulas disagree, once per threshold.
    """

    name = "qnn.threshold"
    operand = operand_def(TensorType)
    thresholds = operand_def(TensorType)
    direction = opt_operand_def(TensorType)
    first = prop_def(IntegerAttr[I64])
    uncertified = opt_prop_def(DenseArrayBase.constr(i64))
    form = prop_def(FormAttr)
    result = result_def(TensorType)
    traits = traits_def(Pure(), Elementwise(), RowPerChannel())

    def __init__(
        self,
        operand: SSAValue,
        thresholds: SSAValue,
        direction: SSAValue | None,
        fmt: Format,
        first: int = 0,
        uncertified: Sequence[int] = (),
        form: Form = Form.COMPARE,
    ):
        super().__init__(
            operands=[operand, thresholds, [] if direction is None else [direction]],
            properties={
                "first": IntegerAttr(first, i64),
                "uncertified": DenseArrayBase.from_list(i64, list(uncertified)) if uncertified else None,
                "form": FormAttr(form),
            },
            result_types=[tensor(shape_of(operand), fmt)],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"form": FormAttr(Form.COMPARE)}

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), format_of(self.result.type)

    def verify_(self) -> None:
        operand, table = format_of(self.operand.type), format_of(self.thresholds.type)
        if operand is None or table is None or operand.lsb != table.lsb:
            raise VerifyException("operand and thresholds must be quantized with the same step")
        if not shape_of(self.operand):
            raise VerifyException(f"expected an operand with a channel axis, got {self.operand.type}")
        shape = shape_of(self.thresholds)
        channels = shape_of(self.operand)[-1]
        if len(shape) != 2 or shape[0] not in (1, channels):
            raise VerifyException(f"thresholds must be [{channels} or 1, levels], got {self.thresholds.type}")
        if self.direction is not None:
            if tensor_type(self.direction.type).element_type != BinaryType():
                raise VerifyException(f"direction must be !qnn.binary, got {self.direction.type}")
            if shape_of(self.direction) != shape[:1]:
                raise VerifyException(f"direction must have shape {shape[0]}, got {self.direction.type}")
        super().verify_()
        result = format_of(self.result.type)
        if result is None or self.first.value.data < 0 or self.first.value.data + shape[1] >= result.count:
            raise VerifyException(f"{shape[1]} thresholds from code {self.first.value.data} leave {self.result.type}")

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (ThresholdOfAdd(), ThresholdOfMul(), ThresholdOfShift())


class ThresholdOfShift(RewritePattern):
    """A power-of-two scale moves into the step of the thresholds. Lemma: `comparisons-move-the-binary-point`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ThresholdOp, rewriter: PatternRewriter) -> None:
        inner, levels, directions = op.operand.owner, constant_of(op.thresholds), _directions(op)
        if not isinstance(inner, ShiftOp) or levels is None or directions is None:
            return
        _replace(op, rewriter, inner.operand, levels, directions)


class ThresholdOfAdd(RewritePattern):
    """A constant summand per channel is subtracted from the thresholds. Lemma: `comparisons-take-up-summands`."""

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
    """A constant non-zero factor per channel is divided out of the thresholds. Lemma: `comparisons-take-up-factors`."""

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
    constants = [thresholds] if direction is None else [thresholds, direction]
    substitute(rewriter, op, [*constants, replacement])
