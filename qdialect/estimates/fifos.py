"""How many beats the streams of a dataflow region hold: enough for any latencies, and more where estimates call for it.

What they must hold follows from token counts (`queues.py`). What lets processes end as early as they can follows from
their timelines. Processes wait for their inputs, and for space in their outputs: a beat is there one cycle after it was
written, its place is free one cycle after it was read. With beat n written in W[n] and read in R[n], and `depth`
places,

    R[n] >= W[n] + 1        W[n] >= R[n - depth] + 1

The earliest times that meet these bounds are found by raising those of each process until none changes. They are what
the hardware does, up to the estimated latencies; where they would grow for ever, it waits for ever.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.storage_pragmas import StreamOp
from qdialect.dialects.hlscpp.streams import FifoOp
from qdialect.dialects.hlscpp.structure import CallOp, FuncOp
from qdialect.estimates.queues import ProcessIterations, sufficient
from qdialect.estimates.timeline import Timeline, timeline_of
from qdialect.numerics.arrays import Int64Array

SAMPLES = 3
"""Samples that follow each other: enough that one waits for the one before."""


@dataclass
class Process:
    """One call: its iterations in `SAMPLES` samples, by stream of the region."""

    begin: Int64Array
    """Earliest start of each iteration."""
    latencies: Int64Array
    reads: Mapping[SSAValue, Int64Array]
    writes: Mapping[SSAValue, Int64Array]

    @staticmethod
    def of(timeline: Timeline, steps: ProcessIterations) -> Process:
        def repeated(accesses: Mapping[SSAValue, Int64Array]) -> dict[SSAValue, Int64Array]:
            return {stream: _repeated(each, steps.count) for stream, each in accesses.items()}

        begin = _repeated(timeline.starts, timeline.duration)
        latencies = _repeated(timeline.latencies, 0)
        return Process(begin, latencies, repeated(steps.reads), repeated(steps.writes))


def _steps(call: CallOp, timeline: Timeline) -> ProcessIterations:
    """The iterations of a call, by stream of the region."""
    streams: dict[SSAValue, SSAValue] = dict(zip(call.function().args, call.arguments, strict=True))
    reads, writes = ({streams[s]: at for s, at in each.items()} for each in (timeline.reads, timeline.writes))
    return ProcessIterations(len(timeline.starts), reads, writes)


def _repeated(values: Int64Array, period: int) -> Int64Array:
    return (values + period * np.arange(SAMPLES)[:, np.newaxis]).ravel()


class Times(NamedTuple):
    """When the last process ends, beats of streams are written and read, and iterations of processes end."""

    end: float
    written: Mapping[SSAValue, Int64Array]
    read: Mapping[SSAValue, Int64Array]
    ends: Sequence[Int64Array]


class Region:
    """The processes of a dataflow region, whose inputs are always there and whose outputs always have space."""

    def __init__(self, top: FuncOp, clock: float):
        self.top = top
        calls = [op for op in top.body.block.ops if isinstance(op, CallOp)]
        timelines: dict[Operation, Timeline] = {f: timeline_of(f, clock) for f in top.callees()}
        self.steps = [_steps(call, timelines[call.function()]) for call in calls]
        each = zip(calls, self.steps, strict=True)
        self.processes = [Process.of(timelines[call.function()], steps) for call, steps in each]
        self.fifos: list[SSAValue] = [op.stream for op in top.body.block.ops if isinstance(op, FifoOp)]
        self.bound = sum(int(p.begin[-1] + p.latencies.sum() + 4 * len(p.begin)) for p in self.processes)
        """Cycles in which the processes end if but one at a time moves on: later than that, they never do."""

    def run(self, depths: Mapping[SSAValue, int], limit: float = math.inf) -> float:
        """The cycle in which the last process ends, infinite if they wait for each other for ever; streams without a
        depth hold any number of beats. If that is after `limit`, the result may be any number beyond it."""
        return self._times(depths, limit).end

    def latency_and_interval(self) -> tuple[int, int]:
        """Cycles from the first beat of a sample to its last result, and between the last results of two samples, with
        the depths that the streams have; those without one hold any number."""
        pragmas = [use.operation for stream in self.fifos for use in stream.uses]
        depths = {op.stream: op.depth.data for op in pragmas if isinstance(op, StreamOp)}
        times = self._times(depths, math.inf)
        outputs = [times.written[stream] for stream in times.written if stream not in self.fifos]
        sinks = [ends for process, ends in zip(self.processes, times.ends, strict=True) if not process.writes]
        ends = [each.reshape(SAMPLES, -1)[:, -1] for each in outputs or sinks]
        last = np.max(ends, axis=0)
        return int(last[0]), int(last[-1] - last[-2])

    def held(self) -> dict[SSAValue, int]:
        """How many beats each stream holds at most if it may hold any number."""
        times = self._times({}, math.inf)
        return {s: _occupancy(times.written[s], times.read[s]) for s in self.fifos}

    def _times(self, depths: Mapping[SSAValue, int], limit: float) -> Times:
        """The earliest times, up to the first change after `limit`."""
        written: dict[SSAValue, Int64Array] = {}
        read: dict[SSAValue, Int64Array] = {}
        end, changed = 0.0, True
        ends: list[Int64Array] = []
        while changed and end <= min(limit, self.bound):
            changed, end, ends = False, 0.0, []
            for process in self.processes:
                earliest = process.begin.copy()
                for stream, at in process.reads.items():
                    if stream in written:
                        earliest[at] = np.maximum(earliest[at], written[stream] + 1)
                for stream, at in process.writes.items():
                    if stream in read and stream in depths:
                        late = at[depths[stream] :]
                        free = read[stream][: len(late)] + 1 - process.latencies[late]
                        earliest[late] = np.maximum(earliest[late], free)
                starts = process.begin + np.maximum.accumulate(earliest - process.begin)
                for stream, at in process.reads.items():
                    changed |= _update(read, stream, starts[at])
                for stream, at in process.writes.items():
                    changed |= _update(written, stream, starts[at] + process.latencies[at])
                ends.append(starts + process.latencies)
                end = max(end, float(ends[-1][-1]))
        return Times(end if end <= self.bound else math.inf, written, read, ends)


def _update(times: dict[SSAValue, Int64Array], stream: SSAValue, new: Int64Array) -> bool:
    if stream in times and np.array_equal(times[stream], new):
        return False
    times[stream] = new
    return True


def _occupancy(written: Int64Array, read: Int64Array) -> int:
    """The places that beat n finds taken when it is written, and its own."""
    return int((np.arange(len(written)) + 1 - np.searchsorted(read, written, side="left")).max())


def depths_of(top: FuncOp, clock: float) -> dict[SSAValue, int]:
    """The least depth of each local stream with which the processes end at any latencies, and at those estimated for a
    clock period of `clock` ns as early as with unlimited streams.

    Each is the least for the others as they stand, the deepest stream first.
    """
    region = Region(top, clock)
    end, held = region.run({}), region.held()

    def suffices(depths: Mapping[SSAValue, int]) -> bool:
        return region.run(depths, end) <= end

    least = sufficient(region.steps, region.fifos)
    if suffices(least):
        return least
    depths = {s: max(held[s], least[s]) for s in region.fifos}
    for stream in sorted(region.fifos, key=lambda s: -depths[s]):
        if suffices({**depths, stream: least[stream]}):
            depths[stream] = least[stream]
            continue
        low, high = least[stream], depths[stream]  # too small, sufficient
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if suffices({**depths, stream: middle}) else (middle, high)
        depths[stream] = high
    return depths
