"""Products of matrices: with constants a dense layer, of two tensors sums of products."""

from __future__ import annotations

from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact_if_possible
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.keras.layers.operations.registry import computes, float_array, quantized
from qdialect.numerics.formats import FixedFormat


@computes("matmul")
def matmul(
    builder: Builder, a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, **options: Any
) -> SSAValue:
    """Of the last two axes; a constant is one matrix for all samples."""
    if unknown := [key for key, value in options.items() if value]:
        raise QdialectError(f"{', '.join(sorted(unknown))} is not supported")
    a, b = swapped(builder, a) if transpose_a else a, swapped(builder, b) if transpose_b else b
    if not isinstance(b, SSAValue):
        return with_matrix(builder, a, b)
    if not isinstance(a, SSAValue):  # (a b)^T = b^T a^T
        return swapped(builder, with_matrix(builder, swapped(builder, b), swapped(builder, a)))
    return of_tensors(builder, quantized(builder, a), quantized(builder, b))


@computes("tensordot")
def tensordot(builder: Builder, a: Any, b: Any, axes: Any, name: Any = None) -> SSAValue:
    """Over the last axis of a tensor and the first of a constant."""
    rank = len(shape_of(a)) if isinstance(a, SSAValue) else 0
    if isinstance(b, SSAValue) or not rank or axes not in (1, [[rank], [0]], [[-1], [0]], [rank, 0], [-1, 0]):
        raise QdialectError("only the last axis of a tensor with the first of a constant is supported")
    return with_matrix(builder, a, b)


def swapped(b: Builder, x: Any) -> Any:
    """The last two axes exchanged."""
    if not isinstance(x, SSAValue):
        return np.swapaxes(np.asarray(x, np.float32), -1, -2)
    rank = len(shape_of(x))
    if rank < 2:
        raise QdialectError("the batch axis cannot be transposed")
    return b.emit(TransposeOp(x, [*range(rank - 2), rank - 1, rank - 2]), "transposed")


def with_matrix(b: Builder, x: SSAValue, matrix: Any) -> SSAValue:
    """x times a constant, over the last axis of `x`."""
    values = float_array(matrix, np.ndim(matrix))
    inputs = shape_of(x)[-1:]
    if values.ndim == 1 and np.ndim(matrix) > 1:  # of one row
        values = values[np.newaxis]
    if values.ndim != 2 or inputs != values.shape[:1]:
        raise QdialectError(
            f"a constant of shape {list(np.shape(matrix))} does not fit a tensor of {list(shape_of(x))}"
        )
    weights = exact_weights(values, "the constant")
    return b.emit(DenseOp(exact_if_possible(b, x), b.constant(weights.data, weights.format, "kernel")), "product")


def of_tensors(b: Builder, x: SSAValue, y: SSAValue) -> SSAValue:
    """[.., n, k] and [.., k, m]: all products [.., n, m, k], summed over the last axis by a dense layer of ones."""
    if len(shape_of(x)) < 2 or len(shape_of(y)) < 2 or shape_of(x)[:-2] != shape_of(y)[:-2]:
        raise QdialectError(f"matrices per sample are needed, got {list(shape_of(x))} and {list(shape_of(y))}")
    *outer, n, k = shape_of(x)
    m = shape_of(y)[-1]
    rows = b.emit(ReshapeOp(x, (*outer, n, 1, k)), "rows")
    columns = b.emit(ReshapeOp(swapped(b, y), (*outer, 1, m, k)), "columns")
    ones = b.constant(np.ones((k, 1), np.int64), FixedFormat(1, 1, signed=False), "ones")
    sums = b.emit(DenseOp(b.emit(MulOp(rows, columns), "products"), ones), "sums")
    return b.emit(ReshapeOp(sums, (*outer, n, m)))
