"""Trained float32 weights to integer codes: exactly the values that QKeras computes with in `model.predict`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qdialect.errors import QdialectError
from qdialect.frontends.keras.quantizer_classes import (
    Alpha,
    Binary,
    Function,
    QuantizedBits,
    QuantizedPo2,
    QuantizedRelu,
    QuantizedReluPo2,
    QuantizedSigmoid,
    QuantizedTanh,
    Quantizer,
    StochasticBinary,
    StochasticTernary,
    Ternary,
)
from qdialect.frontends.keras.weights_codes import LARGEST_INT64_SHIFT, element_codes, shortest_integers
from qdialect.frontends.keras.weights_scale import AutoScaled, auto_scaled, scaled_axis
from qdialect.numerics.float32 import dyadic
from qdialect.numerics.float32_steps import Float32, straight_through
from qdialect.numerics.formats import FixedFormat, Format, Po2Format
from qdialect.numerics.vectorized import VECTOR

Elementwise = AutoScaled | QuantizedPo2 | QuantizedReluPo2 | QuantizedRelu | QuantizedTanh | QuantizedSigmoid
NUDGE = 2.0**-18
"""Relative distance from a tie within which TensorFlow's float32 logarithms and means may decide otherwise."""

BLOCK = 1 << 18


@dataclass(frozen=True)
class QuantizedWeights:
    """Weights as integers: `codes * 2**format.lsb * scale`.

    codes: the shortest integers that hold every code of the format (Python integers in an object array, where int64 is
        too short), in the shape of the weights.
    scale: float32, broadcastable to that shape; None stands for 1.
    deviation: the largest |weight in QKeras - value here|, nonzero only where QKeras' straight-through sum
        x + (q - x) rounds: scales that are no powers of two, weights far beyond the format. Of the scales of
        binary and ternary 'auto', the last bits depend on TensorFlow's order of summation; not counted.
    uncertain: number of weights whose code or power-of-two scale lies so close to a tie that TensorFlow's
        logarithm or order of summation decides.
    """

    codes: NDArray[np.generic]
    format: Format
    scale: Float32 | None = None
    deviation: float = 0.0
    uncertain: int = 0

    def values(self) -> Float32:
        """The weights, float32."""
        grid = (self.codes.astype(np.float64) * 2.0**self.format.lsb).astype(np.float32)
        return grid if self.scale is None else grid * self.scale


def quantize_weights(quantizer: Quantizer | None, w: Float32, where: str) -> QuantizedWeights:
    """The weights `w` under `quantizer`; None (or the function 'linear') keeps the float32 values as integers.

    `where` names the weights in messages, e.g. "layer 'fc1' kernel_quantizer". The quantizer is used as given:
    apply `with_trainable_rule` to kernels first. Raises QdialectError for weights that are not finite and for
    quantizers without exact codes.
    """
    if not np.all(np.isfinite(w)):
        raise QdialectError(f"{where}: {np.count_nonzero(~np.isfinite(w))} weights are NaN or infinite; train again")
    try:
        match quantizer:
            case None | Function("linear"):
                return QuantizedWeights(*dyadic(w))
            case QuantizedBits() | Binary() | StochasticBinary() | Ternary() | StochasticTernary():
                return _scaled_weights(quantizer, w)
            case QuantizedPo2() | QuantizedReluPo2():
                return _po2_weights(quantizer, w)
            case QuantizedRelu() | QuantizedTanh(use_real_tanh=False) | QuantizedSigmoid(use_real_sigmoid=False):
                codes = _element_codes(quantizer, w)
                return _finished(quantizer, w, QuantizedWeights(codes, quantizer.format))
            case _:
                raise ValueError(
                    f"{quantizer.name} gives no fixed-point weights; use quantized_bits, binary, ternary or"
                    " quantized_po2 (or the hard variants of tanh and sigmoid)"
                )
    except ValueError as error:
        raise QdialectError(f"{where}: {error}") from None


def _scaled_weights(q: AutoScaled, w: Float32) -> QuantizedWeights:
    if not isinstance(q.alpha, str):
        if isinstance(q, Ternary) and q.use_stochastic_rounding:
            raise ValueError(f"{q.name}: use_stochastic_rounding needs alpha='auto' or 'auto_po2' in QKeras")
        scale = _numeric_scale(q.name, q.alpha, w.shape)
        return _finished(q, w, _absorbed(QuantizedWeights(_element_codes(q, w), q.format, scale)))
    if isinstance(q, QuantizedBits) and q.bits == 1:
        raise ValueError(f"{q.name}: 1 bit with alpha={q.alpha!r} is 0 or NaN in QKeras; use alpha=1, 2 bits or binary")
    if isinstance(q, QuantizedBits) and q.scale_axis is not None and q.scale_axis >= w.ndim > 1:
        raise ValueError(f"{q.name}: no axis scale_axis={q.scale_axis} in weights of shape {w.shape}")
    if isinstance(q, Ternary | StochasticTernary) and q.threshold is not None:
        raise ValueError(f"{q.name}: alpha={q.alpha!r} sets its own threshold; use threshold=None or a numeric alpha")
    return _finished(q, w, _absorbed(_auto_scaled_weights(q, w)))


def _auto_scaled_weights(q: AutoScaled, w: Float32) -> QuantizedWeights:
    """A block of channels at a time; no channel depends on another, but for the elements of a vector."""
    codes, scales, uncertain = np.empty(w.shape, shortest_integers(q.format)), list[Float32](), 0
    axis = scaled_axis(q, w)
    for block in blocks(w.shape, axis) if w.ndim > 1 else [...]:
        z, scale = auto_scaled(q, w[block])
        codes[block] = z
        scales.append(scale)
        uncertain += _uncertain_scales(q, w[block], z, scale)
    return QuantizedWeights(codes, q.format, np.concatenate(scales, axis), uncertain=uncertain)


def blocks(shape: tuple[int, ...], axis: int = 0) -> Iterator[tuple[slice, ...]]:
    """Slices along an axis that cover an array in parts of about BLOCK elements, whole vectors of TensorFlow's: float32
    steps need several copies."""
    length = shape[axis]
    rows = max(BLOCK * length // max(math.prod(shape), 1) // VECTOR, 1) * VECTOR
    for start in range(0, length, rows):
        yield (*[slice(None)] * axis, slice(start, start + rows))


def _element_codes(q: Elementwise, w: Float32) -> NDArray[np.generic]:
    """`element_codes` in blocks."""

    def part(x: Float32) -> NDArray[np.generic]:
        codes = element_codes(q, x)
        return codes if isinstance(q.format, Po2Format) else codes.astype(shortest_integers(q.format))

    return np.concatenate([part(w[block]) for block in blocks(w.shape)] or [part(w)])


def _uncertain_scales(q: AutoScaled, w: Float32, z: Float32, scale: Float32) -> int:
    """How many weights change when every mean and logarithm is off by NUDGE."""
    changed = np.zeros(w.shape, bool)
    for nudge in (NUDGE, -NUDGE):
        nudged_z, nudged_scale = auto_scaled(q, w, nudge)
        changed |= nudged_z != z
        if q.alpha == "auto_po2":
            changed |= (nudged_scale != scale) & (z != 0)
    return int(np.count_nonzero(changed))


def _numeric_scale(name: str, alpha: Alpha, shape: tuple[int, ...]) -> Float32 | None:
    """`alpha` as float32; None where it is 1 throughout."""
    scale = np.asarray(1.0 if alpha is None else alpha, np.float32)
    if scale.ndim > len(shape) or any(n not in (1, m) for n, m in zip(scale.shape[::-1], shape[::-1], strict=False)):
        raise ValueError(f"{name}: alpha of shape {scale.shape} does not fit weights of shape {shape}")
    return None if np.all(scale == 1) else scale


def _absorbed(weights: QuantizedWeights) -> QuantizedWeights:
    """The same weights without scale, where all nonzero ones share a power of two and the step can take it up."""
    if weights.scale is None or not isinstance(weights.format, FixedFormat):
        return weights
    scale = weights.scale.reshape((1,) * (weights.codes.ndim - weights.scale.ndim) + weights.scale.shape)
    shared = tuple(axis for axis, n in enumerate(scale.shape) if n == 1)
    used = np.any(weights.codes != 0, axis=shared, keepdims=True)
    mantissa, exponent = np.frexp(np.broadcast_to(scale, used.shape)[used])
    if exponent.size == 0:
        return replace(weights, scale=None)
    if np.any(mantissa != 0.5) or np.any(exponent != exponent[0]):
        return weights
    format = replace(weights.format, int_bits=weights.format.int_bits + int(exponent[0]) - 1)
    return replace(weights, format=format, scale=None)


def _po2_weights(q: QuantizedPo2 | QuantizedReluPo2, w: Float32) -> QuantizedWeights:
    """The quantizer's own format, or the exponents that occur where its codes are too long for int64."""
    codes, po2, uncertain = _element_codes(q, w), q.format, 0
    for block in blocks(w.shape):
        moved = [element_codes(q, w[block], nudge) != codes[block] for nudge in (NUDGE, -NUDGE)]
        uncertain += int(np.count_nonzero(np.logical_or(*moved)))
    if po2.max_code.bit_length() > LARGEST_INT64_SHIFT + 1 and codes.size:
        exponents = [abs(int(code)).bit_length() - 1 for code in codes.flat]
        low, high = min(exponents), max(exponents)
        dtype = np.int64 if high - low <= LARGEST_INT64_SHIFT else object
        codes = (codes.astype(object) // (1 << low)).astype(dtype)
        po2 = Po2Format(po2.lsb + low, po2.lsb + high, po2.min_code < 0)
    return _finished(q, w, QuantizedWeights(codes, po2, uncertain=uncertain))


def _finished(q: Quantizer, w: Float32, weights: QuantizedWeights) -> QuantizedWeights:
    """With the deviation of QKeras' straight-through sum from the values meant."""
    deviation = 0.0
    for block in blocks(w.shape):
        scale = None if weights.scale is None else np.broadcast_to(weights.scale, w.shape)[block]
        part = replace(weights, codes=weights.codes[block], scale=scale)
        difference = used_values(q, w[block], part).astype(np.float64) - part.values()
        deviation = max(deviation, float(np.max(np.abs(difference), initial=0)))
    return replace(weights, deviation=deviation)


def used_values(quantizer: Quantizer | None, w: Float32, weights: QuantizedWeights) -> Float32:
    """The float32 numbers that QKeras computes with: `weights`, those of `w`, after its straight-through sum."""
    through = None if quantizer is None else _straight_through_input(quantizer, w)
    return weights.values() if through is None else straight_through(through, weights.values())


def _straight_through_input(q: Quantizer, x: Float32) -> Float32 | None:
    """What QKeras adds to and subtracts from the quantized value; None where the sum is always exact."""
    match q:
        case QuantizedBits(use_ste=True) | QuantizedPo2(use_ste=True):
            return x
        case Binary() | StochasticBinary() | Ternary() | StochasticTernary():
            return None if q.alpha is None else x  # tanh(x) stands in for x
        case QuantizedRelu(use_ste=True):
            top = 2.0**q.integer - 2.0 ** (q.integer - q.magnitude_bits)
            return _leaky_relu(x, q.negative_slope, top if q.is_quantized_clip else q.relu_upper_bound)
        case QuantizedReluPo2(use_ste=True):
            return _leaky_relu(x, q.negative_slope, q.max_value)
        case _:
            return None


def _leaky_relu(x: Float32, slope: float, top: float | None) -> Float32:
    y = np.where(x > 0, x, np.float32(slope) * x)
    return y if top is None else np.where(x <= np.float32(top), y, np.float32(top))
