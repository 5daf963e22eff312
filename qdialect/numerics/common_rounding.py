"""One rounding of a value that several quantizers read, after which each of them gives what it gives of the value.

    q(x) = q(c(x))    for each quantizer q, with c their common rounding

c keeps the finest step, and a place more where a quantizer rounds to the nearest. Roundings of one family agree:
floor(x + 1/2) sees of x no more than floor(2x). Where the quantizers wrap, c wraps at the largest of their ranges,
whose length is a multiple of every other; where they saturate, it saturates at ends beyond which each of them does.
All others share a sticky bit (`sticky.py`), which costs a place or two more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.numerics.sticky import Sticky

FAMILIES = {
    Rounding.FLOOR: Rounding.HALF_UP,
    Rounding.CEIL: Rounding.HALF_DOWN,
    Rounding.ZERO: Rounding.HALF_AWAY,
    Rounding.AWAY: Rounding.HALF_ZERO,
}
"""Directed roundings, and the rounding to the nearest that each decides with a place more."""

FINEST = 1 << 14
"""No step is as coarse: that of elements without bits, which read nothing."""


def common_rounding(quantizers: Sequence[RoundEach]) -> RoundEach | Sticky:
    """The rounding that none of the quantizers, whose formats broadcast to one shape, can tell from their input."""
    wrapping = [q for q in quantizers if q.overflow is Overflow.WRAP]
    if len(wrapping) in (0, len(quantizers)):
        overflow = Overflow.WRAP if wrapping else Overflow.SATURATE
        for rounding in Rounding:
            steps = common_steps(quantizers, rounding, overflow)
            if steps is not None:
                return RoundEach(rounding, overflow, *formats(quantizers, steps, overflow))
    return sticky_rounding(quantizers)


def sticky_rounding(quantizers: Sequence[RoundEach]) -> Sticky:
    """What decides every rounding, and the overflow of those that saturate and of those that wrap."""
    own = [np.where(q.widths > 0, q.steps - (1 if q.rounding.is_directed else 2), FINEST) for q in quantizers]
    steps = np.minimum.reduce(np.broadcast_arrays(*own))
    saturating = [q for q in quantizers if q.overflow is not Overflow.WRAP]
    wrapping = [q for q in quantizers if q.overflow is Overflow.WRAP]
    none = (np.zeros(steps.shape, np.int64),) * 3
    _, widths, signs = formats(saturating, steps, Overflow.SATURATE) if saturating else none
    _, periods, _ = formats(wrapping, steps, Overflow.WRAP) if wrapping else none
    return Sticky(np.where(steps == FINEST, 0, steps), widths, signs, periods)


def common_steps(quantizers: Sequence[RoundEach], rounding: Rounding, overflow: Overflow) -> IntArray | None:
    """The exponents of the steps to which `rounding` decides all the quantizers; None where it does not."""
    own = [np.where(q.widths > 0, q.steps, FINEST) for q in quantizers]
    places = [int(FAMILIES.get(rounding) is q.rounding) for q in quantizers]
    steps = np.minimum.reduce(np.broadcast_arrays(*(step - n for step, n in zip(own, places, strict=True))))
    for q, step, n in zip(quantizers, own, places, strict=True):
        decided = n or (q.rounding is rounding and rounding.is_directed)
        periodic = overflow is not Overflow.WRAP or rounding.is_periodic
        same = (step == steps) & (q.rounding is rounding)
        if not ((step == FINEST) | same | bool(decided and periodic)).all():
            return None
    return steps


def formats(
    quantizers: Sequence[RoundEach], steps: IntArray, overflow: Overflow
) -> tuple[IntArray, IntArray, IntArray]:
    """Steps, widths and signs that reach as far as the formats of all quantizers, each element of its own."""
    alive = np.broadcast_to(np.any(np.broadcast_arrays(*(q.widths > 0 for q in quantizers)), axis=0), steps.shape)
    signs = np.logical_or.reduce(np.broadcast_arrays(*((q.signs > 0) & (q.widths > 0) for q in quantizers)))
    ends = [q.steps + q.widths - (q.signs if overflow is not Overflow.WRAP else 0) for q in quantizers]
    reached = [np.where(q.widths > 0, end, -FINEST) for q, end in zip(quantizers, ends, strict=True)]
    top = np.maximum.reduce(np.broadcast_arrays(*reached)) + (signs if overflow is not Overflow.WRAP else 0)
    return np.where(alive, steps, 0), np.where(alive, top - steps, 0), (signs & alive).astype(np.int64)
