"""Rows of an image at which a folded layer has no result: a pixel a step, in loops of their own.

A window that moves by `stride` rows has a result at the last of them, and none before it is full for the first time or
after its last position. One nest over all rows would take all steps of folds at the pixels of each; here they take one:

    rows before those of the first result
    for each row of the result:   stride - 1 rows without one, then its row, with all steps of folds
    rows that no window reads

Each of these is a pipeline, which fills anew.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

from qdialect.dialects.hlscpp.builder import loop
from qdialect.dialects.hlscpp.directives import dependence
from qdialect.dialects.hlscpp.values import Stream, Value, index
from qdialect.lowering.architectures.line_buffer import (
    Axis,
    MovingWindow,
    Step,
    steps,
    steps_along_last,
)
from qdialect.lowering.parts.nests import nest

FILLING = 16
"""Steps that must be saved for each row of the result: what two pipelines take to begin."""


def rows_before(rows: Axis) -> int:
    """The rows before those of the first result."""
    return max(rows.start, 0)


def rows_after(rows: Axis) -> int:
    """The rows after that of the last result."""
    return max(rows.size - 1 - (rows.outputs - 1) * rows.stride - rows.offset, 0)


def pays(moved: Sequence[Axis], counts: Sequence[int]) -> bool:
    """Whether loops of their own take fewer steps."""
    if len(moved) != 2 or math.prod(counts) == 1:
        return False
    rows, columns = moved
    along = steps_along_last(moved, counts)
    without = rows_before(rows) + rows_after(rows) + rows.outputs * (rows.stride - 1)
    return rows.steps * along - rows.outputs * along - without * columns.size > FILLING * rows.outputs


def pixels(window: MovingWindow, rows: range, base: Value, furthest: int, stream: Stream) -> None:
    """Rows after `base`, which is at most `furthest`, into the line buffer."""
    if not rows:
        return
    with nest((len(rows), window.columns.size), ("line_in", "column"), style="flp") as (at, column):
        if window.lines is not None:
            dependence(window.lines, distance=window.columns.size)
        row = (base + rows.start + at).named("in_row")
        present = window.rows.within(row, rows.start, furthest + rows.stop - 1)
        window.take(row, column, present, [], stream)


@contextmanager
def result_rows(window: MovingWindow, folds: Mapping[str, int], stream: Stream) -> Generator[tuple[Step, MovingWindow]]:
    """The steps at the rows of the result, as those of `steps`, with the window that moves there."""
    rows, counts, none = window.rows, [*folds.values()], index(0)
    pixels(window, range(rows_before(rows)), none, 0, stream)
    with loop("ROW", rows.outputs, name="row") if rows.outputs > 1 else nullcontext(none) as row:
        between = range(rows.start, rows.start + rows.stride - 1)
        pixels(window, between, row * rows.stride, (rows.outputs - 1) * rows.stride, stream)
        with steps([window.columns], folds, ["column"]) as step:
            if window.lines is not None:
                dependence(window.lines, distance=steps_along_last([window.columns], counts))
            moved = replace(window, rows=replace(rows, only_results=True))
            yield replace(step, at=[row, *step.at], phases=[none, *step.phases]), moved
    pixels(window, range(rows.size - rows_after(rows), rows.size), none, 0, stream)
