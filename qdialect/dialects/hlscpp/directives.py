"""Pragmas for the builder: each is inserted into the block being written, which it governs."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager

from qdialect.dialects.hlscpp import pragmas, storage_pragmas
from qdialect.dialects.hlscpp.builder import loop
from qdialect.dialects.hlscpp.values import Memory, Packets, Stream, Value, index


def pipeline(ii: int = 1, style: str | None = None) -> None:
    pragmas.PipelineOp(ii, style)


def unroll(factor: int | None = None) -> None:
    pragmas.UnrollOp(factor)


def loop_flatten(off: bool = False) -> None:
    pragmas.LoopFlattenOp(off)


def inline(off: bool = False) -> None:
    pragmas.InlineOp(off)


def dataflow() -> None:
    pragmas.DataflowOp()


def interface(argument: Memory | Stream | Packets | None, mode: str) -> None:
    """The protocol of an argument of the top function, or of its `return` port for `None`."""
    pragmas.InterfaceOp(None if argument is None else argument.ssa, mode)


def memory_interface(argument: Memory, bundle: str) -> None:
    """An argument of the top function in memory, at an address in a register."""
    depth = math.prod(argument.type.get_shape())
    pragmas.InterfaceOp(argument.ssa, "m_axi", "slave", bundle, depth)


def array_partition(array: Memory, kind: str = "complete", *, dim: int, factor: int | None = None) -> None:
    storage_pragmas.ArrayPartitionOp(array.ssa, kind, dim, factor)


def array_reshape(array: Memory, kind: str = "complete", *, dim: int, factor: int | None = None) -> None:
    storage_pragmas.ArrayReshapeOp(array.ssa, kind, dim, factor)


def bind_storage(array: Memory, type: str, impl: str = "auto") -> None:
    storage_pragmas.BindStorageOp(array.ssa, type, impl)


def dependence(array: Memory, distance: int) -> None:
    storage_pragmas.DependenceOp(array.ssa, distance)


def stream_depth(stream: Stream, depth: int) -> None:
    storage_pragmas.StreamOp(stream.ssa, depth)


@contextmanager
def unrolled(count: int, name: str) -> Generator[Value]:
    """A loop from 0 whose iterations all run at once; a single one needs no loop."""
    if count == 1:
        yield index(0)
        return
    with loop(None, count, name=name) as i:
        unroll()
        yield i
