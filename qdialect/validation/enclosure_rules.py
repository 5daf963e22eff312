"""Enclosures of single float32 operations: the rules that `qdialect.validation.enclosures` applies to a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MinimumOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.errors import QdialectError
from qdialect.interpreter.elementwise import expand
from qdialect.interpreter.layers import conv2d, depthwise_conv2d, matmul, pool_windows
from qdialect.numerics.arrays import Float64Array, Mask
from qdialect.numerics.float32 import ROUNDOFF, gamma
from qdialect.numerics.formats import Format
from qdialect.numerics.quantizers import NearestPo2, Round
from qdialect.numerics.rounding import round_reals

EXACT_STEPS = 2.0**24
"""float32 holds every integer up to it."""

STEEPEST = 2.0
"""The steepest slope of a function that rises and falls, up to a hard swish's shift relative to its bound."""

TINY = 2.0**-126
"""The smallest normal float32."""

LOGARITHM_NUDGE = 2.0**-18
"""Relative distance from a power of two's tie within which TensorFlow's float32 logarithm may decide otherwise."""


@dataclass(frozen=True)
class Enclosure:
    """A value of a network for a batch: Keras' float32 result lies in [low - error, high + error].

    [low, high] holds the result of exact arithmetic since the last function; `size` is what its sums of products are
    with all their terms' magnitudes, `depth` the roundings on the way, `error` = gamma_depth * size, or 0 where no
    order of evaluation rounds.
    """

    low: Float64Array
    high: Float64Array
    size: Float64Array
    depth: int
    error: Float64Array

    @staticmethod
    def of(low: NDArray[Any], high: NDArray[Any]) -> Enclosure:
        """The enclosure of values that are not part of a pending sum."""
        low, high = low.astype(np.float64), high.astype(np.float64)
        return Enclosure(low, high, np.maximum(np.abs(low), np.abs(high)), 0, np.zeros_like(low))

    def of_batch(self, samples: int) -> Enclosure:
        """The enclosure with an entry for each sample, also where all entries are the same."""
        low, high, size, error = (
            np.broadcast_to(x, (samples, *x.shape[1:])) for x in (self.low, self.high, self.size, self.error)
        )
        return Enclosure(low, high, size, self.depth, error)

    @staticmethod
    def stacked(parts: Sequence[Enclosure]) -> Enclosure:
        """The enclosure of the samples of all parts, one after the other."""
        low, high, size, error = (
            np.concatenate(arrays) for arrays in zip(*((x.low, x.high, x.size, x.error) for x in parts), strict=True)
        )
        return Enclosure(low, high, size, max(part.depth for part in parts), error)

    @property
    def ends(self) -> tuple[Float64Array, Float64Array]:
        return self.low - self.error, self.high + self.error

    @property
    def width(self) -> Float64Array:
        """0 where Keras' result is certain."""
        low, high = self.ends
        return high - low

    def holds(self, y: NDArray[Any]) -> Mask:
        low, high = self.ends
        return (low <= y) & (y <= high)


def reals_of(value: NDArray[Any], source: SSAValue) -> Float64Array:
    fmt = format_of(source.type)
    return np.ldexp(value.astype(np.float64), 0 if fmt is None else fmt.lsb)


def corners_of(x: Enclosure, source: SSAValue) -> list[NDArray[Any]]:
    """The ends as the interpreter takes the value; one array where they agree. Ends need not be codes."""
    fmt, (low, high) = format_of(source.type), x.ends
    ends = [low] if np.array_equal(low, high) else [low, high]
    return [end.astype(np.float32) if fmt is None else np.ldexp(end, -fmt.lsb) for end in ends]


def charged(
    op: Operation, low: Float64Array, high: Float64Array, size: Float64Array, depth: int, rounded: Mask
) -> Enclosure:
    """A sum of products, with the error of float32 where some order of evaluation rounds; one more rounding stands for
    the float64 arithmetic here.

    Partial sums lie between the sum of the negative terms and that of the positive ones.
    """
    fmt = format_of(op.results[0].type)
    limit = 0.0 if fmt is None else float(np.ldexp(EXACT_STEPS, fmt.lsb))
    certain = (low == high) & ~rounded & ((size + np.abs(low)) / 2 <= limit)
    return Enclosure(low, high, size, depth, np.where(certain, 0.0, gamma(depth + 1) * size))


def contract(op: ContractionOp, x: Float64Array, weights: Float64Array) -> Float64Array:
    """The sums of products on reals."""
    match op:
        case DenseOp():
            return matmul(x, weights)
        case DepthwiseConv2DOp():
            return depthwise_conv2d(x, weights, values_of(op.strides), values_of(op.dilations))
        case Conv2DOp():
            return conv2d(x, weights, values_of(op.strides), values_of(op.dilations))
        case _:
            raise QdialectError(f"{op.name} has no enclosure")


def same_rank(op: Operation, *values: Enclosure) -> list[Enclosure]:
    """Operands that broadcast against each other, with the axes of the result."""
    rank = len(shape_of(op.results[0]))
    return [
        replace(v, **{name: expand(getattr(v, name), rank) for name in ("low", "high", "size", "error")})
        for v in values
    ]


def joined(parts: Sequence[Float64Array], axis: int) -> Float64Array:
    """Side by side; constants once per sample."""
    batch = max(map(len, parts))
    return np.concatenate([np.broadcast_to(part, (batch, *part.shape[1:])) for part in parts], axis)


def quantized(op: QuantizeOp, x: Enclosure) -> Enclosure:
    """The codes of both ends, and of what lies nearest to zero between them; with the error of the straight-through
    sum x + (q - x), which is exact as long as x is within 2**24 steps of q."""
    fmt, mode, (low, high) = exact_format_of(op.result.type), op.mode.data, x.ends
    nudges = (-LOGARITHM_NUDGE, LOGARITHM_NUDGE) if isinstance(mode, NearestPo2) else ()
    modes = [replace(mode, nudge=nudge) for nudge in nudges] if isinstance(mode, NearestPo2) else [mode]
    if isinstance(mode, Round) and not mode.monotone:
        low, high = wrapped_ends(mode, fmt, low, high)
        mode = Round(mode.rounding)
    points = [low, high] if mode.monotone else [low, high, np.clip(0, low, high), np.clip(-TINY, low, high)]
    reals = [np.ldexp(m.reals(v, fmt).astype(np.float64), fmt.lsb) for m in modes for v in points]
    q = Enclosure.of(np.minimum.reduce(reals), np.maximum.reduce(reals))
    far = np.maximum(np.abs(low), np.abs(high)) >= np.ldexp(EXACT_STEPS, fmt.lsb)
    error = np.where(far, straight_through_error(x, q.size), 0.0)
    return Enclosure.of(q.low - error, q.high + error)


def wrapped_ends(mode: Round, fmt: Format, low: Float64Array, high: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Reals that bound what wraps: the ends themselves where none does, the ends of the format elsewhere."""
    rounded = [round_reals(end, fmt.lsb, mode.rounding) for end in (low, high)]
    inside = (rounded[0] >= fmt.min_code) & (rounded[1] <= fmt.max_code)
    ends = [np.ldexp(float(code), fmt.lsb) for code in (fmt.min_code, fmt.max_code)]
    return np.where(inside, low, ends[0]), np.where(inside, high, ends[1])


def shifted(op: ShiftOp, x: Enclosure) -> Enclosure:
    """Times a power of two, without rounding."""
    factor = 2.0**op.by.value.data
    return Enclosure(x.low * factor, x.high * factor, x.size * factor, x.depth, x.error * factor)


def concatenated(op: ConcatOp, operands: Sequence[Enclosure]) -> Enclosure:
    """Parts beside each other."""
    parts = zip(*((x.low, x.high, x.size, x.error) for x in operands), strict=True)
    low, high, size, error = (joined(part, op.axis.value.data + 1) for part in parts)
    return Enclosure(low, high, size, max(x.depth for x in operands), error)


def straight_through(q: Enclosure, x: Enclosure) -> Enclosure:
    """Scaled codes q, and QKeras' x + (q - x), which rounds twice: these float32 operations themselves where their
    operands are certain."""
    rounded = [
        (low := end.astype(np.float32)) + (v.astype(np.float32) - low) for end, v in zip(x.ends, q.ends, strict=True)
    ]
    error = np.where((x.width == 0) & (q.width == 0), 0.0, straight_through_error(x, q.size))
    low, high = np.minimum.reduce([q.low, *rounded]), np.maximum.reduce([q.high, *rounded])
    return Enclosure.of(low - error, high + error)


def straight_through_error(x: Enclosure, size: Float64Array) -> Float64Array:
    """The difference rounds by at most u * (|q| + |x|), the sum by u times the result; 2u cover both."""
    low, high = x.ends
    return 2 * ROUNDOFF * (np.maximum(np.abs(low), np.abs(high)) + size)


def function_of(op: FunctionOp, x: Enclosure) -> Enclosure:
    """A named function with TensorFlow's distance from it. What rises and falls stays near the values at the ends by
    its steepest slope."""
    function, (low, high) = op.function.data, x.ends
    first, last = low.astype(np.float32), high.astype(np.float32)
    if function.rising:
        return Enclosure.of(function(first, -1), function(last, 1))
    shift, bound = function.parameters or (0.0, 1.0)
    slack = (STEEPEST + shift / bound) * (high - low)
    values = [np.asarray(function(end, side), np.float64) for end in (first, last) for side in (-1, 1)]
    return Enclosure.of(np.minimum.reduce(values) - slack, np.maximum.reduce(values) + slack)


def rising(op: Operation, operands: Sequence[Enclosure]) -> Enclosure:
    """Comparisons, which never round."""
    low, high = (_compared(op, ends) for ends in zip(*(x.ends for x in same_rank(op, *operands)), strict=True))
    return Enclosure.of(low, high)


def _compared(op: Operation, values: Sequence[Float64Array]) -> Float64Array:
    match op:
        case MaxPool2DOp():
            return pool_windows(op, values[0], -np.inf).max(axis=(-2, -1))
        case LeakyReluOp():
            (x,) = values
            return np.where(x > 0, x, np.ldexp(x, op.slope_exponent.value.data))
        case MinimumOp():
            return np.minimum(*values)
        case _:
            return np.maximum(values[0], values[1] if len(values) > 1 else 0.0)
