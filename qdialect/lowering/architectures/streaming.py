"""Tasks as processes on streams: a beat is one pixel, the elements of the last axis.

Wide pixels are cut into equal beats that fit a port. The elements of a sample come in row-major order, so a reshape
that keeps the beats whole needs no process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import beat, fifo, function, local
from qdialect.dialects.hlscpp.directives import dataflow, interface, unrolled
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import ArrayType, IntType, StreamType
from qdialect.dialects.hlscpp.values import Memory, Stream
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.lowering.architectures.pixel_moves import PIXEL_MOVES, moves_within_pixels
from qdialect.lowering.architectures.pixels import emit_pixels, padding_before
from qdialect.lowering.architectures.tasks import Task, argument_name, describe, emit_body, writes_whole_result
from qdialect.lowering.kernels.moves import pad
from qdialect.lowering.kernels.windows import geometry_of
from qdialect.lowering.parts.elements import array_of, partitioned
from qdialect.lowering.parts.nests import axes, nest

PORT_BITS = 4096
"""The widest port that the vendor's tool makes (UG1399)."""


def stored_bits(type: IntType) -> int:
    """Bits of an integer in a struct: 8, 16, 32, 64, then multiples of 64."""
    return max(8, 1 << (type.bits - 1).bit_length()) if type.bits <= 64 else -(-type.bits // 64) * 64


def stream_type_for(type: ArrayType) -> StreamType:
    """Beats of the whole last axis, or of its largest divisor that fits a port."""
    *_, last = type.get_shape()
    fitting = max(PORT_BITS // stored_bits(type.element_type), 1)
    return StreamType(next(n for n in range(min(fitting, last), 0, -1) if last % n == 0), type.element_type)


def beats_of(array: ArrayType, stream: StreamType) -> tuple[int, ...]:
    """The shape of an array in beats."""
    *outer, last = array.get_shape()
    return (*outer, last // stream.lanes)


def beat_axes(shape: Sequence[int]) -> Sequence[str]:
    return [*axes(len(shape))[:-1], "beat"]


class Streaming:
    """The architecture `stream`: a value is a stream of beats."""

    drains = True
    """An input without readers is drained, so that no beats are left in it."""
    packs = False
    """The words of a pixel are filled by a process of their own, from its elements at once."""
    shares = False

    def region(self) -> None:
        dataflow()

    def source(self, value: SSAValue) -> SSAValue:
        """The value whose stream also carries `value`: a reshape that keeps beats whole moves nothing, and a window
        makes the zeros of its own padding."""
        if (padding := padding_before(value)) is not None:
            return self.source(padding.operand)
        if not isinstance(op := value.owner, ReshapeOp):
            return value
        source = self.source(op.operand)
        whole = array_of(value.type).get_shape()[-1] % self.type_of(source).lanes == 0
        return source if whole else value

    def is_needed(self, task: Task) -> bool:
        return self.source(task.result) is task.result

    def writes_pixels(self, task: Task) -> bool:
        """Whether the process of a task computes the elements of a pixel at once, and writes them as one beat."""
        return not writes_whole_result(task.ops[0]) and has_whole_pixels(task.result, self.type_of(task.result))

    def type_of(self, value: SSAValue) -> StreamType:
        return stream_type_for(array_of(self.source(value).type))

    def port(self, parameter: Any, written: bool) -> None:
        interface(parameter, "axis")

    def channel(self, name: str, value: SSAValue) -> Stream:
        return fifo(name, self.type_of(value))

    def task(self, task: Task, name: str) -> FuncOp:
        """The process of a task: its inputs, then its result."""
        arguments = [(argument_name("in", v), self.type_of(v)) for v in task.inputs]
        arguments.append((argument_name("out", task.result), self.type_of(task.result)))
        with function(name, *arguments, comment=task.comment) as (op, (*inputs, output)):
            emit_process(task, dict(zip(task.inputs, inputs, strict=True)), output)
        return op

    def clone(self, value: SSAValue, copies: int, name: str) -> FuncOp:
        """A process that passes a stream on to others, or to none."""
        type_ = self.type_of(value)
        arguments = [("x", type_), *((f"y{i}" if copies > 1 else "y", type_) for i in range(copies))]
        shape = beats_of(array_of(value.type), type_)
        with function(name, *arguments, comment=f"copy of {describe(value)}") as (op, (x, *outputs)):
            with nest(shape, beat_axes(shape), style="flp"):
                next_beat = x.read("next")
                for y in outputs:
                    y.write(next_beat)
        return op


def emit_process(task: Task, streams: Mapping[SSAValue, Stream], output: Stream) -> None:
    """The body of a process, in the form that buffers the least of its operands."""
    first, result = task.ops[0], task.result
    values = {**streams, result: output}
    if moves_within_pixels(first) and all(has_whole_pixels(v, stream.type) for v, stream in values.items()):
        positions = array_of(result.type).get_shape()[:-1]
        with nest(positions or (1,), axes(len(positions) + 1), style="flp") as at:
            filled = beat("result", output.type.beat)
            PIXEL_MOVES[type(first)](first, list(streams.values()), at, filled)
            output.write(filled)
    elif not writes_whole_result(first) and has_whole_pixels(result, output.type):
        whole = {v: read_sample(x, v) for v, x in streams.items() if not passes(task, v, x)}
        emit_pixels(task, streams, whole, output)
    else:
        sample = partitioned(local(result.name_hint or "result", array_of(result.type)))
        emit_body(task, {v: read_sample(x, v) for v, x in streams.items()}, sample)
        write_sample(sample, output)


def has_whole_pixels(value: SSAValue, stream: StreamType) -> bool:
    """Whether a beat is one pixel of the value."""
    return array_of(value.type).get_shape()[-1] == stream.lanes


def passes(task: Task, value: SSAValue, stream: Stream) -> bool:
    """Whether a process needs no more of `value` than a window, or the pixel at the position of its result."""
    first, uses = task.ops[0], [v for op in task.ops for v in op.operands].count(value)
    if not has_whole_pixels(value, stream.type):
        return False
    if geometry_of(first) and value is first.operands[0]:
        return uses == 1
    return array_of(value.type).get_shape()[:-1] == array_of(task.result.type).get_shape()[:-1]


def read_sample(stream: Stream, value: SSAValue) -> Memory:
    """The array of a value, read beat by beat."""
    if (padding := padding_before(value)) is not None:
        padded = partitioned(local(value.name_hint or "x", array_of(value.type)))
        pad(padding, read_sample(stream, padding.operand), padded)
        return padded
    result = partitioned(local(value.name_hint or "x", array_of(value.type)))
    shape = beats_of(result.type, stream.type)
    with nest(shape, beat_axes(shape), style="flp") as (*position, number):
        received = stream.read("next")
        with unrolled(stream.type.lanes, "lane") as lane:
            result[(*position, number * stream.type.lanes + lane)] = received[lane]
    return result


def write_sample(array: Memory, stream: Stream) -> None:
    """An array, written beat by beat."""
    shape = beats_of(array.type, stream.type)
    with nest(shape, beat_axes(shape), style="flp") as (*position, number):
        filled = beat("next", stream.type.beat)
        with unrolled(stream.type.lanes, "lane") as lane:
            filled[lane] = array[(*position, number * stream.type.lanes + lane)]
        stream.write(filled)
