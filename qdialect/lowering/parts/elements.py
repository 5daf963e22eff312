"""How elements of tensors are stored in arrays, and how kernels read them.

Fixed-point and ternary elements lie as their codes. Binary elements lie as one bit, 1 for +1; packed ones as words of
up to 64 bits. Powers of two lie as exponents in the order of the values: e for +2**e, -1 - e for -2**e, counted from
the type's smallest exponent; in a type with a zero, 0 is zero and e + 1 is +2**e. `number` makes a signed integer of
any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from xdsl.ir import Attribute, SSAValue

from qdialect.dialects.hlscpp.builder import array, select
from qdialect.dialects.hlscpp.directives import array_partition
from qdialect.dialects.hlscpp.types import BIT, ArrayType, IntType
from qdialect.dialects.hlscpp.values import Memory, Value, constant
from qdialect.dialects.qnn.storage import WORD_BITS, word_count
from qdialect.dialects.qnn.types import (
    PLANES,
    BitsType,
    exact_format_of,
    is_binary,
    is_po2,
    tensor_type,
)
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import holding
from qdialect.numerics.formats import BinaryFormat, Format, Po2Format


def int_type(fmt: Format) -> IntType:
    """The integer type of a format's codes."""
    return IntType.of_range(fmt.min_code, fmt.max_code)


def code_type(value: SSAValue) -> IntType:
    """The integer type of a value's codes."""
    return int_type(exact_format_of(value.type))


def word_type(bits: int) -> IntType:
    """The word that `bits` packed values are cut into."""
    return IntType(min(bits, WORD_BITS), signed=False)


def array_of(type_: Attribute) -> ArrayType:
    """The array for a tensor. A scalar tensor has one element."""
    tensor = tensor_type(type_)
    shape = tensor.get_shape()
    match tensor.element_type:
        case BitsType() as packed:
            count = packed.count.data
            return array(word_type(count), *shape, len(packed.planes) * word_count(count))
        case _:
            return array(stored_int_type(exact_format_of(type_)), *(shape or (1,)))


def number(stored: Value, value: SSAValue) -> Value:
    """The code of a stored element of `value`: a binary bit becomes -1 or +1, an exponent the power of two."""
    if is_po2(value):
        type_ = code_type(value)
        return scaled(constant(1, type_), power(stored, value), type_)
    if not is_binary(value):
        return stored
    sign = IntType(2)
    return select(stored, constant(1, sign), constant(-1, sign))


Planes = Mapping[str, Value]
"""Planes of bits by name: see `types.PLANES`."""


def planes_of_element(stored: Value, element: Attribute) -> Planes:
    """The planes of one stored value, a bit each."""
    if PLANES[element] == ("nonzero", "positive"):
        stored = stored.named("x")
        return {"nonzero": stored.ne(0), "positive": stored > 0}
    return {PLANES[element][0]: stored}


def shifted(value: Value, amount: int) -> Value:
    """`value * 2**amount`, in a type that holds it."""
    if amount == 0:
        return value
    assert isinstance(value.type, IntType)
    return value.cast(IntType(value.type.bits + amount, value.type.signed)) << amount


class Power(NamedTuple):
    """A power of two: exponent, counted from the type's smallest; is it negative (None: no value is); is it another
    value than zero (None: all are)."""

    exponent: Value
    negative: Value | None
    nonzero: Value | None = None


def power(stored: Value, value: SSAValue) -> Power:
    """A stored power of two."""
    fmt = exact_format_of(value.type)
    assert isinstance(fmt, Po2Format)
    if not fmt.signed and not fmt.zero:
        return Power(stored, None)
    stored = stored.named("power")
    exponent = stored - (stored > 0) if fmt.zero else stored
    if fmt.signed:
        assert isinstance(exponent.type, IntType)
        exponent = select(stored < 0, (~stored).cast(exponent.type), exponent)
    exponent = exponent.cast(IntType.of_range(0, fmt.max_exp - fmt.min_exp))
    return Power(exponent, stored < 0 if fmt.signed else None, stored.ne(0) if fmt.zero else None)


def converted(x: Value, source: SSAValue, target: SSAValue) -> Value:
    """A stored element of `source` as one of `target`, whose step may be finer and whose form another."""
    stored, wanted = exact_format_of(source.type), exact_format_of(target.type)
    if isinstance(stored, Po2Format) and isinstance(wanted, Po2Format) and stored != wanted:
        x = x.named("power")  # a zero moves positive powers up by one
        x = x + (x >= 0) if stored.signed else x + 1
    elif stored != wanted:
        x = shifted(number(x, source), stored.lsb - wanted.lsb)
    return x.cast(stored_type(target))


def scaled(a: Value, by: Power, type: IntType) -> Value:
    """`a` times a power of two, in a type that holds it."""
    moved = a.cast(type) << by.exponent
    if by.negative is not None:
        moved = moved.named("moved")
        moved = select(by.negative, (-moved).cast(type), moved)
    return moved if by.nonzero is None else select(by.nonzero, moved, constant(0, type))


def stored_int_type(fmt: Format) -> IntType:
    """The type of stored elements of a format."""
    match fmt:
        case BinaryFormat():
            return BIT
        case Po2Format(low, high, signed, zero):
            return IntType.of_range((low - high - 1) * signed, high - low + zero)
        case _:
            return int_type(fmt)


def stored_type(value: SSAValue) -> IntType:
    """The type of an array's elements."""
    return stored_int_type(exact_format_of(value.type))


def to_stored(codes: IntArray, fmt: Format) -> IntArray:
    """Codes as they lie in arrays."""
    match fmt:
        case BinaryFormat():
            return (codes > 0).astype(np.int64)
        case Po2Format(zero=zero):
            exponents = exponents_of(codes)
            return np.where(codes > 0, exponents + zero, -1 - exponents)
        case _:
            return codes


def from_stored(stored: IntArray, fmt: Format) -> IntArray:
    """The inverse of `to_stored`."""
    match fmt:
        case BinaryFormat():
            return np.where(stored > 0, 1, -1)
        case Po2Format(zero=zero):
            exponents = holding(np.where(stored < 0, -1 - stored, (stored - zero).clip(0)), fmt.max_code)
            signs = np.sign(stored) if zero else np.where(stored < 0, -1, 1)
            return signs * (1 << exponents)
        case _:
            return stored


def exponents_of(codes: IntArray) -> IntArray:
    """The exponents of codes that are powers of two or their negatives; -1 for zeros."""
    return np.array([abs(int(c)).bit_length() - 1 for c in codes.flat], np.int64).reshape(codes.shape)


REGISTERS = 4096
"""Elements of the largest array that is split completely: the vendor's tool warns of larger ones."""


def partitioned(array_: Memory) -> Memory:
    """The same array, split into registers, or a large one into a memory per channel."""
    shape = array_.type.get_shape()
    array_partition(array_, dim=0 if math.prod(shape) <= REGISTERS else len(shape))
    return array_


class Elements(Protocol):
    """Stored elements by position: those of an array, or what a process holds of them."""

    def __getitem__(self, at: tuple[Value | int, ...], /) -> Value: ...


Arrays = Mapping[SSAValue, Elements]
"""The values that other tasks compute."""

Read = Callable[[Sequence[Value]], Value]
"""Reads the stored element at a position [..., channel]."""

Scalar = Callable[[Value, Sequence[Value]], Value]
"""From the stored first operand of an element-wise operation and its position to the stored result."""
