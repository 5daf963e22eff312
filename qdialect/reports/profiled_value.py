"""One profiled value: its quantiles, the integer bits it needs, and what its type loses."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qdialect.dialects.qnn.types import type_of
from qdialect.numerics.arrays import Array
from qdialect.numerics.formats import FixedFormat, Format, Po2Format

QUANTILES = (0, 0.25, 0.5, 0.75, 1)

PARTS_OF_AN_OCTAVE = 1024
"""To which magnitudes are counted: their distribution takes bounded memory, whatever the number of samples."""


@dataclass(frozen=True)
class ProfiledValue:
    """The distribution of one tensor over a data set, against the type that holds it or that it is quantized to.

    kind: 'weights'; 'activations'; 'before' for what a quantizer reads, where `format` is what it gives.
    magnitudes: how many elements that are not zero (above zero before a relu) have log2 |x|, in parts of an octave.
    saturated: elements more than half a step beyond the ends of the type; negative ones under a type without sign
    (a relu) are not counted. vanished: elements that are not zero but less than half a step from it.
    """

    name: str
    kind: str
    format: Format | None
    lowest: float
    highest: float
    magnitudes: Mapping[int, int]
    saturated: int
    vanished: int
    elements: int

    @staticmethod
    def of(name: str, kind: str, values: Array, fmt: Format | None) -> ProfiledValue:
        x = np.asarray(values, np.float64).reshape(-1)
        magnitudes = x[x > 0] if kind == "before" and is_unsigned(fmt) else np.abs(x[x != 0])
        octaves, counts = np.unique(np.rint(np.log2(magnitudes) * PARTS_OF_AN_OCTAVE), return_counts=True)
        distribution = dict(zip(octaves.astype(int).tolist(), counts.tolist(), strict=True))
        saturated, vanished = losses(x, fmt)
        return ProfiledValue(name, kind, fmt, float(x.min()), float(x.max()), distribution, saturated, vanished, x.size)

    def with_more(self, other: ProfiledValue) -> ProfiledValue:
        """Of the elements of both, values of one name, kind and type."""
        return ProfiledValue(
            *(self.name, self.kind, self.format),
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            Counter(self.magnitudes) + Counter(other.magnitudes),
            self.saturated + other.saturated,
            self.vanished + other.vanished,
            self.elements + other.elements,
        )

    @property
    def box(self) -> tuple[float, ...] | None:
        """Quantiles of log2 |x|: lowest, quartiles, highest; None if all elements are zero."""
        if not self.magnitudes:
            return None
        octaves = sorted(self.magnitudes)
        last = np.cumsum([self.magnitudes[octave] for octave in octaves]) - 1
        places = np.array(QUANTILES) * last[-1]
        low, high = (np.array(octaves)[np.searchsorted(last, end(places))] for end in (np.floor, np.ceil))
        return tuple(((low + (places - np.floor(places)) * (high - low)) / PARTS_OF_AN_OCTAVE).tolist())

    @property
    def needed(self) -> int:
        """Integer bits, with the sign, of the narrowest fixed-point range that holds every value: unsigned where a
        relu cuts negative values off."""
        signed = self.lowest < 0 and not (self.kind == "before" and is_unsigned(self.format))
        ends = [self.highest, self.lowest] if signed else [max(self.highest, 0.0)]
        return max((integer_bits(end, signed) for end in ends if end), default=0)

    @property
    def available(self) -> int | None:
        """Integer bits of the type, with the sign; None for floats, and for signs, which stand for any magnitude."""
        match self.format:
            case FixedFormat(int_bits=bits):
                return bits
            case Po2Format(max_exp=top, signed=signed):
                return top + 1 + signed
            case _:
                return None

    def cells(self) -> tuple[str, ...]:
        type_ = "-" if self.format is None else str(type_of(self.format)).removeprefix("!qnn.")
        counts = ("-", "-") if self.available is None else (str(self.saturated), str(self.vanished))
        of = "-" if self.available is None else str(self.available)
        ends = (f"{self.lowest:.6g}", f"{self.highest:.6g}")
        return (self.name, self.kind, type_, *ends, str(self.needed), of, *counts, str(self.elements))


def is_unsigned(fmt: Format | None) -> bool:
    return fmt is not None and fmt.min_code >= 0


def integer_bits(x: float, signed: bool) -> int:
    """The smallest I with x < 2^(I - signed), or x >= -2^(I - 1) for negative x; x is not zero."""
    mantissa, exponent = math.frexp(x)
    return exponent + signed - (mantissa == -0.5)


def losses(x: Array, fmt: Format | None) -> tuple[int, int]:
    """How many elements saturate, and how many vanish."""
    match fmt:
        case FixedFormat():
            low, high, half = (math.ldexp(code, fmt.lsb) for code in (fmt.min_code, fmt.max_code, 0.5))
            saturated = (x > high + half) | ((x < low - half) if fmt.signed else False)
            vanished = (np.abs(x) < half) & ((x != 0) if fmt.signed else (x > 0))
            return int(saturated.sum()), int(vanished.sum())
        case Po2Format():
            return int((np.abs(x) > 2.0 ** (fmt.max_exp + 0.5)).sum()), 0
        case _:
            return 0, 0
