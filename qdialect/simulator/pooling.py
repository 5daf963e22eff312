"""Pooling: the taps of a window are compared or added one after the other, for all positions at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.packed_moves import PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, Pool2DOp, SumPool2DOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.interpreter.layers import pad
from qdialect.numerics.arrays import Array
from qdialect.simulator.codes import Codes, Known, Made, Maker, holding


def over_taps(
    op: Pool2DOp | PackedMaxPool2DOp, outside: int, combine: Callable[..., Array], codes: Codes
) -> Callable[[Array], Array]:
    """All taps of a window combined, with codes `outside` of the image."""
    (tall, wide), (down, across), low, high = op.geometry()
    rows, columns, *_ = shape_of(op.result)

    def run(x: Array) -> Array:
        if any(low) or any(high):
            x = pad(x, ((0, 0), (low[0], high[0]), (low[1], high[1]), (0, 0)), outside)
        taps = (
            x[:, r : r + (rows - 1) * down + 1 : down, c : c + (columns - 1) * across + 1 : across]
            for r, c in np.ndindex(tall, wide)
        )
        total = next(taps).astype(codes.dtype)
        for tap in taps:
            combine(total, tap, out=total)
        return total

    return run


def max_pool(op: MaxPool2DOp, x: Known) -> Made | None:
    if x is None or format_of(op.operand.type) is None:
        return None
    lowest = exact_format_of(op.operand.type).min_code
    if (dtype := holding(x.bound, -lowest)) is None:
        return None
    codes = Codes(min(x.low, lowest), max(x.high, lowest), dtype)
    return Made(over_taps(op, lowest, np.maximum, codes), codes)


def sum_pool(op: SumPool2DOp, x: Known) -> Made | None:
    if x is None:
        return None
    rows, columns = values_of(op.pool)
    taps = rows * columns
    if (dtype := holding(x.bound * taps)) is None:
        return None
    codes = Codes(min(x.low, 0) * taps, max(x.high, 0) * taps, dtype)
    return Made(over_taps(op, 0, np.add, codes), codes)


def packed_max_pool(op: PackedMaxPool2DOp, x: Known) -> Made | None:
    """Of values that are not packed here: outside of the image is nothing above their lowest."""
    return None if x is None else Made(over_taps(op, x.low, np.maximum, x), x)


MAKERS: Mapping[type, Maker] = {MaxPool2DOp: max_pool, SumPool2DOp: sum_pool, PackedMaxPool2DOp: packed_max_pool}
