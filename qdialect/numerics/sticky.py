"""What keeps of a real number all that quantizers of any rounding and overflow need of it.

With r the number in steps, rounded down, and made odd if anything is left (the *sticky* bit), and [a, b] the codes of
the element's format:

    b + (r - b) mod 2**p    for r >= b
    r                       between
    a - (a - r) mod 2**p    for r <= a

With two places more than a quantizer has, r is below, at or above the middle of two of its codes, or at one of them, as
the number is. A quantizer that saturates by a or b gives the same as of the number; one that wraps at a divisor of
2**p as well, whatever its rounding, since signs stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import LEAST_EXPONENT, codes_of_reals, holding, magnitude
from qdialect.numerics.formats import FixedFormat, Format

FLOAT64_BITS = 50
"""Codes of so many bits take the short way through float64."""
LARGEST = float(np.finfo(np.float32).max)
"""Infinite numbers are taken for it."""


@dataclass(frozen=True, eq=False)
class Sticky:
    """steps, widths, signs: the formats of the elements, as in RoundEach; periods: the p of each. The four have one
    shape, which broadcasts to a sample's."""

    steps: IntArray
    widths: IntArray
    signs: IntArray
    periods: IntArray

    @property
    def monotone(self) -> bool:
        return not self.periods.any()

    @property
    def arrays(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        return self.steps, self.widths, self.signs, self.periods

    @cached_property
    def _alive(self) -> NDArray[np.bool_]:
        """Which elements are not always zero."""
        return self.widths + self.periods > 0

    @cached_property
    def _ends(self) -> tuple[IntArray, IntArray, IntArray]:
        """a, b and 2**p of each element, as Python integers."""
        formats = zip(*(values.reshape(-1).tolist() for values in (self.widths, self.signs, self.periods)), strict=True)
        each = [(-(1 << w - k) if w and k else 0, (1 << max(w - k, 0)) - 1, 1 << p) for w, k, p in formats]
        low, high, span = (np.array(column, object).reshape(self.widths.shape) for column in zip(*each, strict=True))
        return low, high, span

    def bounds(self, result: Format) -> tuple[IntArray, IntArray]:
        low, high, span = self._ends
        scale = np.array([1 << max(int(n), 0) for n in (self.steps - result.lsb).flat], object).reshape(low.shape)
        return np.where(self._alive, (low - span + 1) * scale, 0), np.where(self._alive, (high + span - 1) * scale, 0)

    @property
    def hull(self) -> FixedFormat:
        """The smallest format that holds the codes of all elements."""
        lsb = int(self.steps[self._alive].min()) if self._alive.any() else 0
        low, high = self.bounds(FixedFormat(1, 1 + lsb, signed=False))
        return FixedFormat.holding(int(low.min()), int(high.max()), lsb)

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        """Integers [batch, ...] in units of 2**lsb to codes of the result, which no element's step is finer than."""
        drop = np.where(self._alive, self.steps - lsb, 0)
        widest = max(magnitude(x), 1) << max(-int(drop.min()), int(drop.max()), 0)
        low, high, span, drop, x = (holding(each, max(widest, 1 << result.bits)) for each in (*self._ends, drop, x))
        exact, drop = x << np.maximum(-drop, 0), np.maximum(drop, 0)
        whole = exact >> drop
        odd = whole | (whole << drop != exact).astype(whole.dtype)
        above, below = high + (odd - high) % span, low - (low - odd) % span
        kept = np.where(odd >= high, above, np.where(odd <= low, below, odd))
        places = holding(np.where(self._alive, self.steps - result.lsb, 0), 1 << result.bits)
        return holding(holding(np.where(self._alive, kept, 0), 1 << result.bits) << places, 1 << result.bits)

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        x = np.clip(x.astype(np.float64), -LARGEST, LARGEST)
        halves = np.ldexp(x, 1 - result.lsb)
        if result.bits > FLOAT64_BITS or not (np.abs(halves) < 2.0**FLOAT64_BITS).all():
            return self.codes(codes_of_reals(x, LEAST_EXPONENT)[0], LEAST_EXPONENT, result)
        whole = np.floor(halves)
        return self.codes(whole.astype(np.int64) | (whole != halves), result.lsb - 1, result)
