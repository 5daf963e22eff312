"""Averages over a number of elements that is not a power of two, through the linear operations that read them.

    w . (s / n) + bias  =  (w . s + n * bias) / n

Keras divides first and rounds each average and each sum. Here sums are exact and the division comes last, as Keras'
own float32 division: rounded once, it is the function that thresholds and tables are built from. A multiplication by
float32(1/n) instead would miss the ties between two codes, which whole sums meet often.
"""

from __future__ import annotations

import math

import numpy as np
from xdsl.ir import SSAValue
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.op import QnnOp
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import MulOp, ShiftOp
from qdialect.dialects.qnn.ops.float_steps import DivideOp
from qdialect.dialects.qnn.traits import Linear
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor
from qdialect.frontends.building.builder import Builder, Quotient
from qdialect.frontends.building.exact_form import RECIPROCAL_ROUNDINGS, emit_for, exact_if_possible
from qdialect.numerics import exact
from qdialect.numerics.float32 import Roundings
from qdialect.numerics.formats import FixedFormat

LARGEST_DIVISOR = 1 << 24
"""float32 holds every integer up to it."""


def quotient(b: Builder, x: SSAValue) -> Quotient:
    """A value as a quotient of exact numbers: `exact_if_possible` with divisor 1 where no average takes part."""
    if x not in b.quotients:
        found = None if format_of(x.type) is not None or x in b.raw else _quotient_of(b, x)
        b.quotients[x] = Quotient(exact_if_possible(b, x)) if found is None else found
    return b.quotients[x]


def linear_operand(b: Builder, x: SSAValue) -> SSAValue:
    """What a contraction reads: a quotient as it is, for `quotient` of its result; else as `exact_if_possible`."""
    found = quotient(b, x)
    return x if found.divisor > 1 else found.numerator


def divided(b: Builder, sums: SSAValue, count: int, suffix: str = "", roundings: int = 0) -> SSAValue:
    """f32(sum / count), as TensorFlow divides; exact for powers of two. `roundings`: of Keras, which divided before."""
    if count & (count - 1) == 0:
        return b.emit(ShiftOp(sums, 1 - count.bit_length()), suffix)
    divisor = b.constant(np.array([count], np.float32), None, "count")
    if roundings:
        b.roundings[divisor] = Roundings(roundings)
    return b.emit(DivideOp(sums, divisor), suffix)


def lifted(b: Builder, x: SSAValue, factor: int) -> SSAValue:
    """factor * x, exact; a constant stays one."""
    if factor == 1:
        return x
    if isinstance(x.owner, ConstantOp):
        codes = exact.multiply(x.owner.data, np.array(factor))
        fmt = FixedFormat.holding(int(codes.min()), int(codes.max()), exact_format_of(x.type).lsb)
        value = b.constant(codes, fmt, "times_count")
        if x in b.roundings:
            own = b.roundings[x]
            b.roundings[value] = Roundings(own.count, own.size * factor, own.apart * factor)
        return value
    return b.emit(MulOp(x, b.constant(np.array([factor]), FixedFormat.holding(0, factor, 0), "factor")), "times_count")


def _quotient_of(b: Builder, x: SSAValue) -> Quotient | None:
    """None where no average takes part, or where the value has no exact form.

    A common divisor of the operands of a linear operation, or of the first operand of a contraction, divides the
    result. It would also divide that of a comparison, but no enclosure follows the roundings of Keras through one.
    """
    match x.owner:
        case DivideOp() as op:
            return _divided(quotient(b, op.operand), constant_of(op.divisor))
        case MulOp() as op:
            parts = [quotient(b, operand) for operand in op.operands]
            divisor = math.prod(part.divisor for part in parts)
            return _of_numerators(b, x, op, parts, divisor, [1, 1])
        case QnnOp() as op if op.has_trait(Linear) or isinstance(op, ContractionOp):
            operands = op.operands[:1] if isinstance(op, ContractionOp) else op.operands
            parts = [quotient(b, operand) for operand in operands]
            divisor = math.lcm(*(part.divisor for part in parts))
            return _of_numerators(b, x, op, parts, divisor, [divisor // part.divisor for part in parts])
        case _:
            return None


def _divided(of: Quotient, divisor: object) -> Quotient | None:
    counts = np.asarray(divisor).reshape(-1)
    count = int(counts[0]) if len(counts) == 1 and float(counts[0]).is_integer() else 0
    if count < 1 or count * of.divisor > LARGEST_DIVISOR or format_of(of.numerator.type) is None:
        return None
    return Quotient(of.numerator, count * of.divisor, of.roundings + RECIPROCAL_ROUNDINGS)


def _of_numerators(
    b: Builder, x: SSAValue, op: QnnOp, parts: list[Quotient], divisor: int, factors: list[int]
) -> Quotient | None:
    """The same operation on numerators, brought to a common divisor by `factors`."""
    if not 1 < divisor <= LARGEST_DIVISOR or any(format_of(part.numerator.type) is None for part in parts):
        return None
    lifts = zip(op.operands, parts, factors, strict=False)
    same = op.clone({operand: lifted(b, part.numerator, factor) for operand, part, factor in lifts})
    shape, fmt = same.inferred()
    if fmt is None:
        return None
    Rewriter.replace_value_with_new_type(same.results[0], tensor(shape, fmt))
    return Quotient(emit_for(b, x, same, ""), divisor, max(part.roundings for part in parts))
