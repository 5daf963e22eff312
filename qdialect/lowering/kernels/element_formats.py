"""Rounding where each element has a format of its own: one expression, whose constants are tables by position.

In the finest step of all, with d bits dropped and b bits kept in all of an element,

    wrap        (((x + a) & m) ^ s) - s         m = 2**b - 2**d,  s = 2**(b - 1) of signed elements, 0 of others
    saturate    clamp((x + a) & -2**d)          to the ends of the element's format

where `a` is what rounding adds. For an element that is always zero m is 0, and so are both ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qdialect.dialects.hlscpp.builder import select
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Value, constant
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.parts.elements import Read, Scalar, int_type, number, shifted
from qdialect.lowering.parts.tables import number_table
from qdialect.numerics.exact import IntArray
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding


def rounded_each(op: QuantizeOp, mode: RoundEach) -> Scalar:
    """Declares the tables."""
    source, result, name = exact_format_of(op.operand.type), exact_format_of(op.result.type), str(op.result.name_hint)
    fine = min(source.lsb, result.lsb)
    dropped = np.where(mode.widths > 0, mode.steps - fine, 0).astype(object)
    add = summed(name, mode.rounding, dropped)
    low, high = (end.astype(object) << result.lsb - fine for end in mode.bounds(result))
    fit = wrapped(name, mode, dropped) if mode.overflow is Overflow.WRAP else clamped(name, low, high, dropped)

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        a = shifted(number(x, op.operand), source.lsb - fine).named(f"{name}_in")
        fitted = fit(add(a, at), at)
        return (fitted >> result.lsb - fine if result.lsb > fine else fitted).cast(int_type(result))

    return scalar


def each(name: str, values: IntArray, like: IntArray | None = None) -> Read:
    """Reads of a number for each element, in a type that holds `like` too."""
    ends = [*values.flat, *(() if like is None else like.flat)]
    type_ = IntType.of_range(int(min(ends)), int(max(ends)))
    if (values == values.flat[0]).all():
        return lambda at: constant(int(values.flat[0]), type_)
    table, shape = number_table(name, values, type_), values.shape

    def read(at: Sequence[Value]) -> Value:
        aligned = at[len(at) - len(shape) :]
        return table[tuple(0 if n == 1 else i for n, i in zip(shape, aligned, strict=True))]

    return read


def summed(name: str, rounding: Rounding, dropped: IntArray) -> Scalar:
    """A value and what takes it across the multiples of its step that it is rounded up to."""
    whole = (1 << dropped) - 1
    half, below_half = (whole + 1) >> 1, whole >> 1
    always = {Rounding.CEIL: whole, Rounding.HALF_UP: half, Rounding.HALF_DOWN: below_half}
    by_sign = {  # of negative values, of others
        Rounding.ZERO: (whole, 0 * whole),
        Rounding.AWAY: (0 * whole, whole),
        Rounding.HALF_AWAY: (below_half, half),
        Rounding.HALF_ZERO: (half, below_half),
    }
    if rounding is Rounding.FLOOR:
        return lambda x, at: x
    if rounding in always:
        read = each(f"{name}_summand", always[rounding])
        return lambda x, at: x + read(at)
    if rounding is Rounding.HALF_EVEN:
        read, odd = each(f"{name}_summand", below_half), each(f"{name}_odd", np.where(dropped > 0, whole + 1, 0))
        return lambda x, at: x + read(at) + (x & odd(at)).ne(0)
    below, above = by_sign[rounding]
    negative, other = each(f"{name}_negative", below, above), each(f"{name}_summand", above, below)
    return lambda x, at: x + select(x < 0, negative(at), other(at))


def wrapped(name: str, mode: RoundEach, dropped: IntArray) -> Scalar:
    bits = np.where(mode.widths > 0, mode.widths + dropped, 0).astype(object)
    signs = np.where(mode.signs > 0, (1 << bits) >> 1, 0)
    keep, sign = each(f"{name}_mask", (1 << bits) - np.where(bits > 0, 1 << dropped, 1)), each(f"{name}_sign", signs)
    unsigned = IntType(max(int(bits.max()), 1), signed=False)

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        low_bits = (x & keep(at)).cast(unsigned)
        return (low_bits ^ sign(at)) - sign(at) if signs.any() else low_bits

    return scalar


def clamped(name: str, low: IntArray, high: IntArray, dropped: IntArray) -> Scalar:
    type_ = IntType.of_range(int(low.min()), int(high.max()))
    steps, least, most = (
        each(f"{name}_{what}", table) for what, table in (("steps", -(1 << dropped)), ("low", low), ("high", high))
    )

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        a = x & steps(at)
        assert isinstance(a.type, IntType)
        wide = IntType.of_range(min(a.type.minimum, type_.minimum), max(a.type.maximum, type_.maximum))
        a = a.cast(wide).named(f"{name}_rounded")
        above = select(a < least(at), least(at).cast(wide), a).named(f"{name}_above")
        return select(above > most(at), most(at).cast(wide), above).cast(type_)

    return scalar
