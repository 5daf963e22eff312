"""The elements under a window that moves over a stream: the stream of so many ticks ago for each tap.

The pixel under a tap of the window at [row, column] of the result lies at the same distance in ticks for all positions,
as positions follow each other in the same pitch, times the stride. What lies beyond the edges is a pixel of another row
or image then, and is masked by the position of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from qdialect.lowering.rtl.affine import Affine, constant, materialized, of_wire
from qdialect.lowering.rtl.netlist import Kind, Netlist, Wire
from qdialect.lowering.rtl.placement import Slots, renamed, wires_of
from qdialect.lowering.rtl.streams.raster import Raster
from qdialect.lowering.rtl.streams.ticking import Position, Ticking
from qdialect.lowering.rtl.streams.values import PixelStream
from qdialect.lowering.rtl.windows import Geometry
from qdialect.lowering.rtl.words import choose, table


@dataclass(frozen=True)
class Taps:
    """A window over a stream, at rows and columns of a result."""

    stream: PixelStream
    geometry: Geometry
    positions: tuple[int, int]
    beyond: int = 0
    """The code of what lies beyond the edges of the window's operand; within them zeros surround the pixels."""

    @property
    def raster(self) -> Raster:
        """That of the result."""
        pitches = (self.stream.raster.row_pitch, self.stream.raster.column_pitch)
        return Raster.of(*self.positions, *(p * s for p, s in zip(pitches, self.geometry.strides, strict=True)))

    def _offset(self, tap: Sequence[int], low: Sequence[int]) -> tuple[int, int]:
        """Where a tap lies for the first position of the result, `low` positions after the edges."""
        row, column = (
            at * dilation - before - inner
            for at, dilation, before, inner in zip(tap, self.geometry.dilations, self.geometry.low, low, strict=True)
        )
        return row, column

    @property
    def taps(self) -> list[tuple[int, int]]:
        rows, columns = self.geometry.taps
        return [*product(range(rows), range(columns))]

    @property
    def start(self) -> int:
        """The first tick in which all taps of the first position have come."""
        times = [self.stream.raster.time(*self._offset(tap, self.stream.low)) for tap in self.taps]
        return max(self.stream.start + max(times), 0)

    def lag(self, tap: Sequence[int], start: int) -> int:
        """How many ticks ago the pixel under a tap came, of a result that begins at `start`."""
        return start - self.stream.start - self.stream.raster.time(*self._offset(tap, self.stream.low))

    def has_state(self, start: int) -> bool:
        """Whether it takes more than the pixel of this tick."""
        return any(self.lag(tap, start) for tap in self.taps) or self.is_masked

    @property
    def is_masked(self) -> bool:
        """Whether a tap lies beyond the edges at some position."""
        return not all(all(inside) for tap in self.taps for mask in self._masks(tap) for inside in mask)

    def _masks(self, tap: Sequence[int]) -> tuple[list[list[bool]], list[list[bool]]]:
        """Where a tap lies on pixels, and where within the operand: for each row and each column of the result."""
        stream = self.stream

        def inside(low: Sequence[int], counted: Sequence[range]) -> list[list[bool]]:
            axes = zip(self._offset(tap, low), self.positions, self.geometry.strides, counted, strict=True)
            return [[at * stride + offset in kept for at in range(count)] for offset, count, stride, kept in axes]

        return inside(stream.low, stream.shown), inside((0, 0), [*map(range, stream.size)])

    def slots(self, ticking: Ticking, pixel: Sequence[Affine], start: int, position: Callable[[], Position]) -> Slots:
        """The elements under the window, row by row; `pixel` is that of the stream in this netlist."""
        words = delays(ticking, pixel, sorted({self.lag(tap, start) for tap in self.taps}))
        found: Slots = []
        for tap in self.taps:
            elements = words[self.lag(tap, start)]
            for mask, fill in zip(self._masks(tap), (0, self.beyond), strict=True):
                inside = is_inside(ticking.net, mask, position)
                elements = [masked(ticking.net, x, inside, fill) for x in elements]
            found += elements
        return found


def delays(ticking: Ticking, pixel: Sequence[Affine], lags: Sequence[int]) -> dict[int, list[Affine]]:
    """The pixel of so many ticks ago, each from the one before."""
    wires = wires_of(pixel)
    if not wires:
        return {lag: [*pixel] for lag in lags}
    word, before, found = ticking.net.vector(wires), 0, dict[int, list[Affine]]()
    for lag in lags:
        word, before = ticking.delayed(word, lag - before), lag
        found[lag] = unpacked(ticking.net, word, pixel)
    return found


def unpacked(net: Netlist, word: Wire, pixel: Sequence[Affine], first: int = 0) -> list[Affine]:
    """A pixel whose words lie side by side in another word, from the bit `first` on."""
    parts: list[Wire] = []
    for wire in wires_of(pixel):
        parts.append(net.extract(word, first, wire.width, wire.low, wire.high))
        first += wire.width
    return [x for x in renamed([*pixel], parts) if x is not None]


def is_inside(net: Netlist, mask: Sequence[Sequence[bool]], position: Callable[[], Position]) -> Wire:
    """Whether the row and the column of the result are among these."""
    if all(map(all, mask)):
        return net.constant(1, 1)
    if not all(map(any, mask)):
        return net.constant(0, 1)
    rows, columns = mask
    bits = [table(net, at, [*map(int, axis)]) for at, axis in ((position().row, rows), (position().column, columns))]
    return net.gate(Kind.AND, *bits)


def masked(net: Netlist, x: Affine, inside: Wire, fill: int) -> Affine:
    """`x`, or `fill` where the bit `inside` is zero."""
    if inside.is_constant:
        return x if inside.data else constant(fill)
    if x.wire is not None and x.offset == fill and x.wire.low <= 0 <= x.wire.high:
        return replace(x, wire=choose(net, inside, x.wire, net.constant(0, x.wire.width)))
    return of_wire(choose(net, inside, materialized(net, x), net.constant(fill)))
