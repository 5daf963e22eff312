"""Fields of protocol buffers as bytes [protobuf.dev, Encoding]; `frontends/qonnx/reading/wire.py` reads them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

VARINT, BYTES, FIXED32 = 0, 2, 5
"""Wire types."""


def varint(value: int) -> bytes:
    """Seven bits in each byte, the lowest first; negative numbers as 64 bits."""
    value &= (1 << 64) - 1
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def integer(number: int, value: int) -> bytes:
    return varint(number << 3 | VARINT) + varint(value)


def integers(number: int, values: Sequence[int]) -> bytes:
    return b"".join(integer(number, value) for value in values)


def real(number: int, value: float) -> bytes:
    """A float32."""
    return varint(number << 3 | FIXED32) + struct.pack("<f", value)


def content(number: int, data: bytes | str) -> bytes:
    """A text, raw bytes or a message."""
    data = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | BYTES) + varint(len(data)) + data


def contents(number: int, items: Sequence[bytes | str]) -> bytes:
    return b"".join(content(number, item) for item in items)
