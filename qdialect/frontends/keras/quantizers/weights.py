"""Trained float32 weights to integer codes: exactly the values that QKeras computes with in `model.predict`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qdialect.errors import QdialectError
from qdialect.frontends.building.weights import QuantizedWeights, check_finite, exact_weights
from qdialect.frontends.keras.quantizers.classes import (
    Alpha,
    Binary,
    Function,
    QuantizedBits,
    QuantizedHswish,
    QuantizedRelu,
    Quantizer,
    StochasticBinary,
    StochasticTernary,
    Ternary,
)
from qdialect.frontends.keras.quantizers.codes import element_data, shortest_integers
from qdialect.frontends.keras.quantizers.plug_in import PlugInQuantizer
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2, QuantizedReluPo2
from qdialect.frontends.keras.quantizers.scales import AutoScaled, auto_scaled, scaled_axis
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedSigmoid, QuantizedTanh
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.exact import parts
from qdialect.numerics.float32_steps import straight_through
from qdialect.numerics.formats import FixedFormat, Po2Format
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.vectorized import VECTOR

NUDGE = 2.0**-18
"""Relative distance from a tie within which TensorFlow's float32 logarithms and means may decide otherwise."""

Block = tuple[slice, ...]

Elementwise = AutoScaled | QuantizedPo2 | QuantizedReluPo2 | QuantizedRelu | QuantizedTanh | QuantizedSigmoid

BLOCK = 1 << 18

LONGEST_CODE = 63
"""Bits of a code that an int64 holds."""


def quantize_weights(quantizer: Quantizer | None, w: Float32Array, where: str) -> QuantizedWeights:
    """The weights `w` under `quantizer`; None (or the function 'linear') keeps the float32 values.

    `where` names the weights in messages, e.g. "layer 'fc1' kernel_quantizer". The quantizer is used as given:
    apply `with_trainable_rule` to kernels first. Raises QdialectError for weights that are not finite and for
    quantizers without exact codes.
    """
    weights = grid_weights(quantizer, w, where)
    if isinstance(quantizer, Function | PlugInQuantizer | None):
        return weights
    return _with_verdicts(quantizer, w, weights)


def grid_weights(quantizer: Quantizer | None, w: Float32Array, where: str) -> QuantizedWeights:
    """As `quantize_weights`, without the verdicts `deviation` and `uncertain`."""
    check_finite(w, where)
    try:
        match quantizer:
            case None | Function("linear"):
                return exact_weights(w, where)
            case QuantizedBits() | Binary() | StochasticBinary() | Ternary() | StochasticTernary():
                return _absorbed(_scaled_weights(quantizer, w))
            case QuantizedPo2() | QuantizedReluPo2():
                return _shortened(QuantizedWeights(_element_data(quantizer, w), quantizer.format))
            case QuantizedRelu() | QuantizedTanh() | QuantizedSigmoid():
                return QuantizedWeights(_element_data(quantizer, w), quantizer.format)
            case QuantizedHswish():
                return grid_weights(quantizer.result, _hard_swish(quantizer, w), where)
            case PlugInQuantizer():
                return quantizer.of_weights(w)
            case _:
                raise ValueError(f"{quantizer.name} gives no fixed-point weights; use quantized_bits or quantized_po2")
    except ValueError as error:
        raise QdialectError(f"{where}: {error}") from None


def _scaled_weights(q: AutoScaled, w: Float32Array) -> QuantizedWeights:
    if not isinstance(q.alpha, str):
        if isinstance(q, Ternary) and q.use_stochastic_rounding:
            raise ValueError(f"{q.name}: use_stochastic_rounding needs alpha='auto' or 'auto_po2' in QKeras")
        return QuantizedWeights(_element_data(q, w), q.format, _numeric_scale(q.name, q.alpha, w.shape))
    if isinstance(q, QuantizedBits) and q.bits == 1 and q.alpha == "auto":
        raise ValueError(f"{q.name}: 1 bit with alpha='auto' is NaN in QKeras; use alpha=1, 2 bits or binary")
    if isinstance(q, QuantizedBits) and q.scale_axis is not None and q.scale_axis >= w.ndim > 1:
        raise ValueError(f"{q.name}: no axis scale_axis={q.scale_axis} in weights of shape {w.shape}")
    if isinstance(q, Ternary | StochasticTernary) and q.threshold is not None:
        raise ValueError(f"{q.name}: alpha={q.alpha!r} sets its own threshold; use threshold=None or a numeric alpha")
    codes, scales = np.empty(w.shape, shortest_integers(q.format)), list[Float32Array]()
    for block in blocks_for(q, w.shape):
        codes[block], scale = auto_scaled(q, w[block])
        scales.append(scale)
    return QuantizedWeights(codes, q.format, np.concatenate(scales, scaled_axis(q, w.ndim)))


def blocks_for(q: Quantizer | None, shape: tuple[int, ...]) -> Iterator[Block]:
    """Slices that cover weights in parts that do not depend on each other, of about BLOCK elements where that can be:
    float32 steps need several copies. Automatic scales belong to channels, of which TensorFlow takes VECTOR at once, or
    to a whole vector."""
    if not isinstance(q, AutoScaled) or not isinstance(q.alpha, str):
        yield from blocks(shape)
    elif len(shape) < 2:
        yield (slice(None),)
    else:
        axis = scaled_axis(q, len(shape))
        rows = max(BLOCK * shape[axis] // max(math.prod(shape), 1) // VECTOR, 1) * VECTOR
        for start in range(0, shape[axis], rows):
            yield (*[slice(None)] * axis, slice(start, start + rows))


def blocks(shape: tuple[int, ...]) -> Iterator[Block]:
    """Slices that cover an array, in its order."""
    inside = math.prod(shape[1:])
    if inside > BLOCK:
        for i in range(shape[0]):
            yield from ((slice(i, i + 1), *rest) for rest in blocks(shape[1:]))
    else:
        rows = max(BLOCK // max(inside, 1), 1)
        for start in range(0, shape[0], rows):
            yield (slice(start, start + rows),)


def _element_data(q: Elementwise, w: Float32Array) -> NDArray[np.generic]:
    """`element_data` of parts that are whole vectors of TensorFlow's."""
    data = np.empty(w.shape, element_data(q, w[:0]).dtype)
    for part, target in zip(parts(w, BLOCK), parts(data, BLOCK), strict=True):
        target[...] = element_data(q, part)
    return data


def _numeric_scale(name: str, alpha: Alpha, shape: tuple[int, ...]) -> Float32Array | None:
    """`alpha` as float32; None where it is 1 throughout."""
    scale = np.asarray(1.0 if alpha is None else alpha, np.float32)
    if scale.ndim > len(shape) or any(n not in (1, m) for n, m in zip(scale.shape[::-1], shape[::-1], strict=False)):
        raise ValueError(f"{name}: alpha of shape {scale.shape} does not fit weights of shape {shape}")
    return None if np.all(scale == 1) else scale


def _absorbed(weights: QuantizedWeights) -> QuantizedWeights:
    """The same weights without scale, where all nonzero ones share a power of two and the step can take it up."""
    if weights.scale is None or not isinstance(weights.format, FixedFormat):
        return weights
    scale = weights.scale.reshape((1,) * (weights.data.ndim - weights.scale.ndim) + weights.scale.shape)
    shared = tuple(axis for axis, n in enumerate(scale.shape) if n == 1)
    used = np.any(weights.data != 0, axis=shared, keepdims=True)
    mantissa, exponent = np.frexp(np.broadcast_to(scale, used.shape)[used])
    if exponent.size == 0:
        return replace(weights, scale=None)
    if np.any(mantissa != 0.5) or np.any(exponent != exponent[0]):
        return weights
    format = replace(weights.format, int_bits=weights.format.int_bits + int(exponent[0]) - 1)
    return replace(weights, format=format, scale=None)


def _shortened(weights: QuantizedWeights) -> QuantizedWeights:
    """The same powers of two in a format of those that occur, where the codes of their own are too long for int64."""
    if weights.format.max_code.bit_length() <= LONGEST_CODE or not weights.data.size:
        return weights
    occurring = np.unique(np.concatenate([np.unique(np.abs(part)) for part in parts(weights.data)]))
    exponents = np.frexp(occurring[occurring > 0])[1] - 1 if occurring[-1] else np.zeros(1, np.int64)
    shortest = Po2Format(
        int(exponents[0]), int(exponents[-1]), weights.format.min_code < 0, zero=bool(occurring[0] == 0)
    )
    return replace(weights, format=shortest)


def _with_verdicts(q: Quantizer, w: Float32Array, weights: QuantizedWeights) -> QuantizedWeights:
    """The weights with TensorFlow's uncertain decisions, and the deviation of QKeras' straight-through sum from the
    intended values."""
    uncertain, deviation = 0, 0.0
    for block in blocks_for(q, w.shape):
        scale = None if weights.scale is None else np.broadcast_to(weights.scale, w.shape)[block]
        part = replace(weights, data=weights.data[block], scale=scale)
        uncertain += int(np.count_nonzero(_changed(q, w[block], part)))
        difference = used_values(q, w[block], part).astype(np.float64) - part.values()
        deviation = max(deviation, float(np.max(np.abs(difference), initial=0)))
    return replace(weights, uncertain=uncertain, deviation=deviation)


def _changed(q: Quantizer, w: Float32Array, weights: QuantizedWeights) -> NDArray[np.bool_]:
    """Which weights become others when every mean and every logarithm is off by NUDGE. A scale 'auto' itself is off by
    as much, but no tie: of it only the codes count."""
    changed = np.zeros(w.shape, bool)
    for nudge in (NUDGE, -NUDGE):
        if isinstance(q, QuantizedPo2 | QuantizedReluPo2 | QuantizedTanh | QuantizedSigmoid):
            changed |= element_data(q, w, nudge) != weights.data
        elif isinstance(q, AutoScaled) and isinstance(q.alpha, str):
            z, scale = auto_scaled(q, w, nudge)
            numbers = np.ldexp(z, q.format.lsb) * scale
            changed |= z != weights.data if q.alpha == "auto" else numbers != weights.values()
    return changed


def used_values(quantizer: Quantizer | None, w: Float32Array, weights: QuantizedWeights) -> Float32Array:
    """The float32 numbers that QKeras computes with: `weights`, those of `w`, after its straight-through sum."""
    through = None if quantizer is None else _straight_through_input(quantizer, w)
    return weights.values() if through is None else straight_through(through, weights.values())


def _straight_through_input(q: Quantizer, x: Float32Array) -> Float32Array | None:
    """What QKeras adds to and subtracts from the quantized value; None where the sum is always exact."""
    match q:
        case QuantizedBits(use_ste=True) | QuantizedPo2(use_ste=True):
            return x
        case Binary() | StochasticBinary() | Ternary() | StochasticTernary():
            return None if q.alpha is None else x  # tanh(x) stands in for x
        case QuantizedHswish(use_ste=True):
            return _hard_swish(q, x)
        case QuantizedRelu(use_ste=True):
            top = 2.0**q.integer - 2.0 ** (q.integer - q.magnitude_bits)
            return _leaky_relu(x, q.negative_slope, top if q.is_quantized_clip else q.relu_upper_bound)
        case QuantizedReluPo2(use_ste=True):
            return _leaky_relu(x, q.negative_slope, q.max_value)
        case _:
            return None


def _hard_swish(q: QuantizedHswish, x: Float32Array) -> Float32Array:
    return ElementFunction(FunctionName.HARD_SWISH, (q.relu_shift, q.relu_upper_bound))(x)


def _leaky_relu(x: Float32Array, slope: float, top: float | None) -> Float32Array:
    y = np.where(x > 0, x, np.float32(slope) * x)
    return y if top is None else np.where(x <= np.float32(top), y, np.float32(top))
