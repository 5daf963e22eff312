"""TensorBundle, the variables of SavedModels and checkpoints: a table in LevelDB's format from keys to places in data
files, and the graph of the objects that own the variables; read without TensorFlow."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.reading.damage import small_content
from qdialect.numerics.arrays import Float32Array

TABLE_MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)

FOOTER_SIZE, CHECKSUM_SIZE = 48, 4

OBJECT_GRAPH = b"_CHECKPOINTABLE_OBJECT_GRAPH"

DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 6: "i1", 9: "<i8", 10: "?", 19: "<f2"}
"""TensorFlow's type numbers, of those that weights have."""


@dataclass(frozen=True)
class TrackedObject:
    """A node of the object graph."""

    children: dict[str, int]
    """Attribute name to index of the object."""
    name: str = ""
    key: bytes = b""
    """Of variables: their name, and the key of their value."""


class TensorBundle:
    """`variables.index` and its data files in a directory.

    Raises QdialectError where they are missing, damaged or of a kind that Keras does not write.
    """

    def __init__(self, directory: Path):
        self.directory = directory
        index = directory / "variables.index"
        if not index.is_file():
            raise QdialectError(f"{directory}: has no variables.index; the SavedModel is incomplete")
        table = small_content(index)
        if len(table) < FOOTER_SIZE or not table.endswith(TABLE_MAGIC):
            raise QdialectError(f"{index}: damaged or incomplete (it does not end as a table does)")
        _, _, i = _handle(table, len(table) - FOOTER_SIZE)  # of the block about the table itself
        blocks = [handle for _, handle in _block(table, i)]
        self.entries = {key: dict(fields(value)) for handle in blocks for key, value in _block(table, 0, handle)}
        self.shards = self.entries.get(b"", {}).get(1, 1)

    def content(self, key: bytes) -> bytes:
        """The bytes stored under `key`."""
        entry = self.entries[key]
        offset, size = entry.get(4, 0), entry.get(5, 0)
        data = self.directory / f"variables.data-{entry.get(3, 0):05d}-of-{self.shards:05d}"
        if not data.is_file() or data.stat().st_size < offset + size:
            raise QdialectError(f"{data}: missing or incomplete; '{key.decode()}' lies beyond its end")
        with data.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def array(self, key: bytes) -> Float32Array:
        """The variable under `key` as float32."""
        entry = self.entries[key]
        shape = tuple(dict(fields(axis)).get(1, 0) for axis in repeated(entry.get(2, b""), 2))
        dtype = DTYPES.get(entry.get(1, 0))
        if dtype is None or math.prod(shape) * np.dtype(dtype).itemsize != entry.get(5, 0):
            raise QdialectError(f"{self.directory}: variable '{key.decode()}' is not an array of numbers")
        return np.frombuffer(self.content(key), dtype).reshape(shape).astype(np.float32)

    def objects(self) -> list[TrackedObject]:
        """The object graph; the first is the model."""
        graph = self.content(OBJECT_GRAPH)
        _, start = _varint(graph, 0)  # the length of the one string, and its checksum
        return [_tracked_object(node) for node in repeated(graph[start + CHECKSUM_SIZE :], 1)]


def _tracked_object(node: bytes) -> TrackedObject:
    references = [dict(fields(child)) for child in repeated(node, 1)]
    children = {child.get(2, b"").decode(): child.get(1, 0) for child in references}
    for tensor in repeated(node, 2):
        value = dict(fields(tensor))
        return TrackedObject(children, value.get(2, b"").decode(), value.get(3, b""))
    return TrackedObject(children)


def _block(table: bytes, at: int, handle: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the block whose handle is `handle`, or lies in the table `at`."""
    offset, size, _ = _handle(table if handle is None else handle, at)
    if table[offset + size] != 0:
        raise QdialectError("the index of the variables is compressed; save the model as .keras or .h5")
    block = table[offset : offset + size]
    end = size - 4 * (struct.unpack("<I", block[-4:])[0] + 1)
    i, key = 0, b""
    while i < end:
        shared, i = _varint(block, i)
        unshared, i = _varint(block, i)
        length, i = _varint(block, i)
        key = key[:shared] + block[i : i + unshared]
        yield key, block[i + unshared : i + unshared + length]
        i += unshared + length


def _handle(data: bytes, i: int) -> tuple[int, int, int]:
    """Offset and size of a block, and the position after."""
    offset, i = _varint(data, i)
    size, i = _varint(data, i)
    return offset, size, i


def fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers and values of the fields of a protobuf message."""
    i = 0
    while i < len(message):
        tag, i = _varint(message, i)
        match tag & 7:
            case 0:
                value, i = _varint(message, i)
            case 2:
                size, i = _varint(message, i)
                value, i = message[i : i + size], i + size
            case 1 | 5 as kind:
                size = 8 if kind == 1 else 4
                value, i = message[i : i + size], i + size
            case kind:
                raise ValueError(f"protobuf field of unknown kind {kind}")
        yield tag >> 3, value


def repeated(message: bytes, number: int) -> list[Any]:
    """The values of all fields `number`."""
    return [value for field, value in fields(message) if field == number]


def _varint(data: bytes, i: int) -> tuple[int, int]:
    """The number at `i`, seven bits per byte, and the position after it."""
    value = shift = 0
    while True:
        byte = data[i]
        value |= (byte & 127) << shift
        shift, i = shift + 7, i + 1
        if byte < 128:
            return value, i
