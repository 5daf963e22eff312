"""Kernels that count bits: products of values of {-1, 0, +1}, without a multiplier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_

import numpy as np
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.builder import popcount, select
from qdialect.dialects.hlscpp.types import BIT, IntType
from qdialect.dialects.hlscpp.values import Value, Variable, constant, index
from qdialect.dialects.qnn.attributes import Count
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.packed import PopcountConv2DOp, PopcountDenseOp, PopcountDepthwiseConv2DOp, PopcountOp
from qdialect.dialects.qnn.schedule import box_of
from qdialect.dialects.qnn.storage import WORD_BITS, word_count
from qdialect.dialects.qnn.types import PLANES, BitsType, packed_type
from qdialect.lowering.kernels.windows import Element, geometry_of, window
from qdialect.lowering.parts.elements import Arrays, Elements, Planes, code_type, planes_of_element, word_type
from qdialect.lowering.parts.sums import Box, KernelSum
from qdialect.lowering.parts.tiled_roms import weight_table


def packed(type_: BitsType, words_: Callable[[Value], Value]) -> Callable[[Value], Planes]:
    """The planes of a packed vector by word, of its words in memory, plane after plane."""
    words = word_count(type_.count.data)
    return lambda word: {name: words_(word + i * words if i else word) for i, name in enumerate(type_.planes)}


def products(x: Planes, w: Planes) -> tuple[Value | None, Value | None]:
    """Which products are not zero (None: all are), and which have a negative sign (None: none has)."""
    nonzero = [planes["nonzero"] for planes in (x, w) if "nonzero" in planes]
    positive = [planes["positive"] for planes in (x, w) if "positive" in planes]
    mask = reduce(and_, nonzero) if nonzero else None
    if not positive:
        return mask, None
    return mask, positive[0] ^ positive[1] if len(positive) == 2 else ~positive[0]


def ones(bits: Value) -> Value:
    return bits if bits.type == BIT else popcount(bits)


def add_products(op: PopcountOp, total: Variable, x: Planes, w: Planes) -> None:
    """Add the count over words of products, some of which are zero."""
    mask, negative = products(x, w)
    assert mask is not None
    type_ = code_type(op.result)
    if negative is None:
        total.set((total.get() + ones(mask)).cast(type_))
        return
    mask, negative = mask.named("nonzero"), negative.named("negative")
    count = ones(mask & ~negative)
    if op.count.data is Count.BALANCE:
        count = count - ones(mask & negative)
    total.set((total.get() + count).cast(type_))


def without_zeros(op: PopcountOp) -> bool:
    """Whether all products are -1 or +1."""
    return "nonzero" not in PLANES[op.operand_element] + packed_type(op.kernel.type).planes


def add_vector(
    op: PopcountOp, total: Variable, x: Callable[[Value], Planes], w: Callable[[Value], Planes], box: Box
) -> None:
    """Add the count over the words in a box of one packed vector, given by word.

    Without zeros among the products: their number, minus those that are negative (twice for the balance). Bits after
    the last value are 0 on both sides and cost nothing.
    """
    type_ = code_type(op.result)
    if without_zeros(op):
        total.set((total.get() + values_in(op, box)).cast(type_))
    with box.along(-1, "word") as word:
        if not without_zeros(op):
            add_products(op, total, x(word), w(word))
            return
        _, negative = products(x(word), w(word))
        assert negative is not None
        count = popcount(negative)
        if op.count.data is Count.BALANCE:
            assert isinstance(count.type, IntType)
            count = count.cast(IntType(count.type.bits + 1, signed=False)) << 1
        total.set((total.get() - count).cast(type_))


def values_in(op: PopcountOp, box: Box) -> Value:
    """How many values the words in a box hold: the last words may hold fewer."""
    bits, words = packed_type(op.kernel.type).count.data, box.lanes[-1]
    full = words * WORD_BITS
    if bits <= full:
        return constant(bits, IntType.of_range(0, bits))
    type_ = IntType.of_range(0, full)
    every, rest = constant(full, type_), constant(bits % full, type_)
    return select(box.steps[-1] < bits // full, every, rest) if bits % full else every


BitVector = Callable[[Value], Planes]
"""The planes of a packed vector by word."""


def kernel_table(op: PopcountOp, axes: Sequence[int], box: Sequence[int]) -> Callable[[Sequence[Value]], BitVector]:
    """The ROM of the kernel's words, its axes in the order of the loops and then plane and word, and its reads.

    So many are read at once along the axes after the outputs; of words, `box` has those of one plane.
    """
    words, type_ = constant_of(op.kernel), packed_type(op.kernel.type)
    assert words is not None, "packed kernels are constants"
    codes, planes = np.transpose(words, (*axes, len(axes))), type_.planes
    several = (len(planes),) * (len(planes) > 1)
    codes = codes.reshape(*codes.shape[:-1], *several, -1)
    name, word = op.kernel.name_hint or "kernel", word_type(type_.count.data)
    rom = weight_table(op, name, codes, word, (*box[:-1], *several, box[-1]))

    def read(at: Sequence[Value]) -> BitVector:
        return lambda w: {name: rom[(*at, *([plane] * len(several)), w)] for plane, name in enumerate(planes)}

    return read


def packed_at(source: SSAValue, array: Elements, at: Sequence[Value]) -> BitVector:
    """The planes by word of the packed vector at a position."""
    return packed(packed_type(source.type), lambda word: array[(*at, word)])


def sum_of(op: PopcountOp, add: Callable[[Variable, Sequence[Value], Box], None]) -> KernelSum:
    return KernelSum(f"{op.result.name_hint}_count", code_type(op.result), box_of(op), add)


def popcount_dense(op: PopcountDenseOp, arrays: Arrays) -> KernelSum:
    kernel, x = kernel_table(op, (0,), box_of(op)), arrays[op.operand]

    def add(total: Variable, at: Sequence[Value], box: Box) -> None:
        *position, output = at
        add_vector(op, total, packed_at(op.operand, x, position), kernel((output,)), box)

    return sum_of(op, add)


def popcount_conv2d(op: PopcountConv2DOp, arrays: Arrays) -> KernelSum:
    """Taps inside the image count."""
    kernel, x = kernel_table(op, (2, 0, 1), box_of(op)), arrays[op.operand]
    geometry, type_ = geometry_of(op), packed_type(op.operand.type)
    assert geometry is not None

    def add(total: Variable, at: Sequence[Value], box: Box) -> None:
        *position, output = at
        with window(x, geometry, position, box) as (kr, kc, pixel):
            add_vector(op, total, packed(type_, pixel), kernel((output, kr, kc)), box)

    return sum_of(op, add)


def popcount_depthwise_conv2d(op: PopcountDepthwiseConv2DOp, arrays: Arrays) -> KernelSum:
    """One bit per tap, at [row, column, c] or [row, column, c, m]; a word of the kernel is a row of taps."""
    several, rows = shape_of(op.kernel)[1], box_of(op)[0]
    kernel, x = kernel_table(op, (0, 1, 2), (several, rows, 1)), arrays[op.operand]
    geometry, result = geometry_of(op), code_type(op.result)
    assert geometry is not None

    def add(total: Variable, at: Sequence[Value], box: Box) -> None:
        row, column, channel, *m = at
        with window(x, geometry, (row, column), box) as (kr, kc, pixel):
            words = kernel((channel, m[0] if m else index(0), kr))(index(0))
            w = {name: word.bit(kc) for name, word in words.items()}
            a = planes_of_element(pixel(channel), op.operand_element)
            if not without_zeros(op):
                add_products(op, total, a, w)
            else:
                _, negative = products(a, w)
                assert negative is not None
                minus = -1 if op.count.data is Count.BALANCE else 0
                type_of_count = IntType.of_range(minus, 1)
                count = select(negative, constant(minus, type_of_count), constant(1, type_of_count))
                total.set((total.get() + count).cast(result))

    return sum_of(op, add)


COUNTS: dict[type[Operation], Callable[..., Element]] = {
    PopcountConv2DOp: popcount_conv2d,
    PopcountDenseOp: popcount_dense,
    PopcountDepthwiseConv2DOp: popcount_depthwise_conv2d,
}
