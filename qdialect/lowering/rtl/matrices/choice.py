"""Which strategy a matrix is multiplied by."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.matrices import graphs, pairs, popcounts, trees
from qdialect.lowering.rtl.matrices.linear import Strategy
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.numerics.exact import IntArray


def auto(net: Netlist, wires: Sequence[Wire], matrix: IntArray) -> list[Affine]:
    """Shared popcounts for bits, common pairs for words."""
    if popcounts.applies(wires, matrix):
        return popcounts.multiply(net, wires, matrix)
    return pairs.multiply(net, wires, matrix)


STRATEGIES: dict[str, Strategy] = {
    "auto": auto,
    "graph": graphs.multiply,
    "pairs": pairs.multiply,
    "tree": trees.multiply,
}
