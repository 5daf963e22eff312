"""Counts of bits, by counters that fit look-up tables.

Six bits of one weight become three, of the weights 1, 2 and 4 times theirs: three tables of six inputs. Columns of
fewer bits take counters of fewer; an adder is left for columns of two bits over more than three weights.
"""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.lowering.rtl.netlist import Kind, Netlist, Wire, bits_for
from qdialect.lowering.rtl.words import LUT_INPUTS

COUNTED = 255
"""Bits of the largest count that is left to the tool, or to a function: C++ takes 256 parameters."""
RIPPLE = 3
"""Weights over which bits are added by gates, not by an adder."""


def full_adder(net: Netlist, a: Wire, b: Wire, c: Wire) -> tuple[Wire, Wire]:
    """Sum and carry of three bits."""
    differ = net.gate(Kind.XOR, a, b)
    return net.gate(Kind.XOR, differ, c), net.mux(differ, c, a, 0, 1)


def half_adder(net: Netlist, a: Wire, b: Wire) -> tuple[Wire, Wire]:
    """Sum and carry of two bits."""
    return net.gate(Kind.XOR, a, b), net.gate(Kind.AND, a, b)


def counted(net: Netlist, bits: Sequence[Wire]) -> list[Wire]:
    """How many of two to six bits are one, as bits from the lowest up."""
    if len(bits) <= net.counts:
        word = net.count(bits)
        return [net.bit(word, place) for place in range(word.width)]
    match bits:
        case (a, b):
            return [*half_adder(net, a, b)]
        case (a, b, c):
            return [*full_adder(net, a, b, c)]
        case (a, b, c, *rest):
            low, carry = full_adder(net, a, b, c)
            others = [*rest] if len(rest) == 1 else counted(net, rest)
            ones, twos = half_adder(net, low, others[0])
            return [ones, *counted(net, [carry, twos, *others[1:]])]
        case _:
            raise ValueError(f"a counter takes two to six bits, not {len(bits)}")


def popcount(net: Netlist, bits: Sequence[Wire]) -> Wire:
    """How many of the bits are one."""
    return net.count(bits) if 1 < len(bits) <= net.counts else summed(net, [bits], 0, len(bits))


def summed(net: Netlist, bits: Sequence[Sequence[Wire]], low: int, high: int, offset: int = 0) -> Wire:
    """The sum of bits, those of each weight from the lowest up, and of a constant, which is in [low, high]; the netlist
    knows which bits were counted."""
    width = bits_for(low, high)
    columns = [[*column] for column in bits[:width]] + [[] for _ in range(width - len(bits))]
    while max(map(len, columns)) > 2:
        columns = compressed(net, columns)
    word = _added(net, _with_constant(net, columns, offset), low, high)
    if offset == 0:
        net.counted.setdefault(word.number, bits)
    return word


def compressed(net: Netlist, columns: Sequence[Sequence[Wire]]) -> list[list[Wire]]:
    """Each column of more than two bits through one row of counters; carries beyond the last column are left out."""
    result: list[list[Wire]] = [[] for _ in columns]
    for weight, column in enumerate(columns):
        while len(column) > 2:
            group, column = column[:LUT_INPUTS], column[LUT_INPUTS:]
            for place, bit in enumerate(counted(net, group)):
                if weight + place < len(columns):
                    result[weight + place].append(bit)
        result[weight] += column
    return result


def _with_constant(net: Netlist, columns: list[list[Wire]], constant: int) -> list[list[Wire]]:
    """Columns of at most two bits with those of a constant, again at most two: one row of counters, which the adder
    after them takes into its tables."""
    if constant == 0:
        return columns
    result: list[list[Wire]] = [[] for _ in columns]
    for weight, column in enumerate(columns):
        place = constant >> weight & 1
        bits = [*column, net.constant(1, 1)] if place else column
        sums = counted(net, bits) if len(bits) > 1 else bits
        for bit, at in zip(sums, range(weight, len(columns)), strict=False):
            if not (bit.is_constant and bit.data == 0):
                result[at].append(bit)
    return result


def _added(net: Netlist, columns: list[list[Wire]], low: int, high: int) -> Wire:
    """The word of columns of at most two bits, of a number in [low, high]."""
    double = [weight for weight, column in enumerate(columns) if len(column) == 2]
    if not double or len(columns) - double[0] <= RIPPLE:
        done: list[Wire] = []
        for weight, column in enumerate(columns):
            if len(column) > 1:
                bit, *carries = counted(net, column)
                for place, carry in enumerate(carries, weight + 1):
                    if place < len(columns):
                        columns[place].append(carry)
            else:
                bit = column[0] if column else net.constant(0, 1)
            done.append(bit)
        return net.concat(done[::-1], low, high)
    start, zero = double[0], net.constant(0, 1)
    rows = [[column[row] if row < len(column) else zero for column in columns[start:]][::-1] for row in (0, 1)]
    total = net.add(net.concat(rows[0]), net.concat(rows[1]), low >> start, high >> start)
    return net.concat([total, *(column[0] if column else zero for column in reversed(columns[:start]))], low, high)
