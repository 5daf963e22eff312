"""Quantization of codes: a scale, a rounding, the ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics.arrays import Array
from qdialect.numerics.formats import Format
from qdialect.numerics.quantizers import Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds
from qdialect.simulator.codes import Codes, Float, Known, Made, Maker, holding, of_first

HALF = np.float32(0.5)

ROUNDINGS: dict[Rounding, Callable[[Array], Array]] = {
    Rounding.HALF_EVEN: lambda y: np.rint(y, out=y),
    Rounding.FLOOR: lambda y: np.floor(y, out=y),
    Rounding.CEIL: lambda y: np.ceil(y, out=y),
    Rounding.ZERO: lambda y: np.trunc(y, out=y),
    Rounding.AWAY: lambda y: np.copysign(np.ceil(np.abs(y)), y, out=y),
    Rounding.HALF_UP: lambda y: np.floor(np.add(y, HALF, out=y), out=y),
    Rounding.HALF_DOWN: lambda y: np.ceil(np.subtract(y, HALF, out=y), out=y),
    Rounding.HALF_AWAY: lambda y: np.copysign(np.floor(np.abs(y) + HALF), y, out=y),
    Rounding.HALF_ZERO: lambda y: np.copysign(np.ceil(np.abs(y) - HALF), y, out=y),
}
"""In place, on numbers whose sum with one half is exact."""


def quantize(op: QuantizeOp, x: Known) -> Made | None:
    """Codes of one format in another one; what floats do not hold is left to the interpreter."""
    source, result = format_of(op.operand.type), exact_format_of(op.result.type)
    if x is None or source is None:
        return None
    match op.mode.data:
        case Round() as mode:
            return rounded(x, result.lsb - source.lsb, mode, result)
        case Sign():
            return sign(x, result)
        case _:
            return None


def rounded(x: Codes, drop: int, mode: Round, result: Format) -> Made | None:
    """`x / 2**drop` to the nearest code. With one half added, it is a sum of x and half a step."""
    low, high = clamp_bounds(result.min_code, result.max_code, mode.overflow)
    span = high - low + 1
    exact = [x.bound + (1 << max(drop - 1, 0)), x.bound << max(-drop, 0), high, -low]
    if mode.overflow is Overflow.WRAP:
        exact.append((x.bound << max(-drop, 0)) + 2 * span)
        if span & (span - 1):
            return None
    dtype, kept = holding(*exact), holding(high, -low)
    if dtype is None or kept is None:
        return None
    rounding, scale = ROUNDINGS[mode.rounding], dtype(2.0**-drop)
    fit = wrap(low, span) if mode.overflow is Overflow.WRAP else clip(low, high, dtype, kept)

    def run(codes: Array) -> Array:
        y = np.multiply(codes, scale, dtype=dtype)
        return fit(rounding(y) if drop > 0 else y)

    if mode.overflow is Overflow.WRAP:
        return Made(run, Codes(low, high, dtype))
    return Made(run, Codes(low, high, kept))


def clip(low: int, high: int, dtype: Float, kept: Float) -> Callable[[Array], Array]:
    """To the ends, in the floats that hold them."""
    if dtype is kept:
        return lambda y: np.clip(y, dtype(low), dtype(high), out=y)
    return lambda y: y.clip(dtype(low), dtype(high)).astype(kept)


def wrap(low: int, span: int) -> Callable[[Array], Array]:
    """Modulo a power of two, from the lowest code on."""

    def run(y: Array) -> Array:
        turns = np.floor((y - low) * y.dtype.type(1 / span))
        return y - turns * span

    return run


def sign(x: Codes, result: Format) -> Made:
    """The smaller code below zero, the larger from there on."""
    low, high = result.min_code, result.max_code
    return of_first(lambda codes: np.where(codes >= 0, np.float32(high), np.float32(low)), Codes(low, high, np.float32))


MAKERS: Mapping[type, Maker] = {QuantizeOp: quantize}
