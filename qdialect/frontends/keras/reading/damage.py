"""Damaged files: one line that names the file, whatever the libraries raise that read it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from qdialect.errors import QdialectError

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


@contextmanager
def reported_damage(path: Path) -> Generator[None]:
    """Errors of the readers as one line that names the file."""
    try:
        yield
    except DAMAGE as error:
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        raise QdialectError(f"{path}: damaged or incomplete model file ({cause})") from None
