"""Drawn formats of single elements, and what quantizers do to each by the definition."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from rationals import fit, rounded

from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding


def drawn_formats(rng: np.random.Generator, shape: tuple[int, ...], widest: int = 6) -> tuple[np.ndarray, ...]:
    """Steps, widths and signs; a quarter of the elements have no bits."""
    widths = rng.integers(0, widest, shape, endpoint=True) * (rng.random(shape) < 0.75)
    return rng.integers(-4, 2, shape), widths, rng.integers(0, 2, shape)


def drawn_mode(rng: np.random.Generator, shape: tuple[int, ...]) -> RoundEach:
    """At least one element has bits."""
    steps, widths, signs = drawn_formats(rng, shape)
    widths.reshape(-1)[0] = max(widths.reshape(-1)[0], 2)
    rounding, overflow = (list(enum)[rng.integers(len(enum))] for enum in (Rounding, Overflow))
    return RoundEach(Rounding(rounding), Overflow(overflow), steps, widths, signs)


def by_definition(mode: RoundEach, x: np.ndarray) -> np.ndarray:
    """The reals that `mode` makes of reals, element by element."""
    steps, widths, signs = (np.broadcast_to(v, x.shape) for v in (mode.steps, mode.widths, mode.signs))
    result = np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        if widths[at]:
            lsb, width = int(steps[at]), int(widths[at])
            step, fmt = Fraction(2) ** lsb, FixedFormat(width, width + lsb, bool(signs[at]))
            result[at] = float(fit(rounded(Fraction(float(x[at])) / step, mode.rounding), fmt, mode.overflow) * step)
    return result
