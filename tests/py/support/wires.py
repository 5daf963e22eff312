"""Netlists over all values of their inputs at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import mul, xor
from typing import Any

import numpy as np

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.netlist import Kind, Netlist, Wire, bits_for, needed

SIMPLE: dict[Kind, Callable[..., Any]] = {
    Kind.ADD: lambda a, b: a + b,
    Kind.SUB: lambda a, b: a - b,
    Kind.MUL: mul,
    Kind.AND: lambda *bits: reduce(np.bitwise_and, bits),
    Kind.OR: lambda *bits: reduce(np.bitwise_or, bits),
    Kind.XOR: lambda *bits: reduce(xor, bits),
    Kind.MUX: np.where,
    Kind.AT_LEAST: lambda a, b: (a >= b) * 1,
    Kind.COUNT: lambda *bits: sum(bits),
    Kind.REPLICATE: lambda bit: -bit,
}


def value_of(wire: Wire, inputs: Mapping[int, Any]) -> Any:
    """The integers on a wire, from those of the inputs, by number."""
    bits: dict[int, Any] = {}
    for each in needed([wire]):
        expect_widths(each)
        got = [bits[x.number] for x in each.operands]
        match each.kind:
            case Kind.INPUT:
                value = inputs[each.number]
            case Kind.CONSTANT:
                value = each.data
            case Kind.CONCAT:
                value = 0
                for part, word in zip(each.operands, got, strict=True):
                    value = value << part.width | word
            case Kind.EXTRACT:
                value = got[0] >> each.data
            case kind:
                value = SIMPLE[kind](*got)
        bits[each.number] = value & ((1 << each.width) - 1)
    found = bits[wire.number]
    return found - (found >> (wire.width - 1) << wire.width) if wire.is_signed else found


def expect_widths(wire: Wire) -> None:
    """Operations are of words of one width."""
    widths = [x.width for x in wire.operands]
    match wire.kind:
        case Kind.ADD | Kind.SUB | Kind.MUL | Kind.AND | Kind.OR | Kind.XOR:
            assert set(widths) == {wire.width}
        case Kind.MUX:
            assert widths == [1, wire.width, wire.width]
        case Kind.AT_LEAST:
            assert widths[0] == widths[1]
        case Kind.CONCAT:
            assert sum(widths) == wire.width
        case Kind.EXTRACT:
            assert wire.data + wire.width <= widths[0]
        case Kind.REPLICATE | Kind.COUNT:
            assert set(widths) == {1}
        case _:
            pass
    assert wire.width > 0


class Words:
    """Inputs of a netlist, and every combination of the numbers of their intervals."""

    def __init__(self, *intervals: tuple[int, int], counts: int = 0):
        self.net = Netlist("net", counts)
        self.wires = [self.net.input(f"x{i}", bits_for(*ends), *ends) for i, ends in enumerate(intervals)]
        grids = np.meshgrid(*(np.arange(low, high + 1) for low, high in intervals), indexing="ij")
        self.numbers = [grid.ravel() for grid in grids]

    def of(self, value: Wire | Affine) -> list[int]:
        """The numbers of a value, which its interval holds."""
        x = Affine(value) if isinstance(value, Wire) else value
        fed = {wire.number: numbers for wire, numbers in zip(self.wires, self.numbers, strict=True)}
        found = x.offset + (0 if x.wire is None else x.coefficient * value_of(x.wire, fed))
        numbers = np.broadcast_to(found, self.numbers[0].shape)
        low, high = x.interval
        assert low <= numbers.min()
        assert numbers.max() <= high
        return numbers.tolist()
