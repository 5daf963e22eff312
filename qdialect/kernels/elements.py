"""How elements of tensors lie in arrays, and how kernels read them.

Fixed-point and ternary elements lie as their codes. Binary elements lie as one bit, 1 for +1; packed ones as words of
up to 64 bits. Powers of two lie as exponents in the order of the values: e for +2**e, -1 - e for -2**e, counted from
the type's smallest exponent. `number` makes a signed integer of any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from xdsl.ir import Attribute, SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.types import PLANES, BinaryType, BitsType, Po2Type, exact_format_of, tensor_type
from qdialect.dialect.weights import WORD_BITS, word_count
from qdialect.loops.builder import Array, Value, array, constant, rom, select
from qdialect.loops.directives import array_partition
from qdialect.loops.types import BIT, ArrayType, IntType
from qdialect.numerics.exact import IntArray, holding
from qdialect.numerics.formats import BinaryFormat, Format, Po2Format


def int_type(fmt: Format) -> IntType:
    """The integer type of a format's codes."""
    return IntType.of_range(fmt.min_code, fmt.max_code)


def code_type(value: SSAValue) -> IntType:
    """The integer type of a value's codes."""
    return int_type(exact_format_of(value.type))


def is_binary(value: SSAValue) -> bool:
    return isinstance(tensor_type(value.type).element_type, BinaryType)


def is_po2(value: SSAValue) -> bool:
    return isinstance(tensor_type(value.type).element_type, Po2Type)


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


Power = tuple[Value, Value | None]
"""Exponent, counted from the type's smallest, and is it negative; None where no value is."""


def power(stored: Value, value: SSAValue) -> Power:
    """Exponent and sign of a stored power of two."""
    fmt = exact_format_of(value.type)
    assert isinstance(fmt, Po2Format)
    if not fmt.signed:
        return stored, None
    stored = stored.named("power")
    exponent = select(stored < 0, ~stored, stored).cast(IntType.of_range(0, fmt.max_exp - fmt.min_exp))
    return exponent, stored < 0


def scaled(a: Value, by: Power, type: IntType) -> Value:
    """`a` times a power of two, in a type that holds it."""
    exponent, negative = by
    moved = a.cast(type) << exponent
    if negative is None:
        return moved
    moved = moved.named("moved")
    return select(negative, (-moved).cast(type), moved)


def stored_int_type(fmt: Format) -> IntType:
    """The type of stored elements of a format."""
    match fmt:
        case BinaryFormat():
            return BIT
        case Po2Format(low, high, signed):
            return IntType.of_range((low - high - 1) * signed, high - low)
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
        case Po2Format():
            exponents = exponents_of(codes)
            return np.where(codes > 0, exponents, -1 - exponents)
        case _:
            return codes


def from_stored(stored: IntArray, fmt: Format) -> IntArray:
    """The inverse of `to_stored`."""
    match fmt:
        case BinaryFormat():
            return np.where(stored > 0, 1, -1)
        case Po2Format():
            exponents = holding(np.where(stored < 0, -1 - stored, stored), fmt.max_code)
            return np.where(stored < 0, -1, 1) * (1 << exponents)
        case _:
            return stored


def exponents_of(codes: IntArray) -> IntArray:
    """The exponents of codes that are powers of two or their negatives."""
    return np.array([abs(int(c)).bit_length() - 1 for c in codes.flat], np.int64).reshape(codes.shape)


def table(name: str, codes: IntArray, element: IntType) -> Array:
    """A ROM whose elements can all be read at once."""
    result = rom(name, codes, element)
    array_partition(result, dim=0)
    return result


Arrays = Mapping[SSAValue, Array]
"""The arrays of the values that other tasks compute."""

Read = Callable[[Sequence[Value]], Value]
"""Reads the stored element at a position [..., channel]."""


Scalar = Callable[[Value, Sequence[Value]], Value]
"""From the stored first operand of an element-wise operation and its position to the stored result."""


def reader(value: SSAValue, arrays: Arrays) -> Read:
    """Reads of a value that broadcasts to the position: of a constant, which is declared here, or of an array."""
    shape = shape_of(value) or (1,)
    if isinstance(value.owner, ConstantOp):
        data = value.owner.data
        codes = to_stored(data.reshape(shape), exact_format_of(value.type))
        if codes.size == 1:
            number_ = int(codes.flat[0])
            return lambda at: constant(number_, stored_type(value))
        source = table(value.name_hint or "table", codes, stored_type(value))
    else:
        source = arrays[value]

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
    codes, name = value.owner.data.reshape(shape), value.name_hint or "scale"
    exponents = exponents_of(codes)
    amounts = table(f"{name}_exponent", exponents, IntType.of_range(0, int(exponents.max())))
    negative = table(f"{name}_negative", (codes < 0).astype(np.int64), BIT)

    def read_tables(at: Sequence[Value]) -> Power:
        position = tuple(0 if n == 1 else i for n, i in zip(shape, at[len(at) - len(shape) :], strict=True))
        return amounts[position], negative[position]

    return read_tables
