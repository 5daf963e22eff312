"""Kernels that start a task: each gives the stored element of its result at a position of the output.

A kernel declares its constants when it is called, before the loops; the element is computed inside them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext

import numpy as np
from xdsl.ir import Operation

from qdialect.dialect.base import shape_of
from qdialect.dialect.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialect.geometry import values_of
from qdialect.dialect.packed import PopcountDepthwiseConv2DOp
from qdialect.dialect.pooling import MaxPool2DOp, Pool2DOp, SumPool2DOp
from qdialect.dialect.types import exact_format_of
from qdialect.kernels.elements import (
    Arrays,
    code_type,
    is_binary,
    number,
    stored_type,
    to_stored,
)
from qdialect.kernels.products import weights_of
from qdialect.loops.builder import Value, select, variable, when
from qdialect.loops.directives import unrolled

Element = Callable[[Sequence[Value]], Value]
"""The stored element at a position [..., channel] of the result."""


def dense(op: DenseOp, arrays: Arrays) -> Element:
    weights = weights_of(op)
    x = arrays[op.operand]

    def element(at: Sequence[Value]) -> Value:
        *position, output = at
        total = variable(f"{op.result.name_hint}_acc", code_type(op.result), 0)
        weights.accumulate(total, lambda c: x[(*position, c)], (output,))
        return total.get()

    return element


@contextmanager
def window(
    at: Sequence[Value],
    taps: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    padding: tuple[Sequence[int], Sequence[int]],
    size: Sequence[int],
) -> Generator[tuple[Value, Value, Value, Value]]:
    """Unrolled loops over the taps of a window at output position `at`: (tap row, tap column, row, column).

    With padding (before, after) the taps that fall outside of `size` are left out. All pairs are [rows, columns].
    """
    row, column = at
    before, after = padding
    with unrolled(taps[0], "kr") as kr, unrolled(taps[1], "kc") as kc:
        r = (row * strides[0] + kr * dilations[0] - before[0]).named("in_row")
        c = (column * strides[1] + kc * dilations[1] - before[1]).named("in_column")
        padded = any((*before, *after))
        with when((r >= 0) & (r < size[0]) & (c >= 0) & (c < size[1])) if padded else nullcontext():
            yield kr, kc, r, c


NO_PADDING = ((0, 0), (0, 0))


def conv2d(op: Conv2DOp, arrays: Arrays) -> Element:
    weights = weights_of(op)
    x = arrays[op.operand]
    strides, dilations = values_of(op.strides), values_of(op.dilations)

    def element(at: Sequence[Value]) -> Value:
        *position, output = at
        total = variable(f"{op.result.name_hint}_acc", code_type(op.result), 0)
        taps, size = shape_of(op.kernel)[:2], shape_of(op.operand)[:2]
        with window(position, taps, strides, dilations, NO_PADDING, size) as (kr, kc, r, c):
            weights.accumulate(total, lambda channel: x[r, c, channel], (output, kr, kc))
        return total.get()

    return element


def depthwise_conv2d(op: DepthwiseConv2DOp, arrays: Arrays) -> Element:
    """At [row, column, c] or [row, column, c, m]: see `channel_loops`."""
    weights = weights_of(op)
    x = arrays[op.operand]
    strides, dilations = values_of(op.strides), values_of(op.dilations)

    def element(at: Sequence[Value]) -> Value:
        row, column, c, *m = at
        total = variable(f"{op.result.name_hint}_acc", code_type(op.result), 0)
        with unrolled(shape_of(op.kernel)[0], "kr") as kr:
            r = row * strides[0] + kr * dilations[0]
            weights.accumulate(total, lambda kc: x[r, column * strides[1] + kc * dilations[1], c], (c, *m, kr))
        return total.get()

    return element


def channel_loops(op: Operation, channels: int) -> tuple[int, ...]:
    """The loops over the channels of a result: one, or two where each input channel has several (depthwise)."""
    match op:
        case DepthwiseConv2DOp():
            loops = shape_of(op.kernel)[2:]
        case PopcountDepthwiseConv2DOp():
            loops = shape_of(op.kernel)[:2]
        case _:
            return (channels,)
    return loops if loops[1] > 1 else (channels,)


def pooled(op: Pool2DOp, arrays: Arrays, start: int | None, combine: Callable[[Value, Value], Value]) -> Element:
    """Fold the real elements of a window; `start` is the value of an empty window."""
    x = arrays[op.operand]
    pool, strides, low, high = op.geometry()
    type_ = stored_type(op.result)

    def element(at: Sequence[Value]) -> Value:
        *position, channel = at
        total = variable(f"{op.result.name_hint}_acc", type_, start)
        with window(position, pool, strides, (1, 1), (low, high), shape_of(op.operand)[:2]) as (_, _, r, c):
            total.set(combine(total.get(), x[r, c, channel]))
        return total.get()

    return element


def max_pool2d(op: MaxPool2DOp, arrays: Arrays) -> Element:
    if is_binary(op.operand):
        return pooled(op, arrays, 0, lambda best, x: best | x)
    fmt = exact_format_of(op.result.type)
    lowest = int(to_stored(np.array([fmt.min_code], object), fmt)[0])
    return pooled(op, arrays, lowest, lambda best, x: select(x.named("x") > best.named("best"), x, best))


def sum_pool2d(op: SumPool2DOp, arrays: Arrays) -> Element:
    result = code_type(op.result)
    return pooled(op, arrays, 0, lambda total, x: (total + number(x, op.operand)).cast(result))


WINDOWS: dict[type[Operation], Callable[..., Element]] = {
    Conv2DOp: conv2d,
    DenseOp: dense,
    DepthwiseConv2DOp: depthwise_conv2d,
    MaxPool2DOp: max_pool2d,
    SumPool2DOp: sum_pool2d,
}
