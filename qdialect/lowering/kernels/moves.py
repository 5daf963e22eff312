"""Kernels that only move elements, as loop nests without divisions. Each is a task of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext

from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.builder import array, local, variable, when
from qdialect.dialects.hlscpp.directives import unrolled
from qdialect.dialects.hlscpp.values import Memory, Value
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.storage import word_count
from qdialect.dialects.qnn.types import PLANES, tensor_type
from qdialect.lowering.parts.elements import converted, partitioned, planes_of_element, stored_type, word_type
from qdialect.lowering.parts.nests import array_shape, axes, clear, flatten, nest


def pad(op: PadOp, x: Memory, y: Memory) -> None:
    """Zeros, then the operand in the middle."""
    clear(op.result, y)
    place(op.operand, x, op.result, y, low=values_of(op.low))


def dilate(op: DilateOp, x: Memory, y: Memory) -> None:
    """Zeros, then the operand with gaps."""
    (steps,) = op.places
    clear(op.result, y)
    place(op.operand, x, op.result, y, steps=steps)


def place(
    source: SSAValue,
    x: Memory,
    target: SSAValue,
    y: Memory,
    low: Sequence[int] | None = None,
    steps: Sequence[int] | None = None,
) -> None:
    """Element `i` of `source` to place `low + steps * i` of `target`, its code in the step and the form of `target`."""
    shape = array_shape(source)
    with nest(shape, axes(len(shape))) as at:
        moved = at
        if steps is not None:
            moved = tuple(i * step for i, step in zip(moved, steps, strict=True))
        if low is not None:
            moved = tuple(i + before for i, before in zip(moved, low, strict=True))
        y[moved] = converted(x[at], source, target)


def concat(op: ConcatOp, *arrays: Memory) -> None:
    """One operand after the other."""
    *parts, y = arrays
    axis, offset = op.axis.value.data, 0
    for part, x in zip(op.parts, parts, strict=True):
        shape = array_shape(part)
        place(part, x, op.result, y, low=[offset if i == axis else 0 for i in range(len(shape))])
        offset += shape[axis]


def transpose(op: TransposeOp, x: Memory, y: Memory) -> None:
    (permutation,) = op.places
    shape = array_shape(op.result)
    with nest(shape, axes(len(shape))) as at:
        y[at] = x[tuple(at[permutation.index(axis)] for axis in range(len(shape)))]


def slice_(op: SliceOp, x: Memory, y: Memory) -> None:
    offsets, sizes = op.places
    with nest(sizes, axes(len(sizes))) as at:
        y[at] = x[tuple(i + offset if offset else i for i, offset in zip(at, offsets, strict=True))]


def repeat(op: RepeatOp, x: Memory, y: Memory) -> None:
    """A loop over the copies inside of each axis that is repeated."""
    (repeats,) = op.places
    shape = array_shape(op.operand)
    names = axes(len(shape))
    loops = [
        one
        for n, times, name in zip(shape, repeats, names, strict=True)
        for one in ([(n, name), (times, f"{name}_copy")] if times > 1 else [(n, name)])
    ]
    with nest([n for n, _ in loops], [name for _, name in loops]) as counters:
        remaining = iter(counters)
        source: list[Value] = []
        target: list[Value] = []
        for times in repeats:
            i = next(remaining)
            source.append(i)
            target.append(i * times + next(remaining) if times > 1 else i)
        y[tuple(target)] = x[tuple(source)]


def reshape(op: ReshapeOp, x: Memory, y: Memory) -> None:
    """The same elements in row-major order: directly where only axes of length 1 come and go, otherwise through a
    vector where neither side is one."""
    source, target = array_shape(op.operand), array_shape(op.result)
    if [n for n in source if n > 1] == [n for n in target if n > 1]:
        with nest(target, axes(len(target))) as at:
            counters = iter([i for i, n in zip(at, target, strict=True) if n > 1])
            y[at] = x[tuple(next(counters) if n > 1 else 0 for n in source)]
        return
    vector = y if len(target) == 1 else x if len(source) == 1 else None
    if vector is None:
        vector = partitioned(local("vector", array(stored_type(op.operand), math.prod(source))))
    if vector is not x:
        with nest(source, axes(len(source))) as at:
            vector[flatten(at, source)] = x[at]
    if vector is not y:
        with nest(target, axes(len(target))) as at:
            y[at] = vector[flatten(at, target)]


def copy(x: Memory, *outputs: Memory) -> None:
    shape = x.type.get_shape()
    with nest(shape, axes(len(shape))) as at:
        for y in outputs:
            y[at] = x[at]


def pack(op: PackOp, x: Memory, y: Memory) -> None:
    """Bits into words, the first element in the lowest bit; plane after plane."""
    *outer, bits = shape_of(op.operand)
    words = word_count(bits)
    with nest((*outer, words), [*axes(len(outer))[: len(outer)], "word"]) as at:
        *position, w = at
        for i, plane in enumerate(packed_word(op, lambda channel: x[(*position, channel)], w)):
            y[(*position, w + i * words if i else w)] = plane


def packed_word(op: PackOp, x: Callable[[Value], Value], w: Value) -> list[Value]:
    """Word `w` of each plane of a vector, which `x` gives by channel."""
    bits = shape_of(op.operand)[-1]
    word, element = word_type(bits), tensor_type(op.operand.type).element_type
    planes = {name: variable("packed" if len(PLANES[element]) == 1 else name, word, 0) for name in PLANES[element]}
    with unrolled(word.bits, "bit") as bit:
        channel = w * word.bits + bit
        with when(channel < bits) if bits % word.bits else nullcontext():
            for name, value in planes_of_element(x(channel), element).items():
                planes[name].set(planes[name].get() | (value.cast(word) << bit))
    return [plane.get() for plane in planes.values()]


MOVES: dict[type[Operation], Callable[..., None]] = {
    ConcatOp: concat,
    DilateOp: dilate,
    PackOp: pack,
    PadOp: pad,
    RepeatOp: repeat,
    ReshapeOp: reshape,
    SliceOp: slice_,
    TransposeOp: transpose,
}
