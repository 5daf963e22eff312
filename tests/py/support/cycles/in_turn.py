"""A simulation of processes on bounded queues that is independent of the one that sizes them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.estimates.fifos import Region


class Turns(NamedTuple):
    """The end of the last process, infinite if all wait for ever; and when each beat of each stream is written."""

    end: float
    written: Mapping[SSAValue, Sequence[int]]


def in_turn(top: FuncOp, depth: Mapping[SSAValue, int], clock: float) -> Turns:
    """The processes of `SAMPLES` samples, by moving on one iteration at a time whichever process can."""
    processes = Region(top, clock).processes
    written: defaultdict[SSAValue, list[int]] = defaultdict(list)
    read: defaultdict[SSAValue, list[int]] = defaultdict(list)
    fed = {stream for process in processes for stream in process.writes}
    plans = []
    for process in processes:
        plan = [([], []) for _ in process.begin]
        for side, accesses in enumerate((process.reads, process.writes)):
            for stream, at in accesses.items():
                for i in at:
                    plan[i][side].append(stream)
        plans.append(plan)
    done, starts = [0] * len(processes), [0] * len(processes)
    moved = True
    while moved:
        moved = False
        for p, (process, plan) in enumerate(zip(processes, plans, strict=True)):
            while done[p] < len(plan):
                i = done[p]
                (gives, takes), latency = (plan[i][1], plan[i][0]), process.latencies[i]
                takes = [stream for stream in takes if stream in fed]
                full = [s for s in gives if s in depth and len(written[s]) - depth[s] >= len(read[s])]
                if full or any(len(written[s]) <= len(read[s]) for s in takes):
                    break
                gap = process.begin[i] - process.begin[i - 1] if i else 0
                waits = [written[s][len(read[s])] + 1 for s in takes]
                waits += [
                    read[s][len(written[s]) - depth[s]] + 1 - latency
                    for s in gives
                    if s in depth and len(written[s]) >= depth[s]
                ]
                starts[p] = max([starts[p] + gap, *waits])
                for s in takes:
                    read[s].append(starts[p])
                for s in gives:
                    written[s].append(starts[p] + latency)
                done[p], moved = i + 1, True
    if any(n < len(plan) for n, plan in zip(done, plans, strict=True)):
        return Turns(math.inf, written)
    return Turns(max(start + process.latencies[-1] for start, process in zip(starts, processes, strict=True)), written)
