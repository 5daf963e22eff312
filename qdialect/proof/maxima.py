"""Largest and least of several elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qdialect.dialects.qnn.ops.packed_moves import PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.interpreter.layers import pad, patches
from qdialect.numerics.arrays import IntArray
from qdialect.proof.columns import column_bytes
from qdialect.proof.elements import ElementColumns
from qdialect.proof.pool import MaximumAtom, Pool

OUTSIDE = -1
"""In the place of an element beyond the edge, which does not count."""


def windows(op: MaxPool2DOp | PackedMaxPool2DOp, shape: tuple[int, ...]) -> IntArray:
    """The places [windows, elements] of the operand's elements under each window."""
    (rows, columns), strides, low, high = op.geometry()
    places = np.arange(int(np.prod(shape))).reshape(1, *shape)
    around = ((0, 0), (low[0], high[0]), (low[1], high[1]), (0, 0))
    found = patches(pad(places, around, OUTSIDE), (rows, columns), strides, (1, 1))
    return found.reshape(-1, rows * columns)


@dataclass(frozen=True)
class Choice:
    """For each result, the places of the elements that it is chosen from."""

    elements: ElementColumns
    places: IntArray

    def columns(self, pool: Pool, sign: int) -> IntArray:
        """The columns of the largest elements, or with `sign` -1 of the least."""
        results = [self._one(pool, row[row != OUTSIDE], sign) for row in self.places]
        return np.stack(results, axis=1)

    def _one(self, pool: Pool, row: IntArray, sign: int) -> IntArray:
        of = self.elements
        parts = of.values[:, row] if of.is_float else of.values[:, row] * sign
        low, high = (of.low[row], of.high[row]) if sign > 0 or of.is_float else (-of.high[row], -of.low[row])
        names = [column_bytes(part) for part in np.ascontiguousarray(parts.T)]
        order = sorted({name: i for i, name in enumerate(names)}.items())
        kept = np.array([i for _, i in order])
        parts, low, high = parts[:, kept], low[kept], high[kept]
        if len(kept) == 1:
            return of.values[:, row[kept[0]]]
        if of.is_float:
            return pool.maximum(MaximumAtom(parts, low, high, sign, True))
        if not (parts[1:] != parts[:1]).any():
            return parts[:, parts[0].argmax()] * sign
        offset = parts[0].min()
        parts = parts - offset
        scale = np.gcd.reduce(np.abs(parts), axis=None)
        low, high = -((offset - low) // scale), (high - offset) // scale
        order = sorted(range(len(kept)), key=lambda i: column_bytes(parts[:, i] // scale))
        term = MaximumAtom(parts[:, order] // scale, low[order], high[order], 1, False)
        return (pool.maximum(term) * scale + offset) * sign
