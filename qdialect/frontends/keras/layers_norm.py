"""Handlers: batch normalization."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.elementwise import BatchNormOp
from qdialect.frontends.keras.builder import Builder, as_float32, handles
from qdialect.frontends.keras.source import Layer
from qdialect.numerics.float32 import BatchNormFormula


def formula_for(rank: int, channels: int) -> BatchNormFormula:
    """TensorFlow's order of operations by sample rank (without the batch axis) and channel count."""
    if rank != 3:
        return BatchNormFormula.SCALE_OFFSET
    return BatchNormFormula.FUSED_FMA if channels % 4 == 0 else BatchNormFormula.FUSED_SCALE


@handles("BatchNormalization")
def batch_normalization(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    rank, channels = len(shape_of(x)), shape_of(x)[-1]
    layer.expect("axis", -1, rank, [rank], [-1])
    ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    values = {
        "gamma": layer.weight("gamma") if layer.option("scale", True) else ones,
        "beta": layer.weight("beta") if layer.option("center", True) else zeros,
        "mean": layer.weight("moving_mean"),
        "variance": layer.weight("moving_variance"),
    }
    parameters = [b.constant(as_float32(value), None, key) for key, value in values.items()]
    epsilon = float(layer.option("epsilon", 1e-3))
    return b.emit(BatchNormOp(x, parameters, epsilon, formula_for(rank, channels)))
