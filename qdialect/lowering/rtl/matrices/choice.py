"""The choice of the strategy by which a matrix is multiplied."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.cost import levels, tables
from qdialect.lowering.rtl.matrices import differences, graphs, pairs, popcounts, trees
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.numerics.arrays import IntArray

MAX_PAIRS = 1 << 21
"""Pairs of terms in the columns of the largest matrix in which common ones are searched for, some ten seconds."""
LEVEL_WORTH = 0.005
"""The part of the tables that an addition more in a row must save."""
PAIR_DEPTH = 1
"""Additions in a row that pairs may take more than a tree: more of them save no tables."""


def auto(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """Shared popcounts for bits; for words the cheaper of common pairs in the columns, one addition deeper than trees,
    and in their differences, if any has fewer digits and they take fewer additions. Netlists of larger matrices are
    trees. A bound on `depth`, as in `pairs.multiply`, leaves pairs in the columns."""
    if popcounts.applies(wires, matrix):
        return popcounts.multiply(net, wires, matrix, depth)
    terms = differences.digits_of(matrix)
    if int(np.sum(terms * (terms - 1) // 2)) > MAX_PAIRS:
        return trees.multiply(net, wires, matrix, depth)
    if depth != ANY_DEPTH:
        return pairs.multiply(net, wires, matrix, depth)
    straight, words = pairs.multiply(net, wires, matrix, PAIR_DEPTH), [Affine(wire) for wire in wires]
    tree = list(differences.spanning_tree(matrix))
    most = pairs.additions(words, matrix, PAIR_DEPTH)
    if not any(sign for *_, sign in tree) or differences.additions(wires, matrix, tree) >= most:
        return straight
    found = straight, differences.along(net, wires, matrix, tree)
    return min(found, key=lambda values: tables(values) * (1 + LEVEL_WORTH * levels(values)))


STRATEGIES: dict[str, Callable[..., list[Affine]]] = {
    "auto": auto,
    "differences": differences.multiply,
    "graph": graphs.multiply,
    "pairs": pairs.multiply,
    "tree": trees.multiply,
}
"""By name; each has the option `depth`."""
