"""How types, numbers and constant arrays are spelled in C++."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xdsl.ir import Attribute

from qdialect.backends.hls.text.lines import COLUMNS
from qdialect.dialects.hlscpp.types import ArrayType, IntType, PacketType, StreamType

if TYPE_CHECKING:
    import numpy as np

C_TYPES = {
    "signed char": (-(2**7), 2**7 - 1),
    "unsigned char": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long long": (-(2**63), 2**63 - 1),
    "unsigned long long": (0, 2**64 - 1),
}
"""Element types of constant arrays with their ranges, the smallest first."""


def c_type(type: Attribute) -> str:
    """The C++ type of an integer or index."""
    if not isinstance(type, IntType):
        return "int"
    return f"ap_int<{type.bits}>" if type.signed else f"ap_uint<{type.bits}>"


def sum_type(type: IntType) -> str:
    """The C++ type of a variable that is only added to."""
    return c_type(type).replace("ap_", "sum_")


def beat_type(type: StreamType) -> str:
    """The struct of one beat, whose elements are `d`: a struct on a stream is one word."""
    element = type.element_type
    return f"beat_{'s' if element.signed else 'u'}{element.bits}x{type.lanes}"


def stream_of(type: StreamType) -> str:
    return f"hls::stream<{beat_type(type)}>"


def packet_of(type: PacketType) -> str:
    """The vendor's struct of a word on an AXI4-Stream port, without user, id and destination."""
    return f"ap_axiu<{type.width.data}, 0, 0, 0>"


def beat_definition(type: StreamType) -> str:
    return f"struct {beat_type(type)} {{\n    {declarator(type.beat, 'd')};\n}};\n"


def c_literal(value: int) -> str:
    """An integer literal of its own value and a type that holds it."""
    if -(2**31) < value < 2**31:
        return str(value)
    if value == -(2**63):
        return "-9223372036854775807LL - 1"
    return f"{value}LL" if value < 2**63 else f"0x{value:x}ULL"


def is_literal(value: int) -> bool:
    """Whether a C++ literal holds the value."""
    return -(2**63) <= value < 2**64


def wide_literal(value: int, type: IntType) -> str:
    """A number beyond all literals: a shifted one, or words of 64 bits side by side, the highest first."""
    zeros = (value & -value).bit_length() - 1
    if is_literal(value >> zeros):
        return f"{c_type(type)}({c_literal(value >> zeros)}) << {zeros}"
    count = -(-value.bit_length() // 64) - 1
    words = [value >> 64 * count, *(value >> 64 * i & 2**64 - 1 for i in range(count - 1, 0, -1))]
    shifts = (f"{c_type(type)}({c_literal(word)}) << {64 * (count - i)}" for i, word in enumerate(words))
    return " | ".join([*shifts, f"ap_uint<64>({c_literal(value & 2**64 - 1)})"])


def declarator(type: ArrayType, name: str) -> str:
    return f"{c_type(type.element_type)} {name}{dimensions(type)}"


def dimensions(type: ArrayType) -> str:
    return "".join(f"[{size}]" for size in type.get_shape())


def rom_head(values: np.ndarray, type: ArrayType, name: str) -> str:
    """The declaration of a constant array up to the opening brace, in the smallest C type."""
    low, high = int(values.min()), int(values.max())
    fitting = (name for name, (least, most) in C_TYPES.items() if least <= low and high <= most)
    element = "unsigned long long" if are_words(type.element_type) else next(fitting)
    return f"static const {element} {name}{dimensions(type)} = {{"


def are_words(type: IntType) -> bool:
    """Whether elements are words of packed bits, which are easier to read in hexadecimal."""
    return type.bits > 32 and not type.signed


def rom_rows(values: np.ndarray, type: IntType, indent: str) -> Iterator[str]:
    """The lines of a nested brace list without its outer braces."""
    if values.ndim > 1:
        for row in values:
            lines = list(rom_rows(row, type, indent + "    "))
            if row.ndim == 1 and len(lines) == 1:
                yield f"{indent}{{{lines[0].strip()}}},"
            else:
                yield from (f"{indent}{{", *lines, f"{indent}}},")
        return
    numbers = values.tolist()
    line = indent
    for text in [f"0x{n:0{-(-type.bits // 4)}x}ULL" for n in numbers] if are_words(type) else map(c_literal, numbers):
        if line != indent and len(line) + len(text) + 1 > COLUMNS:
            yield line.rstrip()
            line = indent
        line += f"{text}, "
    yield line.removesuffix(", ")
