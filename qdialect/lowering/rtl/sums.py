"""Sums of shifted words: balanced trees in which every sum has the smallest word that holds it."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.counters import popcount
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.words import add, shifted, subtract


def pair(net: Netlist, a: Affine, b: Affine, interval: tuple[int, int] | None = None) -> Affine:
    """`a + b` of values without constants; of two negative ones the negative of the sum.

    `interval` is that of the sum where the operands depend on each other.
    """
    if a.negative and not b.negative:
        a, b = b, a
    common, negative = min(a.shift, b.shift), a.negative and b.negative
    left, right = (aligned(net, x, common) for x in (a, b))
    if interval is not None:
        ends = sorted((-end if negative else end) >> common for end in interval)
        interval = ends[0], ends[1]
    if a.negative == b.negative:
        return Affine(add(net, left, right, interval), common, negative)
    return Affine(subtract(net, left, right, interval), common)


def aligned(net: Netlist, x: Affine, shift: int) -> Wire:
    """The wire of `x` in units of 2**shift."""
    assert x.wire is not None, "constants are no part of trees"
    return shifted(net, x.wire, x.shift - shift)


def total(net: Netlist, values: Sequence[Affine]) -> Affine:
    """The sum of values: bits of one weight are counted, then words are added, narrow ones first."""
    offset = sum(value.offset for value in values)
    words, bits = [], dict[int, list[Affine]]()
    for value in values:
        if value.wire is None:
            continue
        plain = Affine(value.wire, value.shift, value.negative)
        if (value.wire.low, value.wire.high) == (0, 1):
            bits.setdefault(value.shift, []).append(plain)
        else:
            words.append(plain)
    for shift, alike in bits.items():
        if len(alike) < 3:
            words += alike
            continue
        count, less = count_of(net, alike)
        words.append(Affine(count, shift))
        offset -= less << shift
    while len(words) > 1:
        words.sort(key=_cost)
        pairs = [pair(net, a, b) for a, b in zip(words[::2], words[1::2], strict=False)]
        words = pairs + words[2 * len(pairs) :]
    return words[0].plus(offset) if words else constant(offset)


def count_of(net: Netlist, bits: Sequence[Affine]) -> tuple[Wire, int]:
    """The count of bits with signs, and what it is too large by: -b = (1 - b) - 1."""
    wires = [net.invert(bit.wire) if bit.negative else bit.wire for bit in bits if bit.wire is not None]
    return popcount(net, wires), sum(bit.negative for bit in bits)


def _cost(value: Affine) -> tuple[int, int]:
    low, high = value.interval
    return (high - low).bit_length(), value.shift
