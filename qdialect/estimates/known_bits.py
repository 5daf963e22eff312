"""What is known of the bits of integers in unrolled code, in every copy of it.

A loop that is unrolled adds an axis of copies in front, so that a value known in them is an array; one number stands
for all. Integers have signs, and extend without end: a value that may be negative varies in all bits from some on.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from xdsl.ir import Attribute, Operation

from qdialect.dialects.hlscpp.expressions import (
    AddOp,
    AndOp,
    BitOp,
    CastOp,
    CmpOp,
    MulOp,
    NegOp,
    NotOp,
    OrOp,
    SelectOp,
    ShlOp,
    ShrOp,
    SubOp,
    XorOp,
)
from qdialect.dialects.hlscpp.types import IntType
from qdialect.numerics.exact import bit_counts

Copies: TypeAlias = Any
"""An integer, or an array of integers with an axis for each unrolled loop around, the innermost first."""

WORD = 62
"""Bits of the widest number in an array of machine words; wider ones are Python's."""

COMPARISONS = {name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}


@dataclass(frozen=True)
class Known:
    """An integer in each copy: its bits that are known, and a mask of those that are not."""

    value: Copies
    varying: Copies = 0
    term: Copies = None
    """The bits that vary of another number that this is the negative of, as far as is known."""

    @property
    def magnitude(self) -> Copies:
        """The bits that vary of what an adder takes of it."""
        return self.varying if self.term is None else self.term

    @property
    def possible(self) -> Copies:
        """A mask of the bits that may be one."""
        return self.varying | self.value

    def within(self, type_: Attribute) -> Known:
        """What the type adds: an unsigned number has no bits above its width."""
        if not isinstance(type_, IntType) or type_.signed:
            return self
        term = None if self.term is None else low_bits(self.term, type_.bits)
        return Known(low_bits(self.value, type_.bits), low_bits(self.varying, type_.bits), term)


def unknown(type_: Attribute) -> Known:
    """Any number of a type."""
    return Known(0, -1).within(type_)


def is_zero(mask: Copies) -> bool:
    """Whether a mask is empty in every copy."""
    return not mask.any() if isinstance(mask, np.ndarray) else not mask


def lowest(mask: Copies) -> Copies:
    """The lowest bit of a mask as a number; 0 of an empty one."""
    return mask & -mask


def zeros_below(known: Known) -> Copies:
    """How many low bits are zero; those of zero itself are none that matter."""
    return count_ones(at_least(1, lowest(known.possible)) - 1)


def count_ones(mask: Copies) -> Copies:
    """The ones of masks that are not negative."""
    if not isinstance(mask, np.ndarray):
        return int(mask).bit_count()
    return bit_counts(mask)


def varying_bits(known: Known, bits: int) -> Copies:
    """How many of the low `bits` bits are not known."""
    return count_ones(low_bits(known.varying, bits))


def low_bits(copies: Copies, bits: int) -> Copies:
    """The numbers modulo 2^bits."""
    return (unlimited(copies) if bits > WORD else copies) & (1 << bits) - 1


def at_least(least: int, copies: Copies) -> Copies:
    """The numbers, `least` in place of those below."""
    return np.maximum(copies, least) if isinstance(copies, np.ndarray) else max(copies, least)


def result_of(op: Operation, operands: Sequence[Known]) -> Known:
    """What is known of the result of an expression."""
    type_ = op.results[0].type
    if any(isinstance(each, IntType) and each.bits > WORD for each in (type_, *op.operand_types)):
        operands = [Known(unlimited(a.value), unlimited(a.varying), unlimited(a.term)) for a in operands]
    match op, operands:
        case CastOp(), [a]:
            return a.within(type_)
        case AndOp(), [a, b]:
            return Known(a.value & b.value, a.varying & b.possible | b.varying & a.possible).within(type_)
        case OrOp(), [a, b]:
            varying = (a.varying | b.varying) & ~a.value & ~b.value
            return Known((a.value | b.value) & ~varying, varying)
        case XorOp(), [a, b]:
            return Known((a.value ^ b.value) & ~(a.varying | b.varying), a.varying | b.varying)
        case NotOp(), [a]:
            return Known(~a.value & ~a.varying, a.varying).within(type_)
        case ((ShlOp() | ShrOp() | BitOp()), [a, amount]):
            return shifted(op, a, amount)
        case SelectOp(), [condition, a, b]:
            either = a.varying | b.varying | a.value ^ b.value
            pairs = ((a.value, b.value), (a.varying, b.varying), (a.magnitude, b.magnitude))
            taken = Known(*(chosen(condition.value, *pair) for pair in pairs))
            return merged(condition, taken, Known(a.value & ~either, either))
        case _:
            return arithmetic(op, operands).within(type_)


def unlimited(copies: Copies) -> Copies:
    """The same numbers, which may grow beyond machine words."""
    return copies.astype(object) if isinstance(copies, np.ndarray) else copies


def merged(fixed: Known, then: Known, otherwise: Known) -> Known:
    """`then` in the copies in which `fixed` is a constant."""
    if not isinstance(fixed.varying, np.ndarray):
        known = then if fixed.varying == 0 else otherwise
        return Known(plain(known.value), plain(known.varying), plain(known.magnitude))
    sides = (
        (then.value, otherwise.value),
        (then.varying, otherwise.varying),
        (then.magnitude, otherwise.magnitude),
    )
    return Known(*(chosen(fixed.varying == 0, *pair) for pair in sides))


def chosen(where: Copies, then: Copies, otherwise: Copies) -> Copies:
    """`then` in the copies in which `where` holds."""
    if not isinstance(where, np.ndarray):
        return then if where else otherwise
    sides = (then, otherwise)
    if any(isinstance(side, int) and side.bit_length() > WORD for side in sides):
        sides = tuple(np.asarray(side, object) for side in sides)
    return np.where(where, *sides)


def plain(copies: Copies) -> Copies:
    """An array without axes as its number."""
    return copies if isinstance(copies, np.ndarray) and copies.ndim else int(copies)


def shifted(op: Operation, a: Known, amount: Known) -> Known:
    """Of a number of places that is known in every copy; otherwise bits from the lowest on may be one."""
    if not is_zero(amount.varying):
        return Known(0, 1) if isinstance(op, BitOp) else Known(0, -lowest(a.possible) if isinstance(op, ShlOp) else -1)
    places = amount.value
    if isinstance(op, ShlOp):
        return Known(a.value << places, a.varying << places).within(op.results[0].type)
    moved = Known(a.value >> places, a.varying >> places)
    return Known(moved.value & 1, moved.varying & 1) if isinstance(op, BitOp) else moved


def arithmetic(op: Operation, operands: Sequence[Known]) -> Known:
    """Sums are known up to the lowest bit of a term that is not; products have the low zeros of both factors."""
    match op, operands:
        case ((AddOp() | SubOp() | NegOp()), [*terms]):
            first, second = terms if len(terms) == 2 else (Known(0), *terms)
            varying = -lowest(first.varying | second.varying)
            total = first.value + second.value if isinstance(op, AddOp) else first.value - second.value
            alone = (first.possible == 0) | (second.possible == 0)
            return Known(total & ~varying, varying, chosen(alone, first.magnitude | second.magnitude, varying))
        case MulOp(), [a, b]:
            either = a.varying | b.varying
            zero = (a.possible == 0) | (b.possible == 0)
            varying = chosen(zero | (either == 0), 0, -(lowest(a.possible) * lowest(b.possible)))
            return Known(plain(chosen(either == 0, a.value * b.value, 0)), plain(varying))
        case CmpOp(), [a, b]:
            varying = chosen((a.varying | b.varying) != 0, 1, 0)
            holds = chosen(COMPARISONS[op.predicate.data](a.value, b.value), 1, 0)
            return Known(plain(chosen(varying != 0, 0, holds)), plain(varying))
        case _:
            return unknown(op.results[0].type)
