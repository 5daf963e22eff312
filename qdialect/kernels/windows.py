"""Kernels that start a task: each gives the stored element of its result at a position of the output.

A kernel declares its constants when it is called, before the loops; the element is computed inside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

from xdsl.ir import Operation

from qdialect.dialect.base import shape_of
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.layers import (
    Conv2DOp,
    DenseOp,
    MaxPool2DOp,
    Pool2DOp,
    SumPool2DOp,
    values_of,
)
from qdialect.dialect.packed import PopcountDenseOp
from qdialect.dialect.types import bits_of, exact_format_of
from qdialect.kernels.elements import (
    Arrays,
    code_type,
    is_binary,
    number,
    stored_type,
    table,
    word_count,
    word_type,
)
from qdialect.kernels.products import weights_of
from qdialect.loops.builder import Value, constant, loop, popcount, select, unroll, variable, when
from qdialect.loops.types import IntType

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


def conv2d(op: Conv2DOp, arrays: Arrays) -> Element:
    weights = weights_of(op)
    x = arrays[op.operand]
    rows, columns, _, _ = shape_of(op.kernel)
    strides, dilations = values_of(op.strides), values_of(op.dilations)

    def element(at: Sequence[Value]) -> Value:
        row, column, output = at
        total = variable(f"{op.result.name_hint}_acc", code_type(op.result), 0)
        with loop(None, rows, name="kr") as kr:
            unroll()
            with loop(None, columns, name="kc") as kc:
                unroll()
                r, c = row * strides[0] + kr * dilations[0], column * strides[1] + kc * dilations[1]
                weights.accumulate(total, lambda channel: x[r, c, channel], (output, kr, kc))
        return total.get()

    return element


def popcount_dense(op: PopcountDenseOp, arrays: Arrays) -> Element:
    """N minus the number of bits that differ: padding bits of the last word are 0 on both sides and cost nothing."""
    assert isinstance(op.kernel.owner, ConstantOp)
    bits = bits_of(op.operand.type)
    words = word_count(bits)
    kernel = table(op.kernel.name_hint or "kernel", op.kernel.owner.data, word_type(bits))
    x = arrays[op.operand]
    count_type = IntType.of_range(0, bits)

    def element(at: Sequence[Value]) -> Value:
        *position, output = at
        differing = variable(f"{op.result.name_hint}_differing", count_type, 0)
        with loop(None, words, name="word") as word:
            unroll()
            count = popcount(x[(*position, word)] ^ kernel[output, word])
            differing.set((differing.get() + count).cast(count_type))
        return (constant(bits, count_type) - differing.get()).cast(code_type(op.result))

    return element


def pooled(op: Pool2DOp, arrays: Arrays, start: int | None, combine: Callable[[Value, Value], Value]) -> Element:
    """Fold the real elements of a window; `start` is the value of an empty window."""
    x = arrays[op.operand]
    height, width, _ = shape_of(op.operand)
    (rows, columns), strides, low, high = op.geometry()
    padded = any((*low, *high))
    type_ = stored_type(op.result)

    def element(at: Sequence[Value]) -> Value:
        row, column, channel = at
        total = variable(f"{op.result.name_hint}_acc", type_, start)
        with loop(None, rows, name="pr") as pr:
            unroll()
            with loop(None, columns, name="pc") as pc:
                unroll()
                r, c = row * strides[0] + pr, column * strides[1] + pc
                if padded:
                    r, c = r - low[0], c - low[1]
                    guard = when((r >= 0) & (r < height) & (c >= 0) & (c < width))
                else:
                    guard = nullcontext()
                with guard:
                    total.set(combine(total.get(), x[r, c, channel]))
        return total.get()

    return element


def max_pool2d(op: MaxPool2DOp, arrays: Arrays) -> Element:
    if is_binary(op.operand):
        return pooled(op, arrays, 0, lambda best, x: best | x)
    lowest = exact_format_of(op.result.type).min_code
    return pooled(op, arrays, lowest, lambda best, x: select(x.named("x") > best.named("best"), x, best))


def sum_pool2d(op: SumPool2DOp, arrays: Arrays) -> Element:
    result = code_type(op.result)
    return pooled(op, arrays, 0, lambda total, x: (total + number(x, op.operand)).cast(result))


KERNELS: dict[type[Operation], Callable[..., Element]] = {
    Conv2DOp: conv2d,
    DenseOp: dense,
    MaxPool2DOp: max_pool2d,
    PopcountDenseOp: popcount_dense,
    SumPool2DOp: sum_pool2d,
}
