"""The wire format of protocol buffers [protobuf.dev, Encoding]: a message is a sequence of numbered fields.

Nothing is copied but what a caller asks for, so that memory is bounded by the file, whatever its bytes say.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types; groups (3, 4) are deprecated and in no ONNX file."""

LONGEST_VARINT = 10
"""Bytes of 64 bits, seven in each."""


@dataclass(frozen=True)
class Field:
    """An integer, or the bytes of anything else."""

    number: int
    kind: int
    integer: int
    content: memoryview


def read_varint(data: memoryview, position: int) -> tuple[int, int]:
    """An integer of up to 64 bits, and where it ends. Raises ValueError where it has no end."""
    value = 0
    for count in range(LONGEST_VARINT):
        if position + count >= len(data):
            raise ValueError("an integer has no end")
        byte = data[position + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value & ((1 << 64) - 1), position + count + 1
    raise ValueError("an integer has more than 64 bits")


def fields(data: memoryview) -> Iterator[Field]:
    """The fields of a message. Raises ValueError for bytes that are none."""
    position = 0
    while position < len(data):
        key, position = read_varint(data, position)
        number, kind, integer, size = key >> 3, key & 7, 0, 0
        match kind:
            case 0:
                integer, position = read_varint(data, position)
            case 1 | 5:
                size = 8 if kind == FIXED64 else 4
            case 2:
                size, position = read_varint(data, position)
            case _:
                raise ValueError(f"field {number} has the unknown wire type {kind}")
        if size > len(data) - position:
            raise ValueError(f"field {number} has {size} bytes, {len(data) - position} are left")
        yield Field(number, kind, integer, data[position : position + size])
        position += size


class Message:
    """The fields of a message by their numbers; the last one counts where one is meant."""

    def __init__(self, data: memoryview):
        self.fields: dict[int, list[Field]] = {}
        for field in fields(data):
            self.fields.setdefault(field.number, []).append(field)

    def all(self, number: int) -> list[Field]:
        return self.fields.get(number, [])

    def messages(self, number: int) -> list[Message]:
        return [Message(field.content) for field in self.all(number)]

    def message(self, number: int) -> Message:
        """Empty if there is none."""
        return Message(self.all(number)[-1].content) if number in self.fields else Message(memoryview(b""))

    def content(self, number: int) -> memoryview | None:
        return self.all(number)[-1].content if number in self.fields else None

    def texts(self, number: int) -> list[str]:
        """Raises UnicodeDecodeError, a ValueError, for bytes that are no UTF-8."""
        return [bytes(field.content).decode() for field in self.all(number)]

    def text(self, number: int) -> str:
        return self.texts(number)[-1] if number in self.fields else ""

    def integers(self, number: int) -> list[int]:
        """Signed 64-bit integers, each a field of its own or packed into one."""
        return list(chain.from_iterable(_integers_of(field) for field in self.all(number)))

    def integer(self, number: int, default: int = 0) -> int:
        found = self.integers(number)
        return found[-1] if found else default

    def floats(self, number: int) -> list[float]:
        """float32 numbers, each a field of its own or packed into one. Raises ValueError for parts of numbers."""
        data = b"".join(field.content for field in self.all(number))
        if len(data) % 4:
            raise ValueError(f"field {number} has {len(data)} bytes of float32 numbers")
        return [value for (value,) in struct.iter_unpack("<f", data)]


def _integers_of(field: Field) -> Iterator[int]:
    if field.kind == VARINT:
        yield _signed(field.integer)
    position = 0
    while position < len(field.content):
        value, position = read_varint(field.content, position)
        yield _signed(value)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
