"""Kernels that start a task: each gives the stored element of its result at a position of the output.

A kernel declares its constants when it is called, before the loops; the element is computed inside them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np
from xdsl.ir import Operation

from qdialect.dialects.hlscpp.builder import select, variable, when
from qdialect.dialects.hlscpp.values import Memory, Value, Variable
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed import PopcountConv2DOp, PopcountDepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed_moves import PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, Pool2DOp, SumPool2DOp
from qdialect.dialects.qnn.types import exact_format_of, is_binary, packed_type
from qdialect.lowering.kernels.products import KernelReader, kernel_reader
from qdialect.lowering.parts.elements import Arrays, Elements, code_type, number, stored_type, to_stored
from qdialect.lowering.parts.sums import Box, KernelSum
from qdialect.lowering.parts.tables import operand

Element = Callable[[Sequence[Value]], Value]
"""The stored element at a position [..., channel] of the result."""


def sum_of(
    op: ContractionOp, weights: KernelReader, add: Callable[[Variable, Sequence[Value], Box], None]
) -> KernelSum:
    return KernelSum(f"{op.result.name_hint}_acc", code_type(op.result), weights.box, add)


def dense(op: DenseOp, arrays: Arrays) -> KernelSum:
    weights = kernel_reader(op)
    x = operand(op.operand, arrays)

    def add(total: Variable, at: Sequence[Value], box: Box) -> None:
        *position, output = at
        weights.accumulate(total, lambda c: x[(*position, c)], (output,), box)

    return sum_of(op, weights, add)


@dataclass(frozen=True)
class SlidingWindow:
    """A window that moves over an image of `size`; pairs are [rows, columns], `padding` is (before, after)."""

    size: Sequence[int]
    taps: Sequence[int]
    strides: Sequence[int]
    dilations: Sequence[int] = (1, 1)
    padding: tuple[Sequence[int], Sequence[int]] = ((0, 0), (0, 0))

    def place(self, at: Sequence[Value], tap: Sequence[Value]) -> tuple[Value, Value]:
        """Where a tap lies in the image, for the window of the result's position `at`."""
        row, column = (
            i * stride + k * dilation - before
            for i, k, stride, dilation, before in zip(
                at, tap, self.strides, self.dilations, self.padding[0], strict=True
            )
        )
        return row, column


def geometry_of(op: Operation) -> SlidingWindow | None:
    """The window that an operation moves over its first operand."""
    match op:
        case Conv2DOp() | DepthwiseConv2DOp():
            strides, dilations = values_of(op.strides), values_of(op.dilations)
            return SlidingWindow(shape_of(op.operand)[:2], shape_of(op.kernel)[:2], strides, dilations)
        case Pool2DOp() | PackedMaxPool2DOp():
            pool, strides, low, high = op.geometry()
            return SlidingWindow(shape_of(op.operand)[:2], pool, strides, padding=(low, high))
        case PopcountConv2DOp() | PopcountDepthwiseConv2DOp():
            strides, dilations, low, high = op.geometry()
            depthwise = isinstance(op, PopcountDepthwiseConv2DOp)
            taps = (shape_of(op.kernel)[2], packed_type(op.kernel.type).count.data)
            taps = taps if depthwise else shape_of(op.kernel)[:2]
            return SlidingWindow(shape_of(op.operand)[:2], taps, strides, dilations, (low, high))
        case _:
            return None


@dataclass(frozen=True)
class BufferedWindow:
    """The elements under a window by [tap row, tap column, channel]; every `dilation`-th column has taps."""

    pixels: Memory
    dilation: int

    def __getitem__(self, at: tuple[Value | int, ...]) -> Value:
        row, column, channel = at
        return self.pixels[row, column * self.dilation, channel]


@contextmanager
def window(
    x: Elements, geometry: SlidingWindow, at: Sequence[Value], box: Box
) -> Generator[tuple[Value, Value, Callable[[Value], Value]]]:
    """Unrolled loops over the taps in a box of a window at the result's position `at`: (tap row, tap column, the
    elements there by channel). Taps in the padding are left out."""
    with box.along(0, "kr") as kr, box.along(1, "kc") as kc:
        r, c = geometry.place(at, (kr, kc))
        r, c, size = r.named("in_row"), c.named("in_column"), geometry.size
        padded = any((*geometry.padding[0], *geometry.padding[1]))
        with when((r >= 0) & (r < size[0]) & (c >= 0) & (c < size[1])) if padded else nullcontext():
            place = (kr, kc) if isinstance(x, BufferedWindow) else (r, c)
            yield kr, kc, lambda channel: x[(*place, channel)]


def conv2d(op: Conv2DOp, arrays: Arrays) -> KernelSum:
    weights = kernel_reader(op)
    x, geometry = operand(op.operand, arrays), geometry_of(op)
    assert geometry is not None

    def add(total: Variable, at: Sequence[Value], box: Box) -> None:
        *position, output = at
        with window(x, geometry, position, box) as (kr, kc, pixel):
            weights.accumulate(total, pixel, (output, kr, kc), box)

    return sum_of(op, weights, add)


def depthwise_conv2d(op: DepthwiseConv2DOp, arrays: Arrays) -> KernelSum:
    """At [row, column, c] or [row, column, c, m]: see `channel_loops`."""
    weights = kernel_reader(op)
    x, geometry = operand(op.operand, arrays), geometry_of(op)
    assert geometry is not None

    def add(total: Variable, at: Sequence[Value], box: Box) -> None:
        row, column, c, *m = at
        with box.along(0, "kr") as kr:

            def tap(kc: Value) -> Value:
                place = (kr, kc) if isinstance(x, BufferedWindow) else geometry.place((row, column), (kr, kc))
                return x[(*place, c)]

            weights.accumulate(total, tap, (c, *m, kr), box)

    return sum_of(op, weights, add)


def pooled(op: Pool2DOp, arrays: Arrays, start: int | None, combine: Callable[[Value, Value], Value]) -> Element:
    """Fold the real elements of a window; `start` is the value of an empty window."""
    x, geometry = operand(op.operand, arrays), geometry_of(op)
    assert geometry is not None
    type_ = stored_type(op.result)

    def element(at: Sequence[Value]) -> Value:
        *position, channel = at
        total = variable(f"{op.result.name_hint}_acc", type_, start)
        with window(x, geometry, position, Box(geometry.taps)) as (_, _, pixel):
            total.set(combine(total.get(), pixel(channel)))
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
