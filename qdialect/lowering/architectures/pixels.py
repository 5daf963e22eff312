"""Processes that compute one pixel of their result per step, and hold no more of their operands than they need: the
pixel at the position of the result, or a window around it (`line_buffer`)."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.builder import beat, local
from qdialect.dialects.hlscpp.directives import dependence, unrolled
from qdialect.dialects.hlscpp.values import Memory, Stream, Value
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.schedule import channel_loops, is_graph, pe_of
from qdialect.lowering.architectures.line_buffer import (
    Axis,
    MovingWindow,
    Step,
    fill,
    moved_along,
    steps,
    steps_along_last,
    where,
)
from qdialect.lowering.architectures.skipped_rows import pays, result_rows
from qdialect.lowering.architectures.tasks import Folded, Task
from qdialect.lowering.kernels.windows import SlidingWindow, geometry_of
from qdialect.lowering.parts.elements import Elements, array_of, partitioned, stored_type


def padding_before(value: SSAValue) -> PadOp | None:
    """The padding of rows and columns whose zeros the only window that reads `value` makes itself."""
    op, uses = value.owner, list(value.uses)
    if not isinstance(op, PadOp) or stored_type(op.operand) != stored_type(op.result) or len(uses) != 1:
        return None
    reader, (*_, low), (*_, high) = uses[0].operation, values_of(op.low), values_of(op.high)
    windowed = isinstance(reader, Conv2DOp | DepthwiseConv2DOp) and not is_graph(reader)
    return op if windowed and low == high == 0 and len(values_of(op.low)) == 3 else None


def around(geometry: SlidingWindow, padding: PadOp) -> SlidingWindow:
    """A window that moves over the operand of `padding`, and beyond it as far as that goes."""
    low, high = (tuple(values_of(sides)[:2]) for sides in (padding.low, padding.high))
    return replace(geometry, size=shape_of(padding.operand)[:2], padding=(low, high))


@dataclass(frozen=True)
class Pixel:
    """The pixel at the position of the step, by channel."""

    registers: Memory

    def __getitem__(self, at: tuple[Value | int, ...]) -> Value:
        return self.registers[at[-1]]


def movement(op: Operation, positions: Sequence[int], streamed: bool) -> tuple[list[Axis], MovingWindow | None]:
    """The steps of a process along each axis, and the window that it moves over a streamed first operand."""
    operand, geometry = op.operands[0], geometry_of(op) if streamed else None
    if geometry is None:
        return [Axis(n, n) for n in positions], None
    if (padding := padding_before(operand)) is not None:
        geometry = around(geometry, padding)
    moved = moved_along(geometry, positions)
    return moved, MovingWindow.of(operand, moved, zeros=padding is not None)


@contextmanager
def positions_of(
    moved: Sequence[Axis], folds: Mapping[str, int], window: MovingWindow | None, stream: Stream | None
) -> Generator[tuple[Step, list[Value]]]:
    """The steps of a process, which move its window, and the conditions under which there is a result."""
    counts = [*folds.values()]
    if window and stream and pays(moved, counts):
        with result_rows(window, folds, stream) as (step, moving):
            with where(step.begins()):
                moving.move(step, stream)
            yield step, window.columns.complete(step.at[-1], step.phases[-1])
        return
    with steps(moved, folds) as step:
        if window and stream:
            if window.lines is not None:
                dependence(window.lines, distance=steps_along_last(moved, counts))
            with where(step.begins()):
                window.move(step, stream)
        yield step, [c for axis, *at in zip(moved, step.at, step.phases, strict=True) for c in axis.complete(*at)]


def emit_pixels(
    task: Task, streams: Mapping[SSAValue, Stream], whole: Mapping[SSAValue, Memory], output: Stream
) -> None:
    """The body of a process whose result has one pixel per beat.

    The operands in `whole` have been read to their end; of the others the process holds a pixel or a window.
    """
    *positions, lanes = array_of(task.result.type).get_shape()
    first, operand = task.ops[0], task.ops[0].operands[0]
    outputs = channel_loops(first, lanes)[0]
    together = pe_of(first, outputs) or outputs
    moved, window = movement(first, positions, operand in streams and operand not in whole)
    by_pixel = [v for v in streams if v not in whole and not (window and v is operand)]
    pixels = {v: partitioned(local(v.name_hint or "x", streams[v].type.beat)) for v in by_pixel}
    held: dict[SSAValue, Elements] = {**whole, **{v: Pixel(pixel) for v, pixel in pixels.items()}}
    if window:
        held[operand] = window.elements()
    folded = Folded.of(task, held, together)
    counts = {"group": outputs // together, **dict(zip(folded.names, folded.counts, strict=True))}
    folds = math.prod(counts.values())
    result = partitioned(local(f"{task.result.name_hint or 'result'}_pixel", output.type.beat)) if folds > 1 else None
    with positions_of(moved, counts, window, streams[operand] if window else None) as (step, complete):
        with where(complete):
            if pixels:
                with where(step.begins()):
                    for v, pixel in pixels.items():
                        fill(pixel, (), streams[v])
            target = beat("result", output.type.beat) if result is None else result
            group, *boxes = step.folds
            with folded.outputs(step.at, group, boxes, "c" if result is None else "pe") as (at, value):
                target[at[-1]] = value
            if result is None:
                output.write(target)
                return
            with where(step.ends()):
                write(result, output)


def write(pixel: Memory, output: Stream) -> None:
    """The elements of an array as a beat."""
    filled = beat("result", output.type.beat)
    with unrolled(output.type.lanes, "lane") as lane:
        filled[lane] = pixel[lane]
    output.write(filled)
