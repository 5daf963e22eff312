"""A simulation of one pipeline that is independent of the estimates: every copy of unrolled code for itself, by numbers
where they are known, operation after operation; what a loop accumulates is added as soon as two terms are there."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Block, Operation, SSAValue

from qdialect.dialects.hlscpp.base import Expression
from qdialect.dialects.hlscpp.expressions import ConstantOp
from qdialect.dialects.hlscpp.memory import LoadOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.pragmas import PipelineOp
from qdialect.dialects.hlscpp.structure import CallOp, ForOp, FuncOp, IfOp, is_written
from qdialect.estimates.cost_model import FREE, Cost
from qdialect.estimates.datapath import Datapath
from qdialect.estimates.known_bits import Known, result_of
from qdialect.estimates.operators import cost_of

LONG = 2.0**20
"""ns after all that is computed; before it, of what is not there: the first term of a sum takes no addition."""


class OnePipeline:
    """A top function with the times at which its values are there, ns after a sample begins."""

    def __init__(self, top: FuncOp, clock: float):
        self.top, self.clock = top, clock
        self.path = Datapath(clock)
        self.path.run(top.body.block)
        self.costs: dict[Operation, Cost] = {}
        self.numbers: dict[SSAValue, int] = {}
        self.ready: dict[SSAValue, float] = {}
        self.elements: defaultdict[SSAValue, dict[tuple[int, ...], float]] = defaultdict(dict)
        self.names: dict[SSAValue, SSAValue] = {}

    def ends(self, samples: int) -> Sequence[int]:
        """The cycle in which the last output of each sample is in its register, samples as early as they may begin."""
        (pipeline,) = (op for op in self.top.body.block.ops if isinstance(op, PipelineOp))
        self._run(self.top.body.block, 0)
        outputs = [argument for argument in self.top.args if is_written(argument)]
        last = max(max(self.elements[output].values()) for output in outputs)
        return [sample * pipeline.ii.data + math.ceil(last / self.clock) for sample in range(samples)]

    def _run(self, block: Block, start: float) -> None:
        for op in block.ops:
            match op:
                case ForOp():
                    self._loop(op, start)
                case IfOp():
                    if self.numbers.get(op.condition) != 0:
                        self._run(op.body.block, max(start, self.ready.get(op.condition, 0)))
                case CallOp():
                    for argument, parameter in zip(op.arguments, op.function().args, strict=True):
                        self.names[parameter] = self._array(argument)
                    self._run(op.function().body.block, start)
                case StoreOp():
                    place = tuple(self.numbers[index] for index in op.indices)
                    self.elements[self._array(op.memref)][place] = max(start, self.ready.get(op.value, 0))
                case ConstantOp():
                    self.numbers[op.result] = op.value.data
                case RomOp():
                    pass
                case _ if op.results:
                    self._compute(op, start)
                case _:
                    pass

    def _array(self, array: SSAValue) -> SSAValue:
        """What a called function has under a name of its own."""
        return self._array(self.names[array]) if array in self.names else array

    def _compute(self, op: Operation, start: float) -> None:
        result = op.results[0]
        self.numbers.pop(result, None)
        given = [self.ready.get(operand, 0.0) for operand in op.operands if not isinstance(operand.type, MemRefType)]
        if isinstance(op, LoadOp):
            known = all(index in self.numbers for index in op.indices)
            place = tuple(self.numbers.get(index, 0) for index in op.indices)
            if known and isinstance(op.memref.owner, RomOp):
                self.numbers[result] = int(op.memref.owner.values()[place])
            elements = self.elements[self._array(op.memref)]
            given += [elements.get(place, 0.0)] if known else elements.values()
        elif isinstance(op, Expression) and all(operand in self.numbers for operand in op.operands):
            self.numbers[result] = int(result_of(op, [Known(self.numbers[operand]) for operand in op.operands]).value)
        self.ready[result] = start
        if result not in self.numbers:
            if op not in self.costs:
                self.costs[op] = FREE if self.path.is_fixed(result) else cost_of(op, self.path)
            cost = self.costs[op]
            first = max([start, *given])
            if cost.cycles:
                first = (math.ceil(first / self.clock) + cost.cycles) * self.clock
            self.ready[result] = first if min(given, default=0) < 0 else first + cost.delay
            if max(given, default=0) < 0:
                self.ready[result] = -LONG

    def _loop(self, op: ForOp, start: float) -> None:
        variables = [v for v in stored(op) if self._accumulates(op, v)]
        before = {v: self.elements[v].get((), 0.0) for v in variables}
        terms: dict[SSAValue, list[float]] = {v: [before[v]] * (before[v] > 0) for v in variables}
        steps = dict.fromkeys(variables, 0.0)
        for i in range(op.lower.data, op.upper.data):
            self.numbers[op.counter] = i
            late = self._iteration(op, start, dict.fromkeys(variables, LONG)) if variables else {}
            early = self._iteration(op, start, dict.fromkeys(variables, -LONG))
            for v in variables:
                steps[v] = late[v] - LONG
                terms[v].append(early[v])
        for v in variables:
            self.elements[v][()] = merged(terms[v], steps[v])

    def _iteration(self, op: ForOp, start: float, before: Mapping[SSAValue, float]) -> Mapping[SSAValue, float]:
        """When an iteration leaves variables that held something at these times."""
        for variable, time in before.items():
            self.elements[variable][()] = time
        self._run(op.body.block, start)
        return {variable: self.elements[variable][()] for variable in before}

    def _accumulates(self, op: ForOp, variable: SSAValue) -> bool:
        """Whether an iteration takes what the one before has left."""
        loads = (each for each in op.walk() if isinstance(each, LoadOp))
        declared = any(variable in each.results for each in op.walk())
        return not declared and any(load.memref == variable for load in loads)


def stored(op: ForOp) -> Sequence[SSAValue]:
    """The variables that a loop stores to."""
    stores = [each for each in op.walk() if isinstance(each, StoreOp)]
    return list(dict.fromkeys(store.memref for store in stores if not store.indices))


def merged(terms: Sequence[float], step: float) -> float:
    """When a sum of terms is there, the two that are first added first."""
    heap = [*terms]
    heapq.heapify(heap)
    while len(heap) > 1:
        heapq.heappop(heap)
        heapq.heapreplace(heap, heap[0] + step)
    return heap[0]
