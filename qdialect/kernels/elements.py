"""How elements of tensors lie in arrays, and how kernels read them.

Fixed-point, ternary and power-of-two elements lie as their codes. Binary elements lie as one bit, 1 for +1; packed
ones as words of up to 64 bits. `number` makes a signed integer of either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from xdsl.ir import Attribute, SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.types import PLANES, BinaryType, BitsType, exact_format_of, tensor_type
from qdialect.dialect.weights import WORD_BITS, word_count
from qdialect.loops.builder import Array, Value, array, constant, rom, select
from qdialect.loops.directives import array_partition
from qdialect.loops.types import BIT, ArrayType, IntType
from qdialect.numerics.exact import IntArray
from qdialect.numerics.formats import Format


def int_type(fmt: Format) -> IntType:
    """The integer type of a format's codes."""
    return IntType.of_range(fmt.min_code, fmt.max_code)


def code_type(value: SSAValue) -> IntType:
    """The integer type of a value's codes."""
    return int_type(exact_format_of(value.type))


def is_binary(value: SSAValue) -> bool:
    return isinstance(tensor_type(value.type).element_type, BinaryType)


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
        case BinaryType():
            return array(BIT, *(shape or (1,)))
        case _:
            return array(int_type(exact_format_of(type_)), *(shape or (1,)))


def number(stored: Value, value: SSAValue) -> Value:
    """The code of a stored element of `value`: a binary bit becomes -1 or +1."""
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


def stored_type(value: SSAValue) -> IntType:
    """The type of an array's elements."""
    return BIT if is_binary(value) else code_type(value)


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
        codes = (data > 0).astype(np.int64) if is_binary(value) else data.reshape(shape)
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
