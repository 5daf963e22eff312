"""Sums, means, and extremes over axes of a sample: pooling over a window that is the axes."""

from __future__ import annotations

import math
from typing import Any

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.pooling import reduced
from qdialect.frontends.building.quotients import divided
from qdialect.frontends.keras.layers.operations.arithmetic import negative
from qdialect.frontends.keras.layers.operations.comparisons import bits, logical_not
from qdialect.frontends.keras.layers.operations.registry import computes, quantized, sample_axes


def pooled(
    b: Builder, pool: type[MaxPool2DOp] | type[SumPool2DOp], x: SSAValue, axis: Any, keepdims: bool | None
) -> SSAValue:
    """Over axes that count the batch's."""
    axes = sample_axes(axis, len(shape_of(x)))
    return reduced(b, pool, x, axes, bool(keepdims)) if axes else x


@computes("reduce_sum", "sum")
def reduce_sum(
    b: Builder, input_tensor: SSAValue, axis: Any = None, keepdims: bool = False, name: Any = None
) -> SSAValue:
    return pooled(b, SumPool2DOp, quantized(b, input_tensor), axis, keepdims)


@computes("reduce_mean", "mean")
def reduce_mean(
    b: Builder, input_tensor: SSAValue, axis: Any = None, keepdims: bool = False, name: Any = None
) -> SSAValue:
    """f32(sum / count), as TensorFlow divides."""
    x = quantized(b, input_tensor)
    count = math.prod(shape_of(x)[i] for i in sample_axes(axis, len(shape_of(x))))
    return divided(b, pooled(b, SumPool2DOp, x, axis, keepdims), count)


@computes("reduce_max", "max", "amax")
def reduce_max(
    b: Builder, input_tensor: SSAValue, axis: Any = None, keepdims: bool = False, name: Any = None
) -> SSAValue:
    return pooled(b, MaxPool2DOp, input_tensor, axis, keepdims)


@computes("reduce_min", "min", "amin")
def reduce_min(
    b: Builder, input_tensor: SSAValue, axis: Any = None, keepdims: bool = False, name: Any = None
) -> SSAValue:
    """The largest of the negatives, negated."""
    return negative(b, reduce_max(b, negative(b, input_tensor), axis, keepdims))


@computes("reduce_any", "any")
def reduce_any(
    b: Builder, input_tensor: SSAValue, axis: Any = None, keepdims: bool = False, name: Any = None
) -> SSAValue:
    return pooled(b, MaxPool2DOp, bits(input_tensor), axis, keepdims)


@computes("reduce_all", "all")
def reduce_all(
    b: Builder, input_tensor: SSAValue, axis: Any = None, keepdims: bool = False, name: Any = None
) -> SSAValue:
    return logical_not(b, reduce_any(b, logical_not(b, input_tensor), axis, keepdims))
