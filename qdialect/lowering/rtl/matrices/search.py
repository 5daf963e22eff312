"""The search for common pairs: the pair of terms that saves most look-up tables becomes a node, and again.

A term is a node times +-2**shift; a pair is two nodes, their distance in shifts and their relative sign [M. Potkonjak,
M. Srivastava, A. Chandrakasan, "Multiple constant multiplications", IEEE TCAD 15 (1996)]. An addition takes a table
for each bit in which its words overlap, so a pair is worth these bits for each time that it need not be added again; a
sum without a sign is worth more than a difference, as every later sum has to extend signs.

How often a pair stands in the outputs is counted once for all inputs, by products of matrices; then only the counts of
what is replaced change. Those of old nodes never rise, so what the best pair of a node was once worth bounds what it is
worth now, and few nodes are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappush, heapreplace
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from qdialect.lowering.rtl.sums import SIGN, Span
from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.exact import magnitude
from qdialect.numerics.signed_digits import digit_counts, signed_digits

ShiftedNode: TypeAlias = tuple[int, int]
"""Node and shift."""
NodePair: TypeAlias = tuple[int, int, int, bool]
"""A node, one that is not newer, the shift of the second over that of the first, and whether their signs differ."""
ANY_DEPTH = -1
SIGNS = np.array([1, -1], np.int32)
"""Of the second word of a sum: equal to that of the first, or not."""


@dataclass
class Occurrences:
    """How often each pair stands in the outputs.

    `signs` [outputs, nodes, 3 * places] are the terms, each -1 or +1, with as many zeros on either side as there are
    places; `counts` [node, node that is not newer, distance, differ] belongs to distances from 1 - places on.
    """

    signs: Array
    counts: Array
    nodes: int

    def __post_init__(self) -> None:
        self.near = self._windows()

    def _windows(self) -> Array:
        """The terms so near to a place that they are its pairs, a view [outputs, nodes, start, distance]."""
        return sliding_window_view(self.signs, 2 * self.places - 1, axis=2)

    @staticmethod
    def of(digits: Array) -> Occurrences:
        """Those of terms [outputs, nodes, places], each -1, 0 or +1."""
        _, nodes, places = digits.shape
        signs = np.pad(digits, ((0, 0), (0, 0), (places, places)))
        counts = np.zeros((nodes, nodes, 2 * places - 1, 2), np.int16)
        first = _rows(digits)
        for index in range(2 * places - 1):
            second = _rows(signs[:, :, index + 1 : index + 1 + places])
            product, both = first @ second.T, np.abs(first) @ np.abs(second).T
            counts[:, :, index] = np.stack([both + product, both - product], axis=-1) / 2
        same = np.arange(nodes)
        counts[same, same, :places] = 0
        return Occurrences(signs, counts, nodes)

    @property
    def places(self) -> int:
        return self.signs.shape[2] // 3

    def add_node(self) -> int:
        """The number of a new node."""
        if self.nodes == len(self.counts):
            room = self.nodes // 2 + 8
            self.signs = np.pad(self.signs, ((0, 0), (0, room), (0, 0)))
            self.counts = np.pad(self.counts, ((0, room), (0, room), (0, 0), (0, 0)))
            self.near = self._windows()
        self.nodes += 1
        return self.nodes - 1

    def where(self, key: NodePair) -> list[tuple[int, int, int]]:
        """Outputs, shifts and signs of the first terms of a pair, no term in two of them."""
        first, second, distance, differ = key
        places, nodes = self.places, self.signs
        a = nodes[:, first, places : 2 * places]
        b = nodes[:, second, places + distance : 2 * places + distance]
        outputs, shifts = np.nonzero(a * b == (-1 if differ else 1))
        found = [*zip(outputs.tolist(), shifts.tolist(), a[outputs, shifts].tolist(), strict=True)]
        if first != second:
            return found
        apart: dict[tuple[int, int], int] = {}
        for output, shift, sign in found:
            if (output, shift - distance) not in apart:
                apart[output, shift] = sign
        return [(*at, sign) for at, sign in apart.items()]

    def replace(self, key: NodePair, where: Sequence[tuple[int, int, int]], node: int) -> None:
        """Put a node in the place of a pair, at the outputs, shifts and signs of its first terms.

        What terms of one output have in common changes with each of them: in a round an output has one at most.
        """
        first, second, distance, differ = key
        places, nodes = self.places, self.nodes
        offsets = np.array([[0], [distance], [min(distance, 0)]])
        turns = np.array([[1], [-1 if differ else 1], [1]], np.int8)
        found = np.empty((3, 2, nodes, 2 * places - 1), np.int16)
        for outputs, shifts, signs in _rounds(where):
            at = offsets + shifts
            self.signs[outputs, first, places + at[0]] = 0
            self.signs[outputs, second, places + at[1]] = 0
            self.counts[first, second, distance + places - 1, int(differ)] -= len(outputs)
            near = self.near[outputs, :nodes, at + 1] * (turns * signs.astype(np.int8))[..., None, None]
            np.add.reduce(near == 1, axis=1, out=found[:, 0])
            np.add.reduce(near == -1, axis=1, out=found[:, 1])
            np.negative(found[:2], out=found[:2])
            for each, change in zip((first, second, node), found, strict=True):
                self._count(each, change)
            self.signs[outputs, node, places + at[2]] = signs

    def _count(self, node: int, found: Array) -> None:
        """Count terms near to those of a node, [same sign or other, node, distance]."""
        places, nodes = self.places, self.nodes
        if places > 1:
            found[:, node, places:] += found[:, node, places - 2 :: -1]
        found[:, node, :places] = 0
        self.counts[node, : node + 1] += found[:, : node + 1].transpose(1, 2, 0)
        self.counts[node + 1 : nodes, node] += found[:, node + 1 :, ::-1].transpose(1, 2, 0)


def placed_digits(codes: IntArray) -> Array:
    """The canonical signed digits of `codes` [...] as -1, 0 or +1 [..., places], from the lowest place up."""
    digits = signed_digits(codes)
    sizes, signs = np.abs(digits), np.sign(digits).astype(np.int8)
    powers = [1 << place for place in range(magnitude(digits).bit_length())] or [1]
    return np.stack([np.where(sizes == power, signs, 0).sum(axis=-1, dtype=np.int8) for power in powers], axis=-1)


def leaves_of(matrix: IntArray, levels: Sequence[int]) -> list[int]:
    """Of each column of `matrix`, the leaves of a tree of its terms, were those trees of so many levels."""
    terms = digit_counts(matrix.T)
    return [sum(count << level for count, level in zip(row, levels, strict=True)) for row in terms.tolist()]


def rooms(leaves: Sequence[int], depth: int) -> list[int | None]:
    """The leaves of trees so many additions deeper than balanced ones, None where any depth will do."""
    return [None if depth == ANY_DEPTH else 1 << ((max(count, 1) - 1).bit_length() + depth) for count in leaves]


def _rounds(terms: Sequence[tuple[int, int, int]]) -> Iterator[IntArray]:
    """Outputs, shifts and signs of terms, no output twice in a round."""
    rounds: list[list[tuple[int, int, int]]] = []
    seen: dict[int, int] = {}
    for term in terms:
        number = seen[term[0]] = seen.get(term[0], -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(term)
    return (np.array(each).T for each in rounds)


def _rows(digits: Array) -> Array:
    """[outputs, nodes, places] as [nodes, outputs and places], of a type whose products are quick."""
    return digits.transpose(1, 0, 2).reshape(digits.shape[1], -1).astype(np.float32)


def _ends(word: Span) -> tuple[int, int, int]:
    return word.start, word.stop, word.direction


class PairSearch:
    """The outputs as terms, and the pair that is worth most."""

    def __init__(self, matrix: IntArray, words: Sequence[Span], depth: int = ANY_DEPTH):
        """`matrix` [inputs, outputs]; `words` are those of the inputs; `depth` is how many additions in a row an output
        may take more than a balanced tree of its terms."""
        self.terms = Occurrences.of(placed_digits(matrix.T))
        self.words = [*words]
        self.ends = np.array([_ends(word) for word in words], np.int32)
        self.distances = np.arange(1 - self.terms.places, self.terms.places, dtype=np.int32)
        self.leaves = leaves_of(matrix, [word.level for word in words])
        self.room = rooms(self.leaves, depth)
        self.saved = [self._worth(node) for node in range(len(words))]
        self.heap = [(-self._best_of(node)[0], node) for node in range(len(words))]
        heapify(self.heap)

    def _worth(self, node: int) -> Array:
        """What the sum of a node and one that is not newer is worth, by distance and whether signs differ: the bits
        that they have in common, and what the sum is worth if it has no sign."""
        word, others = self.words[node], self.ends[: node + 1]
        starts, stops = (others[:, at, None] + self.distances for at in range(2))
        overlaps = np.minimum(stops, word.stop) - np.maximum(starts, word.start)
        signless = others[:, None, 2:] * (word.direction * SIGNS) > 0
        return np.maximum(overlaps, 1)[..., None] + SIGN * signless

    def _best_of(self, node: int) -> tuple[int, NodePair]:
        """What the best pair of a node and one that is not newer is worth."""
        counts = self.terms.counts[node, : node + 1]
        worth = (counts - 1) * self.saved[node]
        at = int(worth.argmax())
        pair, differ = divmod(at, 2)
        second, distance = divmod(pair, worth.shape[1])
        return int(worth.flat[at]), (node, second, distance + 1 - self.terms.places, bool(differ))

    def pairs(self) -> Iterator[NodePair]:
        """The pairs, best first; after each the caller tells its word by `add`."""
        while self.heap and self.heap[0][0] < 0:
            bound, node = self.heap[0]
            worth, key = self._best_of(node)
            if worth == -bound:
                yield key
            else:
                heapreplace(self.heap, (-worth, node))

    def add(self, key: NodePair, word: Span) -> bool:
        """Put a new node, which has this word, in the place of a pair wherever that stands and depth allows.

        Returns whether there is one: a pair that is left once is not added.
        """
        first, second, distance, differ = key
        levels = [self.words[node].level for node in (first, second)]
        more = (2 << max(levels)) - sum(1 << level for level in levels)
        where = self._allowed(self.terms.where(key), more)
        if len(where) < 2:
            self.terms.counts[first, second, distance + self.terms.places - 1, int(differ)] = 0
            return False
        for output, _, _ in where:
            self.leaves[output] += more
        node = self.terms.add_node()
        self.terms.replace(key, where, node)
        self.words.append(word._replace(level=1 + max(levels)))
        self.ends = np.concatenate([self.ends, np.array([_ends(word)], np.int32)])
        self.saved.append(self._worth(node))
        heappush(self.heap, (-self._best_of(node)[0], node))
        return True

    def _allowed(self, where: list[tuple[int, int, int]], more: int) -> list[tuple[int, int, int]]:
        """Of the places of a pair those whose outputs may have so many leaves more."""
        taken: dict[int, int] = {}
        found: list[tuple[int, int, int]] = []
        for at in where:
            leaves, room = taken.get(at[0], self.leaves[at[0]]) + more, self.room[at[0]]
            if room is None or leaves <= room:
                taken[at[0]] = leaves
                found.append(at)
        return found

    def columns(self) -> list[list[tuple[ShiftedNode, bool]]]:
        """The terms that are left of each output, with whether they are negative."""
        places, nodes = self.terms.places, self.terms.nodes
        found: list[list[tuple[ShiftedNode, bool]]] = []
        for signs in self.terms.signs[:, :nodes, places : 2 * places]:
            at = zip(*(axis.tolist() for axis in np.nonzero(signs)), strict=True)
            found.append([((node, shift), bool(signs[node, shift] < 0)) for node, shift in at])
        return found
