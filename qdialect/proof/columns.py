"""Elements of tensors as columns of integers: their values where every atom is a random integer.

An atom is what is known by its name alone: an element of an input, or of the result of a function that is not linear.
Every element is a polynomial with integer coefficients in atoms, of degree one but for products of two values. Two
polynomials that differ agree at a random point with probability at most degree / 2^16, at POINTS independent ones with
2^-1000 [Schwartz, "Fast probabilistic algorithms for verification of polynomial identities", J. ACM 27, 1980]. So
elements with the same column are the same polynomial, and the interpreter itself computes the columns of linear
operations: this is Freivalds' test, with random vectors in the place of basis vectors.

The first entry of a column is the value where all atoms are zero.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import INT64_LIMIT, add, magnitude

POINTS = 64
"""Random points at which elements are evaluated."""
ATOM_BYTES = 2
"""Of a value of an atom."""

Digest = bytes
"""Names a polynomial without its constant term, up to a factor."""


def digest(*parts: object) -> Digest:
    """A name for data that differ in no other data [RFC 7693, BLAKE2]."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        state.update(len(data).to_bytes(8, "little") + data)
    return state.digest()


def column_bytes(column: IntArray) -> bytes:
    """The numbers of a column, whatever its dtype."""
    if column.dtype == object:
        if magnitude(column) >= INT64_LIMIT:
            return repr(column.tolist()).encode()
        column = column.astype(np.int64)
    return np.ascontiguousarray(column).tobytes()


def column_digest(column: IntArray) -> Digest:
    """The name of a primitive polynomial from its values at the random points."""
    return hashlib.blake2b(column_bytes(column), digest_size=16).digest()


def atom(seed: int, name: Digest) -> NDArray[np.int64]:
    """The column [1 + POINTS] of an atom: zero, then numbers that its name and the seed determine."""
    drawn = hashlib.shake_128(seed.to_bytes(8, "little") + name).digest(POINTS * ATOM_BYTES)
    return np.concatenate([np.zeros(1, np.int64), np.frombuffer(drawn, "<u2").astype(np.int64)])


@dataclass(frozen=True)
class PolynomialColumns:
    """Columns [1 + POINTS, n]: `scale * t + offset`, with t the primitive polynomial of an element: without a constant
    term or a common factor, positive at the first point. Of constants, scale and t are 0."""

    values: IntArray

    @cached_property
    def offset(self) -> IntArray:
        """The value [n] where all atoms are zero."""
        return self.values[0]

    @cached_property
    def _linear(self) -> IntArray:
        return add(self.values[1:], -self.values[:1])

    @cached_property
    def scale(self) -> IntArray:
        """[n]."""
        linear = self._linear
        common: Any = np.gcd.reduce(np.abs(linear), axis=0)
        return common * np.where(linear[0] < 0, -1, 1)

    @cached_property
    def primitive(self) -> IntArray:
        """t [1 + POINTS, n]."""
        t = self._linear // np.where(self.scale == 0, 1, self.scale)
        return np.concatenate([np.zeros_like(t[:1]), t])

    @cached_property
    def digests(self) -> list[Digest]:
        """The names of the t."""
        return [column_digest(row) for row in np.ascontiguousarray(self.primitive[1:].T)]
