"""Handlers: layers that only move elements, and interpolation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.parts import require_quantized
from qdialect.frontends.keras.layers.windows import is_sequence, pair
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.formats import FixedFormat


@handles("Reshape")
def reshape(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """One axis of `target_shape` may be -1, which follows from the number of elements."""
    target, size = layer.option("target_shape"), math.prod(shape_of(x))
    axes = target if isinstance(target, list | tuple) else [target]
    known = [layer.count("target_shape", n) for n in axes if n != -1]
    rest = size // math.prod(known)
    if len(axes) - len(known) > 1 or math.prod(known) * (rest if -1 in axes else 1) != size:
        raise layer.error(f"target_shape={target!r:.60} does not hold the {size} elements of {list(shape_of(x))}")
    return b.emit(ReshapeOp(x, [rest if n == -1 else int(n) for n in axes]))


@handles("Permute")
def permute(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """`dims` counts from 1, the batch axis being 0."""
    return b.emit(TransposeOp(x, [axis - 1 for axis in layer.sizes("dims", len(shape_of(x)))]))


@handles("RepeatVector")
def repeat_vector(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    row = b.emit(ReshapeOp(x, (1, *shape_of(x))), "row")
    return b.emit(RepeatOp(row, (layer.size("n"), 1)))


def both_sides(layer: Layer, key: str, shape: Sequence[int]) -> list[tuple[int, int]]:
    """(before, after) per axis of the sample, from one number, one per spatial axis, or pairs; channels have none."""
    layer.expect("data_format", "channels_last")
    value, axes = layer.option(key, 1), 1 if is_sequence(layer) else 2
    if is_sequence(layer) and isinstance(value, list | tuple) and len(value) == 2:
        value = [value]  # [before, after] of the one axis
    entries = value if isinstance(value, list | tuple) else [value] * axes
    pairs = [entry if isinstance(entry, list | tuple) else (entry, entry) for entry in entries]
    if len(pairs) != axes or len(shape) != axes + 1 or any(len(entry) != 2 for entry in pairs):
        raise layer.error(f"{key}={value!r:.60} does not fit the {axes} spatial axes of {list(shape)}")
    counts = [(layer.count(key, before, 0), layer.count(key, after, 0)) for before, after in pairs]
    return [*counts, (0, 0)]


@handles("ZeroPadding1D", "ZeroPadding2D")
def zero_padding(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    low, high = zip(*both_sides(layer, "padding", shape_of(x)), strict=True)
    return b.emit(PadOp(x, low, high))


@handles("Cropping1D", "Cropping2D")
def cropping(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    low, high = zip(*both_sides(layer, "cropping", shape_of(x)), strict=True)
    sizes = [n - before - after for n, before, after in zip(shape_of(x), low, high, strict=True)]
    return b.emit(SliceOp(x, low, sizes))


@handles("UpSampling1D", "UpSampling2D")
def up_sampling(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.expect("data_format", "channels_last")
    layer.expect("interpolation", "nearest", "bilinear")
    size = pair(layer, "size", 2)
    repeats = (*(size[1:] if is_sequence(layer) else size), 1)
    if layer.option("interpolation", "nearest") == "nearest":
        return b.emit(RepeatOp(x, repeats))
    if size != (2, 2):
        raise layer.error(f"bilinear interpolation by {list(size)} is not exact in Keras; use size 2 or 'nearest'")
    x = exact(b, x)
    require_quantized(layer, x)
    return bilinear(b, x)


def bilinear(b: Builder, x: SSAValue) -> SSAValue:
    """By two in rows and columns: half-pixel centres give the weights 1/4, 3/4 on either side of each element, which
    is [1, 2, 1] / 4 over the elements written twice, the edges repeated once more."""
    twice = b.emit(RepeatOp(x, (2, 2, 1)), "twice")
    framed = framed_by_edges(b, framed_by_edges(b, twice, 0), 1)
    channels = shape_of(framed)[-1]
    ramp = np.array([1, 2, 1])
    codes = np.broadcast_to(np.outer(ramp, ramp)[:, :, np.newaxis, np.newaxis], (3, 3, channels, 1))
    weights = b.constant(codes, FixedFormat.holding(1, 4, 0), "weights")
    return b.emit(ShiftOp(b.emit(DepthwiseConv2DOp(framed, weights), "sum"), -4))


def framed_by_edges(b: Builder, x: SSAValue, axis: int) -> SSAValue:
    """The first and the last element of an axis once more."""
    shape = shape_of(x)
    sizes = [1 if i == axis else n for i, n in enumerate(shape)]
    offsets = [[place if i == axis else 0 for i in range(len(shape))] for place in (0, shape[axis] - 1)]
    first, last = (b.emit(SliceOp(x, offset, sizes), f"edge{axis}") for offset in offsets)
    return b.emit(ConcatOp([first, x, last], axis), f"framed{axis}")
