"""Sums, products and comparisons of codes, element by element."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.types import format_of
from qdialect.interpreter.elementwise import expand
from qdialect.numerics.arrays import Array
from qdialect.simulator.codes import Codes, Known, Made, Maker, holding, like, of_first, scaled

Ends = Callable[[tuple[int, int], tuple[int, int]], tuple[int, int]]
"""The lowest and the highest result for the lowest and the highest codes of both operands."""


def in_common_step(op: BinaryOp, a: Codes, b: Codes, compute: Callable[..., Array], ends: Ends) -> Made | None:
    """A function of both operands in the finer of their steps."""
    left, right = format_of(op.lhs.type), format_of(op.rhs.type)
    if left is None or right is None or format_of(op.result.type) is None:
        return None
    lsb, rank = min(left.lsb, right.lsb), len(shape_of(op.result))
    shifts = left.lsb - lsb, right.lsb - lsb
    lows, highs = (a.low << shifts[0], b.low << shifts[1]), (a.high << shifts[0], b.high << shifts[1])
    low, high = ends(lows, highs)
    dtype = holding(*map(abs, (*lows, *highs, low, high)))
    if dtype is None:
        return None

    def run(x: Array, y: Array) -> Array:
        p, q = (
            scaled(expand(value, rank), places, dtype) if places else expand(value, rank)
            for value, places in zip((x, y), shifts, strict=True)
        )
        return compute(p, q, dtype=dtype)

    return Made(run, Codes(low, high, dtype))


def add(op: AddOp, a: Known, b: Known) -> Made | None:
    if a is None or b is None:
        return None
    return in_common_step(op, a, b, np.add, lambda low, high: (low[0] + low[1], high[0] + high[1]))


def subtract(op: SubOp, a: Known, b: Known) -> Made | None:
    if a is None or b is None:
        return None
    return in_common_step(op, a, b, np.subtract, lambda low, high: (low[0] - high[1], high[0] - low[1]))


def maximum(op: MaximumOp, a: Known, b: Known) -> Made | None:
    if a is None or b is None:
        return None
    return in_common_step(op, a, b, np.maximum, lambda low, high: (max(low), max(high)))


def minimum(op: MinimumOp, a: Known, b: Known) -> Made | None:
    if a is None or b is None:
        return None
    return in_common_step(op, a, b, np.minimum, lambda low, high: (min(low), min(high)))


def multiply(op: MulOp, a: Known, b: Known) -> Made | None:
    if a is None or b is None or format_of(op.result.type) is None:
        return None
    products = [p * q for p, q in product((a.low, a.high), (b.low, b.high))]
    dtype, rank = holding(a.bound, b.bound, *map(abs, products)), len(shape_of(op.result))
    if dtype is None:
        return None
    codes = Codes(min(products), max(products), dtype)

    def run(x: Array, y: Array) -> Array:
        return np.multiply(expand(x, rank), expand(y, rank), dtype=dtype)

    return Made(run, codes)


def relu(op: ReluOp, x: Known) -> Made | None:
    if x is None:
        return None
    return of_first(
        lambda codes: np.maximum(codes, codes.dtype.type(0)), replace(like(x), low=max(x.low, 0), high=max(x.high, 0))
    )


def leaky_relu(op: LeakyReluOp, x: Known) -> Made | None:
    """The codes of both sides in the step of the finer one."""
    if x is None:
        return None
    exponent = op.slope_exponent.value.data
    above, below = max(-exponent, 0), max(exponent, 0)
    ends = [max(x.high, 0) << above, min(x.low, 0) << below]
    dtype = holding(*map(abs, ends))
    if dtype is None:
        return None
    slopes = dtype(2.0**above), dtype(2.0**below)
    return of_first(
        lambda codes: np.multiply(codes, np.where(codes > 0, *slopes), dtype=dtype), Codes(ends[1], ends[0], dtype)
    )


def shift(op: ShiftOp, x: Known) -> Made | None:
    """Another step of the same codes."""
    return None if x is None else of_first(lambda codes: codes, like(x))


MAKERS: Mapping[type, Maker] = {
    AddOp: add,
    SubOp: subtract,
    MaximumOp: maximum,
    MinimumOp: minimum,
    MulOp: multiply,
    ReluOp: relu,
    LeakyReluOp: leaky_relu,
    ShiftOp: shift,
}
