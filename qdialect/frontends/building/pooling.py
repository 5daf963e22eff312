"""Sums of windows, and by what they are divided."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.geometry import taps_inside
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
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
