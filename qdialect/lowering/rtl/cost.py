"""An estimate of the look-up tables of wires, to choose between netlists of the same values."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.netlist import Kind, needed

PER_BIT: dict[Kind, float] = {
    Kind.ADD: 1,
    Kind.SUB: 1,
    Kind.AND: 3 / 11,
    Kind.OR: 3 / 11,
    Kind.XOR: 3 / 11,
    Kind.MUX: 3 / 11,
}
"""A carry chain takes a table for each bit; the eleven gates of a counter of six bits are three tables."""


def tables(values: Sequence[Affine]) -> float:
    """The look-up tables of all wires that the values need."""
    wires = needed([value.wire for value in values if value.wire is not None])
    return sum(PER_BIT.get(wire.kind, 0) * wire.width + (wire.kind is Kind.AT_LEAST) for wire in wires)
