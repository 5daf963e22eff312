"""Graphs of additions by common pairs: the pair of terms that most outputs share is added once, and again.

A term is a node times +-2**shift; a pair is two nodes, their distance in shifts and their relative sign [M. Potkonjak,
M. Srivastava, A. Chandrakasan, "Multiple constant multiplications", IEEE TCAD 15 (1996)]. What no two outputs share
ends in a balanced tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.matrices.trees import digits
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.sums import pair, total
from qdialect.numerics.arrays import IntArray

ShiftedNode: TypeAlias = tuple[int, int]
"""Node and shift; in a column its sign is the value."""
NodePair: TypeAlias = tuple[int, int, int, bool]
"""Two nodes, the shift of the second over that of the first, and whether their signs differ."""


@dataclass
class Columns:
    """The outputs as terms, and how often each pair stands in them."""

    columns: list[dict[ShiftedNode, bool]]
    counts: Counter[NodePair] = field(default_factory=Counter[NodePair])
    heap: list[tuple[int, NodePair]] = field(default_factory=list[tuple[int, NodePair]])

    def __post_init__(self) -> None:
        for column in self.columns:
            terms = list(column.items())
            self.counts.update(_pair(a, b) for i, a in enumerate(terms) for b in terms[:i])
        self.heap = [(-count, key) for key, count in self.counts.items() if count > 1]
        heapify(self.heap)

    def most_common(self) -> NodePair | None:
        """The pair that stands most often, None where none does twice."""
        while self.heap:
            count, key = heappop(self.heap)
            now = self.counts[key]
            if now == -count:
                return key
            if now > 1:
                heappush(self.heap, (-now, key))
        return None

    def replace(self, key: NodePair, node: int) -> int:
        """Put `node` in the place of the pair wherever it stands; returns how often."""
        return sum(self._replace_in(column, key, node) for column in self.columns)

    def _replace_in(self, column: dict[ShiftedNode, bool], key: NodePair, node: int) -> int:
        first, second, distance, differ = key
        replaced = 0
        for (name, shift), negative in list(column.items()):
            other = (second, shift + distance)
            if name != first or (name, shift) not in column or column.get(other) != (negative != differ):
                continue
            for term in ((name, shift), other):
                self._count(column, term, -1)
            column[node, shift + min(distance, 0)] = negative
            self._count(column, (node, shift + min(distance, 0)), 1)
            replaced += 1
        return replaced

    def _count(self, column: dict[ShiftedNode, bool], term: ShiftedNode, change: int) -> None:
        """Count the pairs of a term that has come, or of one that goes."""
        item = (term, column[term])
        if change < 0:
            del column[term]
        for other in column.items():
            if other[0] != term:
                key = _pair(item, other)
                self.counts[key] += change
                if change > 0 and self.counts[key] > 1:
                    heappush(self.heap, (-self.counts[key], key))


def _pair(a: tuple[ShiftedNode, bool], b: tuple[ShiftedNode, bool]) -> NodePair:
    if b[0] < a[0]:
        a, b = b, a
    return a[0][0], b[0][0], b[0][1] - a[0][1], a[1] != b[1]


def shared(inputs: int, columns: list[dict[ShiftedNode, bool]]) -> Iterator[NodePair]:
    """The pairs to add, in order; their nodes are numbered on from the inputs, and `columns` become what is left."""
    state = Columns(columns)
    node = inputs
    while (key := state.most_common()) is not None:
        if state.replace(key, node):
            node += 1
            yield key


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray) -> list[Affine]:
    """`matrix` [inputs, outputs]."""
    return combined(net, [Affine(wire) for wire in wires], matrix)


def combined(net: Netlist, values: Sequence[Affine], matrix: IntArray) -> list[Affine]:
    """The same of values without constants."""
    columns = [
        {(i, place): negative for i, weight in enumerate(column) for place, negative in digits(int(weight))}
        for column in matrix.T.tolist()
    ]
    nodes = list(values)
    for first, second, distance, differ in shared(len(nodes), columns):
        low, high = nodes[first].scaled(max(-distance, 0)), nodes[second].scaled(max(distance, 0))
        nodes.append(pair(net, low, high.negated() if differ else high))
    return [
        total(net, [_signed(nodes[i].scaled(shift), negative) for (i, shift), negative in column.items()])
        for column in columns
    ]


def _signed(value: Affine, negative: bool) -> Affine:
    return value.negated() if negative else value
