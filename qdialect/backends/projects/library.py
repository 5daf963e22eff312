"""The compiled simulation of a project, called from Python."""

from __future__ import annotations

import ctypes
import os
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def words_of(word: DTypeLike) -> Any:
    """The one type of array whose address reaches C as an array of `word`; ctypes refuses every other layout and
    type."""
    return np.ctypeslib.ndpointer(word, ndim=2, flags="C_CONTIGUOUS")


class CompiledLibrary:
    """The function `<top>_batch` of a shared library."""

    def __init__(self, path: str | os.PathLike[str], top: str, outputs: int, word: DTypeLike):
        """`outputs` is the count of words in the outputs of a sample, `word` their type."""
        self._run: Any = getattr(ctypes.CDLL(os.fspath(path)), f"{top}_batch")
        self._run.argtypes, self._run.restype = [words_of(word), words_of(word), ctypes.c_long], None
        self._outputs, self._word = outputs, word

    def __call__(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """The words of all outputs, [samples, words], for those of all inputs, in whatever layout these lie."""
        fed = np.ascontiguousarray(inputs, self._word)
        got = np.zeros((len(fed), self._outputs), self._word)
        if len(fed):
            self._run(fed, got, len(fed))
        return got
