"""Folding: how many outputs of a layer are computed at once (PE), and the rest one group after the other.

With PE of n outputs, a multiplier serves n / PE products of every position: the reuse factor. The `schedule` pass
writes PE as an attribute on the operation; its weights then lie as [group][PE][...], one group per ROM word, so that
no index is divided.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.ir import Operation

from qdialect.dialect.base import shape_of
from qdialect.dialect.contractions import ContractionOp, DepthwiseConv2DOp
from qdialect.dialect.packed import PopcountDepthwiseConv2DOp, PopcountOp
from qdialect.kernels.elements import REGISTERS, Elements, table
from qdialect.loops.builder import Array, Value, rom
from qdialect.loops.directives import array_reshape, bind_storage
from qdialect.loops.types import IntType
from qdialect.numerics.exact import IntArray

PE, BLOCK_RAM = "hls.pe", "hls.block_ram"
"""Attributes of an operation: outputs at once, and whether its weights lie in block RAM."""

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


def pe_of(op: Operation) -> int | None:
    """The outputs that are computed at once, where the schedule says so."""
    pe = op.attributes.get(PE)
    return pe.value.data if isinstance(pe, IntegerAttr) else None


def fold(op: Operation, pe: int) -> None:
    """Compute `pe` outputs of an operation at once."""
    op.attributes[PE] = IntegerAttr(pe, i64)


@dataclass(frozen=True, eq=False)
class Tiled(Value):
    """Output `group * PE + lane`, by its parts."""

    group: Value
    lane: Value


def tiled(group: Value, lane: Value, pe: int) -> Value:
    return Tiled((group * pe + lane).ssa, group, lane)


@dataclass(frozen=True)
class TiledRom:
    """A ROM [group, lane, ...] that is read by output."""

    array: Array

    def __getitem__(self, at: tuple[Value | int, ...]) -> Value:
        output, *rest = at
        assert isinstance(output, Tiled)
        return self.array[(output.group, output.lane, *rest)]


def weight_table(op: Operation, name: str, codes: IntArray, element: IntType) -> Elements:
    """The ROM of weights [outputs, ...]: registers, or, if the operation is folded, a word for each group of outputs.

    Without a schedule, weights that are too many for registers are read for one output at a time.
    """
    pe = pe_of(op)
    if pe == len(codes) or (pe is None and codes.size <= REGISTERS):
        return table(name, codes, element)
    if pe is None:
        return in_words(op, rom(name, codes, element))
    groups = codes.reshape(len(codes) // pe, pe, *codes.shape[1:])
    return TiledRom(in_words(op, rom(name, groups, element)))


def in_words(op: Operation, groups: Array) -> Array:
    """The same ROM, all but the first axis side by side in one word."""
    for dim in range(2, len(groups.type.get_shape()) + 1):
        array_reshape(groups, dim=dim)
    if BLOCK_RAM in op.attributes:
        bind_storage(groups, "rom_1p", "bram")
    return groups
