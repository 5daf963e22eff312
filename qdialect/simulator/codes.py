"""Codes held as floats: what a plan knows of a value before it runs.

A float32 holds every integer up to 2**24, a float64 up to 2**53, and products on BLAS are as fast as these are narrow.
So codes stay floats from operation to operation, in the narrower type that holds every result, intermediate ones
included. The ends of a value follow from those of operands and from weights, not from its type: a type that is too
narrow changes nothing, as in the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from qdialect.numerics.arrays import Array
from qdialect.numerics.exact import FLOAT32_LIMIT, FLOAT64_LIMIT
from qdialect.numerics.formats import Format

Float: TypeAlias = type[np.float32] | type[np.float64]


@dataclass(frozen=True)
class Codes:
    """Integers from `low` to `high` in an array of floats; of a constant also the array, [1, ...]."""

    low: int
    high: int
    dtype: Float
    constant: Array | None = None

    @property
    def bound(self) -> int:
        """The largest magnitude."""
        return max(abs(self.low), abs(self.high))

    def hull(self, *codes: int) -> Codes:
        """The same codes and these."""
        return replace(self, low=min(self.low, *codes), high=max(self.high, *codes), constant=None)


Known: TypeAlias = Codes | None
"""What is known of a value: None where it is as the interpreter has it, reals or wide integers."""


@dataclass(frozen=True)
class Made:
    """An operation of a plan: a function of the arrays of its operands, and what is known of its result."""

    run: Callable[..., Array]
    codes: Known


def of_first(run: Callable[[Array], Array], codes: Known) -> Made:
    """A step that reads its first operand alone: the others are constants, and taken in."""

    def step(x: Array, *constants: Array) -> Array:
        return run(x)

    return Made(step, codes)


Maker: TypeAlias = Callable[..., Made | None]
"""Makes a step of an operation and its operands' codes; None where floats do not hold what it computes."""


def holding(*bounds: int) -> Float | None:
    """The narrowest floats that hold all integers up to these magnitudes."""
    bound = max(bounds)
    if bound > FLOAT64_LIMIT:
        return None
    return np.float32 if bound <= FLOAT32_LIMIT else np.float64


def of_format(fmt: Format) -> Known:
    """All codes of a format."""
    dtype = holding(fmt.min_code, -fmt.min_code, fmt.max_code)
    return None if dtype is None else Codes(fmt.min_code, fmt.max_code, dtype)


def of_constant(codes: Array) -> Known:
    """The codes of a constant [...]."""
    if not codes.size:
        return None
    low, high = int(codes.min()), int(codes.max())
    dtype = holding(-low, high)
    return None if dtype is None else Codes(low, high, dtype, codes[np.newaxis].astype(dtype))


def scaled(x: Array, amount: int, dtype: Float) -> Array:
    """`x * 2**amount`, exact."""
    return np.multiply(x, dtype(2.0**amount), dtype=dtype) if amount else x.astype(dtype, copy=False)


def constant(value: Codes) -> Array:
    """The array of a constant, without the axis of samples."""
    assert value.constant is not None, "makers ask for constants first"
    return value.constant[0]


def like(x: Codes) -> Codes:
    """A result with the codes of an operand, which is no constant."""
    return replace(x, constant=None)
