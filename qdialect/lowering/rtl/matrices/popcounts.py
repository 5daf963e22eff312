"""Products of bits with weights of {-1, 0, +1}: outputs that agree on inputs share their counts.

Take k outputs. Inputs with the same pattern of weights over them, up to a sign, form a class; at most (3**k - 1) / 2
classes are there, 2**(k - 1) if no weight is zero. There are two forms:

- A class is counted once. Each of the k outputs is a combination of the counts with weights of {-1, 0, +1}, in which
  partial sums are shared once more. This shares most, and takes additions in a row.
- The bits of a class go by six through counters once. Each output counts their bits, inverted where its weight is -1,
  with the bits that are left. No output is deeper than its own tree of counters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from math import inf

import numpy as np

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.cost import levels, tables
from qdialect.lowering.rtl.counters import COUNTED, compressed, counted, summed
from qdialect.lowering.rtl.matrices import pairs
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.sums import total
from qdialect.lowering.rtl.words import LUT_INPUTS
from qdialect.numerics.arrays import IntArray

GROUPS = (1, 2, 3, 4, 5)
LEVEL_WORTH = 0.1
"""The part of the tables that an addition more in a row must save: the delay of counts is a few levels."""
COUNTER_TABLES = 3
"""Of a counter of six bits."""
HIGHEST_COUNT = 7
"""Of three bits: a count c of them is this - c with each bit inverted."""
Form = Callable[[Netlist, Sequence[Wire], IntArray], list[Affine]]


def applies(wires: Sequence[Wire], matrix: IntArray) -> bool:
    """Whether these are bits, and weights of {-1, 0, +1}."""
    return all((wire.low, wire.high) == (0, 1) for wire in wires) and int(np.abs(matrix).max(initial=0)) <= 1


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """`matrix` [inputs, outputs], in the form and with as many outputs at a time as take the fewest look-up tables, of
    those with at most `depth` additions in a row after the counts."""
    codes = matrix.astype(np.int8)
    cost, outputs = cheapest_grouping(codes.tobytes(), codes.shape, LEVEL_WORTH, depth)
    fewest, together = min((counter_tables(matrix, size), size) for size in GROUPS[1:])
    if cost <= fewest:
        return in_groups(sums_of_counts, net, wires, matrix, outputs)
    return in_groups(counts_of_bits, net, wires, matrix, together)


def in_groups(form: Form, net: Netlist, wires: Sequence[Wire], matrix: IntArray, outputs: int) -> list[Affine]:
    """The products in a form, with so many outputs at a time."""
    groups = range(0, matrix.shape[1], outputs)
    return [value for first in groups for value in form(net, wires, matrix[:, first : first + outputs])]


@lru_cache(maxsize=1024)
def cheapest_grouping(
    codes: bytes, shape: tuple[int, int], level_worth: float = 0, depth: int = ANY_DEPTH
) -> tuple[float, int]:
    """An estimate of the tables, and how many outputs to group, by one for each number of `GROUPS` up to the first that
    costs no less than the one before: with more outputs in a group its classes become smaller. A matrix is searched
    once.

    Each addition more in a row must save the part `level_worth` of the tables: none where counts are not cut into
    gates, as whoever cuts them has registers between additions. `depth` bounds the additions in a row after the counts.
    """
    matrix = np.frombuffer(codes, np.int8).reshape(shape).astype(object)

    def cost(outputs: int) -> float:
        net = Netlist("trial", counts=COUNTED)
        wires = [net.input(f"x{i}", 1, 0, 1) for i in range(shape[0])]
        values = in_groups(sums_of_counts, net, wires, matrix, outputs)
        if depth != ANY_DEPTH and levels(values) > depth:
            return inf
        return tables(values) * (1 + level_worth * levels(values))

    least, found = cost(GROUPS[0]), GROUPS[0]
    for outputs in GROUPS[1:]:
        if (more := cost(outputs)) >= least:
            break
        least, found = more, outputs
    return least, found


def counter_tables(matrix: IntArray, outputs: int) -> int:
    """An estimate of the tables of `counts_of_bits`: one for each bit that an output counts, less those of a counter of
    six for each output but one that has it."""
    saved = sum(
        len(members) // LUT_INPUTS * (sum(map(bool, pattern)) - 1)
        for first in range(0, matrix.shape[1], outputs)
        for pattern, members in _classes(matrix[:, first : first + outputs]).items()
    )
    return int(np.count_nonzero(matrix)) - COUNTER_TABLES * saved


def _classes(matrix: IntArray) -> dict[tuple[int, ...], list[tuple[int, int]]]:
    """The inputs of each class with their signs, by its pattern."""
    classes: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for i, row in enumerate(matrix.tolist()):
        if sign := next((weight for weight in row if weight), 0):
            classes.setdefault(tuple(weight * sign for weight in row), []).append((i, sign))
    return classes


def sums_of_counts(net: Netlist, wires: Sequence[Wire], matrix: IntArray) -> list[Affine]:
    """The first form of the products."""
    classes = _classes(matrix)
    counts = [total(net, [Affine(wires[i], negative=sign < 0) for i, sign in each]) for each in classes.values()]
    patterns = np.array(list(classes)).reshape(len(classes), matrix.shape[1])
    offsets = np.array([count.offset for count in counts], np.int64) @ patterns if counts else [0] * matrix.shape[1]
    sums = pairs.combined(net, [Affine(count.wire, count.shift, count.negative) for count in counts], patterns)
    return [value.plus(int(offset)) for value, offset in zip(sums, offsets, strict=True)]


def counts_of_bits(net: Netlist, wires: Sequence[Wire], matrix: IntArray) -> list[Affine]:
    """The second form of the products."""

    def signed(bit: Wire, weight: int) -> Wire:
        return net.invert(bit) if weight < 0 else bit  # -b = (1 - b) - 1

    outputs = matrix.shape[1]
    single: list[list[Wire]] = [[] for _ in range(outputs)]
    shared: list[list[list[Wire]]] = [[[], [], []] for _ in range(outputs)]
    offsets = [0] * outputs
    for pattern, members in _classes(matrix).items():
        signs = [(at, weight) for at, weight in enumerate(pattern) if weight]
        whole = len(members) - len(members) % LUT_INPUTS
        for first in range(0, whole, LUT_INPUTS):
            six = members[first : first + LUT_INPUTS]
            bits = counted(net, [signed(wires[i], sign) for i, sign in six])
            for at, weight in signs:
                for column, bit in zip(shared[at], bits, strict=True):
                    column.append(signed(bit, weight))
                offsets[at] -= weight * sum(sign < 0 for _, sign in six) + HIGHEST_COUNT * (weight < 0)
        for (i, sign), (at, weight) in product(members[whole:], signs):
            single[at].append(signed(wires[i], sign * weight))
            offsets[at] -= sign * weight < 0
    values: list[Affine] = []
    for column, alone, counters, offset in zip(matrix.T, single, shared, offsets, strict=True):
        columns = [a + b for a, b in zip(compressed(net, [alone, [], []]), counters, strict=True)]
        low, high = -int(np.count_nonzero(column < 0)) - offset, int(np.count_nonzero(column > 0)) - offset
        values.append(Affine(summed(net, columns, low, high), offset=offset))
    return values
