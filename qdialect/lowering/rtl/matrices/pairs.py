"""Graphs of additions by common pairs: the pair of terms that saves most look-up tables is added once, and again.

A term is a node times +-2**shift; a pair is two nodes, their distance in shifts and their relative sign [M. Potkonjak,
M. Srivastava, A. Chandrakasan, "Multiple constant multiplications", IEEE TCAD 15 (1996)]. An addition takes a table
for each bit in which its words overlap, so a pair is worth these bits for each time that it need not be added again.
What no two outputs share ends in a balanced tree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
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

SHIFT, NODE = 13, 33
"""Where the node starts in the number of a term, and the first node in that of a pair, beside the bit of its sign.

Terms are numbered node * 2**13 + shift, pairs like tuples (first, second, distance, differ): in their order.
"""


def numbered(node: int, shift: int) -> int:
    """The number of a term; shifts of nodes whose lowest bits are zero are negative."""
    return (node << SHIFT) + shift + (1 << SHIFT - 1)


def term_of(number: int) -> ShiftedNode:
    return number >> SHIFT, (number & (1 << SHIFT) - 1) - (1 << SHIFT - 1)


def pair_of(number: int) -> NodePair:
    rest = number >> 1 & (1 << NODE) - 1
    second = rest + (1 << SHIFT - 1) >> SHIFT
    return number >> NODE + 1, second, rest - (second << SHIFT), bool(number & 1)


@dataclass
class Columns:
    """The outputs as terms with their signs, how often each pair stands in them, and what it is worth."""

    columns: list[dict[int, bool]]
    bits: list[range]
    """The places of the bits of each node."""
    counts: defaultdict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))
    heap: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """What pairs were worth when they were counted last, and before."""
    holders: list[set[int]] = field(default_factory=list[set[int]])
    """The columns that have had each node."""

    def __post_init__(self) -> None:
        self.holders = [set() for _ in self.bits]
        for number, column in enumerate(self.columns):
            before: dict[int, bool] = {}
            for term, negative in column.items():
                self._count(before, term, negative, 1)
                before[term] = negative
                self.holders[term >> SHIFT].add(number)
        self.heap = [(-self.worth(key), key) for key, count in self.counts.items() if count > 1]
        heapify(self.heap)

    def worth(self, key: int) -> int:
        """The look-up tables that a pair saves where it is added once."""
        first, second, distance, _ = pair_of(key)
        a, b = self.bits[first], self.bits[second]
        overlap = min(a.stop, b.stop + distance) - max(a.start, b.start + distance)
        return (self.counts[key] - 1) * max(overlap, 1)

    def best(self) -> NodePair | None:
        """The pair that is worth most, None where none stands twice."""
        while self.heap:
            found, key = heappop(self.heap)
            worth = self.worth(key)
            if worth == -found:
                return pair_of(key)
            if worth > 0:
                heappush(self.heap, (-worth, key))
        return None

    def replace(self, key: NodePair, node: range) -> None:
        """Put a new node, with bits at these places, in the place of the pair wherever it stands."""
        made = len(self.bits)
        self.bits.append(node)
        held = {number for number in self.holders[key[0]] & self.holders[key[1]] if self._replace_in(number, key, made)}
        self.holders.append(held)
        beside = {other for number in held for other in _pairs_of(self.columns[number], made)}
        for other in beside:
            if self.counts[other] > 1:
                heappush(self.heap, (-self.worth(other), other))

    def _replace_in(self, number: int, key: NodePair, node: int) -> bool:
        """Whether the pair stands in a column."""
        column, (first, second, distance, differ) = self.columns[number], key
        found, step = False, (second - first << SHIFT) + distance
        for term in [term for term in column if term >> SHIFT == first]:
            negative = column.get(term)
            if negative is None or column.get(term + step) != (negative != differ):
                continue
            for each in (term, term + step):
                self._count(column, each, column.pop(each), -1)
            made = numbered(node, term_of(term)[1] + min(distance, 0))
            self._count(column, made, negative, 1)
            column[made] = negative
            found = True
        return found

    def _count(self, column: dict[int, bool], term: int, negative: bool, change: int) -> None:
        """Count the pairs of a term with those of a column that it comes to, or goes from."""
        counts, low = self.counts, (1 << SHIFT) - 1
        as_first = (term >> SHIFT << NODE) - (term & low)
        for other, sign in column.items():
            key = as_first + other if term < other else (other >> SHIFT << NODE) - (other & low) + term
            counts[key << 1 | (negative != sign)] += change


def _pairs_of(column: dict[int, bool], node: int) -> Iterator[int]:
    """The numbers of the pairs of the last node, which comes second in each."""
    ends = [(term, negative) for term, negative in column.items() if term >> SHIFT == node]
    low = (1 << SHIFT) - 1
    for other, sign in column.items():
        first = (other >> SHIFT << NODE) - (other & low)
        for term, negative in ends:
            if other < term:
                yield first + term << 1 | (negative != sign)


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
        {numbered(i, place): negative for i, weight in enumerate(column) for place, negative in digits(int(weight))}
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
    return pairs, [[(term_of(term), negative) for term, negative in column.items()] for column in columns]


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
