"""Graphs of additions found by the package da4ml, on wires."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.matrices.linear import interval_of
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.sums import pair
from qdialect.numerics.adder_graphs import AdderGraph, Term, solve
from qdialect.numerics.arrays import IntArray


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """`matrix` [inputs, outputs]; `depth` is how many additions an output may take more than a tree, -1 is any number.

    Raises QdialectError as `adder_graphs.solve`.
    """
    return built(net, wires, solve(matrix, [(wire.low, wire.high) for wire in wires], depth))


def built(net: Netlist, wires: Sequence[Wire], graph: AdderGraph) -> list[Affine]:
    """The outputs of a graph; every sum has the interval of the linear combination that it is."""
    nodes = [Affine(wire) for wire in wires]
    for (a, b), coefficients in zip(graph.sums, graph.coefficients()[len(wires) :], strict=True):
        nodes.append(pair(net, _taken(nodes, a), _taken(nodes, b), interval_of(wires, coefficients.tolist())))
    return [constant(0) if term is None else _taken(nodes, term) for term in graph.outputs]


def _taken(nodes: Sequence[Affine], term: Term) -> Affine:
    value = nodes[term.node].scaled(term.shift)
    return value.negated() if term.negative else value
