"""Sums of products, all at once or a box of them in each step, with the sums so far in registers."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import and_

from qdialect.dialects.hlscpp.builder import array, local, select, variable, when
from qdialect.dialects.hlscpp.directives import unrolled
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Memory, Value, Variable, constant
from qdialect.lowering.parts.elements import partitioned
from qdialect.lowering.parts.tiled_roms import tiled


@dataclass(frozen=True)
class Box:
    """The products that are added at once: so many lanes along each axis, at these steps; no steps if it is all."""

    lanes: Sequence[int]
    steps: Sequence[Value] = ()

    def at(self, axis: int, lane: Value) -> Value:
        """The index of a lane along an axis."""
        return tiled(self.steps[axis], lane, self.lanes[axis]) if self.steps else lane

    @contextmanager
    def along(self, axis: int, name: str) -> Generator[Value]:
        """The indices along an axis, all at once."""
        with unrolled(self.lanes[axis], name) as lane:
            yield self.at(axis, lane)


@dataclass(frozen=True)
class KernelSum:
    """The sum that a kernel computes for an element of its result.

    add(total, at, box): adds the products in a box, for the position `at` of the result.
    """

    name: str
    type: IntType
    lanes: Sequence[int]
    add: Callable[[Variable, Sequence[Value], Box], None]

    def __call__(self, at: Sequence[Value]) -> Value:
        """The sum of all products."""
        total = variable(self.name, self.type, 0)
        self.add(total, at, Box(self.lanes))
        return total.get()

    def registers(self, *lanes: int) -> Memory:
        """One for each output that is computed at once."""
        return partitioned(local(f"{self.name}_sums", array(self.type, *lanes)))

    @contextmanager
    def continued(
        self, sums: Memory, lane: tuple[Value, ...], at: Sequence[Value], steps: Sequence[Value], counts: Sequence[int]
    ) -> Generator[Value]:
        """Adds one box to `sums[lane]`, which begins at zero; what is within runs in the last step along all axes, of
        which each has so many, with the whole sum."""
        part = variable(f"{self.name}_part", self.type, 0)
        self.add(part, at, Box(self.lanes, steps))
        folded = [(step, count) for step, count in zip(steps, counts, strict=True) if count > 1]
        begins, ends = [step.eq(0) for step, _ in folded], [step.eq(count - 1) for step, count in folded]
        before = select(reduce(and_, begins), constant(0, self.type), sums[lane])
        total = (before + part.get()).cast(self.type).named(self.name)
        sums[lane] = total
        with when(reduce(and_, ends)):
            yield total
