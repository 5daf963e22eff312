"""What TensorFlow's float32 softmax or sigmoid may give for given logits: bounds from the errors of its steps.

    softmax_i = exp(f32(z_i - max z)) / sum_j exp(f32(z_j - max z))

The exponential is within the error of `functions.py`; the difference rounds once, which moves exp(d) by at most
u * |d| * exp(d) < u; the sum of n terms rounds n - 1 times in some order, and the division at most twice (reciprocal
and product) [Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 3.1 and 4.2].
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.float32 import ROUNDOFF, gamma
from qdialect.numerics.functions import FORMULAS, ElementFunction, FunctionName

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


def softmax_bounds(logits: NDArray[np.float32]) -> Bounds:
    """Lowest and highest result over the last axis."""
    z = logits.astype(np.float64)
    exact = np.exp(z - z.max(axis=-1, keepdims=True))
    error = FORMULAS[FunctionName.EXPONENTIAL].error + ROUNDOFF
    low, high = np.maximum(exact - error, 0), exact + error
    of_sum, of_quotient = gamma(z.shape[-1]), gamma(3)
    smallest = low.sum(axis=-1, keepdims=True) * (1 - of_sum)
    largest = high.sum(axis=-1, keepdims=True) * (1 + of_sum)
    return low / largest * (1 - of_quotient), high / smallest * (1 + of_quotient)


def sigmoid_bounds(logits: NDArray[np.float32]) -> Bounds:
    sigmoid = ElementFunction(FunctionName.SIGMOID)
    low, high = (np.asarray(sigmoid(logits, side), np.float64) for side in (-1, 1))
    return low, high


def head_bounds(head: str, logits: NDArray[Any]) -> Bounds:
    """Of a head that the importer leaves to the host; '' is none."""
    match head:
        case "softmax":
            return softmax_bounds(logits)
        case "sigmoid":
            return sigmoid_bounds(logits)
        case _:
            return logits.astype(np.float64), logits.astype(np.float64)
