"""The stages of a module's operations: as early as operands and the logic of a stage allow, then later as long as fewer
bits wait in registers.

Moved later, an operation saves the registers of its result and costs those of operands that nothing else needs for so
long. From the last operation up each takes the stage in which that is least, until none moves; neither the number of
stages nor the logic before the first register or after the last one rises.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.dialects import comb, hw
from xdsl.ir import BlockArgument, Operation, SSAValue

from qdialect.interpreter.netlists import width_of
from qdialect.lowering.rtl.delays import Delay, is_wiring

Source: TypeAlias = tuple[SSAValue, int, int]
"""What waits in registers: a value, or of an input port the part that is read, by its lowest bit and its width."""


@dataclass(frozen=True)
class PipelineTiming:
    """When the outputs of a module are valid."""

    latency: int
    first: float
    """Logic before the first register, or up to the outputs if there is none."""
    last: float
    """Logic after the last register."""
    clocking: Sequence[str] = ()
    """The inputs that the module has got before its others: `clk`, and `rst` if something is reset."""
    is_state: bool = False
    """Whether its outputs come from registers, whatever its latency is."""


@dataclass
class Staging:
    """When operations take place, and when their results are there."""

    delay: Delay
    limit: float
    timings: Mapping[str, PipelineTiming]
    stages: dict[Operation, int] = field(default_factory=dict[Operation, int])
    """Of operations that are no wiring."""
    ready: dict[SSAValue, tuple[int, float]] = field(default_factory=dict[SSAValue, tuple[int, float]])
    """The stage of a value and the logic before it there; constants have none."""

    def timing(self, op: Operation) -> PipelineTiming | None:
        """Of the module of an instance."""
        return self.timings[op.module_name.string_value()] if isinstance(op, hw.InstanceOp) else None

    def place(self, op: Operation) -> None:
        """An operation in its stage, or in the earliest one if it has none yet."""
        inputs = [self.ready[operand] for operand in op.operands if operand in self.ready]
        stage = max((stage for stage, _ in inputs), default=0)
        (result,) = op.results
        if is_wiring(op):
            if inputs:
                self.ready[result] = stage, max(logic for at, logic in inputs if at == stage)
            return
        timing = self.timing(op)
        needed = timing.first if timing is not None else self.delay(op)
        stage = self.stages.get(op, stage)
        before = max((logic for at, logic in inputs if at == stage), default=0.0)
        if op not in self.stages and before > 0 and before + needed > self.limit:
            stage, before = stage + 1, 0.0
        self.stages[op] = stage
        self.ready[result] = stage, before + needed
        if timing is not None and (timing.latency or timing.is_state):
            self.ready[result] = stage + timing.latency, timing.last

    def first(self) -> float:
        """The logic in the first stage."""
        logic = [self._before(op) + self._needed(op) for op, stage in self.stages.items() if stage == 0]
        return max(logic, default=0.0)

    def end(self, values: Iterable[SSAValue]) -> tuple[int, float]:
        """The stage in which all values are there, and the logic before them in it."""
        found = [self.ready[value] for value in values if value in self.ready]
        stage = max((stage for stage, _ in found), default=0)
        return stage, max((logic for at, logic in found if at == stage), default=0.0)

    def _needed(self, op: Operation) -> float:
        timing = self.timing(op)
        return timing.first if timing is not None else self.delay(op)

    def _before(self, op: Operation) -> float:
        inputs = [self.ready[operand] for operand in op.operands if operand in self.ready]
        return max((logic for at, logic in inputs if at == self.stages[op]), default=0.0)


def staged(staging: Staging, ops: Sequence[Operation], outputs: Sequence[SSAValue]) -> None:
    """Stages of the operations `ops`, operands first: as early as they can be, then later for fewer registers."""
    for op in ops:
        staging.place(op)
    moves = _Moves(staging, [op for op in ops if not is_wiring(op)], outputs)
    while moves.sweep():
        pass
    for op in ops:
        staging.place(op)


class _Moves:
    """Operations with their readers, and the stages up to which values are needed."""

    def __init__(self, staging: Staging, ops: Sequence[Operation], outputs: Sequence[SSAValue]):
        self.staging, self.ops = staging, ops
        self.last, self.logic = staging.end(outputs)
        self.known: dict[SSAValue, frozenset[Source]] = {}
        self.read = {op: self.sources(op.operands) for op in ops}
        self.readers: dict[SSAValue, list[Operation]] = defaultdict(list)
        self.until: dict[Source, Counter[int]] = defaultdict(Counter)
        for op in ops:
            for value in {value for value, _, _ in self.read[op]}:
                self.readers[value].append(op)
            for source in self.read[op]:
                self.until[source][staging.stages[op]] += 1
        self.outputs = self.sources(outputs)
        for source in self.outputs:
            self.until[source][self.last] += 1

    def sources(self, values: Iterable[SSAValue]) -> frozenset[Source]:
        """What has to be there for these values."""
        return frozenset().union(*map(self._sources, values))

    def _sources(self, value: SSAValue) -> frozenset[Source]:
        op = value.owner
        if not (isinstance(op, Operation) and is_wiring(op)):
            return frozenset([(value, 0, width_of(value))]) if value in self.staging.ready else frozenset()
        if value not in self.known:
            if isinstance(op, comb.ExtractOp) and isinstance(op.input, BlockArgument):
                self.known[value] = frozenset([(op.input, op.low_bit.value.data, width_of(value))])
            else:
                self.known[value] = self.sources(op.operands)
        return self.known[value]

    def sweep(self) -> bool:
        """Move operations from the last one up; returns whether any has moved."""
        self.tails: dict[Operation, float] = {}
        moved = False
        for op in reversed(self.ops):
            stages = self.staging.stages
            if not isinstance(op, hw.InstanceOp) and (best := self.best(op)) != stages[op]:
                for source in self.read[op]:
                    self.until[source][stages[op]] -= 1
                    self.until[source][best] += 1
                stages[op], moved = best, True
            self.tails[op] = self.tail(op, stages[op])
        return moved

    def best(self, op: Operation) -> int:
        """The stage of an operation in which the fewest bits wait, the last of those."""
        (result,), current = op.results, self.staging.stages[op]
        end = min((self.staging.stages[reader] for reader in self.readers[result]), default=self.last)
        own = (result, 0, width_of(result))
        costs = {current: self.waiting(op, current) + own[2] * (self.end_of(own) - current)}
        for stage in range(current + 1, min(end, self.last) + 1):
            limit = self.logic if stage == self.last else self.staging.limit
            if self.staging.delay(op) + self.tail(op, stage) <= limit:
                costs[stage] = self.waiting(op, stage) + own[2] * (self.end_of(own) - stage)
        return min(costs, key=lambda stage: (costs[stage], -stage))

    def waiting(self, op: Operation, stage: int) -> int:
        """The bits in registers for an operation in a stage, with the operands of nothing else."""
        current, bits = self.staging.stages[op], 0
        for source in self.read[op]:
            others = [at for at, count in self.until[source].items() if count > (at == current)]
            bits += source[2] * max(stage - max(others, default=self.staging.ready[source[0]][0]), 0)
        return bits

    def end_of(self, source: Source) -> int:
        """The last stage in which it is read."""
        return max((at for at, count in self.until[source].items() if count), default=self.staging.ready[source[0]][0])

    def tail(self, op: Operation, stage: int) -> float:
        """The logic after an operation in the same stage, were it in this one."""
        readers = [reader for reader in self.readers[op.results[0]] if self.staging.stages[reader] == stage]
        return max((self.head(reader) for reader in readers), default=0.0)

    def head(self, op: Operation) -> float:
        """The logic from the inputs of an operation to the end of its stage."""
        timing = self.staging.timing(op)
        if timing is None:
            return self.staging.delay(op) + self.tails[op]
        return timing.first if timing.latency or timing.is_state else timing.first + self.tails[op]
