"""Handlers: batch normalization, and its quantized variant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import with_trainable_rule
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights, used_values
from qdialect.numerics.float32 import BatchNormFormula

Parameters = dict[str, NDArray[np.float32]]
"""gamma, beta, mean, variance: float32 per channel, in the order of `BatchNormOp`."""

DEFAULT_QUANTIZERS = {
    "gamma": "quantized_relu_po2(6, 2048)",
    "beta": "quantized_po2(5)",
    "mean": "quantized_po2(5)",
    "variance": "quantized_relu_po2(6, quadratic_approximation=True)",
}
"""Of QBatchNormalization, where a configuration does not mention them [qkeras/qnormalization.py 0.9.0]."""


def formula_for(rank: int, axis: int, channels: int) -> BatchNormFormula:
    """The order of operations of `BatchNormalization` on CPU; rank and axis count the batch axis.

    Measured with TensorFlow 2.21: Keras fuses on ranks 4 and 5 with the channels first or last; of these, oneDNN
    computes rank 4 with the channels last, and has a variant of its own for multiples of 4.
    """
    if rank not in (4, 5) or axis not in (1, rank - 1):
        return BatchNormFormula.SCALE_OFFSET
    if rank == 5:
        return BatchNormFormula.FUSED_PRODUCT
    return BatchNormFormula.FUSED_FMA if axis == 3 and channels % 4 == 0 else BatchNormFormula.FUSED_SCALE


def normalized_axis(layer: Layer, rank: int) -> int:
    """The option `axis` as a number from 1 to rank - 1, 0 being the batch axis of a value with `rank` axes.

    Raises QdialectError for several axes and for the batch axis.
    """
    option = layer.option("axis", -1)
    axes = option if isinstance(option, list) else [option]
    axis = int(axes[0]) % rank
    if len(axes) != 1 or axis == 0:
        raise layer.error(f"axis={option!r} is not supported, only one axis other than the batch axis")
    return axis


def parameters(layer: Layer, channels: int) -> Parameters:
    """gamma is 1 without `scale`, beta is 0 without `center`."""
    return {
        "gamma": layer.weight("gamma") if layer.option("scale", True) else np.ones(channels, np.float32),
        "beta": layer.weight("beta") if layer.option("center", True) else np.zeros(channels, np.float32),
        "mean": layer.weight("moving_mean"),
        "variance": layer.weight("moving_variance"),
    }


def normalize(
    b: Builder, layer: Layer, x: SSAValue, values: Parameters, axis: int, formula: BatchNormFormula
) -> SSAValue:
    """Batch normalization over `axis`, which is brought to the last place if it is another."""
    axes = list(range(len(shape_of(x))))
    channels_last = [*axes[: axis - 1], *axes[axis:], axis - 1]
    moved = axis < len(axes)
    if moved:
        x = b.emit(TransposeOp(x, channels_last), "channels_last")
    constants = [b.constant(value, None, key) for key, value in values.items()]
    norm = BatchNormOp(x, constants, float(layer.option("epsilon", 1e-3)), formula)
    y = b.emit(norm, "normalized" if moved else "")
    return b.emit(TransposeOp(y, np.argsort(channels_last).tolist())) if moved else y


@handles("BatchNormalization", "SyncBatchNormalization")
def batch_normalization(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.expect("virtual_batch_size", None)
    rank = len(shape_of(x)) + 1
    axis = normalized_axis(layer, rank)
    channels = shape_of(x)[axis - 1]
    unfused = layer.option("fused") is False or layer.class_name == "SyncBatchNormalization"
    formula = BatchNormFormula.SCALE_OFFSET if unfused else formula_for(rank, axis, channels)
    if axis == 1 and formula is BatchNormFormula.FUSED_SCALE:
        b.remark(
            layer,
            "between a convolution without bias and a relu, TensorFlow's graph optimizer normalizes another axis than "
            "axis=1 (predict differs from the eager model); here it is computed as defined",
        )
    return normalize(b, layer, x, parameters(layer, channels), axis, formula)


@handles("QBatchNormalization")
def quantized_batch_normalization(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Quantized parameters, never fused. Its quantizers are trainable for gamma and variance only."""
    layer.expect("inverse_quantizer", None)
    if layer.option("activation") not in (None, "linear"):
        b.remark(layer, "its activation is ignored, as QKeras does")
    axis = normalized_axis(layer, len(shape_of(x)) + 1)
    values = parameters(layer, shape_of(x)[axis - 1])
    unused = {"gamma": not layer.option("scale", True), "beta": not layer.option("center", True)}
    for key, default in DEFAULT_QUANTIZERS.items():
        where = f"{layer.where} {key}_quantizer"
        quantizer = read_quantizer(layer.option(f"{key}_quantizer", default), where)
        if unused.get(key):
            continue
        if key in ("gamma", "variance"):
            quantizer = with_trainable_rule(quantizer)
        weights = quantize_weights(quantizer, values[key], where)
        if weights.uncertain:
            b.remark(layer, f"{weights.uncertain} values of {key} are so close to a tie that TensorFlow decides them")
        values[key] = used_values(quantizer, values[key], weights)
    return normalize(b, layer, x, values, axis, BatchNormFormula.SCALE_OFFSET)
