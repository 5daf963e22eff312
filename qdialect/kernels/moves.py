"""Kernels that only move elements: padding, reshaping, packing bits. Each is a task of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext

from xdsl.ir import Operation, SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.layers import PadOp, ReshapeOp, values_of
from qdialect.dialect.packed import PackOp
from qdialect.kernels.elements import is_binary, number, stored_type, word_count, word_type
from qdialect.loops.builder import Array, Value, array, constant, index, local, loop, pipeline, unrolled, variable, when


@contextmanager
def nest(shape: Sequence[int], names: Sequence[str]) -> Generator[tuple[Value, ...]]:
    """Nested loops over `shape`, labelled by axis; the innermost is a pipeline that starts an iteration every cycle.

    An axis of size 1 has no loop, but for the last one of a single element.
    """
    looped = [axis for axis, size in enumerate(shape) if size > 1] or [len(shape) - 1]
    at: list[Value] = []
    with ExitStack() as loops:
        for axis, (size, name) in enumerate(zip(shape, names, strict=False)):
            label = LABELS.get(name, name.upper())
            at.append(loops.enter_context(loop(label, size, name=name)) if axis in looped else index(0))
        pipeline(ii=1)
        yield tuple(at)


LABELS = {"i": "OUTPUT", "c": "CHANNEL"}
AXES = {1: ("i",), 2: ("i", "c"), 3: ("row", "column", "c")}


def axes(rank: int) -> Sequence[str]:
    return AXES.get(rank) or [f"i{axis}" for axis in range(rank)]


def sample_shape(value: SSAValue) -> tuple[int, ...]:
    """The shape of a value's array; a scalar has one element."""
    return shape_of(value) or (1,)


def pad(op: PadOp, x: Array, y: Array) -> None:
    """Zeros, then the operand in the middle."""
    low = values_of(op.low)
    with nest(sample_shape(op.result), axes(len(low))) as at:
        y[at] = constant(0, stored_type(op.result))
    with nest(sample_shape(op.operand), axes(len(low))) as at:
        moved = tuple(i + before if before else i for i, before in zip(at, low, strict=True))
        element = number(x[at], op.operand) if is_binary(op.operand) else x[at]
        y[moved] = element.cast(stored_type(op.result))


def reshape(op: ReshapeOp, x: Array, y: Array) -> None:
    """The same elements in row-major order, through a vector where neither side is one."""
    source, target = sample_shape(op.operand), sample_shape(op.result)
    vector = y if len(target) == 1 else x if len(source) == 1 else None
    if vector is None:
        vector = local("vector", array(stored_type(op.operand), math.prod(source)))
    if vector is not x:
        with nest(source, axes(len(source))) as at:
            vector[flatten(at, source)] = x[at]
    if vector is not y:
        with nest(target, axes(len(target))) as at:
            y[at] = vector[flatten(at, target)]


def flatten(at: Sequence[Value], shape: Sequence[int]) -> Value:
    """The row-major position."""
    position = at[0]
    for i, n in zip(at[1:], shape[1:], strict=True):
        position = position * n + i
    return position


def copy(x: Array, y: Array) -> None:
    shape = x.type.get_shape()
    with nest(shape, axes(len(shape))) as at:
        y[at] = x[at]


def pack(op: PackOp, x: Array, y: Array) -> None:
    """Bits into words, the first element in the lowest bit."""
    *outer, bits = shape_of(op.operand)
    word = word_type(bits)
    with nest((*outer, word_count(bits)), [*axes(len(outer))[: len(outer)], "word"]) as at:
        *position, w = at
        packed = variable("packed", word, 0)
        with unrolled(word.bits, "bit") as bit:
            channel = w * word.bits + bit
            with when(channel < bits) if bits % word.bits else nullcontext():
                packed.set(packed.get() | (x[(*position, channel)].cast(word) << bit))
        y[at] = packed.get()


MOVES: dict[type[Operation], Callable[..., None]] = {PadOp: pad, PackOp: pack, ReshapeOp: reshape}
