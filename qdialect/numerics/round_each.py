"""Rounding where each element of a tensor has a format of its own, as in HGQ2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from qdialect.numerics.exact import INT64_LIMIT, IntArray, shift_left
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow, Rounding

OnFormat = Callable[[IntArray, FixedFormat], IntArray]
"""From elements [rows, n] of one format to its codes."""


@dataclass(frozen=True, eq=False)
class RoundEach:
    """Round each element to the step of its format, then clamp it to that or wrap it around.

    steps: exponents of the steps; widths: bits, 0 for elements that are always zero; signs: which formats are signed.
    The three have one shape, that of a sample or one that broadcasts to it. Codes are in the step of the result, which
    no element's step is finer than.
    """

    rounding: Rounding
    overflow: Overflow
    steps: IntArray
    widths: IntArray
    signs: IntArray

    @property
    def monotone(self) -> bool:
        return self.round.monotone

    @property
    def round(self) -> Round:
        """What each element does."""
        return Round(self.rounding, self.overflow)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.widths.shape

    @cached_property
    def _kinds(self) -> tuple[list[FixedFormat | None], IntArray]:
        """The distinct formats, None for zeros, and the number of each element's."""
        rows = np.stack([self.steps, self.widths, self.signs]).reshape(3, -1) * (self.widths.reshape(-1) > 0)
        distinct, numbers = np.unique(rows, axis=1, return_inverse=True)
        formats = [FixedFormat(w, w + lsb, bool(k)) if w else None for lsb, w, k in distinct.T.tolist()]
        return formats, numbers.reshape(self.shape)

    @property
    def formats(self) -> Sequence[FixedFormat | None]:
        """The distinct formats of the elements; None where some are always zero."""
        return self._kinds[0]

    def format_list(self) -> list[FixedFormat | None]:
        """The format of each element in row-major order."""
        formats, numbers = self._kinds
        return [formats[number] for number in numbers.reshape(-1).tolist()]

    @property
    def hull(self) -> FixedFormat:
        """The smallest format that holds those of all elements."""
        formats = [fmt for fmt in self.formats if fmt is not None]
        if not formats:
            return FixedFormat(1, 1, signed=False)
        lsb = min(fmt.lsb for fmt in formats)
        low, high = (
            choose(code << fmt.lsb - lsb for fmt, code in zip(formats, codes, strict=True))
            for choose, codes in (
                (min, [fmt.min_code for fmt in formats]),
                (max, [fmt.max_code for fmt in formats]),
            )
        )
        return FixedFormat.holding(low, high, lsb)

    def hull_from(self, lsb: int) -> FixedFormat:
        """The hull in steps of 2**lsb, which no element's step is finer than."""
        hull = self.hull
        places = hull.lsb - lsb if self.formats != [None] else 0
        return FixedFormat.holding(hull.min_code << places, hull.max_code << places, lsb)

    def at_channels(self, channels: IntArray) -> RoundEach:
        """The same for some indices of the last axis."""
        if not self.shape or self.shape[-1] == 1:
            return self
        return self.mapped(lambda values: values.take(channels, -1))

    def mapped(self, move: Callable[[IntArray], IntArray]) -> RoundEach:
        """With the elements moved."""
        return replace(self, steps=move(self.steps), widths=move(self.widths), signs=move(self.signs))

    def narrowed(self, low: IntArray, high: IntArray, lsb: int) -> RoundEach:
        """The same for values whose results are codes in [low, high] of each element, in steps of 2**lsb: the smallest
        formats that hold these. What saturates has reached an end of its format, which stays; symmetric ends mirror
        each other."""
        each = self.of_sample(low.shape)
        places = np.where(each.widths > 0, each.steps - lsb, 0)
        ends = [[int(end) for end in (codes >> places).flat] for codes in (low, high)]
        if self.overflow is Overflow.SATURATE_SYMMETRIC:
            ends[1] = [max(b, -a) for a, b in zip(*ends, strict=True)]
        formats = [FixedFormat.holding(a, b, 0) if (a, b) != (0, 0) else None for a, b in zip(*ends, strict=True)]
        widths = np.array([0 if fmt is None else fmt.width for fmt in formats]).reshape(low.shape)
        signs = np.array([fmt is not None and fmt.signed for fmt in formats]).astype(np.int64).reshape(low.shape)
        return replace(each, widths=widths, signs=signs)

    def of_sample(self, shape: tuple[int, ...]) -> RoundEach:
        """One format for each element of a sample."""
        return self.mapped(lambda values: np.broadcast_to(values, shape))

    def _on_each(self, x: np.ndarray, result: Format, function: OnFormat) -> IntArray:
        """`function` on the elements [rows, ...] of each format, in the step of the result."""
        formats, numbers = self._kinds
        numbers = np.broadcast_to(numbers, x.shape[1:]).reshape(-1)
        flat, wide = x.reshape(len(x), -1), 1 << result.bits > INT64_LIMIT
        found = np.zeros(flat.shape, object if wide else np.int64)
        for number, fmt in enumerate(formats):
            if fmt is not None:
                where = numbers == number
                found[:, where] = shift_left(function(flat[:, where], fmt), fmt.lsb - result.lsb)
        return found.reshape(x.shape)

    def codes(self, x: IntArray, lsb: int, result: Format) -> IntArray:
        return self._on_each(x, result, lambda part, fmt: self.round.codes(part, lsb, fmt))

    def reals(self, x: np.ndarray, result: Format) -> IntArray:
        return self._on_each(x, result, self.round.reals)

    def bounds(self, result: Format) -> tuple[IntArray, IntArray]:
        def ends(part: IntArray, fmt: FixedFormat) -> IntArray:
            return np.broadcast_to(np.stack(self.round.bounds(fmt))[:, np.newaxis], part.shape)

        low, high = self._on_each(np.zeros((2, *self.shape), np.int64), result, ends)
        return low, high

    def image(self, low: IntArray, high: IntArray, lsb: int, result: Format) -> tuple[IntArray, IntArray]:
        """As `Round.image`, of each element."""

        def ends(part: IntArray, fmt: FixedFormat) -> IntArray:
            return np.stack(self.round.image(part[0], part[1], lsb, fmt))

        first, last = self._on_each(np.stack([low, high]), result, ends)
        return first, last
