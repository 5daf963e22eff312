"""Handlers: numbers that stand for categories: bins, rows of a table, encodings with one place per category."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.moves import RepeatOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.indices import record_indices
from qdialect.frontends.keras.layers.operations.reductions import pooled
from qdialect.frontends.keras.layers.parts import require_quantized
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding


def rows_of(b: Builder, layer: Layer, x: SSAValue, rows: NDArray[np.float32]) -> SSAValue:
    """Row x of a table, x truncated to an integer: one lookup per column.

    Beyond the last row, where Keras raises an error, the row is the last one; below zero, the first.
    """
    record_indices(b, x, len(rows))
    bits = max(1, (len(rows) - 1).bit_length())
    fmt = FixedFormat(bits, bits, signed=False)
    index = b.emit(QuantizeOp(x, RoundAttr(Round(Rounding.FLOOR)), fmt), "index")
    column = b.emit(ReshapeOp(index, (*shape_of(x), 1)), "column")
    repeated = b.emit(RepeatOp(column, (*[1] * len(shape_of(x)), rows.shape[1])), "repeated")
    numbers = exact_weights(np.pad(rows, [(0, fmt.max_code + 1 - len(rows)), (0, 0)], "edge").T, layer.where)
    return b.emit(LookupOp(repeated, b.constant(numbers.data, numbers.format, "table"), 0), "rows")


@handles("Embedding")
def embedding(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Row x of a learned table."""
    layer.expect("mask_zero", False)
    layer.expect("sparse", False)
    layer.option("input_length")
    return rows_of(b, layer, x, layer.weight("embeddings"))


@handles("CategoryEncoding")
def category_encoding(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """Integers in [0, num_tokens)."""
    return encoded(b, layer, x, layer.size("num_tokens"), str(layer.option("output_mode", "multi_hot")))


@handles("Discretization")
def discretization(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The number of boundaries that x reaches, an integer that is exact in any type."""
    for key in ("num_bins", "epsilon", "dtype"):
        layer.option(key)
    boundaries = np.asarray(layer.option("bin_boundaries") or [], np.float32)
    if not boundaries.size or (np.diff(boundaries) < 0).any():
        raise layer.error("bin_boundaries must be ascending numbers; adapt() the layer or give them")
    x = exact(b, x)
    require_quantized(layer, x)
    step = exact_format_of(x.type).lsb
    levels = np.ceil(np.ldexp(boundaries.astype(np.float64), -step)).astype(np.int64)[np.newaxis]
    thresholds = b.constant(levels, FixedFormat.holding(int(levels.min()), int(levels.max()), step), "boundaries")
    bits = len(boundaries).bit_length()
    bins = b.emit(ThresholdOp(x, thresholds, None, FixedFormat(bits, bits, signed=False)), "bins")
    mode = str(layer.option("output_mode", "int"))
    return bins if mode == "int" else encoded(b, layer, bins, len(boundaries) + 1, mode)


def encoded(b: Builder, layer: Layer, x: SSAValue, tokens: int, mode: str) -> SSAValue:
    """One place per category: which one it is (of one number), which ones occur, or how often."""
    layer.expect("sparse", False)
    shape = shape_of(x)
    if mode not in ("one_hot", "multi_hot", "count"):
        raise layer.error(f"output_mode={mode!r} is not supported, only 'one_hot', 'multi_hot' and 'count'")
    if len(shape) != 1 or (mode == "one_hot" and shape != (1,)):
        raise layer.error(f"output_mode={mode!r} of an input of shape {list(shape)} per sample is not supported")
    rows = rows_of(b, layer, x, np.eye(tokens, dtype=np.float32))
    return pooled(b, SumPool2DOp if mode == "count" else MaxPool2DOp, rows, 1, keepdims=False)
