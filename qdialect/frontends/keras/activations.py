"""Quantizers and functions applied to activations, as `qnn` operations.

Formulas: `qkeras/quantizers.py` 0.9.0. The straight-through sum x + (q(x) - x) is q(x) wherever float32 is exact.
"""

from __future__ import annotations

import math

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialect.attributes import DeadZoneAttr, NearestPo2Attr, QuantizerMode, RoundAttr, SignAttr
from qdialect.dialect.elementwise import MulOp, QuantizeOp, ReluOp, ShiftOp
from qdialect.frontends.keras.builder import Builder, HeadReached
from qdialect.frontends.keras.quantizers import (
    Binary,
    Function,
    QuantizedBits,
    QuantizedPo2,
    QuantizedRelu,
    QuantizedReluPo2,
    QuantizedUlaw,
    Quantizer,
    StochasticBinary,
    StochasticTernary,
    Ternary,
    is_automatic,
)
from qdialect.frontends.keras.source import Layer
from qdialect.frontends.keras.weights import quantize_weights
from qdialect.numerics.formats import BinaryFormat, Po2Format
from qdialect.numerics.quantizers import DeadZone, NearestPo2, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding

DEFAULT_TERNARY_THRESHOLD = 0.33


def apply_activation(b: Builder, layer: Layer, x: SSAValue, quantizer: Quantizer | None) -> SSAValue:
    """`quantizer(x)`; None and 'linear' are the identity.

    Raises QdialectError for what has no deterministic meaning on activations, and for what is not supported yet.
    """
    match quantizer:
        case None | Function("linear"):
            return x
        case Function("relu"):
            return b.emit(ReluOp(x))
        case Function("softmax"):
            raise HeadReached("softmax")
        case QuantizedBits() | Binary() | StochasticBinary() | Ternary() | StochasticTernary():
            if is_automatic(quantizer.alpha):
                raise layer.error(
                    f"alpha={quantizer.alpha!r} on an activation takes its scale from the whole batch; use a number"
                )
            return _scale(b, layer, _quantize(b, layer, x, quantizer), quantizer.alpha)
        case QuantizedRelu() | QuantizedPo2() | QuantizedReluPo2():
            return _quantize(b, layer, x, quantizer)
        case Function(name):
            raise layer.error(f"activation '{name}' is not supported yet")
        case _:
            raise layer.error(f"{quantizer.name} as an activation is not supported yet")


def _quantize(b: Builder, layer: Layer, x: SSAValue, q: Quantizer) -> SSAValue:
    """The codes of `q` before any alpha."""
    assert not isinstance(q, Function | QuantizedUlaw)
    mode = _mode(layer, q)
    return b.emit(QuantizeOp(x, mode, q.format))


def _mode(layer: Layer, q: Quantizer) -> QuantizerMode:
    match q:
        case QuantizedBits() if isinstance(q.format, BinaryFormat):
            return SignAttr(Sign())
        case QuantizedBits():
            symmetric = q.symmetric and q.keep_negative
            return RoundAttr(Round(Rounding.HALF_EVEN, Overflow.SATURATE_SYMMETRIC if symmetric else Overflow.SATURATE))
        case QuantizedRelu(use_sigmoid=False, negative_slope=0.0) if q.upper_bound is None:
            return RoundAttr(Round())
        case Binary(use_01=False) | StochasticBinary():
            return SignAttr(Sign())
        case Ternary() | StochasticTernary():
            threshold = DEFAULT_TERNARY_THRESHOLD if q.threshold is None else q.threshold
            return DeadZoneAttr(DeadZone(float(np.float32(threshold))))
        case QuantizedPo2() | QuantizedReluPo2() if _is_plain_po2(q):
            return NearestPo2Attr(NearestPo2(q.max_value))
        case _:
            raise layer.error(f"these options of {q.name} are not supported yet on activations: {q}")


def _is_plain_po2(q: QuantizedPo2 | QuantizedReluPo2) -> bool:
    """Rounded exponents, the same range below and above the smallest magnitude."""
    low, _ = q.exponent_bounds
    return (
        q.log2_rounding == "rnd"
        and not q.quadratic_approximation
        and not getattr(q, "negative_slope", 0)
        and isinstance(q.format, Po2Format)
        and q.format.min_exp == low
    )


def _scale(b: Builder, layer: Layer, x: SSAValue, alpha: object) -> SSAValue:
    """`x * alpha`: a move of the binary point for powers of two, otherwise an exact product with the float32."""
    if alpha is None or alpha == 1:
        return x
    factors = np.atleast_1d(np.asarray(alpha, np.float32))
    mantissa, exponent = math.frexp(float(factors.flat[0]))
    if (factors == factors.flat[0]).all() and mantissa == 0.5:
        return b.emit(ShiftOp(x, exponent - 1))
    scale = quantize_weights(None, factors, f"{layer.where} alpha")
    return b.emit(MulOp(x, b.constant(scale.codes, scale.format, "alpha")))
