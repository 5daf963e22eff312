"""`qnn.quantize`, the only operation that loses information; `qnn.threshold` is its integer form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import (
    TensorType,
)
from xdsl.interfaces import HasCanonicalizationPatternsInterface, HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    base,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import (
    DeadZoneAttr,
    NearestPo2Attr,
    QuantizerMode,
    RoundAttr,
    RoundEachAttr,
    SignAttr,
)
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ShiftOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.traits import Elementwise
from qdialect.dialects.qnn.types import (
    BinaryType,
    FixedType,
    Po2Type,
    TernaryType,
    exact_format_of,
    format_of,
    tensor,
    tensor_type,
    type_of,
)
from qdialect.numerics.formats import FixedFormat, Format, Po2Format
from qdialect.numerics.quantizers import Round
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, clamp_bounds

RESULT_OF_MODE = {
    RoundAttr: FixedType,
    RoundEachAttr: FixedType,
    SignAttr: BinaryType,
    DeadZoneAttr: TernaryType,
    NearestPo2Attr: Po2Type,
}


@irdl_op_definition
class QuantizeOp(QnnOp, HasFolderInterface, HasCanonicalizationPatternsInterface):
    """The only op that loses information: to the result's element type, in the way the mode says.

    `#qnn.round` and `#qnn.round_each` give fixed point, `#qnn.sign` binary (or one unsigned bit), `#qnn.dead_zone`
    ternary, `#qnn.nearest_po2` powers of two.
    """

    name = "qnn.quantize"
    operand = operand_def(TensorType)
    mode = prop_def(base(RoundAttr) | base(RoundEachAttr) | base(SignAttr) | base(DeadZoneAttr) | base(NearestPo2Attr))
    result = result_def(TensorType)
    traits = traits_def(Pure(), Elementwise())

    def __init__(self, operand: SSAValue, mode: QuantizerMode, fmt: Format):
        result = tensor(shape_of(operand), fmt)
        super().__init__(operands=[operand], properties={"mode": mode}, result_types=[result])

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), format_of(self.result.type)

    def verify_(self) -> None:
        format_of(self.operand.type)
        expected = RESULT_OF_MODE[type(self.mode)]
        element = tensor_type(self.result.type).element_type
        one_bit = isinstance(self.mode, SignAttr) and element == FixedType(1, 1, signed=False)
        if not isinstance(element, expected) and not one_bit:
            raise VerifyException(f"mode {self.mode} gives {expected.name} elements, the result has {element}")
        if isinstance(self.mode, RoundEachAttr):
            verify_formats(self.mode.data, self.result)
        fmt = format_of(self.result.type)
        tiny = self.mode.data.tiny if isinstance(self.mode, NearestPo2Attr) else None
        if isinstance(fmt, Po2Format) and tiny is not None and not fmt.min_exp <= tiny <= fmt.max_exp:
            raise VerifyException(f"tiny = {tiny} is no exponent of {element}")
        super().verify_()

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """Rounding to the type that the value already has is the identity, unless it clamps symmetrically.

        Lemma: `formats-that-are-the-same`.
        """
        identity = tensor_type(self.result.type).element_type == BinaryType() or (
            isinstance(self.mode, RoundAttr) and self.mode.data.overflow is not Overflow.SATURATE_SYMMETRIC
        )
        return (self.operand,) if identity and self.operand.type == self.result.type else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (QuantizeOfQuantize(), SameFormat(), SignOfAffine())


def verify_formats(mode: RoundEach, result: SSAValue) -> None:
    """Raises VerifyException unless the formats broadcast to the result, whose type holds all of them."""
    shape, fmt, hull = shape_of(result), exact_format_of(result.type), mode.hull
    aligned = zip(reversed(mode.shape), reversed(shape), strict=False)
    if len(mode.shape) > len(shape) or any(n not in (1, m) for n, m in aligned):
        raise VerifyException(f"formats of shape {list(mode.shape)} do not broadcast to {list(shape)}")
    finer = hull.lsb - fmt.lsb
    if mode.formats == [None]:
        return
    if finer < 0 or not fmt.min_code <= hull.min_code << finer <= hull.max_code << finer <= fmt.max_code:
        raise VerifyException(f"the result has {type_of(fmt)} elements, the formats need {type_of(hull)}")


class SameFormat(RewritePattern):
    """Elements that all have the format of the result are rounded by its type. Lemma: `formats-that-are-the-same`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        if not isinstance(op.mode, RoundEachAttr):
            return
        mode, fmt = op.mode.data, exact_format_of(op.result.type)
        if mode.formats == [fmt]:
            substitute(rewriter, op, [QuantizeOp(op.operand, RoundAttr(mode.round), fmt)])


class SignOfAffine(RewritePattern):
    """The sign of a sum, shift or product with constants, or its dead zone, is a comparison, which takes these up.

    Lemma: `dead-zones-are-comparisons`.
    """

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
        substitute(rewriter, op, [table, threshold])


class QuantizeOfQuantize(RewritePattern):
    """Two quantizers are one where at most one rounds, or both in one direction, and the second range is narrower.

    With d bits between the steps and the second range, times 2**d, within the first: what the first one clamps lies
    beyond an end of the second either way. Rounding to the nearest twice is not the same as once: 3/8, 1/2, 0 or 1.
    Where the first one wraps the second does too, to a divisor of its modulus, after a rounding that repeats with it.

    Lemma: `roundings-merge`.
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
        d, wraps = result.lsb - middle.lsb, [mode.overflow is Overflow.WRAP for mode in (inner, outer)]
        (low, high), (lowest, highest) = (
            clamp_bounds(f.min_code, f.max_code, mode.overflow) for f, mode in ((result, outer), (middle, inner))
        )
        if d < 0 or low << d < lowest or high << d > highest or wraps[0] != wraps[1]:
            return
        if all(wraps) and d > 0 and not outer.rounding.is_periodic:
            return
        if d == 0:
            rounding = inner.rounding
        elif (source is not None and source.lsb >= middle.lsb) or (
            inner.rounding == outer.rounding and outer.rounding.is_directed
        ):
            rounding = outer.rounding
        else:
            return
        once = QuantizeOp(first.operand, RoundAttr(Round(rounding, outer.overflow)), result)
        substitute(rewriter, op, [once])
