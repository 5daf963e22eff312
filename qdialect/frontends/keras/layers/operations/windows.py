"""Windows over images and sequences: pooling, and convolution with constants."""

from __future__ import annotations

from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact_if_possible
from qdialect.frontends.building.pooling import window_sums
from qdialect.frontends.building.quotients import divided
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.keras.layers.operations.registry import computes, float_array, quantized
from qdialect.frontends.keras.layers.windows import same_padding

Pair = tuple[int, int]


def image(b: Builder, x: SSAValue, data_format: Any) -> SSAValue:
    """Rows, columns, channels; a sequence as one row. Raises QdialectError for other ranks and orders."""
    if data_format not in (None, "NHWC", "NWC", "channels_last") or len(shape_of(x)) not in (2, 3):
        raise QdialectError(f"expected channels last, got {list(shape_of(x))} with data_format={data_format}")
    return x if len(shape_of(x)) == 3 else b.emit(ReshapeOp(x, (1, *shape_of(x))), "row")


def drop_row(b: Builder, y: SSAValue, x: SSAValue) -> SSAValue:
    """The result with as many axes as the tensor `x` has."""
    return b.emit(ReshapeOp(y, shape_of(y)[-len(shape_of(x)) :]))


def pair(value: Any, x: SSAValue) -> Pair:
    """One number, one per spatial axis, or one per axis of the batch, as (rows, columns) of the tensor `x`."""
    axes = len(shape_of(x)) - 1
    values = list(value) if isinstance(value, list) else [value]
    if len(values) == axes + 2 and values[0] == values[-1] == 1:
        values = values[1:-1]
    if len(values) not in (1, axes):
        raise QdialectError(f"{value!r:.60} is not one number per axis of {list(shape_of(x))}")
    values = values * axes if len(values) == 1 else values
    rows, columns = values if axes == 2 else (1, *values)
    return int(rows), int(columns)


def paddings(x: SSAValue, padding: Any, window: Pair, strides: Pair, dilations: Pair = (1, 1)) -> tuple[Pair, Pair]:
    """(rows, columns) before and (rows, columns) after an image."""
    if not isinstance(padding, str) or padding.upper() not in ("SAME", "VALID"):
        raise QdialectError(f"padding {padding!r:.60} is not supported, only SAME and VALID")
    if padding.upper() == "VALID":
        return (0, 0), (0, 0)
    rows, columns = (same_padding(*axis) for axis in zip(shape_of(x)[:2], window, strides, dilations, strict=True))
    return (rows[0], columns[0]), (rows[1], columns[1])


@computes("max_pool", "max_pool_v2", "max_pool1d", "max_pool2d")
def max_pool(
    b: Builder,
    input: SSAValue,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    name: Any = None,
    pool_size: Any = None,
) -> SSAValue:
    size = pool_size if ksize is None else ksize
    x, pool, steps = image(b, input, data_format), pair(size, input), pair(size if strides is None else strides, input)
    return drop_row(b, b.emit(MaxPool2DOp(x, pool, steps, *paddings(x, padding, pool, steps)), "largest"), input)


@computes("avg_pool", "avg_pool_v2", "avg_pool1d", "avg_pool2d", "average_pool")
def average_pool(
    b: Builder,
    input: SSAValue,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    name: Any = None,
    pool_size: Any = None,
) -> SSAValue:
    size = pool_size if ksize is None else ksize
    x = image(b, quantized(b, input), data_format)
    pool, steps = pair(size, input), pair(size if strides is None else strides, input)
    sums, count = window_sums(b, x, pool, steps, *paddings(x, padding, pool, steps))
    return divided(b, drop_row(b, sums, input), count)


@computes("conv1d", "conv2d", "convolution", "conv")
def convolution(
    b: Builder,
    input: SSAValue,
    filters: Any = None,
    strides: Any = 1,
    padding: Any = "VALID",
    data_format: Any = None,
    dilations: Any = None,
    name: Any = None,
    filter: Any = None,
    stride: Any = None,
    use_cudnn_on_gpu: Any = None,
) -> SSAValue:
    """With constant filters."""
    values = filter if filters is None else filters
    if isinstance(values, SSAValue):
        raise QdialectError("filters that are a tensor are not supported, only constants")
    kernel = np.asarray(values, np.float32)
    kernel = kernel if kernel.ndim == 4 else kernel[np.newaxis]
    steps, gaps = pair(strides if stride is None else stride, input), pair(1 if dilations is None else dilations, input)
    x = image(b, exact_if_possible(b, input), data_format)
    low, high = paddings(x, padding, kernel.shape[:2], steps, gaps)
    if any((*low, *high)):
        x = b.emit(PadOp(x, (*low, 0), (*high, 0)), "padded")
    weights = exact_weights(float_array(kernel, 4), "the filters")
    constant = b.constant(weights.data.reshape(kernel.shape), weights.format, "kernel")
    return drop_row(b, b.emit(Conv2DOp(x, constant, steps, gaps), "sum"), input)
