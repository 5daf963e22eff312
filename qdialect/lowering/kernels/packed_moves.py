"""Kernels that move packed values, word by word, and write packed values as they are computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.builder import select, variable, when
from qdialect.dialects.hlscpp.types import INDEX, IntType
from qdialect.dialects.hlscpp.values import Memory, Value, constant, index
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp, PackedFlattenOp, PackedMaxPool2DOp
from qdialect.dialects.qnn.storage import WORD_BITS, word_count
from qdialect.dialects.qnn.types import PLANES, packed_type, tensor_type
from qdialect.lowering.kernels.packed import packed
from qdialect.lowering.kernels.windows import Element, geometry_of, window
from qdialect.lowering.parts.elements import Arrays, planes_of_element, word_type
from qdialect.lowering.parts.nests import axes, flatten, nest
from qdialect.lowering.parts.sums import Box

ALL_ONES = (1 << WORD_BITS) - 1


def write_packed(source: SSAValue, y: Memory, element: Callable[[Sequence[Value]], Value]) -> None:
    """The elements of `source`, given by position, into words, the first element in the lowest bit; plane after
    plane. A word is written with its last bit."""
    *outer, count = shape_of(source)
    word, words, kind = word_type(count), word_count(count), tensor_type(source.type).element_type
    planes = {name: variable("packed" if len(PLANES[kind]) == 1 else name, word, 0) for name in PLANES[kind]}
    names = [*axes(len(outer) + 1)[:-1], "out_word", "bit" if words > 1 else "c"]
    with nest((*outer, words, word.bits), names) as (*position, w, bit):
        channel = (w * word.bits + bit).named("channel")
        with when(channel < count) if count % word.bits else nullcontext():
            stored = element((*position, channel))
            for name, value in planes_of_element(stored, kind).items():
                before = select(bit.eq(0), constant(0, word), planes[name].get())
                planes[name].set(before | (value.cast(word) << bit))
            last = bit.eq(word.bits - 1)
            with when(last | channel.eq(count - 1) if count % word.bits else last):
                for i, plane in enumerate(planes.values()):
                    y[(*position, w + i * words)] = plane.get()


def clear(y: Memory) -> None:
    shape = y.type.get_shape()
    with nest(shape, axes(len(shape))) as at:
        y[at] = 0


def deposit(
    bits: Value, y: Memory, at: Sequence[Value], word: Value, offset: Value | int, crosses: Value | bool
) -> None:
    """Sets bits of the words y[at, ...] from bit `offset` of `word` on; where these reach beyond its end (`crosses`),
    the rest goes into the next word."""
    type_ = y.type.element_type
    assert isinstance(type_, IntType)
    bits = bits.cast(type_)
    if crosses is False:
        y[(*at, word)] = y[(*at, word)] | (bits << offset if isinstance(offset, Value) or offset else bits)
        return
    bits = bits.named("bits")
    fitting = constant(ALL_ONES, type_) >> offset if isinstance(offset, Value) else constant(ALL_ONES >> offset, type_)
    y[(*at, word)] = y[(*at, word)] | ((bits & fitting) << offset)
    with when(crosses) if isinstance(crosses, Value) else nullcontext():
        y[(*at, word + 1)] = y[(*at, word + 1)] | (bits >> (WORD_BITS - offset))


def packed_flatten(op: PackedFlattenOp, x: Memory, y: Memory) -> None:
    """Vectors of whole words are copied; others are put together from bit to bit."""
    source, result = packed_type(op.operand.type), packed_type(op.result.type)
    shape, kept, count = shape_of(op.operand), len(shape_of(op.result)), source.count.data
    words, target = word_count(count), word_count(result.count.data)
    if count % WORD_BITS:
        clear(y)
    with nest((*shape, words), [*axes(len(shape) + 1)[:-1], "word"]) as (*position, w):
        at, number = position[:kept], flatten(position[kept:], shape[kept:])
        planes = [x[(*position, w + plane * words)] for plane in range(len(source.planes))]
        if count % WORD_BITS == 0:
            for plane, bits in enumerate(planes):
                y[(*at, number * words + w + plane * target)] = bits
            return
        start = (number * count + w * WORD_BITS).named("start")
        word, offset, crosses = index(0), start, False
        if target > 1:
            first = start.cast(IntType.of_range(0, result.count.data - 1)).named("first")
            word, offset = (first >> 6).cast(INDEX).named("to"), (first & 63).cast(INDEX).named("offset")
            crosses = (word < target - 1) & (offset > 0) if WORD_BITS % count else False
        for plane, bits in enumerate(planes):
            deposit(bits, y, at, word + plane * target, offset, crosses)


def packed_concat(op: PackedConcatOp, *arrays: Memory) -> None:
    """One vector after the other, each from a bit on that is known."""
    *parts, y = arrays
    target, start = word_count(packed_type(op.result.type).count.data), 0
    clear(y)
    for part, x in zip(op.parts, parts, strict=True):
        shape, type_ = shape_of(part), packed_type(part.type)
        count, words = type_.count.data, word_count(type_.count.data)
        first, offset = divmod(start, WORD_BITS)
        reaches = offset + min(count, WORD_BITS) > WORD_BITS
        with nest((*shape, words), [*axes(len(shape) + 1)[:-1], "word"]) as (*position, w):
            crosses = w < target - 1 - first if reaches and words > 1 else reaches
            for plane in range(len(type_.planes)):
                deposit(x[(*position, w + plane * words)], y, position, w + (first + plane * target), offset, crosses)
        start += count


def packed_max_pool2d(op: PackedMaxPool2DOp, arrays: Arrays) -> Element:
    """+1 where a bit says so; 0 where none does and one value is not -1."""
    x, geometry, type_ = arrays[op.operand], geometry_of(op), packed_type(op.operand.type)
    word, words, signed_zero = word_type(type_.count.data), word_count(type_.count.data), len(type_.planes) == 2
    assert geometry is not None

    def element(at: Sequence[Value]) -> Value:
        *position, number = at
        w = number
        if signed_zero:
            w = index(0) if words == 1 else select(number < words, number, number - words).named("word")
        some = variable(f"some_{type_.planes[-1]}", word, 0)
        every = variable("all_nonzero", word, (1 << word.bits) - 1) if signed_zero else None
        with window(x, geometry, position, Box(geometry.taps)) as (_, _, pixel):
            planes = packed(type_, pixel)(w)
            some.set(some.get() | planes[type_.planes[-1]])
            if every is not None:
                every.set(every.get() & planes["nonzero"])
        if every is None:
            return some.get()
        return select(number < words, some.get() | every.get(), some.get())

    return element


PACKED_MOVES: dict[type[Operation], Callable[..., None]] = {
    PackedConcatOp: packed_concat,
    PackedFlattenOp: packed_flatten,
}

PACKED_WINDOWS: dict[type[Operation], Callable[..., Element]] = {PackedMaxPool2DOp: packed_max_pool2d}
