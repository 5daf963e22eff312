"""What activations are made of: bounds, piecewise linear functions, named functions.

On quantized values that float32 holds exactly the piecewise linear functions are exact operations; elsewhere they are
the float32 functions that Keras computes, whose sums round.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, ReluOp, ShiftOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.weights import exact_weights
from qdialect.numerics.functions import ElementFunction, FunctionName

FLOAT32_BITS = 24


def number(b: Builder, value: float, suffix: str) -> SSAValue:
    """A float32 as an exact constant of one element."""
    weights = exact_weights(np.array([value], np.float32), b.layer_name)
    return b.constant(weights.data, weights.format, suffix)


def combined(b: Builder, op: Callable[..., BinaryOp], x: SSAValue, value: float, suffix: str) -> SSAValue:
    """`x` with a constant."""
    return b.emit(op(x, number(b, value, f"{suffix}_constant")), suffix)


def at_least(b: Builder, x: SSAValue, low: float) -> SSAValue:
    return combined(b, MaximumOp, x, low, "low")


def at_most(b: Builder, x: SSAValue, high: float) -> SSAValue:
    return combined(b, MinimumOp, x, high, "high")


def function(b: Builder, x: SSAValue, name: FunctionName, *parameters: float) -> SSAValue:
    """A named float32 function."""
    return b.emit(FunctionOp(x, ElementFunction(name, tuple(map(float, parameters)))), str(name))


def shifted(b: Builder, x: SSAValue, by: int) -> SSAValue:
    return b.emit(ShiftOp(x, by), "scaled") if by else x


def is_exact(x: SSAValue, finer: int) -> bool:
    """Whether float32 holds the values of x, and those in [-1, 1] whose step is finer by `finer` bits."""
    fmt = format_of(x.type)
    return fmt is not None and fmt.bits <= FLOAT32_BITS and fmt.lsb - finer >= -FLOAT32_BITS


def half_up(b: Builder, x: SSAValue) -> SSAValue:
    """x/2 + 1/2"""
    return combined(b, AddOp, shifted(b, x, -1), 0.5, "half_up")


def hard_sigmoid(b: Builder, x: SSAValue) -> SSAValue:
    """QKeras' clip(x/2 + 1/2, 0, 1)."""
    if not is_exact(x, 1):
        return function(b, x, FunctionName.HARD_SIGMOID)
    return at_most(b, b.emit(ReluOp(half_up(b, x)), "low"), 1)


def hard_tanh(b: Builder, x: SSAValue) -> SSAValue:
    """QKeras' 2 hard_sigmoid(x) - 1 = clip(x, -1, 1)."""
    if not is_exact(x, 1):
        return function(b, x, FunctionName.HARD_TANH)
    return at_most(b, at_least(b, x, -1), 1)


def leaky_relu(b: Builder, x: SSAValue, slope: float) -> SSAValue:
    """x above zero, f32(slope * x) below; exact for slopes that are powers of two."""
    if slope == 0:
        return b.emit(ReluOp(x), "relu")
    mantissa, exponent = np.frexp(np.float32(slope))
    if mantissa == 0.5:
        return b.emit(LeakyReluOp(x, int(exponent) - 1), "leaky")
    return function(b, x, FunctionName.LEAKY_RELU, float(np.float32(slope)))
