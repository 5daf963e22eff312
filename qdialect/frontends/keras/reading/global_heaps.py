"""Global heaps of HDF5 files, where texts of any length are: checked before libhdf5 walks them, which need not end.

A collection [HDF5 File Format Specification, III.E] is "GCOL", a version, three bytes, its size; then objects: an
index, a count of references, four bytes, a size; data padded to eight bytes. Object 0 is the free space at the end,
with its header in its size. A reference is a length, the collection's address, an index.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from qdialect.errors import QdialectError

COLLECTION = re.compile(rb"GCOL\x01")
HEAD = 16
"""Bytes of the head of a collection, and of an object, where lengths have eight bytes."""

MESSAGE = 64
"""Bytes between the name of an attribute and its value, at most: types of text and shapes of one axis."""


def check_global_heaps(path: Path) -> None:
    """Raise QdialectError for a file with a damaged collection, or a text that is longer than its object in one."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start in (found.start() for found in COLLECTION.finditer(data)):
            objects = _objects(data, start)
            if objects is None:
                raise QdialectError(f"{path}: damaged or incomplete model file (the heap of texts at byte {start})")
            for length, index, is_attribute in _references(data, start):
                held = objects.get(index, len(data) if is_attribute else length)
                if length > held:
                    raise QdialectError(f"{path}: damaged model file (a text of {length} bytes in {held})")


def _objects(data: mmap.mmap, start: int) -> dict[int, int] | None:
    """The sizes of the objects of a collection by their index; None unless they follow each other up to its end."""
    if start + HEAD > len(data):
        return None
    (size,) = struct.unpack_from("<Q", data, start + 8)
    at, end = start + HEAD, start + size
    if end > len(data):
        return None
    objects: dict[int, int] = {}
    while end - at >= HEAD:
        index, held = struct.unpack_from("<H6xQ", data, at)
        taken = held if index == 0 else HEAD + -(-held // 8) * 8
        if not HEAD <= taken <= end - at:
            return None
        objects[index] = held
        at += taken
    return objects


def _references(data: mmap.mmap, start: int) -> Iterator[tuple[int, int, bool]]:
    """The lengths and indices of the texts in a collection, and whether an attribute that is read has them: other bytes
    may look like a reference."""
    for found in re.finditer(re.escape(struct.pack("<Q", start)), data):
        at = found.start() - 4
        if 0 <= at <= len(data) - HEAD:
            length, index = struct.unpack_from("<I8xI", data, at)
            before = data[max(at - MESSAGE, 0) : at]
            yield length, index, any(key in before for key in (b"model_config\0", b"weight_names"))
