"""The loops of a pipeline, and what one of its iterations takes: what FIFO sizes and estimates have in common."""

from __future__ import annotations

import math

from xdsl.ir import Block

from qdialect.dialects.hlscpp.expressions import ConstantOp
from qdialect.dialects.hlscpp.pragmas import PipelineOp
from qdialect.dialects.hlscpp.structure import ForOp
from qdialect.estimates.cost_model import Resources
from qdialect.estimates.datapath import Datapath, Facts

CALL_CYCLES = 1
"""Cycles to start a function or to leave a loop."""


def pipeline_of(block: Block) -> PipelineOp | None:
    """The pragma that makes a loop with this body a pipeline."""
    return next((op for op in block.ops if isinstance(op, PipelineOp)), None)


def nest_of(loop: ForOp) -> list[ForOp]:
    """The loops that a loop contains and nothing else but constants, down to the pipeline: they count as one."""
    nest = [loop]
    while pipeline_of(nest[-1].body.block) is None:
        match [op for op in nest[-1].body.block.ops if not isinstance(op, ConstantOp)]:
            case [ForOp() as inner]:
                nest.append(inner)
            case _:
                break
    return nest


def iteration(block: Block, clock: float, facts: Facts | None = None) -> tuple[Resources, int]:
    """The resources of straight-line code, and the cycles of `clock` ns from its start to its last result, at least
    one. `facts` are those of earlier runs, and later ones."""
    resources, cycles = wiring(block, clock, facts)
    return resources, max(cycles, 1)


def wiring(block: Block, clock: float, facts: Facts | None = None) -> tuple[Resources, int]:
    """The same for code that is a part of another pipeline: wires take no cycle."""
    path = Datapath(clock, {} if facts is None else facts)
    resources = path.run(block)
    return resources, math.ceil(path.end / clock)
