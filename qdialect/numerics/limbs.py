"""Contractions of integers of any width on floating-point BLAS.

With x = sum x_i 2^(b i) and kernel = sum k_j 2^(b j),

    x @ kernel = sum (x_i @ k_j) 2^(b (i + j)),

where b is such that a float64 holds each sum of K products of limbs exactly, in whatever order it is added.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.arrays import IntArray

FLOAT64_BITS = 53

WORD_BITS = 62
"""Bits of an int64 with one bit of slack, so that the sum of two does not wrap."""


def products(x: IntArray, x_bits: int, kernel: IntArray, kernel_bits: int) -> tuple[NDArray[np.int64], int]:
    """The sums over i + j = 0, 1, ... of x_i @ k_j, and b. `x` [..., K] and `kernel` [K, N] have magnitudes of `x_bits`
    and `kernel_bits` bits at most; a few more sums are zero, to take the carries."""
    bits = (FLOAT64_BITS - len(kernel).bit_length()) // 2
    left, right = split(x, x_bits, bits), split(kernel, kernel_bits, bits)
    sums = np.zeros((len(left) + len(right) + WORD_BITS // bits, *x.shape[:-1], kernel.shape[1]), np.int64)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            sums[i + j] += (a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)
    return sums, bits


def split(codes: IntArray, length: int, bits: int) -> list[NDArray[np.int64]]:
    """`codes` with magnitudes of `length` bits as limbs of `bits` bits, the lowest first; the last one carries the
    sign."""
    per_word = WORD_BITS // bits
    count = length // bits + 1
    *low, last = (word.astype(np.int64) for word in _digits(codes, bits * per_word, -(-count // per_word)))
    limbs = [limb for word in low for limb in _digits(word, bits, per_word)]
    return [*limbs, *_digits(last, bits, count - len(limbs))]


def _digits(codes: IntArray, bits: int, count: int) -> list[IntArray]:
    low = [(codes >> bits * i) & ((1 << bits) - 1) for i in range(count - 1)]
    return [*low, codes >> bits * (count - 1)]


def joined(sums: NDArray[np.int64], bits: int, dtype: type) -> IntArray:
    """The sum of sums[i] 2^(bits i), in a dtype that holds it; overwrites `sums`.

    Carries first: then as many limbs as an int64 holds are added at once.
    """
    for lower, higher in pairwise(sums):
        higher += lower >> bits
        lower &= (1 << bits) - 1
    per_word = WORD_BITS // bits
    result = np.zeros(sums.shape[1:], dtype)
    for start in reversed(range(0, len(sums), per_word)):
        word = sum(limb << bits * i for i, limb in enumerate(sums[start : start + per_word]))
        result = (result << bits * per_word) + word
    return result
