"""When a process reads and writes its streams: the iterations of its pipelines, in cycles.

Conditions around reads and writes depend on loop counters alone, so they are evaluated for all iterations at once. What
an iteration takes is an estimate (`iterations.py`). It shifts all results of a process alike; what streams must hold
follows from the rates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Block, Operation, SSAValue

from qdialect.dialects.hlscpp.base import BinaryOp
from qdialect.dialects.hlscpp.expressions import AddOp, AndOp, CastOp, CmpOp, ConstantOp, MulOp, SubOp
from qdialect.dialects.hlscpp.streams import ReadOp, ReceiveOp, SendOp, WriteOp
from qdialect.dialects.hlscpp.structure import ForOp, FuncOp, IfOp
from qdialect.errors import QdialectError
from qdialect.estimates.iterations import CALL_CYCLES, iteration, nest_of, pipeline_of
from qdialect.numerics.arrays import Int64Array

EMPTY: Int64Array = np.zeros(0, np.int64)

ACCESSES = (ReadOp, ReceiveOp, WriteOp, SendOp)
"""What a process waits for."""


@dataclass
class Timeline:
    """The iterations of a process for one sample, if it never waits."""

    starts: Int64Array = field(default_factory=lambda: EMPTY)
    """Cycle in which each iteration starts."""
    latencies: Int64Array = field(default_factory=lambda: EMPTY)
    """Cycles from the start of each iteration until its results are written."""
    duration: int = 0
    """Cycles until what follows can begin: the next loop, or after a process the next sample."""
    reads: dict[SSAValue, Int64Array] = field(default_factory=dict[SSAValue, Int64Array])
    """The iterations that read from each stream, in order."""
    writes: dict[SSAValue, Int64Array] = field(default_factory=dict[SSAValue, Int64Array])

    def append(self, later: Timeline) -> None:
        """`later` begins when this ends."""
        count = len(self.starts)
        self.starts = np.concatenate([self.starts, later.starts + self.duration])
        self.latencies = np.concatenate([self.latencies, later.latencies])
        self.duration += later.duration
        for mine, others in ((self.reads, later.reads), (self.writes, later.writes)):
            for stream, iterations in others.items():
                mine[stream] = np.concatenate([mine.get(stream, EMPTY), iterations + count])


def timeline_of(process: FuncOp, clock: float) -> Timeline:
    """The timeline of a function whose streams are arguments, for a clock period in ns.

    Raises QdialectError for a read or write under a condition on data, or in a loop that is not a pipeline.
    """
    result = _sequence(process.body.block, {}, clock)
    result.duration += CALL_CYCLES
    return result


def _sequence(block: Block, counters: Mapping[SSAValue, int], clock: float) -> Timeline:
    result = Timeline()
    for op in block.ops:
        if isinstance(op, ForOp):
            result.append(_loop(op, counters, clock))
        elif isinstance(op, (*ACCESSES, IfOp)):
            raise QdialectError(f"{op.name} outside of a pipeline")
    return result


def _loop(op: ForOp, counters: Mapping[SSAValue, int], clock: float) -> Timeline:
    nest = nest_of(op)
    if (pipeline := pipeline_of(nest[-1].body.block)) is not None:
        return _iterations(nest, pipeline.ii.data, counters, clock)
    result = Timeline()
    for i in range(op.lower.data, op.upper.data):
        result.append(_sequence(op.body.block, {**counters, op.counter: i}, clock))
        result.duration += CALL_CYCLES
    result.duration += CALL_CYCLES
    return result


def _iterations(nest: Sequence[ForOp], ii: int, counters: Mapping[SSAValue, int], clock: float) -> Timeline:
    """The iterations of a pipeline, the last counter fastest."""
    shape = [loop.upper.data - loop.lower.data for loop in nest]
    grid = np.indices(shape).reshape(len(nest), -1)
    values: dict[SSAValue, Int64Array] = {counter: np.int64(i) for counter, i in counters.items()}  # pyright: ignore
    values |= {loop.counter: grid[axis] + loop.lower.data for axis, loop in enumerate(nest)}
    count, (_, latency) = grid.shape[1], iteration(nest[-1].body.block, clock)
    result = Timeline(np.arange(count) * ii, np.full(count, latency), (count - 1) * ii + latency + CALL_CYCLES)
    _accesses(nest[-1].body.block, np.ones(count, bool), values, result)
    return result


def _accesses(block: Block, runs: NDArray[np.bool_], values: dict[SSAValue, Int64Array], found: Timeline) -> None:
    """Adds the reads and writes of a block that runs in these iterations."""
    for op in block.ops:
        match op:
            case ReadOp() | ReceiveOp():
                found.reads[op.stream] = np.flatnonzero(runs)
            case WriteOp() | SendOp():
                found.writes[op.stream] = np.flatnonzero(runs)
            case IfOp() if any(isinstance(inner, ACCESSES) for inner in op.walk()):
                _accesses(op.body.block, runs & (_value(op.condition, values) != 0), values, found)
            case ForOp() if any(isinstance(inner, ACCESSES) for inner in op.walk()):
                raise QdialectError("a stream is read or written in a loop beneath a pipeline")
            case _:
                pass


COMPARISONS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
ARITHMETIC: dict[type[Operation], np.ufunc] = {
    AddOp: np.add,
    AndOp: np.bitwise_and,
    MulOp: np.multiply,
    SubOp: np.subtract,
}


def _value(value: SSAValue, values: dict[SSAValue, Int64Array]) -> Int64Array:
    """An expression of loop counters, for all iterations."""
    if value not in values:
        assert isinstance(value.owner, Operation)
        values[value] = np.asarray(_computed(value.owner, values))
    return values[value]


def _computed(op: Operation, values: dict[SSAValue, Int64Array]) -> Any:
    match op:
        case ConstantOp():
            return op.value.data
        case CastOp():
            return _value(op.operand, values)
        case CmpOp():
            return COMPARISONS[op.predicate.data](_value(op.lhs, values), _value(op.rhs, values))
        case BinaryOp() if type(op) in ARITHMETIC:
            return ARITHMETIC[type(op)](_value(op.lhs, values), _value(op.rhs, values))
        case _:
            raise QdialectError(f"a stream is read or written under a condition on {op.name}")
