"""Depths of queues with which a dataflow region ends whatever its processes take.

A process reads and writes its streams in an order that no data changes, and waits for beats and for places: the region
is a Kahn network [Kahn, The semantics of a simple language for parallel programming, 1974], with places as beats that
go back. Whether it ends then depends neither on latencies nor on the order in which processes move on, but on token
counts alone. A pipeline that holds several iterations at once is one with more places in its queues, and more places
never stop a network. So the depths suffice everywhere if they do where an iteration ends before the next begins.

A sample that has ended leaves all queues empty: if one ends, any number do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.types import stream_type
from qdialect.errors import QdialectError
from qdialect.numerics.arrays import Int64Array

LEAST_DEPTH = 2
"""What the vendor's tool makes by default; a beat can be written while another is read."""


@dataclass
class ProcessIterations:
    """The iterations of a process for one sample."""

    count: int
    reads: Mapping[SSAValue, Int64Array]
    """The iterations that read from each stream, in order."""
    writes: Mapping[SSAValue, Int64Array]


class Tokens:
    """Where a region stands: how many beats have been written to and read from each queue."""

    def __init__(self, processes: Sequence[ProcessIterations], queues: Sequence[SSAValue]):
        self.processes = processes
        self.writer = {stream: i for i, p in enumerate(processes) for stream in p.writes if stream in queues}
        self.reader = {stream: i for i, p in enumerate(processes) for stream in p.reads if stream in queues}
        self.done = [0] * len(processes)

    def written(self, stream: SSAValue) -> int:
        i = self.writer[stream]
        return int(np.searchsorted(self.processes[i].writes[stream], self.done[i]))

    def read(self, stream: SSAValue) -> int:
        i = self.reader[stream]
        return int(np.searchsorted(self.processes[i].reads[stream], self.done[i]))

    def waits(self, i: int, depths: Mapping[SSAValue, int]) -> tuple[int, SSAValue | None]:
        """The iteration that process `i` gets to, and the stream for which it waits there: None at its end."""
        process = self.processes[i]
        end, why = process.count, None
        for stream, at in process.reads.items():
            if stream in self.writer and (n := self.written(stream)) < len(at) and at[n] < end:
                end, why = int(at[n]), stream
        for stream, at in process.writes.items():
            if stream in self.reader and (n := self.read(stream) + depths[stream]) < len(at) and at[n] < end:
                end, why = int(at[n]), stream
        return end, why

    def run(self, depths: Mapping[SSAValue, int]) -> bool:
        """Advance as far as queues of these depths allow, and return whether all processes end."""
        moved = set(range(len(self.processes)))
        while moved:
            i = moved.pop()
            end, _ = self.waits(i, depths)
            if end > self.done[i]:
                self.done[i] = end
                process = self.processes[i]
                moved |= {self.reader[s] for s in process.writes if s in self.reader}
                moved |= {self.writer[s] for s in process.reads if s in self.writer}
        return all(n == process.count for n, process in zip(self.done, self.processes, strict=True))

    def full(self, depths: Mapping[SSAValue, int]) -> list[SSAValue]:
        """Where no process moves on: the full queues of a circle of processes that wait for each other."""
        i = next(i for i, process in enumerate(self.processes) if self.done[i] < process.count)
        seen: dict[int, SSAValue] = {}
        while i not in seen:
            _, stream = self.waits(i, depths)
            assert stream is not None
            seen[i] = stream
            i = self.reader[stream] if self.writer.get(stream) == i else self.writer[stream]
        circle = list(seen)[list(seen).index(i) :]
        return [seen[j] for j in circle if self.writer.get(seen[j]) == j]


def ends(processes: Sequence[ProcessIterations], depths: Mapping[SSAValue, int]) -> bool:
    """Whether a region ends with queues of these depths, whatever the latencies of its processes."""
    return Tokens(processes, list(depths)).run(depths)


def sufficient(processes: Sequence[ProcessIterations], queues: Sequence[SSAValue]) -> dict[SSAValue, int]:
    """Depths with which a region ends whatever its processes take, and of which none can be less.

    In a circle of waiting processes one of the full queues must grow [Parks, Bounded scheduling of process networks,
    1995]: the deepest, so that one memory holds it all, of equal ones that of the narrowest beats.
    Raises QdialectError if no depths suffice.
    """
    depths, tokens = dict.fromkeys(queues, LEAST_DEPTH), Tokens(processes, queues)
    while not tokens.run(depths):
        full = tokens.full(depths)
        if not full:
            raise QdialectError("processes wait for beats that none of them writes")
        depths[min(full, key=lambda s: (-depths[s], _bits(s)))] += 1
    for stream in [s for s in queues if depths[s] > LEAST_DEPTH]:
        while depths[stream] > LEAST_DEPTH and ends(processes, {**depths, stream: depths[stream] - 1}):
            depths[stream] -= 1
    return depths


def _bits(stream: SSAValue) -> int:
    type = stream_type(stream)
    return type.lanes * type.element_type.bits
