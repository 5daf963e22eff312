"""Graphs of additions by common pairs: the pair of terms that saves most look-up tables is added once, and again.

A term is a node times +-2**shift; a pair is two nodes, their distance in shifts and their relative sign [M. Potkonjak,
M. Srivastava, A. Chandrakasan, "Multiple constant multiplications", IEEE TCAD 15 (1996)]. An addition takes a table
for each bit in which its words overlap, so a pair is worth these bits for each time that it need not be added again.
What no two outputs share ends in a balanced tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.matrices.trees import digits
from qdialect.lowering.rtl.netlist import Netlist, Wire, bits_for
from qdialect.lowering.rtl.sums import pair, total
from qdialect.numerics.arrays import IntArray

ShiftedNode: TypeAlias = tuple[int, int]
"""Node and shift; in a column its sign is the value."""
NodePair: TypeAlias = tuple[int, int, int, bool]
"""Two nodes, the shift of the second over that of the first, and whether their signs differ."""


@dataclass
class Columns:
    """The outputs as terms, how often each pair stands in them, and what it is worth."""

    columns: list[dict[ShiftedNode, bool]]
    bits: list[range]
    """The places of the bits of each node."""
    counts: Counter[NodePair] = field(default_factory=Counter[NodePair])
    heap: list[tuple[int, NodePair]] = field(default_factory=list[tuple[int, NodePair]])

    def __post_init__(self) -> None:
        for column in self.columns:
            terms = list(column.items())
            self.counts.update(_pair(a, b) for i, a in enumerate(terms) for b in terms[:i])
        self.heap = [(-self.worth(key), key) for key, count in self.counts.items() if count > 1]
        heapify(self.heap)

    def worth(self, key: NodePair) -> int:
        """The look-up tables that the pair saves where it is added once."""
        first, second, distance, _ = key
        a, b = self.bits[first], self.bits[second]
        overlap = min(a.stop, b.stop + distance) - max(a.start, b.start + distance)
        return (self.counts[key] - 1) * max(overlap, 1)

    def best(self) -> NodePair | None:
        """The pair that is worth most, None where none stands twice."""
        while self.heap:
            found, key = heappop(self.heap)
            worth = self.worth(key)
            if worth == -found:
                return key
            if worth > 0:
                heappush(self.heap, (-worth, key))
        return None

    def replace(self, key: NodePair, node: range) -> None:
        """Put a new node, with bits at these places, in the place of the pair wherever it stands."""
        self.bits.append(node)
        for column in self.columns:
            self._replace_in(column, key, len(self.bits) - 1)

    def _replace_in(self, column: dict[ShiftedNode, bool], key: NodePair, node: int) -> None:
        first, second, distance, differ = key
        for (name, shift), negative in list(column.items()):
            other = (second, shift + distance)
            if name != first or (name, shift) not in column or column.get(other) != (negative != differ):
                continue
            for term in ((name, shift), other):
                self._count(column, term, -1)
            column[node, shift + min(distance, 0)] = negative
            self._count(column, (node, shift + min(distance, 0)), 1)

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
                    heappush(self.heap, (-self.worth(key), key))


def _pair(a: tuple[ShiftedNode, bool], b: tuple[ShiftedNode, bool]) -> NodePair:
    if b[0] < a[0]:
        a, b = b, a
    return a[0][0], b[0][0], b[0][1] - a[0][1], a[1] != b[1]


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray) -> list[Affine]:
    """`matrix` [inputs, outputs]."""
    return combined(net, [Affine(wire) for wire in wires], matrix)


def combined(net: Netlist, values: Sequence[Affine], matrix: IntArray) -> list[Affine]:
    """The same of values without constants."""
    words = tuple((value.coefficient, *interval_of(value)) for value in values)
    pairs, columns = searched(tuple(map(tuple, matrix.T.tolist())), words, net.counts)
    nodes = list(values)
    for pair_ in pairs:
        nodes.append(_node(net, nodes, pair_))
    return [
        total(net, [_signed(nodes[i].scaled(shift), negative) for (i, shift), negative in column]) for column in columns
    ]


@lru_cache(maxsize=256)
def searched(
    matrix: tuple[tuple[int, ...], ...], words: tuple[tuple[int, int, int], ...], counts: bool
) -> tuple[Sequence[NodePair], Sequence[Sequence[tuple[ShiftedNode, bool]]]]:
    """The pairs that become nodes, in their order, and the terms that are left of each output.

    `matrix` is [outputs, inputs]; `words` are the coefficient, the lowest and the highest number of each input;
    `counts` is that of the netlist.
    """
    columns = [
        {(i, place): negative for i, weight in enumerate(column) for place, negative in digits(int(weight))}
        for column in matrix
    ]
    net, pairs = Netlist("search", counts), list[NodePair]()
    nodes = [
        Affine(net.input(f"x{i}", bits_for(low, high), low, high), coefficient)
        for i, (coefficient, low, high) in enumerate(words)
    ]
    search = Columns(columns, [_places(value) for value in nodes])
    while (key := search.best()) is not None:
        pairs.append(key)
        nodes.append(_node(net, nodes, key))
        search.replace(key, _places(nodes[-1]))
    return pairs, [list(column.items()) for column in columns]


def interval_of(value: Affine) -> tuple[int, int]:
    """The lowest and the highest number of the word of a value."""
    assert value.wire is not None, "constants are no part of sums"
    return value.wire.low, value.wire.high


def _node(net: Netlist, nodes: Sequence[Affine], key: NodePair) -> Affine:
    """The sum or difference that a pair is."""
    first, second, distance, differ = key
    low, high = nodes[first].scaled(max(-distance, 0)), nodes[second].scaled(max(distance, 0))
    return _paired(net, low, high.negated() if differ else high)


def _paired(net: Netlist, a: Affine, b: Affine) -> Affine:
    """`a + b`; of a difference the word with zeros below is subtracted, as only then these bits take no tables."""
    positive, negative = (b, a) if a.negative else (a, b)
    if negative.negative and not positive.negative and positive.shift > negative.shift:
        return pair(net, positive.negated(), negative.negated()).negated()
    return pair(net, a, b)


def _places(value: Affine) -> range:
    """The places of the bits of a value without a constant."""
    assert value.wire is not None, "constants are no part of sums"
    return range(value.shift, value.shift + value.wire.width)


def _signed(value: Affine, negative: bool) -> Affine:
    return value.negated() if negative else value
