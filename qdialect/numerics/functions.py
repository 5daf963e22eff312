"""Element-wise float32 functions of Keras and QKeras by name, as `model.predict` computes them.

Piecewise linear functions are reproduced operation by operation, to the bit. The others are the correctly rounded
real function: TensorFlow's own results lie around it, and depend on the position in the tensor and on the processor.
`error` is the measured bound (TF 2.21, 100,000 arguments in [-250, 250], graph mode):

    |TensorFlow - here| <= error * max(|here|, 1)

A step of a quantizer that such an error moves is listed as uncertified.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.float32_steps import divide_by_constant, hard_sigmoid

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

ONE = np.float32(1)


class FunctionName(StrEnum):
    """Names as in Keras; where QKeras has a different function of the same name, Keras' has the prefix `keras_`."""

    # QKeras
    HARD_SIGMOID = "hard_sigmoid"  # clip(x/2 + 1/2, 0, 1)
    HARD_TANH = "hard_tanh"  # 2 hard_sigmoid(x) - 1
    SMOOTH_SIGMOID = "smooth_sigmoid"  # clip(3x/16 + 1/2, 0, 1)
    SMOOTH_TANH = "smooth_tanh"  # 2 smooth_sigmoid(x) - 1
    ULAW = "ulaw"  # sign(r) log(1 + u |r|) / log(1 + u) of r = hard_tanh(x) on a grid: parameters bits, symmetric, u
    HARD_SWISH = "hard_swish"  # x * min(relu(x + shift), bound) / bound: parameters shift, bound
    # Keras
    KERAS_HARD_SIGMOID = "keras_hard_sigmoid"  # clip(f32(0.2) x + 1/2, 0, 1)
    LEAKY_RELU = "leaky_relu"  # x where x > 0, slope * x elsewhere: parameter slope
    THRESHOLDED_RELU = "thresholded_relu"  # parameters slope, threshold, largest value
    SOFTSIGN = "softsign"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    SOFTPLUS = "softplus"
    EXPONENTIAL = "exponential"
    ELU = "elu"  # parameter alpha
    SELU = "selu"
    SWISH = "swish"
    GELU = "gelu"
    MISH = "mish"


@dataclass(frozen=True)
class Formula:
    """How a function is computed: float32 in, float32 out, after its parameters."""

    apply: Callable[..., Float32Array]
    parameters: int = 0
    rising: bool = True
    error: float = 0.0


@dataclass(frozen=True)
class ElementFunction:
    """A named function with its parameters. Raises ValueError for a wrong number of them."""

    name: FunctionName
    parameters: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        expected = FORMULAS[self.name].parameters
        if len(self.parameters) != expected:
            raise ValueError(f"{self.name} takes {expected} parameters, got {len(self.parameters)}")

    @property
    def rising(self) -> bool:
        """Whether it never falls, for the parameters that Keras accepts."""
        return FORMULAS[self.name].rising and all(p >= 0 for p in self.parameters)

    @property
    def error(self) -> float:
        """The distance between TensorFlow and this reference, relative to max(|value|, 1)."""
        return FORMULAS[self.name].error

    def __call__(self, x: Float32Array, side: int = 0) -> Float32Array:
        """The function of `x`; `side` = -1 or +1 gives the ends of what TensorFlow may compute."""
        with np.errstate(over="ignore", under="ignore"):
            y = np.asarray(FORMULAS[self.name].apply(x, *self.parameters), np.float32)
            return y if side == 0 else np.asarray(y + np.float32(side * self.error) * np.maximum(np.abs(y), ONE))


def hard_tanh(x: Float32Array) -> Float32Array:
    return np.float32(2) * hard_sigmoid(x) - ONE


def smooth_tanh(x: Float32Array) -> Float32Array:
    return np.float32(2) * smooth_sigmoid(x) - ONE


def softsign(x: Float32Array) -> Float32Array:
    return x / (ONE + np.abs(x))


def smooth_sigmoid(x: Float32Array) -> Float32Array:
    return np.clip(np.float32(0.1875) * x + np.float32(0.5), np.float32(0), ONE)


def keras_hard_sigmoid(x: Float32Array) -> Float32Array:
    return np.clip(np.float32(0.2) * x + np.float32(0.5), np.float32(0), ONE)


def leaky_relu(x: Float32Array, slope: float) -> Float32Array:
    return np.where(x > 0, x, np.float32(slope) * x)


def thresholded_relu(x: Float32Array, slope: float, threshold: float, largest: float) -> Float32Array:
    """`keras.backend.relu`: x above the threshold, cut at `largest`, minus slope * relu(threshold - x)."""
    above = x * (x > np.float32(threshold))
    kept = np.clip(above, np.float32(0), np.float32(largest)) if math.isfinite(largest) else above
    return kept - np.float32(slope) * np.maximum(np.float32(threshold) - x, np.float32(0))


def hard_swish(x: Float32Array, shift: float, bound: float) -> Float32Array:
    """x * gate / bound. In graph mode Grappler multiplies x with the reciprocal of the bound first; where the layer's
    name comes before that of its input, the product with the gate. Either is within the error."""
    shifted = x + np.float32(shift)
    gate = np.where(shifted <= np.float32(bound), np.maximum(shifted, np.float32(0)), np.float32(bound))
    return divide_by_constant(x, bound) * gate


def ulaw(x: Float32Array, bits: float, symmetric: float, u: float) -> Float32Array:
    """`quantized_ulaw`: hard_sigmoid(x) rounded to `bits` - 1 bits, centred, companded, clipped to [-1, 1 - step]."""
    ones = np.float32(2 ** (bits - 1))
    r = np.float32(2) * (np.rint(hard_sigmoid(x) * ones) / ones) - ONE
    size = np.log1p(u * np.abs(r.astype(np.float64))) / np.log1p(u)
    return np.clip((np.sign(r) * size).astype(np.float32), symmetric / ones - ONE, ONE - ONE / ones)


def rounded(function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Callable[..., Float32Array]:
    """`function`, evaluated in float64 and rounded to float32."""

    def apply(x: Float32Array) -> Float32Array:
        return function(x.astype(np.float64)).astype(np.float32)

    return apply


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def softplus(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.logaddexp(0, x)


def elu(x: Float32Array, alpha: float) -> Float32Array:
    """`alpha * elu(x)` below zero: a product of two float32."""
    below = rounded(lambda v: np.expm1(np.minimum(v, 0)))(x)
    return np.where(x > 0, x, np.float32(alpha) * below)


def selu(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0)))


def gelu(x: NDArray[np.float64]) -> NDArray[np.float64]:
    erfc = np.array([math.erfc(-v / math.sqrt(2)) for v in x.flat]).reshape(x.shape)
    return 0.5 * x * erfc


FORMULAS = {
    FunctionName.HARD_SIGMOID: Formula(hard_sigmoid),
    FunctionName.HARD_TANH: Formula(hard_tanh),
    FunctionName.SMOOTH_SIGMOID: Formula(smooth_sigmoid),
    FunctionName.SMOOTH_TANH: Formula(smooth_tanh),
    FunctionName.ULAW: Formula(ulaw, parameters=3, error=2.0**-22),
    FunctionName.HARD_SWISH: Formula(hard_swish, parameters=2, rising=False, error=2.0**-22),
    FunctionName.KERAS_HARD_SIGMOID: Formula(keras_hard_sigmoid),
    FunctionName.LEAKY_RELU: Formula(leaky_relu, parameters=1),
    FunctionName.THRESHOLDED_RELU: Formula(thresholded_relu, parameters=3),
    FunctionName.SOFTSIGN: Formula(softsign, rising=False),  # falls by an ulp here and there
    FunctionName.TANH: Formula(rounded(np.tanh), error=2.0**-21),
    FunctionName.SIGMOID: Formula(rounded(sigmoid), error=2.0**-22),
    FunctionName.SOFTPLUS: Formula(rounded(softplus), error=2.0**-21),
    FunctionName.EXPONENTIAL: Formula(rounded(np.exp), error=2.0**-22),
    FunctionName.ELU: Formula(elu, parameters=1, error=2.0**-22),
    FunctionName.SELU: Formula(rounded(selu), error=2.0**-22),
    FunctionName.SWISH: Formula(rounded(lambda x: x * sigmoid(x)), rising=False, error=2.0**-21),
    FunctionName.GELU: Formula(rounded(gelu), rising=False, error=2.0**-20),
    FunctionName.MISH: Formula(rounded(lambda x: x * np.tanh(softplus(x))), rising=False, error=2.0**-19),
}
