"""Columns as others plus what they differ by: a spanning tree of the columns, with the fewest digits along its edges.

An output is then the sum of a combination of inputs, found by common pairs, and plus or minus another output [as the
first stage of C. Sun et al., "da4ml", arXiv:2507.04535]. It pays where columns have much in common, as those of weights
of {-1, +1} do; each step along the tree is one more addition in a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from qdialect.errors import QdialectError
from qdialect.lowering.rtl.affine import Affine, of_wire
from qdialect.lowering.rtl.matrices import pairs
from qdialect.lowering.rtl.matrices.linear import distinct, interval_of, products
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.sums import pair
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import holding, magnitude
from qdialect.numerics.signed_digits import digit_counts


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """`matrix` [inputs, outputs]. Raises QdialectError where `depth` is bounded."""
    if depth != ANY_DEPTH:
        raise QdialectError("sums by differences have no bound on depth: choose products=pairs")
    return along(net, wires, matrix, list(spanning_tree(matrix)))


def along(net: Netlist, wires: Sequence[Wire], matrix: IntArray, tree: Sequence[tuple[int, int, int]]) -> list[Affine]:
    """The same by a known tree of the columns."""
    sums = products(net, [of_wire(wire) for wire in wires], along_edges(matrix, tree), pairs.multiply)
    found: dict[int, Affine] = {}
    for (column, parent, sign), difference in zip(tree, sums, strict=True):
        if not sign:
            found[column] = difference
            continue
        other = found[parent] if sign > 0 else found[parent].negated()
        found[column] = added(net, other, difference, interval_of(wires, matrix[:, column].tolist()))
    return [found[column] for column in range(matrix.shape[1])]


def additions(wires: Sequence[Wire], matrix: IntArray, tree: Sequence[tuple[int, int, int]]) -> int:
    """How many additions that takes."""
    columns, _ = distinct(along_edges(matrix, tree))
    return pairs.additions([of_wire(wire) for wire in wires], columns) + sum(sign != 0 for *_, sign in tree)


def along_edges(matrix: IntArray, tree: Sequence[tuple[int, int, int]]) -> IntArray:
    """What the columns are more than those that they are made from, in the order of the tree."""
    return np.stack([matrix[:, at] - sign * (matrix[:, parent] if sign else 0) for at, parent, sign in tree], axis=1)


def added(net: Netlist, a: Affine, b: Affine, interval: tuple[int, int]) -> Affine:
    """`a + b`, of which `interval` is known."""
    if a.wire is None or b.wire is None:
        return (b if a.wire is None else a).plus((a if a.wire is None else b).offset)
    offset = a.offset + b.offset
    known = interval[0] - offset, interval[1] - offset
    return pair(net, a.plus(-a.offset), b.plus(-b.offset), known).plus(offset)


def spanning_tree(matrix: IntArray) -> Iterator[tuple[int, int, int]]:
    """Each column with the one that it is made from and the sign of that, parents first; sign 0 is none [R. C. Prim,
    Bell Syst. Tech. J. 36 (1957)]."""
    matrix = holding(matrix, 2 * magnitude(matrix))
    least = digits_of(matrix)
    parents = [(0, 0)] * len(least)
    waiting = np.ones(len(least), bool)
    while waiting.any():
        column = int(np.where(waiting, least, np.iinfo(least.dtype).max).argmin())
        waiting[column] = False
        yield column, *parents[column]
        for sign in (1, -1):
            counts = digits_of(matrix - sign * matrix[:, [column]]) + 1
            for other in np.flatnonzero(waiting & (counts < least)).tolist():
                least[other], parents[other] = counts[other], (column, sign)


def digits_of(matrix: IntArray) -> IntArray:
    """How many digits of the canonical signed form are not zero, by column."""
    return digit_counts(matrix).sum(axis=0)
