"""Word-level netlists: what a module computes, as wires that are shared by structure.

A wire is a word of bits and the interval of the integers that it holds, signed where the interval has negative ones.
Equal nodes are made once; constants fold. `emission` turns a netlist into an `hw.module`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import and_, or_, xor
from typing import Any


class Kind(StrEnum):
    """What makes a wire; `data` of the wire is in brackets."""

    INPUT = "input"  # [name]
    CONSTANT = "constant"  # [bits, as a non-negative integer]
    EXTRACT = "extract"  # [lowest bit]
    CONCAT = "concat"  # highest part first
    REPLICATE = "replicate"  # of one bit
    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    AND = "and"
    OR = "or"
    XOR = "xor"
    MUX = "mux"  # condition, then, else
    AT_LEAST = "at_least"  # unsigned comparison of words of one width
    COUNT = "count"  # how many of some bits are one
    INSTANCE = "instance"  # [module]


GATES = {Kind.AND: and_, Kind.OR: or_, Kind.XOR: xor}
ADDITIONS = (Kind.ADD, Kind.SUB)
WIRING = (Kind.INPUT, Kind.CONSTANT, Kind.EXTRACT, Kind.CONCAT, Kind.REPLICATE)
"""Kinds that cost nothing."""


def bits_for(low: int, high: int) -> int:
    """The width of the smallest word that holds every integer of [low, high]; two's complement if low < 0."""
    return max(high.bit_length(), (-low - 1).bit_length()) + 1 if low < 0 else max(high.bit_length(), 1)


@dataclass(eq=False, slots=True)
class Wire:
    """A word; its bits are those of an integer in [low, high]. Nothing changes it: it is not frozen as that takes six
    times as long to make, for tens of thousands."""

    number: int
    kind: Kind
    operands: tuple[Wire, ...]
    width: int
    low: int
    high: int
    data: Any = None
    level: int = 0
    """Additions in a row before it and in it."""

    @property
    def is_constant(self) -> bool:
        return self.kind is Kind.CONSTANT

    @property
    def is_signed(self) -> bool:
        return self.low < 0


class Netlist:
    """The wires of one module, in an order in which operands come first.

    `counts`: the most bits whose count is one wire; of more, and with 0 of any, `counters` makes gates.
    """

    def __init__(self, name: str, counts: int = 0):
        self.name = name
        self.counts = counts
        self.wires: list[Wire] = []
        self.inputs: list[Wire] = []
        self.counted: dict[int, Sequence[Sequence[Wire]]] = {}
        """The bits of each weight of which a wire, by its number, is the sum."""
        self._made: dict[Any, Wire] = {}

    def make(self, kind: Kind, operands: Sequence[Wire], width: int, low: int, high: int, data: Any = None) -> Wire:
        """The wire of this structure and sign; the interval is that of the first such wire."""
        key = (kind, width, low < 0, data, *[x.number for x in operands])
        if (made := self._made.get(key)) is None:
            level = max([x.level for x in operands], default=0) + (kind in ADDITIONS)
            made = self._made[key] = Wire(len(self.wires), kind, tuple(operands), width, low, high, data, level)
            self.wires.append(made)
        return made

    def input(self, name: str, width: int, low: int, high: int) -> Wire:
        self.inputs.append(self.make(Kind.INPUT, (), width, low, high, name))
        return self.inputs[-1]

    def constant(self, value: int, width: int | None = None) -> Wire:
        """The integer `value` in its smallest word, or its bits in `width`."""
        width = width or bits_for(value, value)
        return self.make(Kind.CONSTANT, (), width, value, value, value & ((1 << width) - 1))

    def _constant_of(self, bits: int, width: int, low: int) -> Wire:
        """The lowest `width` bits, with a sign where `low` has one."""
        bits &= (1 << width) - 1
        return self.constant(bits - (1 << width) if low < 0 and bits >> (width - 1) else bits, width)

    def extract(self, x: Wire, lowest: int, width: int, low: int = 0, high: int | None = None) -> Wire:
        """`width` bits from `lowest` on, unsigned unless the interval says otherwise."""
        high = (1 << width) - 1 if high is None else high
        if lowest == 0 and width == x.width and (low < 0) == x.is_signed:
            return x
        if x.is_constant:
            return self._constant_of(x.data >> lowest, width, low)
        if x.kind is Kind.EXTRACT:
            return self.extract(x.operands[0], lowest + x.data, width, low, high)
        if x.kind is Kind.CONCAT:
            return self._extract_parts(x, lowest, width, low, high)
        if x.kind is Kind.REPLICATE:
            (bit,) = x.operands
            if width == 1:
                return self.extract(bit, 0, 1, low, high)
            return self.make(Kind.REPLICATE, (bit,), width, low, high)
        return self.make(Kind.EXTRACT, (x,), width, low, high, lowest)

    def _extract_parts(self, x: Wire, lowest: int, width: int, low: int, high: int) -> Wire:
        """Bits of a concatenation as one of bits of its parts."""
        parts: list[Wire] = []
        start = x.width
        for part in x.operands:
            start -= part.width
            first, end = max(lowest, start), min(lowest + width, start + part.width)
            if end - first == width:
                return self.extract(part, first - start, width, low, high)
            if first < end:
                parts.append(self.extract(part, first - start, end - first))
        return self.concat(parts, low, high)

    def bit(self, x: Wire, place: int) -> Wire:
        return self.extract(x, place, 1)

    def concat(self, parts: Sequence[Wire], low: int = 0, high: int | None = None) -> Wire:
        """The words one after the other, the highest first."""
        width = sum([part.width for part in parts])
        high = (1 << width) - 1 if high is None else high
        if len(parts) == 1:
            return self.extract(parts[0], 0, width, low, high)
        if parts[0].is_constant and all(part.is_constant for part in parts):
            bits = reduce(lambda word, part: word << part.width | part.data, parts, 0)
            return self._constant_of(bits, width, low)
        return self.make(Kind.CONCAT, parts, width, low, high)

    def vector(self, elements: Sequence[Wire]) -> Wire:
        """Words side by side, the first lowest; neighbours that are neighbours in another word stay one part."""
        parts: list[Wire] = []
        for part in reversed(elements):
            last = parts[-1] if parts else None
            if last is not None and part.kind is last.kind is Kind.EXTRACT and part.operands == last.operands:
                if last.data == part.data + part.width:
                    parts[-1] = self.extract(part.operands[0], part.data, part.width + last.width)
                    continue
            parts.append(part)
        return parts[0] if len(parts) == 1 else self.concat(parts)

    def replicate(self, bit: Wire, times: int) -> Wire:
        if bit.is_constant:
            return self.constant(-bit.data, times)
        return bit if times == 1 else self.make(Kind.REPLICATE, (bit,), times, 0, (1 << times) - 1)

    def add(self, a: Wire, b: Wire, low: int, high: int) -> Wire:
        """Modulo 2**width of two words of one width; the sum is known to be in [low, high]."""
        if a.is_constant and b.is_constant:
            return self._constant_of(a.data + b.data, a.width, low)
        for zero, other in ((a, b), (b, a)):
            if zero.is_constant and zero.data == 0:
                return self.extract(other, 0, other.width, low, high)
        return self.make(Kind.ADD, (a, b), a.width, low, high)

    def sub(self, a: Wire, b: Wire, low: int, high: int) -> Wire:
        """As `add`."""
        if b.is_constant and b.data == 0:
            return self.extract(a, 0, a.width, low, high)
        return self.make(Kind.SUB, (a, b), a.width, low, high)

    def mul(self, a: Wire, b: Wire, low: int, high: int) -> Wire:
        """As `add`."""
        return self.make(Kind.MUL, (a, b), a.width, low, high)

    def gate(self, kind: Kind, *operands: Wire) -> Wire:
        """AND, OR or XOR of words of one width."""
        width, ones = operands[0].width, (1 << operands[0].width) - 1
        fixed = [x.data for x in operands if x.is_constant]
        varying = sorted((x for x in operands if not x.is_constant), key=lambda x: x.number)
        neutral = ones if kind is Kind.AND else 0
        known = reduce(GATES[kind], fixed, neutral)
        if not varying or (kind is Kind.AND and known == 0) or (kind is Kind.OR and known == ones):
            return self.constant(known, width)
        if known != neutral:
            varying.append(self.constant(known, width))
        return varying[0] if len(varying) == 1 else self.make(kind, varying, width, 0, ones)

    def invert(self, x: Wire) -> Wire:
        """All bits of a word inverted."""
        return self.gate(Kind.XOR, x, self.constant(-1, x.width))

    def mux(self, condition: Wire, then: Wire, otherwise: Wire, low: int, high: int) -> Wire:
        """Of two words of one width."""
        if condition.is_constant:
            return then if condition.data else otherwise
        if then is otherwise:
            return then
        return self.make(Kind.MUX, (condition, then, otherwise), then.width, low, high)

    def unsigned_at_least(self, a: Wire, b: Wire) -> Wire:
        """The bit a >= b, of words of one width without sign."""
        if a.is_constant and b.is_constant:
            return self.constant(int(a.data >= b.data), 1)
        return self.make(Kind.AT_LEAST, (a, b), 1, 0, 1)

    def count(self, bits: Sequence[Wire]) -> Wire:
        """How many of the bits are one."""
        return self.make(Kind.COUNT, bits, bits_for(0, len(bits)), 0, len(bits))

    def instance(self, module: Any, operands: Sequence[Wire], width: int) -> Wire:
        """The output of another module for these inputs."""
        return self.make(Kind.INSTANCE, operands, width, 0, (1 << width) - 1, module)


def needed(outputs: Sequence[Wire]) -> list[Wire]:
    """The wires of which these are made, operands first."""
    seen: dict[int, Wire] = {}
    waiting = list(outputs)
    while waiting:
        wire = waiting.pop()
        if wire.number not in seen:
            seen[wire.number] = wire
            waiting.extend(wire.operands)
    return [seen[number] for number in sorted(seen)]
