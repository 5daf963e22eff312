"""schedule-defaults: what no schedule says is decided, so that no loop body is larger than the vendor's tool takes.

At most UNROLLED products are computed at once. An output of more products takes several steps, as few as there are
(SIMD). A task that writes whole pixels computes as many outputs of a pixel at once as that allows (PE); any other
computes its outputs one after the other. Nothing is written where all is computed at once, or one output after the
other in one step each: `lower-to-loops` does that by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.packed_moves import PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import Pool2DOp
from qdialect.dialects.qnn.schedule import (
    SIMD,
    box_of,
    boxes,
    channel_loops,
    fold,
    is_foldable,
    is_graph,
    pe_of,
    reduced_axes,
    steps_of,
)
from qdialect.lowering.architectures.architectures import architecture_of
from qdialect.lowering.architectures.tasks import erase_unused, tasks_of

UNROLLED = 4096
"""Products that are computed at once by default: the vendor's tool gives up on much larger loop bodies."""


def fold_products(op: Operation) -> None:
    """Outputs with more products than UNROLLED take several steps, as few as there are."""
    if is_foldable(op) and not is_graph(op) and SIMD not in op.attributes and math.prod(reduced_axes(op)) > UNROLLED:
        fold(op, simd=max(simd for simd, box in boxes(op).items() if math.prod(box) <= UNROLLED))


def fold_one_by_one(op: Operation) -> None:
    """Outputs whose products take several steps are computed one after the other."""
    if pe_of(op) is None and math.prod(steps_of(op)) > 1:
        fold(op, pe=1)


def fold_outputs(op: Operation, channels: int) -> None:
    """As many outputs are computed at once as have UNROLLED products; all of them need no mention but where they take
    several steps."""
    first, *others = channel_loops(op, channels)
    fitting = max(UNROLLED // (operations(op) * math.prod(others)), 1)
    pe = next(n for n in range(min(fitting, first), 0, -1) if first % n == 0)
    if pe_of(op) is None and (pe < first or math.prod(steps_of(op)) > 1):
        fold(op, pe=pe)


def operations(op: Operation) -> int:
    """Products, words of products, or elements of a window, that are computed at once for one element of the result."""
    if isinstance(op, Pool2DOp | PackedMaxPool2DOp):
        return math.prod(op.geometry()[0])
    return math.prod(box_of(op))


@dataclass(frozen=True)
class ScheduleDefaults(ModulePass):
    """Write PE and SIMD where too much would be computed at once, for an architecture of `lower-to-loops`."""

    name = "schedule-defaults"

    architecture: str = "parallel"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        architecture = architecture_of(self.architecture, function)
        erase_unused(function)
        for inner in function.body.block.ops:
            fold_products(inner)
        for task in tasks_of(function, architecture.packs):
            if architecture.writes_pixels(task):
                fold_outputs(task.ops[0], shape_of(task.result)[-1])
            else:
                fold_one_by_one(task.ops[0])
