"""Sums of a netlist as expressions: one statement for each, every value an integer in the interval of its wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qdialect.dialects.hlscpp.builder import count
from qdialect.dialects.hlscpp.types import BIT, IntType
from qdialect.dialects.hlscpp.values import Value, constant
from qdialect.lowering.parts.elements import shifted
from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.netlist import Kind, Wire, needed

SUMS = {Kind.ADD: "sum", Kind.SUB: "sum", Kind.COUNT: "count"}
"""Kinds that are a statement each, and what it is called."""


def evaluated(outputs: Sequence[Affine], inputs: Mapping[Wire, Value]) -> list[Value]:
    """The values of outputs, each sum computed once; `inputs` are those of the netlist's inputs that are used."""
    values = dict(inputs)
    for wire in needed([output.wire for output in outputs if output.wire is not None]):
        if (name := SUMS.get(wire.kind)) is not None:
            total = _sum(wire.kind, [_integer(operand, values) for operand in wire.operands])
            values[wire] = total.cast(IntType.of_range(wire.low, wire.high)).named(f"{name}{len(values) - len(inputs)}")
    return [_restored(output, values) for output in outputs]


def _sum(kind: Kind, terms: Sequence[Value]) -> Value:
    match kind, terms:
        case Kind.ADD, [a, b]:
            return a + b
        case Kind.SUB, [a, b]:
            return a - b
        case _:
            return count([term.cast(BIT) for term in terms])


def _integer(wire: Wire, values: Mapping[Wire, Value]) -> Value:
    """The integer that a wire holds; words cut or extended around it are the same integer."""
    match wire.kind, wire.operands:
        case Kind.CONSTANT, _:
            return constant(wire.low, IntType.of_range(wire.low, wire.low))
        case Kind.EXTRACT, [word]:
            return _integer(word, values)
        case Kind.CONCAT, [word, zeros] if zeros.is_constant:
            return shifted(_integer(word, values), zeros.width)
        case Kind.CONCAT, [_, word]:
            return _integer(word, values)
        case Kind.XOR, [bit, ones] if wire.width == 1 and ones.is_constant:
            return ~_integer(bit, values)
        case _:
            return values[wire]


def _restored(x: Affine, values: Mapping[Wire, Value]) -> Value:
    """An output as a value: the sign, the shift and the constant that its wire left out."""
    if x.wire is None:
        return constant(x.offset, IntType.of_range(x.offset, x.offset))
    value = shifted(_integer(x.wire, values), x.shift)
    if x.negative:
        return x.offset - value if x.offset else -value
    return value + x.offset if x.offset else value
