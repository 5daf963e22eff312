"""The processes of a dataflow region with bounded queues, cycle by cycle, for given latencies.

A process is a pipeline that starts an iteration per cycle at most and holds as many as it has stages after the first;
a pipeline of one stage reads and writes in the same cycle. What it writes can be read in the next cycle, what it reads
frees its place in the next. This shares nothing with the depths that it is to witness but the order of accesses.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.ir import SSAValue

from qdialect.estimates.queues import ProcessIterations

Streams = list[SSAValue]


@dataclass
class Queue:
    """When each beat was written and read, in cycles."""

    depth: float = math.inf
    """Queues of ports are unlimited."""
    fed: bool = False
    """Whether a process of the region writes to the queue."""
    written: list[int] = field(default_factory=list[int])
    read: list[int] = field(default_factory=list[int])

    def has_beat(self) -> bool:
        return not self.fed or len(self.written) > len(self.read)

    def has_place(self) -> bool:
        return len(self.written) < len(self.read) + self.depth

    def beat_from(self) -> int:
        """The first cycle in which the next beat can be read."""
        return self.written[len(self.read)] + 1 if self.fed else 0

    def place_from(self) -> int:
        """The first cycle in which the next beat can be written."""
        return self.read[len(self.written) - int(self.depth)] + 1 if len(self.written) >= self.depth else 0


@dataclass
class Pipeline:
    """A process: which queues each of its iterations reads and writes."""

    reads: list[list[Queue]]
    writes: list[list[Queue]]
    latency: int
    started: list[int] = field(default_factory=list[int])
    """Cycles."""
    ended: list[int] = field(default_factory=list[int])

    def start(self) -> bool:
        """Start the next iteration if its beats and a stage are available, and return whether it has started."""
        n = len(self.started)
        if n == len(self.reads) or not all(queue.has_beat() for queue in self.reads[n]):
            return False
        free = n - len(self.ended) < self.latency - 1
        if not free and (self.latency > 1 or not all(queue.has_place() for queue in self.writes[n])):
            return False
        waits = [queue.beat_from() for queue in self.reads[n]]
        waits += [queue.place_from() for queue in self.writes[n]] if self.latency == 1 else []
        waits += [self.started[-1] + 1] if n else []
        waits += [self.ended[n - self.latency + 1]] if n >= self.latency - 1 > 0 else []
        at = max(waits, default=0)
        self.started.append(at)
        for queue in self.reads[n]:
            queue.read.append(at)
        return True

    def end(self) -> bool:
        """Write the results of the oldest iteration in the pipeline if the queues have room, and return whether they
        did."""
        n = len(self.ended)
        if n == len(self.started) or not all(queue.has_place() for queue in self.writes[n]):
            return False
        waits = [queue.place_from() for queue in self.writes[n]] + ([self.ended[-1] + 1] if n else [])
        at = max([self.started[n] + self.latency - 1, *waits])
        self.ended.append(at)
        for queue in self.writes[n]:
            queue.written.append(at)
        return True


def cycles(
    processes: Sequence[ProcessIterations], depths: Mapping[SSAValue, int], latencies: Sequence[int], samples: int = 2
) -> float:
    """Cycles until the last process has ended, infinite if they deadlock.

    `latencies` are the stages of each process, at least 1; `depths` those of all queues between processes.
    """
    queues = {s: Queue(depth, any(s in p.writes for p in processes)) for s, depth in depths.items()}
    ports: defaultdict[SSAValue, Queue] = defaultdict(Queue)

    def accesses(count: int, by_stream: Mapping[SSAValue, Sequence[int]]) -> list[list[Queue]]:
        each: list[list[Queue]] = [[] for _ in range(count)]
        for stream, iterations in by_stream.items():
            for i in iterations:
                each[i].append(queues.get(stream) or ports[stream])
        return each * samples

    running = [
        Pipeline(accesses(p.count, p.reads), accesses(p.count, p.writes), latency)  # pyright: ignore[reportArgumentType]
        for p, latency in zip(processes, latencies, strict=True)
    ]
    moved = True
    while moved:
        moved = False
        for process in running:
            while process.end() or process.start():
                moved = True
    if any(len(process.ended) < len(process.reads) for process in running):
        return math.inf
    return max(process.ended[-1] for process in running if process.ended) + 1
