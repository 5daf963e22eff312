"""schedule-defaults: decide what the schedule leaves open, so that no loop body exceeds what the vendor's tool takes.

At most UNROLLED bit products are computed at once. An output of more takes several steps, as few as there are (SIMD). A
task that writes whole pixels computes as many outputs of a pixel at once as that allows (PE); any other computes its
outputs one after the other. Nothing is written where all is computed at once, or one output after the other in one step
each: `lower-to-loops` does that by itself. A remark names each layer that the limit folds.
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
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.schedule import (
    SIMD,
    bit_products,
    box_of,
    boxes,
    channel_loops,
    element_bits,
    fold,
    is_foldable,
    is_graph,
    largest_divisor,
    outputs_of,
    pe_of,
    product_bits,
    products_in,
    steps_of,
)
from qdialect.lowering.architectures.architectures import architecture_of
from qdialect.lowering.architectures.tasks import erase_unused, tasks_of

UNROLLED = 1 << 17
"""Bit products that are computed at once by default, 3,640 products of 6 by 6 bits: the vendor's tool gives up on much
larger loop bodies. A popcount is unrolled bit by bit, so that each of its bits is as large as it counts."""


def fold_products(op: Operation) -> None:
    """Split outputs of more than UNROLLED bit products into steps, as few as possible."""
    if not is_foldable(op) or is_graph(op) or SIMD in op.attributes:
        return
    *others, every = sorted(boxes(op))
    if every * product_bits(op) > UNROLLED:
        fitting = [simd for simd in others if simd * product_bits(op) <= UNROLLED]
        fold(op, simd=max(fitting, default=min(boxes(op))))


def fold_one_by_one(op: Operation) -> None:
    """Compute outputs whose products take several steps one after the other."""
    if pe_of(op) is None and math.prod(steps_of(op)) > 1:
        fold(op, pe=1)


def fold_outputs(op: Operation, channels: int) -> None:
    """Compute as many outputs at once as UNROLLED bit products allow; that all are is written only where their products
    take several steps."""
    first, *others = channel_loops(op, channels)
    fitting = max(UNROLLED // (bits_at_once(op) * math.prod(others)), 1)
    pe = largest_divisor(first, fitting)
    if pe_of(op) is None and (pe < first or math.prod(steps_of(op)) > 1):
        fold(op, pe=pe)


def bits_at_once(op: Operation) -> int:
    """Bit products, or bits of elements of a window, that are computed at once for one element of the result."""
    if is_foldable(op):
        return products_in(op, box_of(op)) * product_bits(op)
    window = math.prod(op.geometry()[0]) if isinstance(op, Pool2DOp | PackedMaxPool2DOp) else 1
    return window * element_bits(op.results[0])


def remark(op: Operation) -> str:
    """The remark on how the limit folds a layer."""
    *positions, _ = shape_of(op.results[0])
    work, steps = bit_products(op) // math.prod(positions), math.prod(steps_of(op))
    if (pe := pe_of(op)) is not None:
        steps *= outputs_of(op) // pe
    name = f"layer '{layer_of(op)}'"
    return f"{name}: {work:,} bit products per position take {steps} steps: at most {UNROLLED:,} are computed at once"


@dataclass(frozen=True)
class ScheduleDefaults(ModulePass):
    """Write PE and SIMD where too much would be computed at once, for an architecture of `lower-to-loops`."""

    name = "schedule-defaults"

    architecture: str = "parallel"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        architecture = architecture_of(self.architecture, function)
        erase_unused(function)
        given = {inner: dict(inner.attributes) for inner in function.body.block.ops if is_foldable(inner)}
        for inner in given:
            fold_products(inner)
        for task in tasks_of(function, architecture.packs):
            if architecture.writes_pixels(task):
                fold_outputs(task.ops[0], shape_of(task.result)[-1])
            else:
                fold_one_by_one(task.ops[0])
        add_remarks(function, [remark(inner) for inner, before in given.items() if inner.attributes != before])
