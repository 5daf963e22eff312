"""A network on streams under construction: its module, its marks of starts, whole values and aligned ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from qdialect.errors import QdialectError
from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.modules import ModuleLibrary, wires_of
from qdialect.lowering.rtl.moves import Elements, as_elements
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.streams.raster import Raster
from qdialect.lowering.rtl.streams.taps import Taps, unpacked
from qdialect.lowering.rtl.streams.ticking import Position, Ticking
from qdialect.lowering.rtl.streams.values import Gathered, PixelStream, Value
from qdialect.lowering.rtl.windows import Geometry

MAX_WHOLE = 1 << 15
"""Bits of the largest value that is gathered in registers."""


@dataclass
class StreamedNetwork:
    """The module of the network, in which all streams tick together."""

    library: ModuleLibrary
    net: Netlist
    pixels: int
    """Those of an input."""
    interval: int = 0
    """Ticks of the longest stream: as many as a sample takes."""
    _starts: dict[int, Wire] = field(default_factory=dict[int, Wire])

    def __post_init__(self) -> None:
        self.ticking = Ticking(self.library, self.net, self.net.input("tick", 1, 0, 1))
        self._starts[0] = self.net.input("start", 1, 0, 1)

    def start(self, tick: int) -> Wire:
        """The mark of a sample's tick."""
        before = max(known for known in self._starts if known <= tick)
        while before < tick:  # a sample takes no fewer ticks than it has pixels: no more marks are on their way
            step = min(tick - before, self.pixels)
            self._starts[before + step] = self.ticking.after(self._starts[before], step)
            before += step
        return self._starts[tick]

    def position(self, raster: Raster, start: int) -> Position:
        return self.ticking.position(self.start(start), raster)

    def stream(self, pixel: Sequence[Affine], raster: Raster, start: int, name: str) -> PixelStream:
        """A new stream. Raises QdialectError naming the layer if its pixels would come at the same time."""
        if not raster.is_possible:
            raise QdialectError(
                f"'{name}': rows of {raster.columns} pixels come every {raster.row_pitch} ticks; a network that makes "
                "more pixels than it takes has no streaming RTL (io_type io_parallel computes all positions at once)"
            )
        self.interval = max(self.interval, raster.last + 1)
        return PixelStream.of(pixel, raster, start)

    def aligned(self, value: PixelStream, start: int, name: str) -> PixelStream:
        """The stream with its zeros as pixels, from a later tick on."""
        taps = Taps(value, Geometry(), value.size)
        if not taps.has_state(start):
            return value
        pixel = taps.slots(self.ticking, value.pixel, start, lambda: self.position(taps.raster, start))
        return self.stream([x for x in pixel if x is not None], taps.raster, start, name)

    def start_of(self, value: PixelStream) -> int:
        """The earliest tick that `aligned` takes."""
        return Taps(value, Geometry(), value.size).start

    def whole(self, value: Value, name: str) -> Gathered:
        """The value in the tick of its last pixel. Raises QdialectError naming the layer if it is too large."""
        if isinstance(value, Gathered):
            return value
        raster, wires = value.raster, wires_of(value.pixel)
        bits = sum(wire.width for wire in wires) * raster.pixels
        if bits > MAX_WHOLE:
            raise QdialectError(f"'{name}': needs {bits} bits of an image at once; streaming RTL keeps {MAX_WHOLE}")
        pixels = [list(value.pixel)] * raster.pixels
        if raster.pixels > 1 and wires:
            pixel, valid = self.net.vector(wires), self.position(raster, value.start).valid
            word = self.ticking.gathered(pixel, valid, raster.pixels)
            pixels = [unpacked(self.net, word, value.pixel, pixel.width * i) for i in range(raster.pixels)]
        image = as_elements([x for pixel in pixels for x in pixel], (raster.rows, raster.columns, len(value.pixel)))
        return Gathered(_surrounded(image, value), value.end)

    def held(self, value: Gathered, start: int, name: str) -> Gathered:
        """The value in a later tick. Raises QdialectError naming the layer if the next sample is there before."""
        if start == value.start:
            return value
        if start - value.start > self.pixels:
            raise QdialectError(f"'{name}': meets a value of {start - value.start} ticks before, of the sample before")
        wires = wires_of(elements := [*value.elements.flat])
        if wires:
            word = self.ticking.held(self.net.vector(wires), self.start(value.start))
            elements = unpacked(self.net, word, elements)
        return Gathered(as_elements(elements, value.elements.shape), start)


def _surrounded(image: Elements, value: PixelStream) -> Elements:
    """All of a stream's image, from the pixels of its raster."""
    found = np.full((*value.size, image.shape[2]), constant(0), object)
    rows, columns = value.shown
    places = [slice(kept.start + low, kept.stop + low) for kept, low in zip(value.shown, value.low, strict=True)]
    found[*places] = image[rows.start : rows.stop, columns.start : columns.stop]
    return found
