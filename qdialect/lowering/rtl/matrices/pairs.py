"""Graphs of additions by common pairs of terms; what no two outputs share ends in a balanced tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias, TypeVar

import numpy as np

from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH, NodePair, PairSearch, ShiftedNode, leaves_of, rooms
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.sums import Summand, signless_pair, total
from qdialect.numerics.arrays import IntArray

Value = TypeVar("Value", Affine, Summand)
Found: TypeAlias = tuple[Sequence[NodePair], Sequence[Sequence[tuple[ShiftedNode, bool]]]]
"""The pairs that become nodes, in their order, and the terms that are left of each output."""


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """`matrix` [inputs, outputs]; `depth` is how many additions in a row an output may take more than a tree."""
    return combined(net, [Affine(wire) for wire in wires], matrix, depth)


def combined(net: Netlist, values: Sequence[Affine], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """The same of values without constants."""
    if not values:
        return [constant(0)] * matrix.shape[1]
    pairs, columns = _found(values, matrix, depth)
    nodes = list(values)
    for pair_ in pairs:
        nodes.append(signless_pair(net, *_terms(nodes, pair_)))
    bounds = rooms(leaves_of(matrix, [value.level for value in values]), depth)
    return [
        total(net, [_signed(nodes[i].scaled(shift), negative) for (i, shift), negative in column], room)
        for column, room in zip(columns, bounds, strict=True)
    ]


def additions(values: Sequence[Affine], matrix: IntArray, depth: int = ANY_DEPTH) -> int:
    """How many there are in these sums, before those of bits are counts."""
    pairs, columns = _found(values, matrix, depth)
    return len(pairs) + sum(max(len(column) - 1, 0) for column in columns)


def _found(values: Sequence[Affine], matrix: IntArray, depth: int) -> Found:
    return searched(tuple(map(tuple, matrix.tolist())), tuple(map(Summand.of, values)), depth)


@lru_cache(maxsize=256)
def searched(matrix: tuple[tuple[int, ...], ...], words: tuple[Summand, ...], depth: int) -> Found:
    """The pairs of `matrix` [inputs, outputs]."""
    pairs, nodes = list[NodePair](), [*words]
    search = PairSearch(np.array(matrix, object), [word.span for word in words], depth)
    for key in search.pairs():
        first, second = _terms(nodes, key)
        word = first.plus(second)
        if search.add(key, word.span):
            pairs.append(key)
            nodes.append(word)
    return pairs, search.columns()


def _terms(nodes: Sequence[Value], key: NodePair) -> tuple[Value, Value]:
    """What a pair is the sum of."""
    first, second, distance, differ = key
    low, high = nodes[first].scaled(max(-distance, 0)), nodes[second].scaled(max(distance, 0))
    return low, high.negated() if differ else high


def _signed(value: Affine, negative: bool) -> Affine:
    return value.negated() if negative else value
