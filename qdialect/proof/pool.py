"""What is known of atoms, shared by the modules that are compared."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qdialect.numerics.arrays import IntArray
from qdialect.proof.columns import Digest, atom, column_bytes, column_digest, digest
from qdialect.proof.functions import Steps


@dataclass(frozen=True)
class FunctionAtom:
    """An atom that is a function of the primitive polynomial `source`, whose column is `column`."""

    source: Digest
    column: IntArray
    steps: Steps


@dataclass(frozen=True)
class MaximumAtom:
    """An atom that is the largest of the elements [1 + POINTS, parts], or with `sign` -1 the least; each element lies
    between `low` and `high`."""

    parts: IntArray
    low: IntArray
    high: IntArray
    sign: int
    is_float: bool


@dataclass
class Pool:
    """The atoms by the digests of their columns, and the proven range of each primitive polynomial."""

    seed: int
    terms: dict[Digest, FunctionAtom | MaximumAtom] = field(default_factory=dict[Digest, FunctionAtom | MaximumAtom])
    spans: dict[Digest, tuple[int, int]] = field(default_factory=dict[Digest, tuple[int, int]])
    tried: int = 0
    """Values that functions were evaluated at."""

    def span(self, name: Digest, low: int, high: int) -> tuple[int, int]:
        """The first range that was proven of a polynomial: one for all functions of it."""
        return self.spans.setdefault(name, (low, high))

    def named(self, *name: object) -> IntArray:
        """The column of an atom of which nothing but its name is known."""
        return atom(self.seed, digest(*name))

    def function(self, source: Digest, column: IntArray, steps: Steps) -> IntArray:
        """The column of a function of a primitive polynomial."""
        made = self.named("function", source, steps.digest)
        self.terms.setdefault(column_digest(made[1:]), FunctionAtom(source, column, steps))
        return made

    def maximum(self, term: MaximumAtom) -> IntArray:
        """The column of a maximum of elements, which stand in an order of their own."""
        made = self.named("maximum", term.sign, term.is_float, *map(column_bytes, np.ascontiguousarray(term.parts.T)))
        self.terms.setdefault(column_digest(made[1:]), term)
        return made
