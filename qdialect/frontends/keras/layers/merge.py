"""Handlers: layers that combine any number of inputs, element by element or along an axis."""

from __future__ import annotations

from functools import reduce

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.building.exact_form import exact, merged
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.parts import require_quantized
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.formats import FixedFormat

MERGES: dict[str, type[BinaryOp]] = {
    "Add": AddOp,
    "Average": AddOp,
    "Maximum": MaximumOp,
    "Minimum": MinimumOp,
    "Multiply": MulOp,
    "Subtract": SubOp,
}


@handles("Add", "Maximum", "Minimum", "Multiply", "Subtract")
def merge(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue:
    """From left to right, as Keras does."""
    return reduce(lambda total, x: b.emit(MERGES[layer.class_name](total, x), "partial"), merged(b, inputs))


@handles("Average")
def average(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue:
    """f32(sum * f32(1/k)): TensorFlow's graph multiplies by the reciprocal."""
    total, k = merge(b, layer, *inputs), len(inputs)
    if k & (k - 1) == 0:
        return b.emit(ShiftOp(total, 1 - k.bit_length()))
    reciprocal = np.float32(1) / np.float32(k)
    return b.emit(MulOp(total, b.constant(as_float32([reciprocal]), None, "reciprocal")))


@handles("Concatenate")
def concatenate(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue:
    """Concatenated floats stay floats: a quantizer after the layer may be moved before it."""
    axis, rank = layer.whole("axis", -1), len(shape_of(inputs[0]))
    if axis == 0:
        raise layer.error("axis=0 would join samples of the batch; use another axis")
    if any(format_of(x.type) for x in inputs):
        inputs = tuple(merged(b, inputs))
    return b.emit(ConcatOp(inputs, axis - 1 if axis > 0 else rank + axis))


@handles("Dot")
def dot(b: Builder, layer: Layer, x: SSAValue, y: SSAValue) -> SSAValue:
    """Of two vectors: the sum of their products, which is a dense layer with ones."""
    layer.expect("normalize", False)
    layer.option("axes")
    if len(shape_of(x)) > 1 or len(shape_of(y)) > 1:
        raise layer.error(f"of {x.type} and {y.type} is not supported, only of two vectors")
    x, y = exact(b, x), exact(b, y)
    require_quantized(layer, x)
    require_quantized(layer, y)
    products = b.emit(MulOp(x, y), "products")
    ones = b.constant(np.ones((*shape_of(x), 1), np.int64), FixedFormat(1, 1, signed=False), "ones")
    return b.emit(DenseOp(products, ones))
