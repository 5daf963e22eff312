"""Moves of elements within a pixel, or of whole pixels that keep their order: for processes on streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import reduce
from operator import and_

from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.builder import when
from qdialect.dialects.hlscpp.directives import unrolled
from qdialect.dialects.hlscpp.values import Memory, Stream, Value, constant
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.storage import word_count
from qdialect.lowering.kernels.moves import packed_word
from qdialect.lowering.parts.elements import converted, stored_type


def place(source: SSAValue, stream: Stream, target: SSAValue, filled: Memory, low: int = 0) -> None:
    """The next pixel of `source` to the channels from `low` on."""
    received = stream.read("next")
    with unrolled(stream.type.lanes, "c") as c:
        filled[c + low] = converted(received[c], source, target)


def pad(op: PadOp, streams: Sequence[Stream], at: Sequence[Value], filled: Memory) -> None:
    """Zeros, and within them the pixels of the operand."""
    low, high, (stream,) = values_of(op.low), values_of(op.high), streams
    conditions = [
        condition
        for i, before, after, size in zip(at, low[:-1], high[:-1], shape_of(op.operand), strict=False)
        for condition in [i >= before] * (before > 0) + [i < before + size] * (after > 0)
    ]
    if conditions or low[-1] or high[-1]:
        with unrolled(filled.type.get_shape()[0], "c") as c:
            filled[c] = constant(0, stored_type(op.result))
    with when(reduce(and_, conditions)) if conditions else nullcontext():
        place(op.operand, stream, op.result, filled, low[-1])


def concat(op: ConcatOp, streams: Sequence[Stream], at: Sequence[Value], filled: Memory) -> None:
    """The channels of one operand after those of the other."""
    offset = 0
    for part, stream in zip(op.parts, streams, strict=True):
        place(part, stream, op.result, filled, offset)
        offset += stream.type.lanes


def pack(op: PackOp, streams: Sequence[Stream], at: Sequence[Value], filled: Memory) -> None:
    """The bits of a pixel into words."""
    received = streams[0].read("next")
    words = word_count(shape_of(op.operand)[-1])
    with unrolled(words, "word") as w:
        for i, plane in enumerate(packed_word(op, lambda channel: received[channel], w)):
            filled[w + i * words if i else w] = plane


PIXEL_MOVES: dict[type[Operation], Callable[..., None]] = {ConcatOp: concat, PackOp: pack, PadOp: pad}


def moves_within_pixels(op: Operation) -> bool:
    """Whether the result comes pixel by pixel as the operands do, each of them a stream that is read once."""
    if any(isinstance(operand.owner, ConstantOp) for operand in op.operands):
        return False
    if isinstance(op, ConcatOp) and op.axis.value.data != len(shape_of(op.result)) - 1:
        return False
    return type(op) in PIXEL_MOVES and len(set(op.operands)) == len(op.operands)
