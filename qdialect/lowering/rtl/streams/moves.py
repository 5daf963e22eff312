"""Operations that only move elements, on streams: within a pixel, or around an image.

What changes the order of pixels is done on whole values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from xdsl.interpreter import Interpreter
from xdsl.ir import Operation

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.rtl.affine import constant
from qdialect.lowering.rtl.layers import elements_shape, image_shape
from qdialect.lowering.rtl.moves import MOVES
from qdialect.lowering.rtl.pointwise import in_step
from qdialect.lowering.rtl.streams.expansion import dilated, repeated
from qdialect.lowering.rtl.streams.network import StreamedNetwork
from qdialect.lowering.rtl.streams.values import Gathered, PixelStream, Value


def moved(network: StreamedNetwork, interpreter: Interpreter, op: Operation, values: Sequence[Value]) -> Value:
    """The result of an operation of `MOVES`: a stream where the order of pixels stays, else whole."""
    streams = [value for value in values if isinstance(value, PixelStream)]
    if len(streams) == len(values) and type(op) in STREAMED:
        result = STREAMED[type(op)](network, op, streams)
        if result is not None:
            return result
    name = layer_of(op)
    whole = [network.whole(value, name) for value in values]
    start = max(value.start for value in whole)
    elements = [
        network.held(value, start, name).elements.reshape(elements_shape(operand))
        for value, operand in zip(whole, op.operands, strict=True)
    ]
    return Gathered(MOVES[type(op)](interpreter, op, elements), start)


def reshaped(network: StreamedNetwork, op: ReshapeOp, streams: Sequence[PixelStream]) -> PixelStream | None:
    """The same pixels in another shape of the image."""
    (x,), (rows, columns, channels) = streams, image_shape(op.results[0])
    if channels != len(x.pixel) or not x.is_plain:
        return None
    raster = x.raster.resized(rows, columns) if rows * columns == x.raster.pixels else None
    return None if raster is None else PixelStream.of(x.pixel, raster, x.start)


def padded(network: StreamedNetwork, op: PadOp, streams: Sequence[PixelStream]) -> PixelStream | None:
    """Zeros around the image, and constants beside the channels."""
    (x,), (*low, before), after = streams, values_of(op.low), values_of(op.high)[-1]
    zero = [constant(0)]
    return _framed(op, x, [*zero * before, *x.pixel, *zero * after], low)


def cut(network: StreamedNetwork, op: SliceOp, streams: Sequence[PixelStream]) -> PixelStream | None:
    """A part of the image, and of the channels."""
    (x,), (*low, first), (*_, count) = streams, values_of(op.offsets), values_of(op.sizes)
    pixel = x.pixel[first : first + count]
    return _framed(op, x, pixel, [-at for at in low])


def _framed(op: Operation, x: PixelStream, pixel: Sequence[Any], low: Sequence[int]) -> PixelStream | None:
    """The image with more rows and columns before it, or fewer; None where it has another number of axes."""
    if len(low) > 2:
        return None
    rows, columns = low if len(low) == 2 else (0, *low)
    return replace(x.framed(image_shape(op.results[0])[:2], (rows, columns)), pixel=pixel)


def concatenated(
    network: StreamedNetwork, op: ConcatOp | PackedConcatOp, streams: Sequence[PixelStream]
) -> PixelStream | None:
    """Channels beside each other, of streams of one pitch."""
    name, last = layer_of(op), len(elements_shape(op.results[0])) - 1
    if isinstance(op, ConcatOp) and op.axis.value.data != last:
        return None
    start = max(map(network.start_of, streams))
    aligned = [network.aligned(x, start, name) for x in streams]
    if len({x.raster for x in aligned}) > 1:
        return None
    pixels = [x.pixel for x in aligned]
    if isinstance(op, ConcatOp):
        lsb = exact_format_of(op.result.type).lsb
        pairs = zip(pixels, op.parts, strict=True)
        pixels = [[in_step(element, part, lsb) for element in pixel] for pixel, part in pairs]
    return PixelStream.of([element for pixel in pixels for element in pixel], aligned[0].raster, start)


STREAMED: dict[type[Operation], Callable[[StreamedNetwork, Any, Sequence[PixelStream]], PixelStream | None]] = {
    ConcatOp: concatenated,
    DilateOp: dilated,
    PackedConcatOp: concatenated,
    PadOp: padded,
    RepeatOp: repeated,
    ReshapeOp: reshaped,
    SliceOp: cut,
}
"""Those that leave the order of pixels, None where they do not."""
