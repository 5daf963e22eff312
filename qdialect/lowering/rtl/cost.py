"""An estimate of the look-up tables of wires, to choose between netlists of the same values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.netlist import WIRING, Kind, Wire, needed

PER_BIT: dict[Kind, float] = {Kind.AND: 3 / 11, Kind.OR: 3 / 11, Kind.XOR: 3 / 11, Kind.MUX: 3 / 11}
"""The eleven gates of a counter of six bits are three tables."""

PER_COUNTED = 1
"""Tables for each bit of a count that is left to the tool: full adders, one for each bit but those of the result."""


def tables(values: Sequence[Affine]) -> float:
    """The look-up tables of all wires that the values need."""
    return sum(map(tables_of, needed([value.wire for value in values if value.wire is not None])))


def levels(values: Sequence[Affine]) -> int:
    """The most additions in a row."""
    return max((value.level for value in values), default=0)


def tables_of(wire: Wire) -> float:
    """Those of one operation: a carry chain takes one for each bit that both words have; beyond a word without sign
    there is nothing to add, carries need no table, and bits beyond both signs are alike."""
    match wire.kind:
        case kind if kind in WIRING:
            return 0
        case Kind.ADD | Kind.SUB:
            a, b = map(varying, wire.operands)
            return (a & b).bit_count() - min(map(extension, wire.operands))
        case Kind.AT_LEAST:
            return 1
        case Kind.COUNT:
            return PER_COUNTED * len(wire.operands)
        case kind:
            return PER_BIT.get(kind, 0) * wire.width


def varying(wire: Wire) -> int:
    """The places at which a word is no constant, as bits."""
    match wire.kind:
        case Kind.CONSTANT:
            return 0
        case Kind.CONCAT:
            return reduce(lambda places, part: places << part.width | varying(part), wire.operands, 0)
        case _:
            return (1 << wire.width) - 1


def extension(wire: Wire) -> int:
    """How many bits at the top of a word repeat the sign of the word below."""
    if wire.kind is not Kind.CONCAT or len(wire.operands) != 2:
        return 0
    top, word = wire.operands
    bit = top.operands[0] if top.kind is Kind.REPLICATE else top
    if bit.width != 1 or bit.kind is not Kind.EXTRACT:
        return 0
    source, place = (word.operands[0], word.data) if word.kind is Kind.EXTRACT else (word, 0)
    return top.width if (bit.operands[0], bit.data) == (source, place + word.width - 1) else 0
