"""What the written depths of queues must show, for any network at integer level."""

from __future__ import annotations

import math

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.compiler.configuration import Configuration
from qdialect.compiler.pipeline import lower
from qdialect.dialects.hlscpp.storage_pragmas import StreamOp
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.estimates.bounded_queues import cycles
from qdialect.estimates.fifos import Region
from qdialect.estimates.queues import LEAST_DEPTH, ends, sufficient

LATENCIES = range(1, 41)
CLOCK = 5


def region_of(lowered: ModuleOp, clock: float = CLOCK) -> tuple[Region, dict[SSAValue, int]]:
    """The processes of a network at integer level, and the depths that are written for a clock period in ns."""
    loops = lower(lowered, [*(c := Configuration("io_stream", clock_period=clock)).to_schedule(lowered), *c.to_loops()])
    (top,) = (op for op in loops.body.block.ops if isinstance(op, FuncOp) and op.top is not None)
    return Region(top, clock), {op.stream: op.depth.data for op in top.walk() if isinstance(op, StreamOp)}


def check_queues(lowered: ModuleOp, seed: int, draws: int = 3) -> int:
    """The region ends with the written depths, whatever latencies are drawn; with one less of what token counts ask
    for, it does not. Returns how many queues are deeper than the least for that reason."""
    region, written = region_of(lowered)
    count, rng = len(region.steps), np.random.default_rng(seed)
    for latencies in ([1] * count, *rng.choice(LATENCIES, (draws, count)).tolist()):
        assert cycles(region.steps, written, latencies) < math.inf
    least = sufficient(region.steps, region.fifos)
    assert all(written[stream] >= depth >= LEAST_DEPTH for stream, depth in least.items())
    deep = [stream for stream, depth in least.items() if depth > LEAST_DEPTH]
    for stream in deep:
        short = {**least, stream: least[stream] - 1}
        assert cycles(region.steps, short, [1] * count) == math.inf
        assert not ends(region.steps, short)
    return len(deep)
