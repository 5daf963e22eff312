"""Where constant arrays lie, by how they are read.

Registers where every index is a constant once loops are unrolled. Any other is a ROM, and never split: the dimensions
with such an index lie side by side in one word if all reads share its address. An index `step * lanes + lane` of
unrolled lanes is two of them, [steps][lanes], so that a step is an address and its lanes a word. What is read at
several addresses at once is left to the tool, which copies it.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import BlockArgument, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from qdialect.dialects.hlscpp.expressions import AddOp, ConstantOp, MulOp
from qdialect.dialects.hlscpp.indices import is_fixed, is_replicated, loads_of
from qdialect.dialects.hlscpp.memory import LoadOp, RomOp
from qdialect.dialects.hlscpp.storage_pragmas import ArrayPartitionOp, ArrayReshapeOp
from qdialect.dialects.hlscpp.structure import ForOp, FuncOp
from qdialect.dialects.hlscpp.types import array_type


def lay_out_constants(function: FuncOp) -> None:
    """Write the layout of the constant arrays of a function that are read."""
    for rom in [op for op in function.walk() if isinstance(op, RomOp)]:
        if loads_of(rom):
            _write(_tiled(rom))


def _write(rom: RomOp) -> None:
    fixed = [all(map(is_fixed, indices)) for indices in zip(*(load.indices for load in loads_of(rom)), strict=True)]
    wide = [dim for dim, size in enumerate(array_type(rom.memref).get_shape(), 1) if fixed[dim - 1] and size > 1]
    if all(fixed):
        Rewriter.insert_op(ArrayPartitionOp(rom.memref), InsertPoint.after(rom))
    elif not is_replicated(rom):
        Rewriter.insert_op([ArrayReshapeOp(rom.memref, dim=dim) for dim in wide], InsertPoint.after(rom))


def _tiled(rom: RomOp) -> RomOp:
    """The same array with two dimensions for each whose indices are all `step * lanes + lane`."""
    for dim, size in enumerate(array_type(rom.memref).get_shape()):
        parts = [_parts(load.indices[dim]) for load in loads_of(rom)]
        counts = {part and part[0] for part in parts}
        if len(counts) == 1 and (lanes := counts.pop()) is not None and size % lanes == 0:
            return _tiled(_split(rom, dim, lanes, [part[1:] for part in parts if part is not None]))
    return rom


def _parts(index: SSAValue) -> tuple[int, SSAValue, SSAValue] | None:
    """Lanes, step and lane of an index `step * lanes + lane`, whose lanes are unrolled and its steps are not."""
    match index.owner:
        case AddOp(lhs=step, rhs=BlockArgument() as lane) if isinstance(product := step.owner, MulOp):
            loop, count = lane.block.parent_op(), product.rhs.owner
            assert isinstance(loop, ForOp)
            if isinstance(count, ConstantOp) and is_fixed(lane) and not is_fixed(product.lhs):
                lanes = count.value.data
                return (lanes, product.lhs, lane) if (loop.lower.data, loop.upper.data) == (0, lanes) else None
        case _:
            pass
    return None


def _split(rom: RomOp, dim: int, lanes: int, parts: Sequence[tuple[SSAValue, SSAValue]]) -> RomOp:
    values, shape = rom.values(), array_type(rom.memref).get_shape()
    split = RomOp.from_array(
        values.reshape(*shape[:dim], shape[dim] // lanes, lanes, *shape[dim + 1 :]),
        array_type(rom.memref).element_type,
    )
    split.memref.name_hint = rom.memref.name_hint
    Rewriter.insert_op(split, InsertPoint.before(rom))
    for load, part in zip(loads_of(rom), parts, strict=True):
        indices = [*load.indices[:dim], *part, *load.indices[dim + 1 :]]
        Rewriter.replace_op(load, LoadOp(split.memref, indices))
    for use in list(rom.memref.uses):
        use.operation.operands[use.index] = split.memref
    Rewriter.erase_op(rom)
    return split
