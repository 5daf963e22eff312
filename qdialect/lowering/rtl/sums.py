"""Sums of shifted words: balanced trees in which every sum has the smallest word that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.counters import popcount
from qdialect.lowering.rtl.netlist import Netlist, Wire, bits_for
from qdialect.lowering.rtl.words import add, shifted, subtract

SIGN = 2
"""The tables that a sum without a sign is worth beside its own, as later sums need not extend one."""
COMPARED = 48
"""Words of which all pairs are compared."""


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


def signless_pair(net: Netlist, a: Affine, b: Affine) -> Affine:
    """The same with the sign that is cheaper: of a difference the word with zeros below is subtracted, as only then
    these bits take no tables."""
    positive, negative = (b, a) if a.negative else (a, b)
    if negative.negative and not positive.negative and positive.shift > negative.shift:
        return pair(net, positive.negated(), negative.negated()).negated()
    return pair(net, a, b)


def aligned(net: Netlist, x: Affine, shift: int) -> Wire:
    """The wire of `x` in units of 2**shift."""
    assert x.wire is not None, "constants are no part of trees"
    return shifted(net, x.wire, x.shift - shift)


def total(net: Netlist, values: Sequence[Affine], room: int | None = None) -> Affine:
    """The sum of values: bits of one weight are counted, then words are added, first those with few bits in common.

    `room` bounds the additions in a row: the leaves of a complete tree of that depth.
    """
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
        together = net.counts or len(alike)
        for first in range(0, len(alike), together):
            ones, less = count_of(net, alike[first : first + together])
            words.append(Affine(ones, shift))
            offset -= less << shift
    while room is None and len(words) > COMPARED:
        words.sort(key=_cost)
        paired = [pair(net, a, b) for a, b in zip(words[::2], words[1::2], strict=False)]
        words = paired + words[2 * len(paired) :]
    return joined_words(net, words, room).plus(offset) if words else constant(offset)


def joined_words(net: Netlist, words: Sequence[Affine], room: int | None = None) -> Affine:
    """The sum of words: of all pairs, the one that takes the fewest tables is added first; `room` as in `total`."""
    alive, spans = dict(enumerate(words)), [Span.of(word) for word in words]
    leaves = sum(1 << word.level for word in words)
    waiting = [(*common_bits(a, b), i, j) for i, a in enumerate(spans) for j, b in enumerate(spans[:i])]
    heapify(waiting)
    while len(alive) > 1:
        *_, i, j = heappop(waiting)
        if i not in alive or j not in alive:
            continue
        a, b = alive[i], alive[j]
        more = (2 << max(a.level, b.level)) - (1 << a.level) - (1 << b.level)
        if room is not None and leaves + more > room:
            continue
        leaves += more
        value = pair(net, a, b) if len(alive) == 2 else signless_pair(net, a, b)
        del alive[i], alive[j]
        sum_ = Span.of(value)
        for other in alive:
            heappush(waiting, (*common_bits(sum_, spans[other]), len(spans), other))
        alive[len(spans)] = value
        spans.append(sum_)
    (value,) = alive.values()
    return value


class Span(NamedTuple):
    """Where the word of a value stands."""

    start: int
    stop: int
    """The place after its last."""
    signed: bool
    negative: bool
    """Whether it is subtracted."""
    level: int

    @property
    def direction(self) -> int:
        """1 or -1 where that is the sign of all its numbers, or 0."""
        return 0 if self.signed else -1 if self.negative else 1

    @staticmethod
    def of(value: Affine) -> Span:
        assert value.wire is not None, "constants are no part of trees"
        wire, shift = value.wire, value.shift
        return Span(shift, shift + wire.width, wire.is_signed, value.negative, wire.level)


class Summand(NamedTuple):
    """What is known of the word of a value, which no netlist need have."""

    shift: int
    negative: bool
    low: int
    high: int
    level: int

    @property
    def span(self) -> Span:
        width = bits_for(self.low, self.high)
        return Span(self.shift, self.shift + width, self.low < 0, self.negative, self.level)

    @staticmethod
    def of(value: Affine) -> Summand:
        assert value.wire is not None, "constants are no part of trees"
        return Summand(value.shift, value.negative, value.wire.low, value.wire.high, value.wire.level)

    def negated(self) -> Summand:
        return Summand(self.shift, not self.negative, self.low, self.high, self.level)

    def scaled(self, places: int) -> Summand:
        """Times 2**places."""
        return Summand(self.shift + places, self.negative, self.low, self.high, self.level)

    def plus(self, other: Summand) -> Summand:
        """The word that `signless_pair` makes."""
        shift, level = min(self.shift, other.shift), 1 + max(self.level, other.level)
        a, b = (other, self) if self.negative and not other.negative else (self, other)
        if less := a.negative != b.negative and a.shift > b.shift:
            a, b = b, a
        low, high = a.low << a.shift - shift, a.high << a.shift - shift
        first, last = b.low << b.shift - shift, b.high << b.shift - shift
        if self.negative == other.negative:
            return Summand(shift, self.negative, low + first, high + last, level)
        return Summand(shift, less, low - last, high - first, level)


def common_bits(a: Span, b: Span) -> tuple[int, int, int]:
    """The look-up tables of a sum, then the level and the end of the sum: one for each bit that both have. A word
    with a sign has all bits up to the end; of two signs the sum has one. A difference that brings a sign is the last
    choice. Conditions, as calls of `max` take longer."""
    start, stop, a_signed, a_negative, a_level = a
    first, end, b_signed, b_negative, b_level = b
    top = stop if stop > end else end
    a_end, b_end = top if a_signed else stop, top if b_signed else end
    common = (a_end if a_end < b_end else b_end) - (start if start > first else first)
    tables = (common if common > 0 else 0) + (SIGN if a_negative != b_negative and not (a_signed or b_signed) else 0)
    return tables, a_level if a_level > b_level else b_level, top


def count_of(net: Netlist, bits: Sequence[Affine]) -> tuple[Wire, int]:
    """The count of bits with signs, and what it is too large by: -b = (1 - b) - 1."""
    wires = [net.invert(bit.wire) if bit.negative else bit.wire for bit in bits if bit.wire is not None]
    return popcount(net, wires), sum(bit.negative for bit in bits)


def _cost(value: Affine) -> tuple[int, int]:
    low, high = value.interval
    return (high - low).bit_length(), value.shift
