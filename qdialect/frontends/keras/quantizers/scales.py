"""Quantizers whose scale comes from the weights themselves: alpha='auto' and 'auto_po2'.

The scale is per output channel (all axes but the last, or all but `scale_axis`). For vectors the least-squares
step reduces nothing, so each element gets its own. Float32Array formulas of the QKeras classes in graph mode; the
means are taken in float64, while TensorFlow's depend on its order of summation in the last bits. `nudge`
changes every scale found by a mean or a logarithm by that relative amount, to find decisions close to a tie.
"""

from __future__ import annotations

import numpy as np

from qdialect.frontends.keras.quantizers.classes import (
    Binary,
    QuantizedBits,
    QuantizedLinear,
    StochasticBinary,
    StochasticTernary,
    Ternary,
)
from qdialect.frontends.keras.quantizers.codes import sign_codes
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.float32_steps import EPSILON, divide_by_constant, log2, pow2

AutoScaled = QuantizedBits | Binary | StochasticBinary | Ternary | StochasticTernary


def auto_scaled(q: AutoScaled, x: Float32Array, nudge: float = 0.0) -> tuple[Float32Array, Float32Array]:
    """Integral codes and the scale with weight = code * 2**q.format.lsb * scale, both float32; the scale has
    size 1 on the reduced axes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        match q:
            case QuantizedLinear():
                return _linear(q, x, nudge)
            case QuantizedBits():
                return _bits(q, x, nudge)
            case Binary() | StochasticBinary():
                return _binary(q, x, nudge)
            case _:
                return _ternary(q, x, nudge)


def _bits(q: QuantizedBits, x: Float32Array, nudge: float) -> tuple[Float32Array, Float32Array]:
    """`quantized_bits.__call__`. The codes belong to the last scale but one, as there; with one bit all are zero.

    sigma is the scale of x / 2**integer; the scale returned is QKeras' own, sigma * 2**magnitude_bits.
    """
    x = x / np.float32(2**q.integer)
    top = np.float32(2 ** (q.bits - 1) - 1)
    axes = scale_axes(x, q.scale_axis)
    largest = np.max(np.abs(x), axis=axes or 0, keepdims=True)
    if top == 0:
        return np.zeros_like(x), np.ones_like(largest)
    sigma = divide_by_constant(largest * np.float32(2), float(2 * top))

    def grid(sigma: Float32Array) -> Float32Array:
        """Round half away from zero; 0/0 is no number and ends at sign(0) * top = 0."""
        return np.sign(x) * np.fmin(np.floor(np.abs(x) / sigma + np.float32(0.5)), top)

    z = grid(sigma)
    if q.alpha == "auto_po2":
        sigma = nearest_po2(sigma * np.float32(1 + nudge))
        for _ in range(5):
            z = grid(sigma)
            sigma = nearest_po2(least_squares(x, z, axes, nudge))
    return z, sigma * np.float32(2**q.magnitude_bits)


def _linear(q: QuantizedLinear, x: Float32Array, nudge: float) -> tuple[Float32Array, Float32Array]:
    """`quantized_linear.__call__`: the step that reaches the largest value, then at most five of least squares. The
    codes belong to the last step."""
    low, high = q.keep_negative * (q.symmetric - 2**q.magnitude_bits), 2**q.magnitude_bits - 1
    axes = scale_axes(x, q.scale_axis)
    largest = np.max(np.abs(x) * np.float32(2) if q.keep_negative else x, axis=axes, keepdims=True)
    step = np.maximum(divide_by_constant(largest, float(high - low)), EPSILON)

    def grid(step: Float32Array) -> Float32Array:
        return np.rint(np.clip(x / step, np.float32(low), np.float32(high)))

    if q.alpha == "auto_po2":
        step = nearest_po2(step * np.float32(1 + nudge))
        for _ in range(5):
            step = nearest_po2(least_squares(x, grid(step), axes, nudge))
    return grid(step), np.ldexp(step, q.magnitude_bits - q.integer)


def _binary(q: Binary | StochasticBinary, x: Float32Array, nudge: float) -> tuple[Float32Array, Float32Array]:
    """`binary.__call__`: signs, and the mean magnitude."""
    z = sign_codes(x, q.use_01)
    scale = least_squares(x, z, scale_axes(x), nudge)
    return z, nearest_po2(scale) if q.alpha == "auto_po2" else scale


def _ternary(q: Ternary | StochasticTernary, x: Float32Array, nudge: float) -> tuple[Float32Array, Float32Array]:
    """`ternary.__call__`: alternate between codes, nonzero beyond half the scale, and least squares."""
    axes = scale_axes(x)
    po2 = q.alpha == "auto_po2"
    largest = np.max(np.abs(x), axis=axes or 0, keepdims=True)
    scale = divide_by_constant(np.float32(2) * largest, 3.0)
    if po2:
        scale = nearest_po2(scale * np.float32(1 + nudge))
    z = np.zeros_like(x)
    for _ in range(q.number_of_unrolls):
        z = np.sign(x) * (np.abs(scale * np.rint(x / scale)) >= scale / np.float32(2))
        scale = least_squares(x, z, axes, nudge)
        if po2:
            scale = nearest_po2(scale)
    return z, scale


def scale_axes(x: Float32Array, scale_axis: int | None = None) -> tuple[int, ...]:
    """`_get_scaling_axis`: the axes that share a scale; none for a vector."""
    if x.ndim < 2:
        return ()
    kept = x.ndim - 1 if scale_axis is None else scale_axis
    return tuple(axis for axis in range(x.ndim) if axis != kept)


def scaled_axis(q: AutoScaled, rank: int) -> int:
    """The axis along which scales differ."""
    given = q.scale_axis if isinstance(q, QuantizedBits) else None
    return rank - 1 if given is None else given


def least_squares(x: Float32Array, z: Float32Array, axes: tuple[int, ...], nudge: float) -> Float32Array:
    """`_get_scale`: mean(x z) / (mean(z z) + epsilon), the factor that brings z nearest to x."""

    def mean(v: Float32Array) -> Float32Array:
        return np.asarray(np.mean(v, axis=axes, keepdims=True, dtype=np.float64), np.float32)

    scale = mean(x * z) / (mean(z * z) + EPSILON)
    return np.multiply(scale, np.float32(1 + nudge))


def nearest_po2(scale: Float32Array) -> Float32Array:
    """2 ** round(log2(scale + epsilon))."""
    return pow2(np.rint(log2(scale + EPSILON)))
