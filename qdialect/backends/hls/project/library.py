"""The compiled C simulation of a project, called from Python."""

from __future__ import annotations

import ctypes
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.int64]

WORDS: Any = np.ctypeslib.ndpointer(np.int64, ndim=2, flags="C_CONTIGUOUS")
"""The one type of array whose address reaches C; ctypes refuses every other layout and type."""


class Library:
    """The function `<top>_batch` of a shared library."""

    def __init__(self, path: str | os.PathLike[str], top: str, outputs: int):
        """`outputs` is the count of words in the outputs of a sample."""
        self._run: Any = getattr(ctypes.CDLL(os.fspath(path)), f"{top}_batch")
        self._run.argtypes, self._run.restype = [WORDS, WORDS, ctypes.c_long], None
        self._outputs = outputs

    def __call__(self, inputs: NDArray[Any]) -> Words:
        """The words of all outputs, [samples, words], for those of all inputs, in whatever layout these lie."""
        fed = np.ascontiguousarray(inputs, np.int64)
        got = np.zeros((len(fed), self._outputs), np.int64)
        self._run(fed, got, len(fed))
        return got
