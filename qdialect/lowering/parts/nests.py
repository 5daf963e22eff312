"""Nests of loops over the elements of a value."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import loop
from qdialect.dialects.hlscpp.directives import pipeline, unrolled
from qdialect.dialects.hlscpp.values import Memory, Value, constant, index
from qdialect.dialects.qnn.op import shape_of
from qdialect.lowering.parts.elements import stored_type

_AT_ONCE = ContextVar("nests are unrolled", default=False)


@contextmanager
def all_at_once() -> Generator[None]:
    """Nests that are written within are unrolled: a caller is the pipeline."""
    token = _AT_ONCE.set(True)
    try:
        yield
    finally:
        _AT_ONCE.reset(token)


def is_at_once() -> bool:
    """Whether the code being written is within `all_at_once`."""
    return _AT_ONCE.get()


@contextmanager
def nest(shape: Sequence[int], names: Sequence[str], style: str | None = None) -> Generator[tuple[Value, ...]]:
    """Nested loops over `shape`, labelled by axis; the innermost is a pipeline that starts an iteration every cycle.

    An axis of size 1 has no loop, but for the last one of a single element. Within `all_at_once` all are unrolled.
    """
    if is_at_once():
        with ExitStack() as copies:
            yield tuple(copies.enter_context(unrolled(n, name)) for n, name in zip(shape, names, strict=False))
        return
    looped = [axis for axis, size in enumerate(shape) if size > 1] or [len(shape) - 1]
    at: list[Value] = []
    with ExitStack() as loops:
        for axis, (size, name) in enumerate(zip(shape, names, strict=False)):
            at.append(loops.enter_context(loop(label_of(name), size, name=name)) if axis in looped else index(0))
        pipeline(ii=1, style=style)
        yield tuple(at)


LABELS = {"i": "OUTPUT", "c": "CHANNEL"}


def label_of(counter: str) -> str:
    """The label of a loop, after its counter."""
    return LABELS.get(counter, counter.upper())


AXES = {1: ("i",), 2: ("i", "c"), 3: ("row", "column", "c")}


def axes(rank: int) -> Sequence[str]:
    return AXES.get(rank) or [f"i{axis}" for axis in range(rank)]


def array_shape(value: SSAValue) -> tuple[int, ...]:
    """The shape of a value's array; a scalar has one element."""
    return shape_of(value) or (1,)


def clear(value: SSAValue, y: Memory) -> None:
    """Zeros throughout the array of `value`."""
    shape = array_shape(value)
    with nest(shape, axes(len(shape))) as at:
        y[at] = constant(0, stored_type(value))


def flatten(at: Sequence[Value], shape: Sequence[int]) -> Value:
    """The row-major position."""
    position = at[0]
    for i, n in zip(at[1:], shape[1:], strict=True):
        position = position * n + i
    return position
