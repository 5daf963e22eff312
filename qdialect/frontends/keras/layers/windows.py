"""Windows of convolutions and pooling: sizes, strides, paddings, and images of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.quotients import linear_operand
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.keras.model.source import Layer


def is_sequence(layer: Layer) -> bool:
    """Whether the layer's class works on [steps, channels]."""
    return "1d" in layer.class_name.lower()


def image(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The input as [rows, columns, channels]: one row for the layers on [steps, channels].

    Raises QdialectError for inputs of other ranks.
    """
    layer.expect("data_format", "channels_last")
    shape = shape_of(x)
    if len(shape) != (2 if is_sequence(layer) else 3):
        axes = "[steps, channels]" if is_sequence(layer) else "[rows, columns, channels]"
        raise layer.error(f"expected an input {axes} per sample, got {list(shape)}")
    return b.emit(ReshapeOp(x, (1, *shape)), "in_row") if is_sequence(layer) else x


def drop_row(b: Builder, layer: Layer, y: SSAValue, suffix: str = "") -> SSAValue:
    """The result as the layer gives it: without the row that `image` has added."""
    if not is_sequence(layer):
        return y
    y.name_hint = "_".join(filter(None, (b.layer_name, suffix, "row")))
    return b.emit(ReshapeOp(y, shape_of(y)[1:]), suffix)


def pair(layer: Layer, key: str, default: int = 1) -> tuple[int, int]:
    """An option given as one number, or one per spatial axis, as [rows, columns]; one row in layers on sequences."""
    rows, columns = (1, *layer.sizes(key, 1, default)) if is_sequence(layer) else layer.sizes(key, 2, default)
    return rows, columns


def same_padding(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Elements before and after for Keras' padding='same': ceil(size / stride) positions, the extra one behind."""
    span = (window - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def paddings(
    layer: Layer, x: SSAValue, window: Sequence[int], strides: Sequence[int], dilations: Sequence[int] = (1, 1)
) -> tuple[tuple[int, int], tuple[int, int]]:
    """(rows, columns) before and (rows, columns) after, from the `padding` option."""
    layer.expect("padding", "valid", "same", "VALID", "SAME", *(["causal"] if "Conv1D" in layer.class_name else []))
    padding = layer.option("padding", "valid").lower()
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "causal":
        return (0, (window[1] - 1) * dilations[1]), (0, 0)
    rows, columns = (same_padding(*axis) for axis in zip(shape_of(x)[:2], window, strides, dilations, strict=True))
    return (rows[0], columns[0]), (rows[1], columns[1])


@dataclass(frozen=True)
class PaddedImage:
    """A padded image, and the strides and dilations with which a kernel moves over it."""

    image: SSAValue
    strides: tuple[int, int]
    dilations: tuple[int, int]


def window_of(b: Builder, layer: Layer, x: SSAValue) -> PaddedImage:
    """The options of a convolution, applied to its input."""
    x = image(b, layer, linear_operand(b, x))
    size, strides, dilations = (pair(layer, key) for key in ("kernel_size", "strides", "dilation_rate"))
    low, high = paddings(layer, x, size, strides, dilations)
    if any((*low, *high)):
        x = b.emit(PadOp(x, (*low, 0), (*high, 0)), "padded")
    return PaddedImage(x, strides, dilations)


def kernel_constant(b: Builder, kernel: QuantizedWeights, suffix: str = "kernel") -> SSAValue:
    """A kernel [KH, KW, ...]; one row for [K, ...]."""
    row = kernel if kernel.data.ndim == 4 else replace(kernel, data=kernel.data[np.newaxis])
    return b.weights(row, suffix)
