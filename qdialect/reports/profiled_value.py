"""One profiled value: its quantiles, the integer bits it needs, and what its type loses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qdialect.dialects.qnn.types import type_of
from qdialect.numerics.arrays import Array
from qdialect.numerics.formats import FixedFormat, Format, Po2Format

QUANTILES = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class ProfiledValue:
    """The distribution of one tensor over a data set, against the type that holds it or that it is quantized to.

    kind: 'weights'; 'activations'; 'before' for what a quantizer reads, where `format` is what it gives.
    box: quantiles of log2 |x| over the elements that are not zero (above zero before a relu): lowest, quartiles,
    highest; None if there are none.
    saturated: elements more than half a step beyond the ends of the type; negative ones under a type without sign
    (a relu) are not counted. vanished: elements that are not zero but less than half a step from it.
    """

    name: str
    kind: str
    format: Format | None
    lowest: float
    highest: float
    box: tuple[float, ...] | None
    saturated: int
    vanished: int
    elements: int

    @staticmethod
    def of(name: str, kind: str, values: Array, fmt: Format | None) -> ProfiledValue:
        x = np.asarray(values, np.float64).reshape(-1)
        magnitudes = x[x > 0] if kind == "before" and is_unsigned(fmt) else np.abs(x[x != 0])
        box = tuple(np.percentile(np.log2(magnitudes), QUANTILES).tolist()) if magnitudes.size else None
        saturated, vanished = losses(x, fmt)
        return ProfiledValue(name, kind, fmt, float(x.min()), float(x.max()), box, saturated, vanished, x.size)

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
