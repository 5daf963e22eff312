"""The choice of the strategy by which a matrix is multiplied."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.matrices import graphs, pairs, popcounts, trees
from qdialect.lowering.rtl.matrices.linear import Strategy
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import FLOAT32_LIMIT, magnitude

MAX_GRAPH = 1 << 14
"""Weights of the largest matrix that a graph is searched for: da4ml takes a minute for so many."""
MAX_PAIRS = 1 << 12
"""Weights of the largest matrix whose pairs are counted."""


def auto(net: Netlist, wires: Sequence[Wire], matrix: IntArray) -> list[Affine]:
    """Shared popcounts for bits; for words da4ml's graphs where it is installed, else common pairs; trees beyond."""
    if popcounts.applies(wires, matrix):
        return popcounts.multiply(net, wires, matrix)
    if find_spec("da4ml") and matrix.size <= MAX_GRAPH and magnitude(matrix) <= FLOAT32_LIMIT:
        return graphs.multiply(net, wires, matrix)
    return (pairs if matrix.size <= MAX_PAIRS else trees).multiply(net, wires, matrix)


STRATEGIES: dict[str, Strategy] = {
    "auto": auto,
    "graph": graphs.multiply,
    "pairs": pairs.multiply,
    "tree": trees.multiply,
}
