"""Sums of windows, and by what they are divided."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.geometry import taps_inside
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.numerics.formats import FixedFormat


def window_sums(
    b: Builder,
    x: SSAValue,
    pool: Sequence[int],
    strides: Sequence[int] = (1, 1),
    low: Sequence[int] = (0, 0),
    high: Sequence[int] = (0, 0),
) -> tuple[SSAValue, int]:
    """The exact sum over each window, and the number of real elements by which it is to be divided.

    Where the count depends on the position, sums are first brought to a common denominator.
    """
    sums = b.emit(SumPool2DOp(x, pool, strides, low, high), "sum")
    rows, columns = (
        taps_inside(size, window, stride, 1, before, after)
        for size, window, stride, before, after in zip(shape_of(x)[:2], pool, strides, low, high, strict=True)
    )
    counts = np.outer(rows, columns)
    count = math.lcm(*counts.flat)
    if (counts != count).any():
        factors = count // counts[:, :, np.newaxis]
        weights = b.constant(factors, FixedFormat.holding(int(factors.min()), int(factors.max()), 0), "weight")
        sums = b.emit(MulOp(sums, weights), "weighted")
    return sums, count


def reduced(
    b: Builder, pool: type[MaxPool2DOp] | type[SumPool2DOp], x: SSAValue, axes: Sequence[int], keepdims: bool
) -> SSAValue:
    """Axes of a sample, of which there is one at least, as the columns of one row, all others as its channels."""
    shape = shape_of(x)
    kept = [i for i in range(len(shape)) if i not in axes]
    count = math.prod(shape[i] for i in axes)
    moved = b.emit(TransposeOp(x, [*axes, *kept]), "moved")
    row = b.emit(ReshapeOp(moved, (1, count, math.prod(shape[i] for i in kept))), "row")
    result = b.emit(pool(row, (1, count), (1, 1)), "pooled")
    return b.emit(ReshapeOp(result, [n if i in kept else 1 for i, n in enumerate(shape) if keepdims or i in kept]))
