"""Damaged and oversized files: one line that names the file, whatever the reading libraries raise."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from qdialect.errors import QdialectError
from qdialect.numerics.limits import MAX_CONFIGURATION

DAMAGE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OSError,
    OverflowError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What h5py, zipfile and json raise."""


def small_content(path: Path) -> bytes:
    """The bytes of a file that holds no weights. Raises QdialectError for one that is far too long for that."""
    size = path.stat().st_size
    if size > MAX_CONFIGURATION:
        raise QdialectError(f"{path}: has {size} bytes; a configuration has at most {MAX_CONFIGURATION}")
    return path.read_bytes()


@contextmanager
def reported_damage(path: Path) -> Generator[None]:
    """Turn errors of the readers into one line that names the file."""
    try:
        yield
    except DAMAGE as error:
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        raise QdialectError(f"{path}: damaged or incomplete model file ({cause:.200})") from None
