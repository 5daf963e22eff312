"""Thresholds and tables: step functions of codes, all channels at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics.arrays import Array
from qdialect.simulator.codes import Codes, Known, Made, Maker, constant, holding, of_first

COMPARED = 12
"""Levels that are compared one after the other; more are looked up."""

MOST_ENTRIES = 1 << 21
"""Of a table that stays in the cache, over all channels."""


def threshold(op: ThresholdOp, x: Known, levels: Known, direction: Known = None) -> Made | None:
    """The code of the number of levels that are reached; the result of ascending channels counts them, that of others
    counts the levels that are not passed downwards."""
    if x is None or levels is None or levels.constant is None or not levels.constant.size:
        return None
    if op.direction is not None and (direction is None or direction.constant is None):
        return None
    first, table = op.first.value.data, constant(levels)
    signs = None if direction is None else constant(direction)
    if signs is not None:
        table = table * signs[:, np.newaxis]
    ordered = np.sort(table, axis=1)
    codes = exact_format_of(op.result.type).codes()[first : first + table.shape[1] + 1]
    dtype, between = holding(*map(abs, codes)), holding(2 * max(x.bound, levels.bound) + 2)
    if dtype is None or between is None:
        return None
    low, high = (x.low, x.high) if signs is None else (-x.bound, x.bound)
    counted = counting(ordered.astype(between), low, high, np.array(codes, dtype))
    if counted is None:
        return None
    if signs is None:
        return of_first(counted, Codes(codes[0], codes[-1], dtype))
    turned = signs.astype(np.float32)  # signs change no type
    return of_first(lambda values: counted(values * turned), Codes(codes[0], codes[-1], dtype))


def counting(levels: Array, low: int, high: int, codes: Array) -> Callable[[Array], Array] | None:
    """The code at the number of `levels` [channels or 1, n] that codes [..., channels] from `low` to `high` reach."""
    channels, count = levels.shape
    if count == 1 and channels:
        return compared_once(levels[:, 0], codes)
    if count <= COMPARED:
        return compared(levels.T, codes)
    # with channels side by side, one search finds the place of each of them
    width = 2 * int(max(abs(low), abs(high), np.abs(levels).max())) + 2
    if holding(channels * width) is None:
        return None
    apart = np.arange(channels) * float(width)
    before, ordered = np.arange(channels) * count, (levels + apart[:, np.newaxis]).reshape(-1)

    def searched(x: Array) -> Array:
        return codes[np.searchsorted(ordered, x + apart, side="right") - before]

    if channels * (high - low + 1) > MOST_ENTRIES:
        return searched
    steps = np.broadcast_to(np.arange(low, high + 1)[:, np.newaxis], (high - low + 1, channels))
    return looked_up(searched(steps).T.copy(), low)


def compared_once(levels: Array, codes: Array) -> Callable[[Array], Array]:
    """One level: the sign of the distance to the middle between it and the code below, at least one half."""
    half, between = levels.dtype.type(0.5), levels - levels.dtype.type(0.5)
    middle, step = (codes[0] + codes[1]) / 2, codes[1] - codes[0]

    def run(x: Array) -> Array:
        y = np.subtract(x, between, dtype=between.dtype)
        np.clip(y, -half, half, out=y)
        y = y.astype(codes.dtype, copy=False)
        if step != 1:
            np.multiply(y, step, out=y)
        return np.add(y, middle, out=y) if middle else y

    return run


def compared(levels: Array, codes: Array) -> Callable[[Array], Array]:
    """A few levels, one after the other."""
    step = codes[1] - codes[0]
    even = bool((np.diff(codes) == step).all())

    def run(x: Array) -> Array:
        count = np.zeros(x.shape, np.int8)
        for level in levels:
            count += (x >= level).view(np.int8)
        return np.add(np.multiply(count, step, dtype=codes.dtype), codes[0]) if even else codes[count]

    return run


def looked_up(table: Array, first: int) -> Callable[[Array], Array]:
    """The entry of each code in `table` [channels or 1, codes from `first` on]."""
    channels, entries = table.shape
    flat, offsets = table.reshape(-1), np.arange(channels, dtype=np.int32) * entries - first
    return lambda x: flat.take(x.astype(np.int32) + offsets)


def lookup(op: LookupOp, x: Known, table: Known) -> Made | None:
    """The entry of each code, where all that may come have one."""
    if x is None or table is None or table.constant is None or format_of(op.result.type) is None:
        return None
    entries, first = constant(table), op.first.value.data
    if x.low < first or x.high >= first + entries.shape[-1]:
        return None
    entry = looked_up(entries.reshape(-1, entries.shape[-1]), first)
    return of_first(entry, Codes(table.low, table.high, table.dtype))


MAKERS: Mapping[type, Maker] = {ThresholdOp: threshold, LookupOp: lookup}
