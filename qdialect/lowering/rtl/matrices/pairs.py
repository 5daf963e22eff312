"""Graphs of additions by common pairs of terms; what no two outputs share ends in a balanced tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH, NodePair, PairSearch, ShiftedNode, leaves_of, rooms
from qdialect.lowering.rtl.netlist import Netlist, Wire, bits_for
from qdialect.lowering.rtl.sums import Span, signless_pair, total
from qdialect.numerics.arrays import IntArray


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """`matrix` [inputs, outputs]; `depth` is how many additions in a row an output may take more than a tree."""
    return combined(net, [Affine(wire) for wire in wires], matrix, depth)


def combined(net: Netlist, values: Sequence[Affine], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """The same of values without constants."""
    if not values:
        return [constant(0)] * matrix.shape[1]
    words = tuple((value.shift, value.negative, *interval_of(value), value.level) for value in values)
    pairs, columns = searched(tuple(map(tuple, matrix.tolist())), words, depth)
    nodes = list(values)
    for pair_ in pairs:
        nodes.append(_node(net, nodes, pair_))
    bounds = rooms(leaves_of(matrix, [value.level for value in values]), depth)
    return [
        total(net, [_signed(nodes[i].scaled(shift), negative) for (i, shift), negative in column], room)
        for column, room in zip(columns, bounds, strict=True)
    ]


@lru_cache(maxsize=256)
def searched(
    matrix: tuple[tuple[int, ...], ...], words: tuple[tuple[int, bool, int, int, int], ...], depth: int
) -> tuple[Sequence[NodePair], Sequence[Sequence[tuple[ShiftedNode, bool]]]]:
    """The pairs that become nodes, in their order, and the terms that are left of each output.

    `matrix` is [inputs, outputs]; `words` are the shift and the sign, the lowest and the highest number, and the level
    of each input.
    """
    net, pairs = Netlist("search"), list[NodePair]()
    nodes = [
        Affine(net.input(f"x{i}", bits_for(low, high), low, high), shift, negative)
        for i, (shift, negative, low, high, _) in enumerate(words)
    ]
    spans = [Span.of(node)._replace(level=level) for node, (*_, level) in zip(nodes, words, strict=True)]
    search = PairSearch(np.array(matrix, object), spans, depth)
    for key in search.pairs():
        value = _node(net, nodes, key)
        if search.add(key, Span.of(value)):
            pairs.append(key)
            nodes.append(value)
    return pairs, search.columns()


def interval_of(value: Affine) -> tuple[int, int]:
    """The lowest and the highest number of the word of a value."""
    assert value.wire is not None, "constants are no part of sums"
    return value.wire.low, value.wire.high


def _node(net: Netlist, nodes: Sequence[Affine], key: NodePair) -> Affine:
    """The sum or difference that a pair is."""
    first, second, distance, differ = key
    low, high = nodes[first].scaled(max(-distance, 0)), nodes[second].scaled(max(distance, 0))
    return signless_pair(net, low, high.negated() if differ else high)


def _signed(value: Affine, negative: bool) -> Affine:
    return value.negated() if negative else value
