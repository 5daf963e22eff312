"""Tensors side by side: concatenation, copies and padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, RepeatOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact, merged
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.keras.layers.operations.registry import computes, per_sample, sample_axes, sample_axis
from qdialect.frontends.keras.layers.operations.slices import gathered


def joined(b: Builder, parts: Sequence[SSAValue], axis: int) -> SSAValue:
    """Floats stay floats among themselves."""
    if any(format_of(part.type) for part in parts):
        parts = merged(b, parts)
    return b.emit(ConcatOp(parts, axis))


@computes("concat", "concatenate")
def concat(b: Builder, values: Any, axis: int = -1, name: Any = None) -> SSAValue:
    parts = values if isinstance(values, list) else [values]
    return joined(b, parts, sample_axis(axis, len(shape_of(parts[0]))))


@computes("stack")
def stack(b: Builder, values: Any, axis: int = 0, name: Any = None, x: Any = None) -> SSAValue:
    parts = values if isinstance(values, list) else [values]
    shape = shape_of(parts[0])
    place = sample_axis(axis, len(shape) + 1)
    return joined(b, [b.emit(ReshapeOp(part, (*shape[:place], 1, *shape[place:])), "row") for part in parts], place)


@computes("tile")
def tile(b: Builder, input: SSAValue, multiples: Any = None, name: Any = None, repeats: Any = None) -> SSAValue:
    """Copies of the whole, one after the other along each axis: an axis of one element, repeated, in front of it."""
    shape, times = shape_of(input), per_sample(multiples or repeats, 1, "multiples")
    apart = [n for size, count in zip(shape, times, strict=True) for n in ((1, size) if count > 1 else (size,))]
    copies = [n for count in times for n in ((count, 1) if count > 1 else (1,))]
    repeated = b.emit(RepeatOp(b.emit(ReshapeOp(input, apart), "apart"), copies), "repeated")
    return b.emit(ReshapeOp(repeated, [n * count for n, count in zip(shape, times, strict=True)]))


@computes("repeat")
def repeat(b: Builder, input: SSAValue, repeats: Any, axis: int | None = None, name: Any = None) -> SSAValue:
    """Each element repeated in place."""
    if not isinstance(repeats, int):
        raise QdialectError(f"repeats={repeats!r:.60} is not supported, only one number")
    (place,) = sample_axes(axis, len(shape_of(input)))
    return b.emit(RepeatOp(input, [repeats if i == place else 1 for i in range(len(shape_of(input)))]))


@computes("pad", "pad_v2", "mirror_pad")
def pad(
    b: Builder,
    tensor: SSAValue,
    paddings: Any = None,
    mode: str = "CONSTANT",
    name: Any = None,
    constant_values: float = 0,
    pad_width: Any = None,
) -> SSAValue:
    """A constant around the sample's axes, or the tensor mirrored at its edges, with or without the edge itself."""
    before, after = (per_sample([ends[side] for ends in paddings or pad_width], 0, "the padding") for side in (0, 1))
    match mode.upper():
        case "CONSTANT":
            return padded(b, tensor, before, after, float(constant_values or 0))
        case "REFLECT" | "SYMMETRIC" as mirror:
            edge = mirror == "REFLECT"
            for axis, ends in enumerate(zip(before, after, strict=True)):
                tensor = mirrored(b, tensor, axis, *ends, edge)
            return tensor
        case other:
            raise QdialectError(f"mode {other} is not supported, only CONSTANT, REFLECT and SYMMETRIC")


def padded(b: Builder, x: SSAValue, before: Sequence[int], after: Sequence[int], value: float) -> SSAValue:
    """Blocks of constants on either side of each axis; zeros are an operation of their own."""
    if value == 0:
        return b.emit(PadOp(x, before, after))
    x = exact(b, x)
    for axis, counts in enumerate(zip(before, after, strict=True)):
        low, high = (filled(b, [n if i == axis else m for i, m in enumerate(shape_of(x))], value) for n in counts)
        parts = [part for part in (low, x, high) if part is not None]
        x = x if len(parts) == 1 else b.emit(ConcatOp(parts, axis), f"padded{axis}")
    return x


def filled(b: Builder, shape: Sequence[int], value: float) -> SSAValue | None:
    """The same number throughout; None without elements."""
    if 0 in shape:
        return None
    dyadic = exact_weights(np.full(shape, value, np.float32), "the constant")
    return b.constant(dyadic.data, dyadic.format, "constant")


def mirrored(b: Builder, x: SSAValue, axis: int, before: int, after: int, edge: int) -> SSAValue:
    """`edge` = 1 leaves the first and the last element out of the copies."""
    n = shape_of(x)[axis]
    if max(before, after) > n - edge:
        raise QdialectError(f"{max(before, after)} mirrored elements are more than an axis of {n} has")
    low = range(edge, before + edge)[::-1]
    high = range(n - edge - after, n - edge)[::-1]
    return gathered(b, x, axis, [*low, *range(n), *high])


@computes("zeros_like")
def zeros_like(b: Builder, input: SSAValue, dtype: Any = None, name: Any = None) -> SSAValue:
    return constant_like(b, input, 0, dtype)


@computes("ones_like")
def ones_like(b: Builder, input: SSAValue, dtype: Any = None, name: Any = None) -> SSAValue:
    return constant_like(b, input, 1, dtype)


def constant_like(b: Builder, x: SSAValue, value: float, dtype: Any) -> SSAValue:
    if dtype not in (None, "float32"):
        raise QdialectError(f"dtype {dtype} is not supported, only float32")
    constant = filled(b, shape_of(x), value)
    assert constant is not None, "tensors have elements"
    return constant
