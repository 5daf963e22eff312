"""Images of more pixels than came, on streams: each repeated, or with zeros between, in ticks that a pitch leaves free.

After poolings and strides pixels come some ticks apart. At a part of that pitch, the pixel at [row, column] of the
result is the one of `row % rows` and `column % columns` pitches of the result ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from xdsl.ir import Operation

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.ops.moves import DilateOp, RepeatOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.layers import image_shape
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.streams.network import StreamedNetwork
from qdialect.lowering.rtl.streams.raster import Raster
from qdialect.lowering.rtl.streams.taps import delays, is_inside, masked
from qdialect.lowering.rtl.streams.values import PixelStream
from qdialect.lowering.rtl.words import choose


def repeated(network: StreamedNetwork, op: RepeatOp, streams: Sequence[PixelStream]) -> PixelStream | None:
    """Each pixel several times in a row, and each row; None where its pitch has no room, or channels are repeated."""
    return expanded(network, op, streams[0], values_of(op.repeats), zeros=False)


def dilated(network: StreamedNetwork, op: DilateOp, streams: Sequence[PixelStream]) -> PixelStream | None:
    """Pixels with zeros between, as `repeated`."""
    return expanded(network, op, streams[0], values_of(op.steps), zeros=True)


def expanded(
    network: StreamedNetwork, op: Operation, x: PixelStream, factors: Sequence[int], zeros: bool
) -> PixelStream | None:
    """The image with so many pixels in the place of each, of which all but the first may be zeros."""
    *places, channels = factors
    if len(places) > 2 or channels > 1:
        return None
    rows, columns = places if len(places) == 2 else (1, *places)
    if x.raster.row_pitch % rows or x.raster.column_pitch % columns:
        return None
    size = image_shape(op.results[0])[:2]
    raster = Raster.of(*size, x.raster.row_pitch // rows, x.raster.column_pitch // columns)
    if not raster.is_possible:
        return None
    x, net = network.aligned(x, network.start_of(x), layer_of(op)), network.net
    phases = [*product(range(rows), range(columns))]
    position = network.position(raster, x.start)

    def within(phase: tuple[int, int]) -> Wire:
        """Whether this tick has such a row and column."""
        mask = [
            [at % factor == part for at in range(n)]
            for n, factor, part in zip(size, (rows, columns), phase, strict=True)
        ]
        return is_inside(net, mask, lambda: position)

    if zeros:
        pixel = [masked(net, element, within(phases[0]), 0) for element in x.pixel]
    else:
        before = delays(network.ticking, x.pixel, sorted({raster.time(*phase) for phase in phases}))
        pixel = [*x.pixel]
        for phase in phases[1:]:
            pixel = either(net, within(phase), before[raster.time(*phase)], pixel)
    return network.stream(pixel, raster, x.start, layer_of(op))


def either(net: Netlist, condition: Wire, then: Sequence[Affine], otherwise: Sequence[Affine]) -> list[Affine]:
    """One of two pixels that differ in their wires only."""
    return [
        x if x.wire is None or y.wire is None else replace(x, wire=choose(net, condition, x.wire, y.wire))
        for x, y in zip(then, otherwise, strict=True)
    ]
