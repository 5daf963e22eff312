"""Write `hlscpp` kernels as they read on paper.

    with function("fc1", ("x", array(t_in, 64)), ("y", array(t_out, 16))) as (f, (x, y)):
        w = rom("fc1_kernel", codes, IntType(6))
        array_partition(w, dim=0)
        with loop("OUT", 16) as j:
            pipeline(ii=1)
            acc = variable("acc", t_acc, 0)
            with loop("IN", 64) as i:
                unroll()
                acc.set((acc.get() + x[i] * w[j, i]).cast(t_acc))
            y[j] = acc.get().cast(t_out)

Operations go to the current xDSL `ImplicitBuilder`, so `function` stands inside `with ImplicitBuilder(module.body):`
(outside of one, the function is created on its own). What is computed with is in `values.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from operator import index as as_int
from typing import TYPE_CHECKING, Any

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import MemRefType

from qdialect.dialects.hlscpp.bits import CountOp
from qdialect.dialects.hlscpp.expressions import PopcountOp, SelectOp
from qdialect.dialects.hlscpp.memory import LocalOp, RomOp
from qdialect.dialects.hlscpp.streams import BeatOp, FifoOp
from qdialect.dialects.hlscpp.structure import CallOp, ForOp, FuncOp, IfOp
from qdialect.dialects.hlscpp.types import ArrayType, IntType, PacketType, StreamType
from qdialect.dialects.hlscpp.values import Memory, Packets, Stream, Value, ValueLike, Variable, constant, hinted, index

if TYPE_CHECKING:
    import numpy as np


# --- Types and values ---------------------------------------------------------------------------------------
def array(element_type: IntType, *shape: int) -> ArrayType:
    """The type of an array; without a shape that of a variable."""
    return MemRefType(element_type, [as_int(size) for size in shape])


def select(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` where the condition is one, `otherwise` elsewhere; both have the same type."""
    return Value(SelectOp(condition.ssa, then.ssa, otherwise.ssa).result)


def popcount(value: Value) -> Value:
    """The number of one bits of an unsigned value."""
    return Value(PopcountOp(value.ssa).result)


def count(bits: Sequence[Value]) -> Value:
    """How many of two or more bits are one."""
    return Value(CountOp(*(bit.ssa for bit in bits)).result)


def rom(name: str, codes: np.ndarray, element_type: IntType) -> Memory:
    """A constant array of integers. Raises `ValueError` if the codes are no integers or do not fit."""
    return Memory(hinted(RomOp.from_array(codes, element_type).memref, name))


def local(name: str, type: ArrayType) -> Memory:
    """A local array of undefined contents."""
    return Memory(hinted(LocalOp(type).memref, name))


def beat(name: str, type: ArrayType) -> Memory:
    """A beat to be filled, then written to a stream."""
    return Memory(hinted(BeatOp(type).memref, name))


def fifo(name: str, type: StreamType) -> Stream:
    """A local stream."""
    return Stream(hinted(FifoOp(type).stream, name))


def variable(name: str, type: IntType, initial: ValueLike | None = None) -> Variable:
    """A variable, undefined without an initial value."""
    result = Variable(hinted(LocalOp(array(type)).memref, name))
    if initial is not None:
        result.set(initial)
    return result


# --- Structure ----------------------------------------------------------------------------------------------
@contextmanager
def function(
    name: str,
    *arguments: tuple[str, ArrayType | StreamType | PacketType],
    top: bool = False,
    comment: str | None = None,
) -> Generator[tuple[FuncOp, tuple[Any, ...]]]:
    """A function over arrays and streams, given by name and type; yields a `Memory`, `Stream` or `Packets` for each."""
    op = FuncOp(name, [type for _, type in arguments], top, comment)
    kinds: dict[type, type] = {StreamType: Stream, PacketType: Packets}
    parameters = tuple(
        kinds.get(type(arg.type), Memory)(hinted(arg, hint)) for arg, (hint, _) in zip(op.args, arguments, strict=True)
    )
    with ImplicitBuilder(op.body):
        yield op, parameters


@contextmanager
def loop(label: str | None, start: int, stop: int | None = None, *, name: str | None = None) -> Generator[Value]:
    """`loop("ROW", 8)` counts from 0 to 7 and `loop("ROW", 1, 8)` from 1; `name` is that of the counter."""
    op = ForOp(*((0, as_int(start)) if stop is None else (as_int(start), as_int(stop))), label)
    if name is not None:
        hinted(op.counter, name)
    with ImplicitBuilder(op.body):
        yield Value(op.counter)


@contextmanager
def when(condition: Value) -> Generator[None]:
    """The operations within run if the condition is one."""
    with ImplicitBuilder(IfOp(condition.ssa).body):
        yield


def call(callee: FuncOp | str, *arguments: Memory | Stream | Packets) -> None:
    symbol = callee if isinstance(callee, str) else callee.sym_name.data
    CallOp(symbol, [argument.ssa for argument in arguments])


__all__ = [
    "Memory",
    "Packets",
    "Stream",
    "Value",
    "ValueLike",
    "Variable",
    "array",
    "beat",
    "call",
    "constant",
    "count",
    "fifo",
    "function",
    "index",
    "local",
    "loop",
    "popcount",
    "rom",
    "select",
    "variable",
    "when",
]
