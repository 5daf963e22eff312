"""Handlers: preparation of inputs: scaling and normalization in float32, as Keras computes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import DivideOp
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.model.source import Layer, without_leading_ones
from qdialect.numerics.float32_steps import EPSILON


@handles("Rescaling")
def rescaling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """f32(f32(x * scale) + offset); numbers, or one per channel."""
    scale, offset = (as_float32(layer.option(key, default)) for key, default in (("scale", 1), ("offset", 0)))
    y = b.emit(MulOp(x, b.constant(np.atleast_1d(scale), None, "scale")), "product")
    return b.emit(AddOp(y, b.constant(np.atleast_1d(offset), None, "offset"))) if offset.any() else y


@handles("Normalization")
def normalization(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """(x - mean) / d, or with `invert` x * d + mean, where d = max(sqrt(variance), epsilon)."""
    mean, variance = (statistic(layer, key, shape_of(x)) for key in ("mean", "variance"))
    centre = b.constant(mean, None, "mean")
    deviation = b.constant(np.maximum(np.sqrt(variance), EPSILON), None, "deviation")
    if layer.option("invert"):
        return b.emit(AddOp(b.emit(MulOp(x, deviation), "product"), centre))
    return b.emit(DivideOp(b.emit(SubOp(x, centre), "centred"), deviation))


def statistic(layer: Layer, key: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Mean or variance, given or learned, along the axes that the option `axis` keeps.

    Raises QdialectError for the batch axis.
    """
    option = layer.option("axis", -1)
    axes = [] if option is None else option if isinstance(option, list | tuple) else [option]
    kept = {int(axis) % (len(shape) + 1) for axis in axes}
    if 0 in kept:
        raise layer.error(f"axis={option!r} is not supported, only axes other than the batch axis")
    given = layer.option(key)
    values = layer.weight(key) if given is None else as_float32(given)
    broadcast = [n if axis in kept else 1 for axis, n in enumerate(shape, 1)]
    return without_leading_ones(np.broadcast_to(np.squeeze(values), [n for n in broadcast if n > 1]).reshape(broadcast))
