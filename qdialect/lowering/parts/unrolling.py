"""How much of a task is computed at once where no schedule says so."""

from __future__ import annotations

import math

from xdsl.ir import Operation

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

UNROLLED = 4096
"""Products that are computed at once by default: the vendor's tool gives up on much larger loop bodies."""


def is_one_step(op: Operation) -> bool:
    """Are all products of an output added at once?"""
    return math.prod(box_of(op)) <= UNROLLED and math.prod(steps_of(op)) == 1


def fold_products(op: Operation) -> None:
    """Outputs with more products than UNROLLED take several steps, as few as there are."""
    if is_foldable(op) and not is_graph(op) and SIMD not in op.attributes and math.prod(reduced_axes(op)) > UNROLLED:
        fold(op, simd=max(simd for simd, box in boxes(op).items() if math.prod(box) <= UNROLLED))


def fold_one_by_one(op: Operation) -> None:
    """Outputs whose products take several steps are computed one after the other."""
    fold_products(op)
    if math.prod(steps_of(op)) > 1 and pe_of(op) is None:
        fold(op, pe=1)


def fold_outputs(op: Operation, channels: int) -> int:
    """The outputs that are computed at once: all, or the largest divisor whose products are not more than UNROLLED."""
    fold_products(op)
    first, *others = channel_loops(op, channels)
    pe = pe_of(op)
    if pe is None:
        fitting = max(UNROLLED // (operations(op) * math.prod(others)), 1)
        pe = next(n for n in range(min(fitting, first), 0, -1) if first % n == 0)
    if is_foldable(op) and (pe < first or math.prod(steps_of(op)) > 1):
        fold(op, pe=pe)
    return pe


def operations(op: Operation) -> int:
    """Products, words of products, or elements of a window, that are computed at once for one element of the result."""
    if isinstance(op, Pool2DOp | PackedMaxPool2DOp):
        return math.prod(op.geometry()[0])
    return math.prod(box_of(op))
