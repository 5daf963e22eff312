"""ROMs of constants, and reads of operands that may be constants.

A number of more than 64 bits lies in several ROMs, one for each word, for C has no wider literals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import rom
from qdialect.dialects.hlscpp.types import BIT, IntType
from qdialect.dialects.hlscpp.values import Value, constant
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.storage import WORD_BITS, word_count
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.parts.elements import Arrays, Elements, Power, Read, exponents_of, power, stored_type, to_stored
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import to_words


@dataclass(frozen=True)
class Words:
    """Numbers of one type in a ROM for each of their 64-bit words, the lowest first."""

    words: Sequence[Elements]
    type: IntType

    def __getitem__(self, at: tuple[Value | int, ...]) -> Value:
        lowest, *others = (word[at].cast(self.type) for word in self.words)
        return reduce(or_, (word << WORD_BITS * i for i, word in enumerate(others, 1)), lowest)


def number_table(
    name: str, codes: IntArray, type: IntType, make: Callable[[str, IntArray, IntType], Elements] = rom
) -> Elements:
    """The ROM of numbers, or of their words where they have more than 64 bits."""
    if type.bits <= WORD_BITS:
        return make(name, codes.astype(np.int64 if type.signed else np.uint64), type)
    count = word_count(type.bits)
    *lower, highest = np.moveaxis(to_words(codes, count), -1, 0)
    rest = type.bits - WORD_BITS * (count - 1)
    roms = [make(f"{name}_word{i}", word.view(np.uint64), IntType(WORD_BITS, False)) for i, word in enumerate(lower)]
    if not type.signed:
        return Words([*roms, make(f"{name}_word{count - 1}", highest.view(np.uint64), IntType(rest, False))], type)
    return Words([*roms, make(f"{name}_word{count - 1}", highest, IntType(max(rest, 2)))], type)


def constant_table(value: SSAValue) -> Elements:
    """The ROM of a constant, declared here."""
    assert isinstance(value.owner, ConstantOp)
    codes = value.owner.data.reshape(shape_of(value) or (1,))
    return number_table(value.name_hint or "table", to_stored(codes, exact_format_of(value.type)), stored_type(value))


def operand(value: SSAValue, arrays: Arrays) -> Elements:
    """The elements of a value: of a constant, which is declared here, or of an array."""
    return constant_table(value) if isinstance(value.owner, ConstantOp) else arrays[value]


def reader(value: SSAValue, arrays: Arrays) -> Read:
    """Reads of a value that broadcasts to the position: of a constant, which is declared here, or of an array."""
    shape = shape_of(value) or (1,)
    if isinstance(value.owner, ConstantOp) and value.owner.data.size == 1:
        number_ = int(to_stored(value.owner.data, exact_format_of(value.type)).flat[0])
        return lambda at: constant(number_, stored_type(value))
    source = operand(value, arrays)

    def read(at: Sequence[Value]) -> Value:
        aligned = at[len(at) - len(shape) :]
        return source[tuple(0 if n == 1 else i for n, i in zip(shape, aligned, strict=True))]

    return read


def power_reader(value: SSAValue, arrays: Arrays) -> Callable[[Sequence[Value]], Power]:
    """Reads of powers of two that broadcast to the position: of a constant, the exponents and signs are two tables."""
    if not isinstance(value.owner, ConstantOp):
        read = reader(value, arrays)
        return lambda at: power(read(at), value)
    shape = shape_of(value) or (1,)
    read_tables = power_tables(value.name_hint or "scale", value.owner.data.reshape(shape))

    def read_aligned(at: Sequence[Value]) -> Power:
        return read_tables(tuple(0 if n == 1 else i for n, i in zip(shape, at[len(at) - len(shape) :], strict=True)))

    return read_aligned


def power_tables(
    name: str, codes: IntArray, make: Callable[[str, IntArray, IntType], Elements] = rom
) -> Callable[[Sequence[Value | int]], Power]:
    """ROMs of exponents and of those of signs and zeros that are needed, and their reads."""
    exponents = exponents_of(codes).clip(0)
    amounts = make(f"{name}_exponent", exponents, IntType.of_range(0, int(exponents.max())))
    negative = make(f"{name}_negative", (codes < 0).astype(np.int64), BIT) if (codes < 0).any() else None
    nonzero = None if codes.all() else make(f"{name}_nonzero", (codes != 0).astype(np.int64), BIT)

    def read(at: Sequence[Value | int]) -> Power:
        position = tuple(at)
        return Power(
            amounts[position],
            None if negative is None else negative[position],
            None if nonzero is None else nonzero[position],
        )

    return read
