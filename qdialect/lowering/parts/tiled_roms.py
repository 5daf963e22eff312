"""ROMs of weights: of a folded layer one word for each step, [group][steps of the axes][PE][box]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.ir import Operation

from qdialect.dialects.hlscpp.builder import rom
from qdialect.dialects.hlscpp.directives import bind_storage
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Memory, Value
from qdialect.dialects.qnn.schedule import BLOCK_RAM, pe_of
from qdialect.numerics.arrays import IntArray


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

    array: Memory
    folded: Sequence[int]
    wide: Sequence[int]

    def __getitem__(self, at: tuple[Value | int, ...]) -> Value:
        steps = (i.step if isinstance(i := at[axis], Tiled) else i for axis in self.folded)
        lanes = (i.lane if isinstance(i := at[axis], Tiled) else i for axis in self.wide)
        return self.array[(*steps, *lanes)]


def weight_table(
    op: Operation, name: str, codes: IntArray, element: IntType, box: Sequence[int] | None = None
) -> TiledRom:
    """The ROM of weights [outputs, ...]; if the operation is folded, the lanes of each step lie together: `box` along
    the axes after the outputs, by default all."""
    lanes = (pe_of(op, len(codes)) or len(codes), *(codes.shape[1:] if box is None else box))
    folded = [axis for axis, size in enumerate(codes.shape) if lanes[axis] < size]
    wide = [axis for axis, size in enumerate(codes.shape) if lanes[axis] > 1 or size == 1]
    if not folded:
        return TiledRom(rom(name, codes, element), folded, wide)
    cut = codes.reshape([n for size, n in zip(codes.shape, lanes, strict=True) for n in (size // n, n)])
    kept = [2 * axis for axis in folded] + [2 * axis + 1 for axis in wide]
    arranged = cut.transpose(kept + [axis for axis in range(cut.ndim) if axis not in kept])
    words = rom(name, arranged.reshape(arranged.shape[: len(kept)]), element)
    if BLOCK_RAM in op.attributes:
        bind_storage(words, "rom_1p", "bram")
    return TiledRom(words, folded, wide)
