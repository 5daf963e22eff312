"""The hardware of straight-line code: operators, registers, and when each value arrives.

Loops under a pipeline are unrolled and functions dissolve, so a body is run once in a model of time: each value has an
arrival in ns after the start in each copy of the code, each element of an array the arrival of its last store. A loop
of n iterations that accumulates is a balanced tree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Block, Operation, SSAValue

from qdialect.dialects.hlscpp.base import Expression
from qdialect.dialects.hlscpp.expressions import ConstantOp
from qdialect.dialects.hlscpp.memory import LoadOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.streams import SendOp, WriteOp
from qdialect.dialects.hlscpp.structure import CallOp, ForOp, IfOp, writes
from qdialect.estimates.arrivals import Arrivals, Times, is_absent, latest
from qdialect.estimates.cost_model import FREE, Cost, Resources
from qdialect.estimates.gates import result_width
from qdialect.estimates.known_bits import WORD, Copies, Known, is_zero, lowest, plain, result_of, unknown
from qdialect.estimates.operators import STREAM_CYCLES, cost_of

Facts: TypeAlias = dict[Operation, tuple[Known, Cost]]

LATE, ABSENT = 2.0**20, -(2.0**20)
"""ns after all that a pipeline computes; what is not there."""


@dataclass
class Datapath:
    """The hardware of a block under a pipeline (or run once), with a clock of `clock` ns.

    facts: bits of the result and cost of operations outside of loops, which are those of every run of the block.
    known: bits of values, in every copy of the unrolled code.
    contents: of variables.
    """

    clock: float
    facts: Facts = field(default_factory=dict[Operation, tuple[Known, Cost]])
    known: dict[SSAValue, Known] = field(default_factory=dict[SSAValue, Known])
    contents: dict[SSAValue, Known] = field(default_factory=dict[SSAValue, Known])
    arrivals: Arrivals = field(default_factory=Arrivals)
    depth: int = 0
    """Unrolled loops around."""

    def run(self, block: Block, start: Times = 0.0) -> Resources:
        """The resources of a block that starts at `start` ns; advances the arrivals."""
        total = Resources()
        for op in block.ops:
            total += self._operation(op, start)
        return total

    @property
    def end(self) -> float:
        """When the last value has arrived, ns."""
        return self.arrivals.end

    def bits_of(self, value: SSAValue) -> Known:
        """What is known of a value."""
        return self.known.get(value) or unknown(value.type)

    def is_fixed(self, value: SSAValue) -> bool:
        """Whether a value is a constant in every copy."""
        return is_zero(self.bits_of(value).varying)

    def _operation(self, op: Operation, start: Times) -> Resources:
        match op:
            case Expression():  # most of them
                return self._value(op, start)
            case ForOp():
                return self._loop(op, start)
            case IfOp():
                taken = self.bits_of(op.condition)
                inside = self.run(op.body.block, latest([start, self.arrivals[op.condition]]))
                return inside * float(np.mean(taken.possible & 1))
            case CallOp():
                return self._call(op, start)
            case StoreOp():
                kept = [self.arrivals[op.memref]] if isinstance(op.parent_op(), IfOp) and not op.indices else []
                self.arrivals.store(op.memref, self._places(op), latest([start, self.arrivals[op.value], *kept]))
                self.contents[op.memref] = Known(0, -1) if op.indices else self.bits_of(op.value)
                return Resources()
            case WriteOp() | SendOp():
                written = op.beat if isinstance(op, WriteOp) else op.word
                self.arrivals[op.stream] = self._registered(latest([start, self.arrivals[written]]), STREAM_CYCLES)
                return Resources()
            case _ if not op.results or isinstance(op, RomOp):
                return Resources()
            case _:
                return self._value(op, start)

    def _value(self, op: Operation, start: Times) -> Resources:
        result, cost = op.results[0], self._cost(op)
        given = [self.arrivals[operand] for operand in op.operands if not isinstance(operand.type, MemRefType)]
        if isinstance(op, LoadOp):
            given.append(self.arrivals.element(op.memref, self._places(op)))
        if given and is_absent(latest(given)):
            self.arrivals[result] = ABSENT
            return cost.resources
        if self.is_fixed(result):
            self.arrivals[result] = start
            return cost.resources
        first = latest([start, *given])
        if any(map(is_absent, given)):
            self.arrivals[result] = first  # the first term of a sum, with nothing to add it to
            return cost.resources
        if cost.cycles:
            first = self._registered(first, cost.cycles)
        self.arrivals[result] = first + cost.delay
        # A clock edge falls into an operation with the probability delay / clock; its result is then registered.
        edges = cost.cycles + cost.delay / self.clock
        return cost.resources + Resources(ff=edges * result_width(op))

    def _cost(self, op: Operation) -> Cost:
        """The cost of an operation, none of a constant; learns what is known of its result."""
        result = op.results[0]
        if (fact := self.facts.get(op)) is not None:
            self.known[result], cost = fact
            return cost
        self.known[result] = self._known(op)
        cost = FREE if self.is_fixed(result) else cost_of(op, self)
        if not self.depth:
            self.facts[op] = self.known[result], cost
        return cost

    def _known(self, op: Operation) -> Known:
        match op:
            case ConstantOp():
                return Known(op.value.data)
            case LoadOp() if isinstance(op.memref.owner, RomOp):
                return self._element(op, op.memref.owner)
            case LoadOp():
                return (self.contents.get(op.memref) or Known(0, -1)).within(op.element_type)
            case Expression():
                return result_of(op, [self.bits_of(operand) for operand in op.operands])
            case _:
                return unknown(op.results[0].type)

    def _element(self, op: LoadOp, rom: RomOp) -> Known:
        """An element of a constant array, where every index is known in every copy."""
        if not all(map(self.is_fixed, op.indices)):
            return unknown(op.element_type)
        values = rom.values().astype(np.int64 if op.element_type.bits <= WORD else object)
        at = [np.clip(self.bits_of(index).value, 0, n - 1) for index, n in zip(op.indices, values.shape, strict=True)]
        return Known(plain(values[tuple(at)]))

    def _places(self, op: LoadOp | StoreOp) -> list[Copies | None]:
        """The indices of an access, None for those that are not known in every copy."""
        return [self.bits_of(index).value if self.is_fixed(index) else None for index in op.indices]

    def _registered(self, arrival: Times, cycles: int) -> Times:
        """When a value that arrives then leaves the last of so many registers."""
        return (np.ceil(arrival / self.clock) + cycles) * self.clock

    def _loop(self, op: ForOp, start: Times) -> Resources:
        """All iterations at once: what each does first, then those after the first, which find in variables what the
        ones before them have left. What they add up is a tree of their terms, and then one operation with what was
        there before."""
        count, body = op.upper.data - op.lower.data, op.body.block
        numbers = np.arange(op.lower.data, op.upper.data).reshape(-1, *(1,) * self.depth)
        self.known[op.counter] = Known(numbers if count > 1 else op.lower.data)
        self.depth += 1
        carried = {op.memref for op in op.body.walk() if isinstance(op, StoreOp)}
        sums = accumulators(op) if count > 1 else []
        before = {each: self.arrivals[each] for each in sums}
        for each in sums:
            self.arrivals[each] = ABSENT
        total = self.run(body, start)
        if count > 1:
            first = {memref: self.arrivals[memref] for memref in carried}
            for memref in carried:
                self.contents[memref] = preceding(self.contents[memref], count, self.depth)
            step, more = self._added(body, start, sums)
            total += more * (count - 1)
            levels = math.ceil(math.log2(count))
            for memref in carried:
                if memref in step:
                    tree = first[memref] + step[memref] * levels
                    self.arrivals[memref] = latest([tree, before[memref] + step[memref]])
                else:
                    self.arrivals[memref] = first[memref] + (self.arrivals[memref] - first[memref]) * levels
        self.depth -= 1
        for memref in carried:
            self.contents[memref] = left(self.contents[memref], self.depth)
            self.arrivals.leave(memref, self.depth)
        return total

    def _added(self, body: Block, start: Times, sums: Sequence[SSAValue]) -> tuple[dict[SSAValue, Times], Resources]:
        """How much later each sum is behind an iteration that finds it later than all else, 0 where it does not take it
        up; and the resources."""
        before = dict(self.arrivals.times)
        for each in sums:
            self.arrivals[each] = LATE
        resources = self.run(body, start)
        added = {each: np.maximum(self.arrivals[each] - LATE, 0) for each in sums}
        if sums:
            self.arrivals.times = before
        return added, resources

    def _call(self, op: CallOp, start: Times) -> Resources:
        """The resources of a called function, between the arrays that it is given."""
        function = op.function()
        for argument, parameter in zip(op.arguments, function.args, strict=True):
            self.arrivals[parameter] = self.arrivals[argument]
        total = self.run(function.body.block, start)
        for argument, parameter in zip(op.arguments, function.args, strict=True):
            if writes(op, argument):
                self.arrivals[argument] = self.arrivals[parameter]
        return total


def accumulators(loop: ForOp) -> list[SSAValue]:
    """The variables from before a loop that its iterations load and store."""
    inside = [*loop.body.walk()]
    loads = {op.memref for op in inside if isinstance(op, LoadOp) and not op.indices}
    stored = {op.memref: None for op in inside if isinstance(op, StoreOp) and op.memref in loads}
    return [memref for memref in stored if memref.owner not in inside]


def preceding(after: Known, count: int, axes: int) -> Known:
    """What a variable holds when an iteration begins, by what each of them, were it the first, leaves in it: the zeros
    below all before, and one term alone as long as there is no other. The first stands for a second one."""
    possible, magnitude = (by_iteration(mask, count, axes) for mask in (after.possible, after.magnitude))
    before = np.maximum(np.arange(count) - 1, 0)
    varying = -lowest(np.bitwise_or.accumulate(possible, axis=0)[before])
    alone = np.cumsum(magnitude != 0, axis=0)[before] <= 1
    return Known(0, varying, np.where(alone, np.bitwise_or.accumulate(magnitude, axis=0)[before], varying))


def by_iteration(mask: Copies, count: int, axes: int) -> NDArray[Any]:
    """A mask for each iteration of the innermost of so many loops, in front of the copies of the others."""
    masks = np.array(mask, object if isinstance(mask, int) and mask.bit_length() > WORD else None)
    masks = masks.reshape(*(1,) * (axes - masks.ndim), *masks.shape)
    return np.broadcast_to(masks, (count, *masks.shape[1:]))


def left(known: Known, axes: int) -> Known:
    """What the last iteration of a loop leaves in a variable, with so many loops around it."""
    masks = (known.value, known.varying, known.magnitude)
    return Known(*(plain(mask[-1]) if np.ndim(mask) > axes else mask for mask in masks))
