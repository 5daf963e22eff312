"""Exact integer arrays: `int64` where a proven bound allows it, Python integers (dtype object) beyond.

Every function here returns exactly the mathematical result, whatever the magnitudes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics import limbs
from qdialect.numerics.arrays import IntArray

INT64_LIMIT = 1 << 62  # one bit of slack, so that a sum of two in-range values cannot wrap

FLOAT64_LIMIT = 1 << 53

FLOAT32_LIMIT = 1 << 24

LEAST_EXPONENT = -1074
"""Every float64 is a multiple of two to the power of this."""

FLOAT64_SCALES = 800
"""Exponents of powers of two that scale any float32 within the normal float64 numbers."""


def parts(values: NDArray[Any], size: int = 1 << 18) -> Iterator[NDArray[Any]]:
    """The elements in chunks, for intermediate results that take more memory than the values themselves."""
    flat = values.reshape(-1)
    return (flat[start : start + size] for start in range(0, len(flat), size))


def magnitude(codes: IntArray) -> int:
    """The largest absolute value in `codes` (0 if empty)."""
    return max(abs(int(codes.max())), abs(int(codes.min()))) if codes.size else 0


def trailing_zeros(codes: IntArray) -> int:
    """How many of the lowest bits are zero in all of `codes` (0 if all codes are zero)."""
    bits = int(np.bitwise_or.reduce(codes, axis=None)) if codes.size else 0
    return (bits & -bits).bit_length() - 1 if bits else 0


def bit_counts(codes: IntArray) -> NDArray[np.int64]:
    """How many bits of each code, which is not negative, are one."""
    wide = codes.dtype == object
    return np.vectorize(int.bit_count, otypes=[np.int64])(codes) if wide else np.bitwise_count(codes).astype(np.int64)


def holding(codes: IntArray, bound: int) -> IntArray:
    """`codes` in a dtype in which results up to `bound` in magnitude are exact."""
    return codes.astype(np.int64 if bound < INT64_LIMIT else object, copy=False)


def integers(reals: NDArray[Any], bound: int) -> IntArray:
    """Reals that are integers up to `bound` in magnitude."""
    if bound < INT64_LIMIT:
        return reals.astype(np.int64)
    return np.array([int(value) for value in reals.flat], object).reshape(reals.shape)


def shift_left(codes: IntArray, amount: int) -> IntArray:
    """`codes * 2**amount` for `amount >= 0`."""
    return holding(codes, magnitude(codes) << amount) << amount if amount else codes


def add(a: IntArray, b: IntArray) -> IntArray:
    bound = magnitude(a) + magnitude(b)
    return holding(a, bound) + holding(b, bound)


def total(a: IntArray) -> IntArray:
    """The sum over the first axis."""
    return holding(a, magnitude(a) * max(len(a), 1)).sum(axis=0)


def multiply(a: IntArray, b: IntArray) -> IntArray:
    bound = max(magnitude(a), 1) * max(magnitude(b), 1)
    return holding(a, bound) * holding(b, bound)


def align(a: IntArray, a_lsb: int, b: IntArray, b_lsb: int) -> tuple[IntArray, IntArray, int]:
    """Both arrays in units of the finer of the two steps, and that step's exponent."""
    lsb = min(a_lsb, b_lsb)
    return shift_left(a, a_lsb - lsb), shift_left(b, b_lsb - lsb), lsb


def matmul(x: IntArray, kernel: IntArray) -> IntArray:
    """`x @ kernel` over the last axis of `x` [..., K] and the first of `kernel` [K, N].

    Runs on floating-point BLAS when every partial sum, in whatever order, is provably an exact integer there:
    the bound is on the sum of absolute products, so order and fused multiply-add do not matter. Wider factors
    are split into limbs for which that holds.
    """
    if not kernel.size or not x.size:
        return np.zeros((*x.shape[:-1], kernel.shape[1]), np.int64)
    wide = holding(kernel, magnitude(kernel) * len(kernel))  # so that the sum of magnitudes does not wrap
    bound = max(magnitude(x), 1) * max(int(np.abs(wide).sum(axis=0).max()), 1)
    if bound <= FLOAT32_LIMIT:
        return (x.astype(np.float32) @ kernel.astype(np.float32)).astype(np.int64)
    if bound <= FLOAT64_LIMIT:
        return (x.astype(np.float64) @ kernel.astype(np.float64)).astype(np.int64)
    sums, bits = limbs.products(x, magnitude(x).bit_length(), kernel, magnitude(kernel).bit_length())
    return limbs.joined(sums, bits, np.int64 if bound < INT64_LIMIT else object)


def to_words(numbers: IntArray, count: int) -> NDArray[np.int64]:
    """Two's complement words of 64 bits on a new last axis, the lowest first."""
    if count == 1 and numbers.dtype != object:
        return numbers.astype(np.int64)[..., np.newaxis]
    wide = numbers.astype(object)
    words = [(wide >> 64 * i & (2**64 - 1)).astype(np.uint64) for i in range(count)]
    return np.stack(words, axis=-1).view(np.int64)


def from_words(words: NDArray[np.int64], signed: bool) -> IntArray:
    """The inverse of `to_words`."""
    *lower, highest = np.moveaxis(words, -1, 0)
    if not lower and (signed or (highest >= 0).all()):
        return highest
    numbers = (highest if signed else highest.view(np.uint64)).astype(object)
    for word in reversed(lower):
        numbers = numbers << 64 | word.view(np.uint64).astype(object)
    return numbers


def nearest_reals(numbers: IntArray, lsb: int) -> NDArray[np.float64]:
    """The float64 numbers nearest to `numbers * 2**lsb`; infinite beyond all of them."""
    if lsb >= -1022 and magnitude(numbers).bit_length() < 1024 - max(lsb, 0):
        return np.ldexp(numbers.astype(np.float64), lsb)
    up, down = 1 << max(lsb, 0), 1 << max(-lsb, 0)
    return np.array([_quotient(int(n) * up, down) for n in numbers.flat], np.float64).reshape(numbers.shape)


def _quotient(a: int, b: int) -> float:
    try:
        return a / b
    except OverflowError:
        return math.inf if a > 0 else -math.inf


def codes_of_reals(reals: NDArray[Any], lsb: int) -> tuple[IntArray, NDArray[np.bool_]]:
    """float32 or float64 numbers in units of `2**lsb`, and which of them are multiples of it (the others' codes are
    0)."""
    numbers = reals.astype(np.float64)
    finite = np.isfinite(numbers)
    fractions, exponents = np.frexp(np.where(finite, numbers, 0))
    if abs(lsb) <= FLOAT64_SCALES and finite.all() and exponents.max(initial=0) - lsb < INT64_LIMIT.bit_length():
        codes = np.rint(np.ldexp(numbers, -lsb))
        multiples = np.ldexp(codes, lsb) == numbers
        return np.where(multiples, codes, 0).astype(np.int64), multiples
    mantissas, shifts = np.ldexp(fractions, 53).astype(np.int64).astype(object), exponents - (53 + lsb)
    up, down = (np.array([1 << max(int(s), 0) for s in (sign * shifts).flat], object) for sign in (1, -1))
    up, down = up.reshape(reals.shape), down.reshape(reals.shape)
    multiples = (mantissas % down == 0).astype(bool) & finite
    return np.where(multiples, mantissas * up // down, 0), multiples
