"""Integers as sums of as few signed powers of two as possible.

The canonical form (non-adjacent form) has no two neighbouring digits that are not zero, and of all forms with digits
-1, 0, +1 the fewest that are not: about a third of the binary digits. With n >= 0 its digits +1 and -1 stand where

    plus = (3n & ~n) >> 1        minus = (n & ~3n) >> 1

[H. Prodinger, "On binary representations of integers with digits -1, 0, 1", Integers 0 (2000)].
"""

from __future__ import annotations

import numpy as np

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import bit_counts, holding, magnitude


def signed_digits(codes: IntArray) -> IntArray:
    """`codes` [...] as canonical digits [..., n], each 0 or +-2**e, from the lowest up; n is what the longest needs."""
    n = holding(np.abs(codes), 4 * magnitude(codes))
    plus, minus = (3 * n & ~n) >> 1, (n & ~(3 * n)) >> 1
    left, digits = plus | minus, [n * 0]
    while left.any():
        lowest = left & -left
        digits.append(np.where(plus & lowest, lowest, -lowest) * np.sign(codes))
        left = left ^ lowest
    return np.stack(digits[1:] or digits, axis=-1)


def digit_counts(codes: IntArray) -> IntArray:
    """How many canonical digits of each code are not zero: those where n and 3n differ."""
    n = holding(np.abs(codes), 4 * magnitude(codes))
    return bit_counts(n ^ 3 * n)
