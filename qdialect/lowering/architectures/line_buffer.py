"""A window moving over an image that arrives pixel by pixel: registers for the window, memory for the rows before.

Each step moves the window on by a column, whose older pixels come from a line buffer, the newest from the stream. The
steps count positions of the result; with strides, only the last phase of each has one. They go on after the last pixel
of the image for as long as the window reaches beyond it, and begin before the first result, while the window fills.
A layer that is folded takes more steps at each position, but a single one at the phases between two of a row; rows
without results have loops of their own then (`skipped_rows`).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import reduce
from operator import and_

from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import array, local, loop, when
from qdialect.dialects.hlscpp.directives import array_partition, array_reshape, bind_storage, pipeline, unrolled
from qdialect.dialects.hlscpp.values import Memory, Stream, Value, index
from qdialect.lowering.kernels.windows import BufferedWindow, SlidingWindow
from qdialect.lowering.parts.elements import array_of, partitioned
from qdialect.lowering.parts.nests import axes, label_of


@dataclass(frozen=True)
class Axis:
    """The steps along an axis of the operand, for `outputs` positions of the result."""

    size: int
    outputs: int
    taps: int = 1
    stride: int = 1
    dilation: int = 1
    low: int = 0
    only_results: bool = False
    """Whether the steps are those with a result alone."""

    @property
    def span(self) -> int:
        """How far the newest tap is ahead of the oldest."""
        return (self.taps - 1) * self.dilation

    @property
    def offset(self) -> int:
        """The newest position of the operand is `at * stride + phase + offset`; the last phase, 0, has a result."""
        return self.span - self.low

    @property
    def start(self) -> int:
        """The newest position at the first phase of `at` 0."""
        return self.offset if self.only_results else self.offset - (self.stride - 1)

    @property
    def first(self) -> int:
        """The first `at`: that of the first pixel or result."""
        return 0 if self.only_results else min(0, -self.start // self.stride)

    @property
    def end(self) -> int:
        """The `at` after the last pixel and result."""
        return self.outputs if self.only_results else max(self.outputs, -((self.start - self.size) // self.stride))

    @property
    def begin(self) -> int:
        """The newest position at the first step."""
        return self.first * self.stride + self.start

    @property
    def last(self) -> int:
        """The newest position at the last step."""
        return (self.end - 1) * self.stride + self.offset

    @property
    def steps(self) -> int:
        return (self.end - self.first) * self.stride

    def newest(self, at: Value, phase: Value) -> Value:
        return at * self.stride + phase + self.offset

    def present(self, newest: Value) -> list[Value]:
        """Whether the operand has the newest position."""
        return self.within(newest, self.begin, self.last)

    def within(self, newest: Value, first: int, last: int) -> list[Value]:
        """Whether the operand has a position of these."""
        return [newest >= 0] * (first < 0) + [newest < self.size] * (last >= self.size)

    def complete(self, at: Value, phase: Value) -> list[Value]:
        """Whether the window stands at a position of the result."""
        conditions = [at >= 0] * (self.first < 0) + [at < self.outputs] * (self.end > self.outputs)
        return conditions + [phase >= 0] * (self.stride > 1 and not self.only_results)


def moved_along(geometry: SlidingWindow, result: Sequence[int]) -> list[Axis]:
    """The axes of a window's operand."""
    pairs = zip(
        geometry.size, result, geometry.taps, geometry.strides, geometry.dilations, geometry.padding[0], strict=True
    )
    return [Axis(*each) for each in pairs]


@dataclass(frozen=True)
class Step:
    """The counters of one iteration."""

    at: Sequence[Value]
    phases: Sequence[Value]
    folds: Sequence[Value]
    """Which outputs are computed, of a layer that is folded, and which of their products."""
    counts: Sequence[int]
    """How many values each of `folds` has from 0 on."""
    before: int
    """How many values the first of them has besides, below 0."""

    def begins(self) -> list[Value]:
        """Whether this is the first step at its position and phase."""
        folds = [fold for fold, _ in self._counted()]
        leading = [fold < 1 for fold in folds[: self.before > 0]]
        return leading + [fold.eq(0) for fold in folds[len(leading) :]]

    def ends(self) -> list[Value]:
        """Whether this is the last step at its position."""
        return [fold.eq(count - 1) for fold, count in self._counted()]

    def _counted(self) -> list[tuple[Value, int]]:
        return [(fold, count) for fold, count in zip(self.folds, self.counts, strict=True) if count > 1]


def phases_in_folds(moved: Sequence[Axis], counts: Sequence[int]) -> int:
    """The phases along the last axis without a result that the first counter of folds has below 0, so that they take
    a single step of it each; none where there is no such counter, and phases have one of their own."""
    return moved[-1].stride - 1 if moved and math.prod(counts) > 1 else 0


def steps_along_last(moved: Sequence[Axis], counts: Sequence[int]) -> int:
    """The steps along the last axis, with all of folds."""
    (lead, *others), before = [n for n in counts if n > 1] or [1], phases_in_folds(moved, counts)
    axis = moved[-1]
    phases = 1 if before else axis.stride
    return (axis.end - axis.first) * phases * (before + lead) * math.prod(others)


@contextmanager
def steps(moved: Sequence[Axis], folds: Mapping[str, int], names: Sequence[str] = ()) -> Generator[Step]:
    """A pipeline over all positions and phases, the last axis fastest, and all steps of `folds` at each.

    A counter of one value has no loop, but for the last if none has. `names` are those of the axes.
    """
    names, counts = names or axes(len(moved) + 1), list(folds.values())
    looped = math.prod(counts) * math.prod(axis.steps for axis in moved) > 1
    before = phases_in_folds(moved, counts)
    at: list[Value] = []
    phases: list[Value] = []
    with ExitStack() as loops:

        def counter(first: int, end: int, name: str, always: bool = False) -> Value:
            if end - first == 1 and not always:
                return index(first)
            counted = loops.enter_context(loop(label_of(name), first, end, name=name))
            return index(first) if always else counted

        for axis, name in zip(moved, names, strict=False):
            at.append(counter(axis.first, axis.end, name))
            phases.append(counter(0 if before and axis is moved[-1] else 1 - axis.stride, 1, f"{name}_phase"))
        lead = next((i for i, n in enumerate(counts) if n > 1), 0)
        folded = [
            counter(-before if i == lead else 0, n, name, always=not looped and i == 0)
            for i, (name, n) in enumerate(folds.items())
        ]
        pipeline(ii=1, style="flp")
        if before:
            phases[-1] = folded[lead]
        yield Step(at, phases, folded, counts, before)


@contextmanager
def where(conditions: Sequence[Value]) -> Generator[None]:
    """The operations within run if all conditions hold."""
    with when(reduce(and_, conditions)) if conditions else nullcontext():
        yield


def fill(target: Memory, at: tuple[int, ...], stream: Stream) -> None:
    """The next beat to `target[at]`."""
    received = stream.read("next")
    with unrolled(stream.type.lanes, "lane") as lane:
        target[(*at, lane)] = received[lane]


@dataclass(frozen=True)
class MovingWindow:
    """The registers and the line buffer of a window."""

    rows: Axis
    columns: Axis
    lanes: int
    pixels: Memory
    """[taps, columns from the first tap to the last, channels]"""
    column: Memory
    """[rows from the first tap to the last, channels]: the newest column."""
    lines: Memory | None
    """[rows before the newest, columns of the image, channels]"""
    zeros: bool
    """Whether pixels outside of the image are zeros; if not, no tap reads them."""

    @staticmethod
    def of(value: SSAValue, moved: Sequence[Axis], zeros: bool) -> MovingWindow:
        (rows, columns), name, type_ = moved, value.name_hint or "x", array_of(value.type)
        element, lanes = type_.element_type, type_.get_shape()[-1]
        pixels = partitioned(local(f"{name}_window", array(element, rows.taps, columns.span + 1, lanes)))
        column = partitioned(local(f"{name}_column", array(element, rows.span + 1, lanes)))
        lines = None
        if rows.span:
            lines = local(f"{name}_lines", array(element, rows.span, columns.size, lanes))
            array_partition(lines, dim=1)
            array_reshape(lines, dim=3)
            bind_storage(lines, "ram_s2p")
        return MovingWindow(rows, columns, lanes, pixels, column, lines, zeros)

    def elements(self) -> BufferedWindow:
        return BufferedWindow(self.pixels, self.columns.dilation)

    def move(self, step: Step, stream: Stream) -> None:
        """On by a column: its newest pixel from the stream, where the image has one."""
        row, column = (
            axis.newest(at, phase).named(name)
            for axis, at, phase, name in zip(
                (self.rows, self.columns), step.at, step.phases, ("in_row", "in_column"), strict=True
            )
        )
        self.take(row, column, self.rows.present(row), self.columns.present(column), stream)
        if self.begins_with_pixels():
            with (
                where([column.eq(self.columns.begin)]),
                unrolled(self.rows.taps, "kr") as kr,
                unrolled(self.columns.span, "kc") as kc,
                unrolled(self.lanes, "c") as c,
            ):
                self.pixels[kr, kc + 1, c] = 0
        with unrolled(self.rows.taps, "kr") as kr, unrolled(self.lanes, "c") as c:
            if self.columns.span:
                with unrolled(self.columns.span, "kc") as kc:
                    self.pixels[kr, kc, c] = self.pixels[kr, kc + 1, c]
            self.pixels[kr, self.columns.span, c] = self.column[kr * self.rows.dilation, c]

    def begins_with_pixels(self) -> bool:
        """Whether taps to the left of the image would read what was moved in last: pixels at the end of the row before,
        where the window does not go as far beyond that, or nothing, where the first row has a result."""
        missing = self.columns.low + self.columns.begin
        follows = self.rows.first < 0 or (self.rows.stride > 1 and not self.rows.only_results)
        return self.zeros and missing > 0 and not (follows and self.columns.last - self.columns.size + 1 >= missing)

    def take(
        self, row: Value, column: Value, present: Sequence[Value], inside: Sequence[Value], stream: Stream
    ) -> None:
        """The newest column of the window: its pixel from the stream where the image has the row and the column, and
        those above from the line buffer, into which all of them go where it has the column."""
        if self.zeros:
            with unrolled(self.rows.span + 1, "line") as line, unrolled(self.lanes, "c") as c:
                self.column[line, c] = 0
        with where([*present, *inside]):
            fill(self.column, (self.rows.span,), stream)
        if self.lines is not None:
            with where(inside):
                with unrolled(self.rows.span, "line") as line, where(self._above(row, line)):
                    with unrolled(self.lanes, "c") as c:
                        self.column[line, c] = self.lines[line, column, c]
                with unrolled(self.rows.span, "line") as line, unrolled(self.lanes, "c") as c:
                    self.lines[line, column, c] = self.column[line + 1, c]

    def _above(self, row: Value, line: Value) -> list[Value]:
        """Whether the image has the row of a line, where those before its first are zeros."""
        return [row + line >= self.rows.span] * (self.zeros and self.rows.low > 0)
