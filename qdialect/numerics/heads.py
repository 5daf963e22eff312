"""Bounds on TensorFlow's float32 softmax and sigmoid of given logits, from the errors of their steps.

    softmax_i = exp(f32(z_i - max z)) / sum_j exp(f32(z_j - max z))

The exponential is within the error of `functions.py`; the difference rounds once, which moves exp(d) by at most
u * |d| * exp(d) < u; the sum of n terms rounds n - 1 times in some order, and the division at most twice (reciprocal
and product) [Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 3.1 and 4.2].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.float32 import ROUNDOFF, gamma
from qdialect.numerics.functions import FORMULAS, ElementFunction, FunctionName

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


def softmax_bounds(first: NDArray[Any], last: NDArray[Any]) -> Bounds:
    """Lowest and highest result over the last axis for logits in [first, last].

    A term is largest against the smallest of the others; an error of the exponential is relative to the largest.
    """
    top = last.max(axis=-1, keepdims=True)
    error = (FORMULAS[FunctionName.EXPONENTIAL].error + ROUNDOFF) * np.exp(top - first.max(axis=-1, keepdims=True))
    low, high = np.maximum(np.exp(first - top) - error, 0), np.exp(last - top) + error
    of_sum, of_quotient = gamma(first.shape[-1]), gamma(3)
    smallest = (low.sum(axis=-1, keepdims=True) - low + high) * (1 - of_sum)
    largest = (high.sum(axis=-1, keepdims=True) - high + low) * (1 + of_sum)
    return low / largest * (1 - of_quotient), high / smallest * (1 + of_quotient)


def sigmoid_bounds(first: NDArray[Any], last: NDArray[Any]) -> Bounds:
    function = ElementFunction(FunctionName.SIGMOID)
    ends = zip((first, last), (-1, 1), strict=True)
    low, high = (np.asarray(function(end.astype(np.float32), side), np.float64) for end, side in ends)
    return low, high


def head_bounds(head: str, first: NDArray[Any], last: NDArray[Any] | None = None) -> Bounds:
    """Bounds on Keras' last activation for logits in [first, last], by default for `first` alone."""
    low, high = (end.astype(np.float64) for end in (first, first if last is None else last))
    match head:
        case "softmax":
            return softmax_bounds(low, high)
        case "sigmoid":
            return sigmoid_bounds(low, high)
        case _:
            return low, high


def softmax(logits: NDArray[Any]) -> NDArray[np.float32]:
    """Over the last axis, evaluated in float64 and rounded."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float32]:
    """Evaluated in float64 and rounded."""
    e = np.exp(-np.abs(logits.astype(np.float64)))
    return (np.where(logits >= 0, 1, e) / (1 + e)).astype(np.float32)


FINISH: dict[str, Callable[[NDArray[Any]], NDArray[np.float32]]] = {"softmax": softmax, "sigmoid": sigmoid}
"""The activation that the host applies to the logits, by the name of the head."""


def finish(head: str, logits: NDArray[Any]) -> NDArray[Any]:
    """Keras' output for the logits of hardware, up to the last bits of float32."""
    return FINISH[head](logits) if head in FINISH else logits


@dataclass(frozen=True)
class SoftmaxTables:
    """A softmax over `classes` logits in steps of 2**lsb, from two tables, to `bits` right of the point:

        e_i = round(exp(-(max z - z_i))),  softmax_i = round(e_i * round(1 / (sum_j e_j)))

    The distance from the largest logit is rounded to `distance_lsb` and saturates where the exponential rounds to 0; of
    the sum, which is in [1, classes], bits down to `sum_lsb` are looked up.
    """

    classes: int
    bits: int
    lsb: int

    @property
    def distance_lsb(self) -> int:
        return max(self.lsb, -(self.bits + 2))

    @property
    def exponential_bits(self) -> int:
        return self.bits + 1 + (self.classes - 1).bit_length()

    @property
    def sum_lsb(self) -> int:
        return -(self.bits + 1)

    @property
    def reciprocal_bits(self) -> int:
        return self.bits + 4

    @property
    def distance_bits(self) -> int:
        """The bits of a distance, beyond which the exponential is at most half a step."""
        farthest = (self.exponential_bits + 1) * math.log(2)
        return math.ceil(math.ldexp(farthest, -self.distance_lsb)).bit_length()

    def exponentials(self) -> NDArray[np.int64]:
        """In steps of 2**-exponential_bits, for every code of a distance."""
        distances = np.ldexp(np.arange(1 << self.distance_bits, dtype=np.float64), self.distance_lsb)
        return np.rint(np.ldexp(np.exp(-distances), self.exponential_bits)).astype(np.int64)

    def reciprocals(self) -> NDArray[np.int64]:
        """In steps of 2**-reciprocal_bits, of the middle of every interval of sums; those below 1 do not occur."""
        sums = np.ldexp(np.arange((self.classes << -self.sum_lsb) + 1) + 0.5, self.sum_lsb)
        return np.rint(np.ldexp(1 / np.maximum(sums, 1), self.reciprocal_bits)).astype(np.int64)

    @property
    def error(self) -> float:
        """The largest distance from the real softmax of the same logits.

        A distance that is off by d moves its exponential by the factor exp(d) at most; rounding adds half a step u. So
        e_i / sum is off by at most 2 r k + classes * u, with r = exp(d) - 1 and k = (1 + classes * u) / (1 - r). To
        that come half an interval of the sum, the rounded reciprocal, one step for the rounded (or saturated) result,
        and one that keeps other classes below the largest.
        """
        moved = math.ldexp(0.5, self.distance_lsb) if self.distance_lsb > self.lsb else 0.0
        r, u = math.expm1(moved), math.ldexp(0.5, -self.exponential_bits)
        quotient = 2 * r * (1 + self.classes * u) / (1 - r) + self.classes * u
        tables = math.ldexp(0.5, self.sum_lsb) + math.ldexp(0.5, -self.reciprocal_bits)
        return quotient + tables + math.ldexp(2, -self.bits)
