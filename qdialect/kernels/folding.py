"""Folding: how many outputs of a layer (PE), and how many products of each (SIMD), are computed at once.

With n outputs of m products each, a position takes n / PE * m / SIMD steps, in which a multiplier serves as many
products: the reuse factor. PE divides n. The products of an output run over axes, the rows, columns and channels of a
window; SIMD is a box of them: a divisor of the channels, or all channels and a divisor of the columns, or all channels
and columns and a divisor of the rows, so that no index is divided. Packed values are folded by words.

The `schedule` pass writes PE and SIMD as attributes on the operation; its weights then lie as
[group][steps of the axes][PE][box], one word of ROM for each step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.ir import Operation

from qdialect.dialect.attributes import Product
from qdialect.dialect.base import shape_of
from qdialect.dialect.contractions import ContractionOp, DepthwiseConv2DOp
from qdialect.dialect.packed import PopcountDepthwiseConv2DOp, PopcountOp
from qdialect.dialect.types import packed_type
from qdialect.dialect.weights import WORD_BITS, word_count
from qdialect.kernels.elements import REGISTERS
from qdialect.kernels.tables import table
from qdialect.loops.builder import Array, Value, rom
from qdialect.loops.directives import array_reshape, bind_storage
from qdialect.loops.types import IntType
from qdialect.numerics.exact import IntArray

PE, SIMD, BLOCK_RAM = "hls.pe", "hls.simd", "hls.block_ram"
"""Attributes of an operation: outputs at once, products of each at once, and whether its weights lie in block RAM."""

LAYER_SUFFIXES = ("_sum", "_agreements", "_balance")


def layer_name(op: Operation) -> str:
    """The layer that an operation belongs to."""
    name = op.results[0].name_hint or "task"
    for suffix in LAYER_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def is_foldable(op: Operation) -> bool:
    """Has the operation products of weights?"""
    return isinstance(op, ContractionOp | PopcountOp)


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


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


def outputs_of(op: Operation) -> int:
    """The outputs that are folded."""
    return channel_loops(op, shape_of(op.results[0])[-1])[0]


def reduced_axes(op: Operation) -> tuple[int, ...]:
    """The axes over which the products of an output are added: [rows, columns, channels] of the kernel, or those that
    there are; words of packed channels."""
    match op:
        case DepthwiseConv2DOp():
            return shape_of(op.kernel)[:2]
        case ContractionOp():
            return shape_of(op.kernel)[:-1]
        case PopcountDepthwiseConv2DOp():
            return (*shape_of(op.kernel)[2:], packed_type(op.kernel.type).count.data)
        case PopcountOp():
            return (*shape_of(op.kernel)[:-1], word_count(packed_type(op.kernel.type).count.data))
        case _:
            return ()


def products_in(op: Operation, box: Sequence[int]) -> int:
    """The products in a box of `reduced_axes`."""
    if isinstance(op, PopcountOp) and not isinstance(op, PopcountDepthwiseConv2DOp):
        return math.prod(box[:-1]) * min(box[-1] * WORD_BITS, packed_type(op.kernel.type).count.data)
    return math.prod(box)


def boxes(op: Operation) -> dict[int, tuple[int, ...]]:
    """The boxes of `reduced_axes` that can be computed at once, by SIMD, the largest last."""
    sizes = reduced_axes(op)
    if is_graph(op):
        return {products_in(op, sizes): sizes}
    legal: dict[int, tuple[int, ...]] = {}
    for axis in reversed(range(len(sizes))):
        for lanes in divisors(sizes[axis]):
            box = (*(1 for _ in sizes[:axis]), lanes, *sizes[axis + 1 :])
            legal.setdefault(products_in(op, box), box)
    return legal


def is_graph(op: Operation) -> bool:
    """Does one graph of additions compute all outputs?"""
    return isinstance(op, ContractionOp) and op.product.data is Product.ADDER_GRAPH


def legal_pe(op: Operation) -> list[int]:
    return [outputs_of(op)] if is_graph(op) else divisors(outputs_of(op))


def pe_of(op: Operation) -> int | None:
    """The outputs that are computed at once, where the schedule says so."""
    pe = op.attributes.get(PE)
    return pe.value.data if isinstance(pe, IntegerAttr) else None


def box_of(op: Operation) -> tuple[int, ...]:
    """The products of an output that are computed at once, of `reduced_axes`: all, or what the schedule says."""
    simd = op.attributes.get(SIMD)
    return boxes(op)[simd.value.data] if isinstance(simd, IntegerAttr) else reduced_axes(op)


def steps_of(op: Operation) -> tuple[int, ...]:
    """The steps along each of `reduced_axes`."""
    return tuple(size // lanes for size, lanes in zip(reduced_axes(op), box_of(op), strict=True))


def fold(op: Operation, pe: int | None = None, simd: int | None = None) -> None:
    """Compute `pe` outputs, and `simd` products of each, at once; None leaves what is there."""
    for name, number in ((PE, pe), (SIMD, simd)):
        if number is not None:
            op.attributes[name] = IntegerAttr(number, i64)


@dataclass(frozen=True, eq=False)
class Tiled(Value):
    """Index `step * lanes + lane`, by its parts."""

    step: Value
    lane: Value


def tiled(step: Value, lane: Value, lanes: int) -> Value:
    return Tiled((step * lanes + lane).ssa, step, lane)


@dataclass(frozen=True)
class TiledRom:
    """A ROM [steps of the folded axes, lanes of all axes but those with one] that is read by position."""

    array: Array
    folded: Sequence[int]
    wide: Sequence[int]

    def __getitem__(self, at: tuple[Value | int, ...]) -> Value:
        steps = (i.step if isinstance(i := at[axis], Tiled) else i for axis in self.folded)
        lanes = (i.lane if isinstance(i := at[axis], Tiled) else i for axis in self.wide)
        return self.array[(*steps, *lanes)]


def weight_table(
    op: Operation, name: str, codes: IntArray, element: IntType, box: Sequence[int] | None = None
) -> TiledRom:
    """The ROM of weights [outputs, ...]: registers, or, if the operation is folded, a word for each step, whose lanes
    along the axes after the outputs are `box`, by default all.

    Without a schedule, weights that are too many for registers are read for one output at a time.
    """
    pe = pe_of(op)
    outputs = pe or (len(codes) if codes.size <= REGISTERS else 1)
    lanes = (outputs, *(codes.shape[1:] if box is None else box))
    folded = [axis for axis, size in enumerate(codes.shape) if lanes[axis] < size]
    wide = [axis for axis, size in enumerate(codes.shape) if lanes[axis] > 1 or size == 1]
    if not folded:
        return TiledRom(table(name, codes, element), folded, wide)
    cut = codes.reshape([n for size, n in zip(codes.shape, lanes, strict=True) for n in (size // n, n)])
    kept = [2 * axis for axis in folded] + [2 * axis + 1 for axis in wide]
    arranged = cut.transpose(kept + [axis for axis in range(cut.ndim) if axis not in kept])
    words = rom(name, arranged.reshape(arranged.shape[: len(kept)]), element)
    for dim in range(len(folded) + 1, len(kept) + 1):
        array_reshape(words, dim=dim)
    if BLOCK_RAM in op.attributes:
        bind_storage(words, "rom_1p", "bram")
    return TiledRom(words, folded, wide)
