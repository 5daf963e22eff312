"""Quantizers and functions applied to activations, as `qnn` operations.

Formulas: `qkeras/quantizers.py` 0.9.0. The straight-through sum x + (q(x) - x) is q(x) wherever float32 is exact.
"""

from __future__ import annotations

import math

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import DeadZoneAttr, NearestPo2Attr, QuantizerMode, RoundAttr, SignAttr
from qdialect.dialects.qnn.ops.elementwise import MulOp, ShiftOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import largest_magnitude
from qdialect.frontends.building.functions import at_least, at_most, function, half_up, is_exact, leaky_relu, shifted
from qdialect.frontends.keras.activations.functions import apply_function
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import (
    Binary,
    Function,
    QuantizedBits,
    QuantizedHswish,
    QuantizedRelu,
    Quantizer,
    StochasticBinary,
    StochasticTernary,
    Ternary,
    is_automatic,
)
from qdialect.frontends.keras.quantizers.plug_in import PlugInQuantizer
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2, QuantizedReluPo2
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedSigmoid, QuantizedTanh, QuantizedUlaw
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.functions import FunctionName
from qdialect.numerics.quantizers import DeadZone, NearestPo2, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding

DEFAULT_TERNARY_THRESHOLD = 0.33


def apply_activation(b: Builder, layer: Layer, x: SSAValue, quantizer: Quantizer | None) -> SSAValue:
    """`quantizer(x)`; None is the identity.

    Raises QdialectError for quantizers without a deterministic meaning on activations, and for unsupported ones.
    """
    match quantizer:
        case None:
            return x
        case Function(name):
            return apply_function(b, layer, x, name)
        case QuantizedBits() | Binary() | StochasticBinary() | Ternary() | StochasticTernary():
            if is_automatic(quantizer.alpha):
                raise layer.error(
                    f"alpha={quantizer.alpha!r} on an activation takes its scale from the whole batch; use a number"
                )
            if isinstance(quantizer, QuantizedBits):
                _remark_top(b, layer, x, quantizer)
            codes = b.emit(QuantizeOp(x, _mode(layer, quantizer), quantizer.format))
            return _scale(b, layer, codes, quantizer.alpha)
        case QuantizedHswish(relu_shift=shift, relu_upper_bound=bound):
            return apply_activation(b, layer, function(b, x, FunctionName.HARD_SWISH, shift, bound), quantizer.result)
        case QuantizedRelu():
            return quantized_relu(b, layer, x, quantizer)
        case QuantizedTanh():
            return quantized_tanh(b, layer, x, quantizer)
        case QuantizedSigmoid():
            return quantized_sigmoid(b, x, quantizer)
        case QuantizedPo2():
            return b.emit(QuantizeOp(x, _nearest_po2(quantizer), quantizer.format))
        case QuantizedReluPo2(negative_slope=slope):
            y = leaky_relu(b, x, slope) if slope else x
            return b.emit(QuantizeOp(y, _nearest_po2(quantizer), quantizer.format))
        case QuantizedUlaw(integer=integer):
            unit = function(
                b, shifted(b, x, -integer), FunctionName.ULAW, quantizer.bits, quantizer.symmetric, quantizer.u
            )
            return shifted(b, unit, integer)
        case PlugInQuantizer():
            try:
                return quantizer.of_activations(b, x)
            except ValueError as error:
                raise layer.error(f"{quantizer.name}: {error}") from None


def _rounded(
    b: Builder,
    x: SSAValue,
    fmt: FixedFormat,
    overflow: Overflow = Overflow.SATURATE,
    rounding: Rounding = Rounding.HALF_EVEN,
) -> SSAValue:
    """To the nearest step."""
    return b.emit(QuantizeOp(x, RoundAttr(Round(rounding, overflow)), fmt), "rounded")


def _bounded(b: Builder, x: SSAValue, low: float, high: float) -> SSAValue:
    """`x` within bounds that its type exceeds."""
    fmt = exact_format_of(x.type)
    if math.ldexp(fmt.min_code, fmt.lsb) < low:
        x = at_least(b, x, low)
    return at_most(b, x, high) if math.ldexp(fmt.max_code, fmt.lsb) > high else x


def quantized_relu(b: Builder, layer: Layer, x: SSAValue, q: QuantizedRelu) -> SSAValue:
    """A leaky relu, rounded to the step and clipped to [-slope * 2**integer, 2**integer - step].

    Under `use_sigmoid` the sum x/2 + 1/2 rounds first, and the step of all codes but the top one doubles; with one bit
    its 1/2 is one step, and the tie above it goes up. Raises QdialectError where the offset of a negative slope is off
    the grid of the codes.
    """
    step, slope = q.integer - q.magnitude_bits, q.negative_slope
    scale, top = 2.0**q.integer, 2.0**q.integer - 2.0**step
    high = top if q.upper_bound is None else min(top, q.upper_bound)
    if q.use_sigmoid:
        if slope and any(ones % 4 for ones in (2**q.magnitude_bits, slope * 2**q.magnitude_bits)):
            raise layer.error(f"{q.name} with use_sigmoid=1 needs 2 bits and a negative slope of 4 steps or more")
        step += 1
        if not is_exact(x, q.integer + 1):
            x = shifted(b, function(b, shifted(b, x, -q.integer), FunctionName.HARD_TANH), q.integer)
    rounding = Rounding.HALF_AWAY if q.use_sigmoid and q.magnitude_bits == 1 else Rounding.HALF_EVEN
    lowest = math.floor(math.ldexp(-slope * scale, -step))
    largest = int(math.ldexp(scale, -step)) - (not q.use_sigmoid)
    fmt = FixedFormat.holding(lowest, largest, step)
    rounded = _rounded(b, leaky_relu(b, x, slope) if slope else x, fmt, rounding=rounding)
    return _bounded(b, rounded, -slope * scale, high)


def quantized_tanh(b: Builder, layer: Layer, x: SSAValue, q: QuantizedTanh) -> SSAValue:
    """tanh, or by default clip(x, -1, 1), rounded to `bits` with one left of the point."""
    if q.use_real_tanh or not is_exact(x, 1):
        x = function(b, x, FunctionName.TANH if q.use_real_tanh else FunctionName.HARD_TANH)
    return _rounded(b, x, FixedFormat(q.bits, 1, signed=True), _overflow(layer, q))


def quantized_sigmoid(b: Builder, x: SSAValue, q: QuantizedSigmoid) -> SSAValue:
    """The sigmoid, or by default clip(x/2 + 1/2, 0, 1), rounded to `bits` right of the point."""
    if q.use_real_sigmoid or not is_exact(x, 1):
        y = function(b, x, FunctionName.SIGMOID if q.use_real_sigmoid else FunctionName.HARD_SIGMOID)
    else:
        y = half_up(b, x)
    return _bounded(b, _rounded(b, y, FixedFormat(q.bits, 0, signed=False)), math.ldexp(q.symmetric, -q.bits), 1.0)


def _overflow(layer: Layer, q: QuantizedBits | QuantizedTanh) -> Overflow:
    if q.symmetric not in (0, 1):
        raise layer.error(f"{q.name} with symmetric={q.symmetric} is not supported; use 0 or 1")
    return Overflow.SATURATE_SYMMETRIC if q.symmetric else Overflow.SATURATE


def _mode(layer: Layer, q: QuantizedBits | Binary | StochasticBinary | Ternary | StochasticTernary) -> QuantizerMode:
    match q:
        case QuantizedBits() if isinstance(q.format, BinaryFormat):
            return SignAttr(Sign())
        case QuantizedBits():
            overflow = _overflow(layer, q) if q.keep_negative else Overflow.SATURATE
            return RoundAttr(Round(Rounding.HALF_EVEN, overflow))
        case Binary() | StochasticBinary():
            return SignAttr(Sign())
        case Ternary() | StochasticTernary():
            threshold = DEFAULT_TERNARY_THRESHOLD if q.threshold is None else q.threshold
            return DeadZoneAttr(DeadZone(float(np.float32(threshold))))


def _remark_top(b: Builder, layer: Layer, x: SSAValue, q: QuantizedBits) -> None:
    """Remark on values that may reach a top code that float32 cannot represent."""
    fmt, top = format_of(x.type), 2.0**q.integer
    if not q.has_top and (fmt is None or not -top < math.ldexp(fmt.min_code, fmt.lsb) <= largest_magnitude(fmt) < top):
        b.remark(
            layer,
            f"{q.magnitude_bits} magnitude bits exceed float32: values beyond {top:g} become the top code here, and "
            "one step more in Keras",
        )


def _nearest_po2(q: QuantizedPo2 | QuantizedReluPo2) -> NearestPo2Attr:
    """Below Keras' epsilon the exponent is the lower bound itself, also where it is not the smallest; or it is zero."""
    (low, _), fmt = q.exponent_bounds, q.format
    return NearestPo2Attr(
        NearestPo2(
            q.max_value,
            rounding=Rounding.FLOOR if q.log2_rounding == "floor" else Rounding.HALF_EVEN,
            quadratic=q.quadratic_approximation,
            tiny=None if fmt.lsb == low or 0 in fmt else low,
        )
    )


def _scale(b: Builder, layer: Layer, x: SSAValue, alpha: object) -> SSAValue:
    """`x * alpha`: a move of the binary point for powers of two, otherwise QKeras' float32 product."""
    if alpha is None or alpha == 1:
        return x
    x.name_hint = f"{x.name_hint}_codes"  # a name denotes one value: the scaled ones have the layer's
    factors = np.atleast_1d(np.asarray(alpha, np.float32))
    mantissa, exponent = math.frexp(float(factors.flat[0]))
    if (factors == factors.flat[0]).all() and mantissa == 0.5:
        return b.emit(ShiftOp(x, exponent - 1))
    b.remark(
        layer,
        f"alpha={alpha!r:.40} makes QKeras' x + (q - x) round off the grid of q, by its input; what is computed is q, "
        "and a quantizer that finds it at a tie may decide otherwise",
    )
    return b.emit(MulOp(x, b.constant(factors, None, "alpha")))
