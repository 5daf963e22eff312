"""The same elements under another shape or in another order of axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.layers.operations.registry import computes, sample_axes, sample_axis


@computes("identity", "stop_gradient")
def identity(b: Builder, input: SSAValue, name: Any = None) -> SSAValue:
    return input


@computes("reshape")
def reshape(
    b: Builder, tensor: SSAValue, shape: Sequence[int] | None = None, name: Any = None, newshape: Any = None
) -> SSAValue:
    """The batch is -1; in Keras 3 it may stand as None, and one of the other axes be -1."""
    target = newshape if shape is None else shape
    batch, *axes = target
    if batch not in (-1, None):
        raise QdialectError(f"shape {list(target)} must begin with -1, the batch")
    rest = math.prod(shape_of(tensor)) // math.prod(n for n in axes if n != -1)
    return b.emit(ReshapeOp(tensor, [rest if n == -1 else n for n in axes]))


@computes("expand_dims")
def expand_dims(b: Builder, input: SSAValue, axis: Any, name: Any = None) -> SSAValue:
    shape = list(shape_of(input))
    shape.insert(sample_axis(int(axis), len(shape) + 1), 1)
    return b.emit(ReshapeOp(input, shape))


@computes("squeeze")
def squeeze(b: Builder, input: SSAValue, axis: Any = None, name: Any = None) -> SSAValue:
    shape = shape_of(input)
    every = [i for i, n in enumerate(shape) if n == 1]
    gone = every if axis is None or axis == [] else sample_axes(axis, len(shape))
    return b.emit(ReshapeOp(input, [n for i, n in enumerate(shape) if i not in gone]))


@computes("transpose", "permute_dimensions")
def transpose(
    b: Builder, a: SSAValue, perm: Any = None, name: Any = None, conjugate: bool = False, axes: Any = None
) -> SSAValue:
    order = axes if perm is None else perm
    if not order or order[0] != 0:
        raise QdialectError(f"permutation {order} moves the batch axis")
    return b.emit(TransposeOp(a, [axis - 1 for axis in order[1:]]))


@computes("depth_to_space")
def depth_to_space(
    b: Builder, input: SSAValue, block_size: int, data_format: str = "NHWC", name: Any = None
) -> SSAValue:
    """Channels to the places of a block: element (i * size + j) * C + c of a pixel to channel c of place (i, j)."""
    rows, columns, depth = image_shape(input, data_format)
    if depth % block_size**2:
        raise QdialectError(f"{depth} channels are no multiple of {block_size}^2")
    channels = depth // block_size**2
    blocks = b.emit(ReshapeOp(input, (rows, columns, block_size, block_size, channels)), "blocks")
    moved = b.emit(TransposeOp(blocks, (0, 2, 1, 3, 4)), "moved")
    return b.emit(ReshapeOp(moved, (rows * block_size, columns * block_size, channels)))


@computes("space_to_depth")
def space_to_depth(
    b: Builder, input: SSAValue, block_size: int, data_format: str = "NHWC", name: Any = None
) -> SSAValue:
    """The places of a block to channels: undoes `depth_to_space`."""
    rows, columns, channels = image_shape(input, data_format)
    if rows % block_size or columns % block_size:
        raise QdialectError(f"{rows} x {columns} pixels are no multiple of {block_size}")
    places = (rows // block_size, block_size, columns // block_size, block_size, channels)
    moved = b.emit(TransposeOp(b.emit(ReshapeOp(input, places), "places"), (0, 2, 1, 3, 4)), "moved")
    return b.emit(ReshapeOp(moved, (rows // block_size, columns // block_size, channels * block_size**2)))


def image_shape(x: SSAValue, data_format: str) -> tuple[int, ...]:
    """Rows, columns, channels. Raises QdialectError for anything else."""
    if len(shape_of(x)) != 3 or data_format not in ("NHWC", "channels_last"):
        raise QdialectError(
            f"expected rows, columns and channels last, got {list(shape_of(x))} with data_format={data_format}"
        )
    return shape_of(x)
