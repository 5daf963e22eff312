"""Quantizers that act element by element: float32 in, codes of `quantizer.format` (or powers of two) out.

Each function is the float32 formula of the QKeras class in graph mode, up to the integer grid; what follows
there (the step, the scale, the straight-through sum) is not part of the code. x must be finite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qdialect.frontends.keras.quantizers.classes import (
    Binary,
    QuantizedBits,
    QuantizedRelu,
    Quantizer,
    StochasticBinary,
    StochasticTernary,
    Ternary,
)
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2, QuantizedReluPo2
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedSigmoid, QuantizedTanh
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.float32_steps import EPSILON, hard_sigmoid, pow2, rounded_log2
from qdialect.numerics.formats import Format
from qdialect.numerics.functions import ElementFunction, FunctionName

TANH, SIGMOID = ElementFunction(FunctionName.TANH), ElementFunction(FunctionName.SIGMOID)


def shortest_integers(fmt: Format) -> type[np.generic]:
    """The dtype for codes of the format, which come from float32."""
    fitting = (t for t in (np.int8, np.int16, np.int32) if np.iinfo(t).max >= fmt.max_code)
    return next((t for t in fitting if np.iinfo(t).min <= fmt.min_code), np.int64)


def element_data(quantizer: Quantizer, x: Float32Array, nudge: float = 0.0) -> NDArray[np.generic]:
    """Codes of x in `quantizer.format`, as the shortest integers; for powers of two these themselves, in float32.

    `nudge` changes the argument of logarithms by that relative amount, to find decisions close to a tie; of a real
    tanh or sigmoid its sign gives the end of what TensorFlow may compute.
    Raises TypeError for quantizers without such codes: automatic scales, functions.
    """
    with np.errstate(over="ignore"):
        match quantizer:
            case QuantizedBits(alpha=alpha) if not isinstance(alpha, str):
                codes = bits_codes(quantizer, x)
            case QuantizedRelu():
                codes = relu_codes(quantizer, x)
            case QuantizedTanh():
                codes = tanh_codes(quantizer, x, nudge)
            case QuantizedSigmoid():
                codes = sigmoid_codes(quantizer, x, nudge)
            case Binary(alpha=alpha) | StochasticBinary(alpha=alpha) if not isinstance(alpha, str):
                codes = sign_codes(x, quantizer.use_01)
            case Ternary(alpha=alpha) | StochasticTernary(alpha=alpha) if not isinstance(alpha, str):
                codes = ternary_codes(x, 0.33 if quantizer.threshold is None else quantizer.threshold)
            case QuantizedPo2():
                return sign_codes(x) * pow2(po2_exponents(quantizer, np.abs(x), nudge))
            case QuantizedReluPo2():
                return relu_po2_values(quantizer, x, nudge)
            case _:
                raise TypeError(f"{quantizer.name} has no fixed-point codes")
    return codes.astype(shortest_integers(quantizer.format))


def bits_codes(q: QuantizedBits, x: Float32Array) -> Float32Array:
    """round(x * 2**n / 2**integer), half to even, then clipped; n = 0: the sign."""
    if q.magnitude_bits == 0:
        return sign_codes(x)
    m = np.float32(2**q.magnitude_bits)
    z = np.rint(x * m / np.float32(2**q.integer))
    if not q.has_top and ((z >= m).any() or (q.symmetric and (z <= -m).any())):
        raise ValueError(
            f"{q.magnitude_bits} magnitude bits exceed float32, so Keras clips beyond its top code; use at most 24, or "
            "more integer bits"
        )
    return np.clip(z, -(m - q.symmetric) if q.keep_negative else 0, m - 1)


def relu_codes(q: QuantizedRelu, x: Float32Array) -> Float32Array:
    """A positive and, with a slope, a negative part, each rounded and clipped for itself."""
    q.check_grid()
    m, m_i, slope = np.float32(2**q.magnitude_bits), np.float32(2**q.integer), np.float32(q.negative_slope)
    p = hard_sigmoid(x / m_i) * m if q.use_sigmoid else x * m / m_i

    def centred(r: Float32Array, ones: np.float32) -> Float32Array:
        """A sigmoid's code r in [0, ones] back to [-ones, ones]."""
        return 2 * r - ones if q.use_sigmoid else r

    z = np.clip(centred(np.rint(p), m), 0, m - 1)
    if slope:
        z = z + np.clip(centred(np.rint(p * slope), slope * m), -slope * m, 0)
    z = np.ldexp(z, q.integer - q.magnitude_bits - q.lsb)
    return z if q.upper_bound is None else np.minimum(z, np.ldexp(np.float32(q.upper_bound), -q.lsb))


def tanh_codes(q: QuantizedTanh, x: Float32Array, nudge: float = 0.0) -> Float32Array:
    m = np.float32(2 ** (q.bits - 1))
    p = TANH(x, int(np.sign(nudge))) if q.use_real_tanh else np.float32(2) * hard_sigmoid(x) - np.float32(1)
    return np.clip(np.rint(p * m), -(m - q.symmetric), m - 1)


def sigmoid_codes(q: QuantizedSigmoid, x: Float32Array, nudge: float = 0.0) -> Float32Array:
    m = np.float32(2**q.bits)
    p = SIGMOID(x, int(np.sign(nudge))) if q.use_real_sigmoid else hard_sigmoid(x)
    return np.clip(np.rint(p * m), np.float32(q.symmetric), m - 1)


def sign_codes(x: Float32Array, use_01: bool = False) -> Float32Array:
    """The sign, +1 for zero; or 0 and 1."""
    return np.where(x >= 0, np.float32(1), np.float32(0 if use_01 else -1))


def ternary_codes(x: Float32Array, threshold: float) -> Float32Array:
    return np.sign(x) * (np.abs(x) >= np.float32(threshold))


def relu_po2_values(q: QuantizedReluPo2, x: Float32Array, nudge: float) -> Float32Array:
    """One exponent for max(x, 0) and, with a slope, another for max(-x, 0) * slope."""
    positive = pow2(po2_exponents(q, np.maximum(x, 0), nudge))
    if not q.negative_slope:
        return positive
    negative = pow2(po2_exponents(q, np.maximum(-x, 0) * np.float32(q.negative_slope), nudge))
    return np.where(x >= 0, positive, -negative)


def po2_exponents(q: QuantizedPo2 | QuantizedReluPo2, magnitude: Float32Array, nudge: float = 0.0) -> Float32Array:
    """`_clip_power_of_two`: log2 of the magnitude, cut at `max_value`, rounded and clipped; the lower bound below
    Keras' epsilon."""
    low, high = q.exponent_bounds
    size = np.maximum(magnitude, EPSILON)
    if q.max_value is not None:
        size = np.minimum(size, np.float32(q.max_value))
    rounded = rounded_log2(size * np.float32(1 + nudge), q.quadratic_approximation, q.log2_rounding)
    exponents = np.clip(rounded, low, high) * (2 if q.quadratic_approximation else 1)
    return np.where(magnitude < EPSILON, np.float32(low), exponents)
