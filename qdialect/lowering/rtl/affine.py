"""Values that are not yet words: a wire times a signed power of two, plus a constant.

Signs, shifts and constants cost nothing where the next step takes them into its own constants: a sum into its weights,
a comparison into its bound. `materialized` makes the word.
"""

from __future__ import annotations

from dataclasses import dataclass

from qdialect.lowering.rtl.counters import summed
from qdialect.lowering.rtl.netlist import Netlist, Wire, bits_for
from qdialect.lowering.rtl.words import at_least, resized, shifted, within


@dataclass(frozen=True)
class Affine:
    """`+-wire * 2**shift + offset`, or `offset` alone."""

    wire: Wire | None
    shift: int = 0
    negative: bool = False
    offset: int = 0

    @property
    def coefficient(self) -> int:
        """What the wire is multiplied by."""
        return 0 if self.wire is None else (-1 if self.negative else 1) << self.shift

    @property
    def level(self) -> int:
        """Additions in a row before it."""
        return 0 if self.wire is None else self.wire.level

    @property
    def interval(self) -> tuple[int, int]:
        if self.wire is None:
            return self.offset, self.offset
        ends = [self.coefficient * end + self.offset for end in (self.wire.low, self.wire.high)]
        return min(ends), max(ends)

    def plus(self, constant: int) -> Affine:
        return Affine(self.wire, self.shift, self.negative, self.offset + constant)

    def negated(self) -> Affine:
        return Affine(self.wire, self.shift, not self.negative, -self.offset)

    def scaled(self, places: int) -> Affine:
        """Times 2**places."""
        return Affine(self.wire, self.shift + places, self.negative, self.offset << places)


def constant(value: int) -> Affine:
    return Affine(None, offset=value)


def of_wire(wire: Wire) -> Affine:
    return constant(wire.low) if wire.low == wire.high else Affine(wire)


def materialized(net: Netlist, x: Affine, interval: tuple[int, int] | None = None) -> Wire:
    """The value as a word; `interval` is what is known of it beside its own."""
    low, high = x.interval
    if interval is not None:
        low, high = max(low, interval[0]), min(high, interval[1])
    if x.wire is None or low == high:
        return net.constant(low)
    if x.shift == 0 and (bits := net.counted.get(x.wire.number)) and (x.negative or x.offset):
        counted = [[net.invert(bit) for bit in column] for column in bits] if x.negative else bits
        less = sum(len(column) << weight for weight, column in enumerate(bits)) if x.negative else 0
        return summed(net, counted, low, high, x.offset - less)
    word = shifted(net, x.wire, x.shift)
    if x.negative or x.offset:
        width = bits_for(low, high)
        word, offset = resized(net, word, width), net.constant(x.offset, width)
        return net.sub(offset, word, low, high) if x.negative else net.add(word, offset, low, high)
    return within(net, word, low, high)


def worded(net: Netlist, x: Affine, interval: tuple[int, int] | None = None) -> Affine:
    """The value on a word without the zeros below that all its numbers have; `interval` as in `materialized`."""
    places = zeros_below(x)
    part = Affine(x.wire, x.shift - places, x.negative, x.offset >> places)
    known = None if interval is None else (-(-interval[0] >> places), interval[1] >> places)
    return of_wire(materialized(net, part, known)).scaled(places)


def zeros_below(x: Affine) -> int:
    """The lowest bits of a variable that are zero in all its numbers, whatever its wire holds."""
    return min(x.shift, (x.offset & -x.offset).bit_length() - 1) if x.offset else x.shift


def turning(x: Affine, bound: int) -> int:
    """The code of the wire from which on `x >= bound`, of a negative one from which on no more."""
    needed = bound - x.offset
    return (-needed >> x.shift) + 1 if x.negative else -(-needed >> x.shift)


def reached(net: Netlist, x: Affine, bound: int) -> Wire:
    """The bit of `x >= bound`, by a comparison of the wire itself."""
    if x.wire is None:
        return net.constant(int(x.offset >= bound), 1)
    hit = at_least(net, x.wire, turning(x, bound))
    return net.invert(hit) if x.negative else hit
