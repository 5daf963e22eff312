"""An estimate of the look-up tables of wires, to choose between netlists of the same values."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.netlist import Kind, Wire, needed

PER_BIT: dict[Kind, float] = {Kind.AND: 3 / 11, Kind.OR: 3 / 11, Kind.XOR: 3 / 11, Kind.MUX: 3 / 11}
"""The eleven gates of a counter of six bits are three tables."""

PER_COUNTED = 1
"""Tables for each bit of a count that is left to the tool: full adders, one for each bit but those of the result."""


def tables(values: Sequence[Affine]) -> float:
    """The look-up tables of all wires that the values need."""
    return sum(map(tables_of, needed([value.wire for value in values if value.wire is not None])))


def depth(values: Sequence[Affine]) -> int:
    """The most additions in a row."""
    levels: dict[int, int] = {}
    for wire in needed([value.wire for value in values if value.wire is not None]):
        before = max((levels[operand.number] for operand in wire.operands), default=0)
        levels[wire.number] = before + (wire.kind in (Kind.ADD, Kind.SUB))
    return max(levels.values(), default=0)


def tables_of(wire: Wire) -> float:
    """Those of one operation: a carry chain takes one for each bit from the first on that both words have."""
    match wire.kind:
        case Kind.ADD:
            return wire.width - max(map(zeros_below, wire.operands))
        case Kind.SUB:
            return wire.width - zeros_below(wire.operands[1])
        case Kind.AT_LEAST:
            return 1
        case Kind.COUNT:
            return PER_COUNTED * len(wire.operands)
        case kind:
            return PER_BIT.get(kind, 0) * wire.width


def zeros_below(wire: Wire) -> int:
    """How many low bits of a word are the constant zero."""
    if wire.is_constant:
        return (wire.data & -wire.data).bit_length() - 1 if wire.data else wire.width
    last = wire.operands[-1] if wire.kind is Kind.CONCAT else None
    return zeros_below(last) if last is not None else 0
