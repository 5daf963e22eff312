"""Interval arithmetic on codes: the range of a result from the ranges of its operands."""

from __future__ import annotations

from dataclasses import dataclass

from qdialect.numerics.formats import FixedFormat, Format


@dataclass(frozen=True)
class Interval:
    """All codes from `low` to `high`, both included, in units of `2**lsb`."""

    low: int
    high: int
    lsb: int

    @staticmethod
    def of(fmt: Format) -> Interval:
        return Interval(fmt.min_code, fmt.max_code, fmt.lsb)

    def to_lsb(self, lsb: int) -> Interval:
        """The same values in a finer (or equal) step."""
        up = self.lsb - lsb
        return Interval(self.low << up, self.high << up, lsb)

    def aligned(self, other: Interval) -> tuple[Interval, Interval]:
        """Both in the finer of the two steps."""
        lsb = min(self.lsb, other.lsb)
        return self.to_lsb(lsb), other.to_lsb(lsb)

    def __add__(self, other: Interval) -> Interval:
        a, b = self.aligned(other)
        return Interval(a.low + b.low, a.high + b.high, a.lsb)

    def __sub__(self, other: Interval) -> Interval:
        return self + Interval(-other.high, -other.low, other.lsb)

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends), self.lsb + other.lsb)

    def summed(self, terms: int) -> Interval:
        """The range of every partial sum, in any order, of up to `terms` values (the empty sum is 0)."""
        return Interval(terms * min(self.low, 0), terms * max(self.high, 0), self.lsb)

    def with_zero(self) -> Interval:
        return self.summed(1)

    def hull(self, other: Interval) -> Interval:
        return Interval(min(self.low, other.low), max(self.high, other.high), self.lsb)

    @property
    def format(self) -> FixedFormat:
        """The narrowest fixed-point format that holds the interval."""
        return FixedFormat.holding(self.low, self.high, self.lsb)
