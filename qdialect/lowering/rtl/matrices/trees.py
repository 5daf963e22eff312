"""One tree of additions per output: the digits of its weights, nothing shared but what is equal by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH, leaves_of, rooms
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.sums import total
from qdialect.numerics.arrays import IntArray


def digits(code: int) -> Iterator[tuple[int, bool]]:
    """The canonical signed digits of an integer as (exponent, negative), from the lowest up."""
    place = 0
    while code:
        if code & 1:
            digit = 2 - (code & 3)
            yield place, digit < 0
            code -= digit
        code >>= 1
        place += 1


def terms(wires: Sequence[Wire], column: Sequence[int]) -> list[Affine]:
    """One term for each digit of each weight."""
    return [
        Affine(wire, place, negative)
        for wire, weight in zip(wires, column, strict=True)
        for place, negative in digits(int(weight))
    ]


def multiply(net: Netlist, wires: Sequence[Wire], matrix: IntArray, depth: int = ANY_DEPTH) -> list[Affine]:
    """`matrix` [inputs, outputs]; `depth` as in `pairs.multiply`."""
    bounds = rooms(leaves_of(matrix, [wire.level for wire in wires]), depth)
    columns = zip(matrix.T.tolist(), bounds, strict=True)
    return [total(net, terms(wires, column), room) for column, room in columns]
