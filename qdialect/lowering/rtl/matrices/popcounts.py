"""Products of bits with weights of {-1, 0, +1}: outputs that agree on inputs share their counts.

Take k outputs. Inputs with the same pattern of weights over them, up to a sign, form a class, which is counted once;
at most (3**k - 1) / 2 classes are there, 2**(k - 1) if no weight is zero. Each of the k outputs is a combination of the
counts with weights of {-1, 0, +1}, in which partial sums are shared once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import inf

import numpy as np

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.cost import levels, tables
from qdialect.lowering.rtl.counters import COUNTED
from qdialect.lowering.rtl.matrices import pairs
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.sums import total
from qdialect.numerics.arrays import IntArray

GROUPS = (1, 2, 3, 4, 5)
LEVEL_WORTH = 0.1
"""The part of the tables that an addition more in a row must save: the delay of counts is a few levels."""


def applies(wires: Sequence[Wire], matrix: IntArray) -> bool:
    """Whether these are bits, and weights of {-1, 0, +1}."""
    return all((wire.low, wire.high) == (0, 1) for wire in wires) and int(np.abs(matrix).max(initial=0)) <= 1


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """`matrix` [inputs, outputs], as many outputs at a time as take the fewest look-up tables, of those with at most
    `depth` additions in a row after the counts."""
    codes = matrix.astype(np.int8)
    return grouped(net, wires, matrix, cheapest_grouping(codes.tobytes(), codes.shape, depth=depth))


def grouped(net: Netlist, wires: Sequence[Wire], matrix: IntArray, outputs: int) -> list[Affine]:
    """The products with so many outputs at a time."""
    groups = range(0, matrix.shape[1], outputs)
    return [value for first in groups for value in _group(net, wires, matrix[:, first : first + outputs])]


@lru_cache(maxsize=1024)
def cheapest_grouping(codes: bytes, shape: tuple[int, int], counts: bool = False, depth: int = ANY_DEPTH) -> int:
    """How many outputs to group, by an estimate for each number of `GROUPS` up to the first that costs no less than the
    one before: with more outputs in a group its classes become smaller. A matrix is searched once.

    `counts`: counts are not cut into gates, and whoever cuts them has registers between additions. `depth` bounds the
    additions in a row after the counts.
    """
    matrix = np.frombuffer(codes, np.int8).reshape(shape).astype(object)

    def cost(outputs: int) -> float:
        net = Netlist("trial", counts=COUNTED)
        values = grouped(net, [net.input(f"x{i}", 1, 0, 1) for i in range(shape[0])], matrix, outputs)
        if depth != ANY_DEPTH and levels(values) > depth:
            return inf
        return tables(values) * (1 + (0 if counts else LEVEL_WORTH) * levels(values))

    least, found = cost(GROUPS[0]), GROUPS[0]
    for outputs in GROUPS[1:]:
        if (more := cost(outputs)) >= least:
            break
        least, found = more, outputs
    return found


def _group(net: Netlist, wires: Sequence[Wire], matrix: IntArray) -> list[Affine]:
    classes: dict[tuple[int, ...], list[Affine]] = {}
    for wire, row in zip(wires, matrix.tolist(), strict=True):
        sign = next((weight for weight in row if weight), 0)
        if sign:
            classes.setdefault(tuple(weight * sign for weight in row), []).append(Affine(wire, negative=sign < 0))
    counts = [total(net, members) for members in classes.values()]
    patterns = np.array(list(classes)).reshape(len(classes), matrix.shape[1])
    offsets = np.array([count.offset for count in counts], np.int64) @ patterns if counts else [0] * matrix.shape[1]
    sums = pairs.combined(net, [Affine(count.wire, count.shift, count.negative) for count in counts], patterns)
    return [value.plus(int(offset)) for value, offset in zip(sums, offsets, strict=True)]
