"""Elements of a tensor side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qdialect.analysis.code_range import Range
from qdialect.numerics.arrays import IntArray


@dataclass(frozen=True)
class ElementColumns:
    """Columns [1 + POINTS, n] with proven ranges [n], and the lane of each in the function that is applied to them."""

    values: IntArray
    low: IntArray
    high: IntArray
    is_float: bool
    lanes: IntArray

    @staticmethod
    def of(values: IntArray, known: Range | None, lanes: int = 1) -> ElementColumns:
        """All elements of a value [1 + POINTS, shape]; `lanes` of them follow each other. Floats have no range."""
        flat = values.reshape(len(values), -1)
        n = flat.shape[1]
        zeros = np.zeros(n, np.int64)
        low, high = (zeros, zeros) if known is None else (known.low.reshape(-1), known.high.reshape(-1))
        return ElementColumns(flat, low, high, known is None, np.arange(n) % max(lanes, 1))

    @staticmethod
    def joined(parts: Sequence[ElementColumns]) -> ElementColumns:
        """Elements of one kind, one after the other."""
        values = np.concatenate([part.values for part in parts], axis=1)
        low, high, lanes = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("low", "high", "lanes")
        )
        return ElementColumns(values, low, high, parts[0].is_float, lanes)
