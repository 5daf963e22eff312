"""Handlers: what prepares inputs. Scaling and normalization in float32, as Keras computes them, and embedding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import DivideOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.moves import RepeatOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.frontends.keras.builder import Builder, as_float32, handles
from qdialect.frontends.keras.model.source import Layer, without_leading_ones
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.numerics.float32_steps import EPSILON
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding


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


@handles("Embedding")
def embedding(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Row x of a learned table, x truncated to an integer: one lookup per column.

    Beyond the last row, where Keras raises an error, the row is the last one; below zero, the first.
    """
    layer.expect("mask_zero", False)
    layer.expect("sparse", False)
    layer.option("input_length")
    rows = layer.weight("embeddings")
    bits = max(1, (len(rows) - 1).bit_length())
    fmt = FixedFormat(bits, bits, signed=False)
    index = b.emit(QuantizeOp(x, RoundAttr(Round(Rounding.FLOOR)), fmt), "index")
    column = b.emit(ReshapeOp(index, (*shape_of(x), 1)), "column")
    repeated = b.emit(RepeatOp(column, (*[1] * len(shape_of(x)), rows.shape[1])), "repeated")
    numbers = quantize_weights(None, np.pad(rows, [(0, fmt.max_code + 1 - len(rows)), (0, 0)], "edge").T, layer.where)
    return b.emit(LookupOp(repeated, b.constant(numbers.data, numbers.format, "table"), 0))
