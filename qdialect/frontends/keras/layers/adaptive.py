"""Handler: QAdaptiveActivation, whose range comes from moving averages of training.

Files keep the averages `ema_min` and `ema_max` (a model that QKeras loads from HDF5 ignores them for the first batch).
The integer bits follow from them by `_get_integer_bits` [qkeras/quantizers.py 0.9.0], for all or per channel.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.activations.quantizers import apply_activation
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import QuantizedBits, QuantizedRelu, Quantizer
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.float32_steps import log2, pow2

TRAINING_OPTIONS = ("current_step", "quantization_delay", "ema_freeze_delay", "ema_decay", "per_channel")


@handles("QAdaptiveActivation")
def adaptive_activation(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """One quantizer for all, or one for each run of channels with the same range."""
    for key in TRAINING_OPTIONS:  # the averages have one element, or one per channel
        layer.option(key)
    quantizers = [quantizer(layer, int(bits)) for bits in integer_bits(layer)]
    if len(set(quantizers)) == 1:
        return apply_activation(b, layer, x, quantizers[0])
    name, (*outer, _), first = b.layer_name, shape_of(x), 0
    parts: list[SSAValue] = []
    for q, run in groupby(quantizers):
        count = len(list(run))
        b.layer_name = f"{name}_from{first}"
        part = b.emit(SliceOp(x, (*[0] * len(outer), first), (*outer, count)), "in")
        parts.append(apply_activation(b, layer, part, q))
        first += count
    b.layer_name = name
    return b.emit(ConcatOp(parts, len(outer)))


def quantizer(layer: Layer, integer: int) -> Quantizer:
    """As the layer sets it up; alpha is 1."""
    bits = int(layer.option("total_bits"))
    bound, slope = layer.option("relu_upper_bound"), float(layer.option("relu_neg_slope", 0.0))
    symmetric = int(bool(layer.option("symmetric", True)))
    match layer.option("activation"):
        case "quantized_relu":
            upper = None if bound is None else float(bound)
            return QuantizedRelu(bits, integer, negative_slope=slope, relu_upper_bound=upper, is_quantized_clip=False)
        case "quantized_bits":
            return QuantizedBits(bits, integer, symmetric, alpha=1)
        case other:
            raise layer.error(f"activation {other!r} is not supported, only quantized_bits and quantized_relu")


def integer_bits(layer: Layer) -> NDArray[np.int64]:
    """`_get_integer_bits` of the averages [1 or channels].

    Raises QdialectError where there are none, or training has never changed them.
    """
    averages = [layer.weights.get(key) for key in ("ema_min", "ema_max")]
    low, high = (np.zeros(1, np.float32) if w is None else np.asarray(w, np.float32).reshape(-1) for w in averages)
    if not (low.any() or high.any()):
        raise layer.error(
            "its range is unknown: the moving averages are missing or were never trained; keep the model as .h5 or "
            "SavedModel, or put a QActivation with the final quantizer in its place"
        )
    keep_negative = layer.option("activation") == "quantized_bits" or bool(layer.option("relu_neg_slope", 0.0))
    if not keep_negative:
        low, high = np.maximum(low, 0), np.maximum(high, 0)
    unsigned = int(layer.option("total_bits")) - keep_negative
    if layer.option("po2_rounding", False):
        needed = np.maximum(np.rint(_positive_log2(low)), np.rint(_positive_log2(high)))
    else:
        needed_low, needed_high = np.ceil(_positive_log2(low)), np.ceil(_positive_log2(high))
        needed_high = needed_high + (high > _top(needed_high, unsigned))
        if layer.option("symmetric", True):
            needed_low = needed_low + (low < -_top(needed_low, unsigned))
        needed = np.maximum(needed_low, needed_high)
    return np.minimum(needed, unsigned).astype(np.int64)


def _positive_log2(x: Float32Array) -> Float32Array:
    with np.errstate(divide="ignore"):
        return np.maximum(log2(np.abs(x)), 0)


def _top(integer: Float32Array, unsigned: int) -> Float32Array:
    """The largest value with so many integer bits: 2**integer minus the step."""
    return pow2(integer) - pow2(np.minimum(integer - unsigned, 0))
