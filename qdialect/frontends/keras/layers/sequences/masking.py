"""Handlers: masks of time steps. Masked steps are zero; layers that would skip steps by a mask are refused."""

from __future__ import annotations

import math

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.operations.comparisons import not_equal
from qdialect.frontends.keras.layers.operations.reductions import reduce_any
from qdialect.frontends.keras.layers.parts import require_quantized
from qdialect.frontends.keras.model.source import Layer


@handles("Masking")
def masking(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Steps whose elements all equal `mask_value` become zero; where the type of `x` lacks the value, none do."""
    value = float(np.float32(layer.number("mask_value", 0.0)))
    if value:
        x = exact(b, x)
        require_quantized(layer, x)
    fmt = format_of(x.type)
    code = None if fmt is None else math.ldexp(value, -fmt.lsb)
    if fmt is not None and code is not None and (not code.is_integer() or int(code) not in fmt):
        return x
    kept = b.emit(ReshapeOp(x, shape_of(x)), "kept")
    if value:
        rank = len(shape_of(x))
        kept = b.emit(MulOp(x, reduce_any(b, not_equal(b, x, value), axis=rank, keepdims=True)), "kept")
    b.masked.add(kept)
    return kept
