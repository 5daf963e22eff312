"""Parts of a tensor: indexing, splitting, and elements at constant places in another order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.layers.operations.registry import computes, sample_axes, sample_axis

ANY_BATCH = 1 << 62
"""More samples than any batch has."""


@computes("getitem", "get_item")
def getitem(b: Builder, x: SSAValue, slice_spec: Any = None, key: Any = None, name: Any = None) -> SSAValue:
    """As numpy's basic indexing: slices, single positions, which drop their axis, `...`, and None for a new axis."""
    spec = key if slice_spec is None else slice_spec
    batch, *specs = _without_ellipsis(spec if isinstance(spec, list) else [spec], len(shape_of(x)) + 1)
    if batch is None or _positions(batch, ANY_BATCH) != range(ANY_BATCH):
        raise QdialectError("the batch axis cannot be sliced")
    sizes = iter(shape_of(x))
    places = [None if one is None else _positions(one, next(sizes)) for one in specs]
    part = taken(b, x, [p if isinstance(p, range) else range(p, p + 1) for p in places if p is not None])
    shape = [1 if p is None else len(p) for p in places if p is None or isinstance(p, range)]
    return b.emit(ReshapeOp(part, shape))


def _without_ellipsis(specs: list[Any], rank: int) -> list[Any]:
    """One entry for each of `rank` axes, and the new ones."""
    whole = {"start": None, "stop": None, "step": None}
    given = sum(one is not None and one is not ... for one in specs)
    if given > rank:
        raise QdialectError(f"{given} axes are sliced, the tensor has {rank}")
    if ... not in specs:
        specs = [*specs, ...]
    place = specs.index(...)
    return [*specs[:place], *[whole] * (rank - given), *specs[place + 1 :]]


def _positions(spec: Any, size: int) -> range | int:
    """The positions of a slice, or a single one. Raises QdialectError for an empty slice."""
    if isinstance(spec, int):
        if not -size <= spec < size:
            raise QdialectError(f"position {spec} is outside of an axis of {size}")
        return range(size)[spec]
    fields = spec.get("config", spec) if isinstance(spec, dict) else {}
    bounds = [fields.get(key, "missing") for key in ("start", "stop", "step")]
    if not all(bound is None or isinstance(bound, int) for bound in bounds) or bounds[2] == 0:
        raise QdialectError(f"slice {spec!r:.60} is not supported, only constant start, stop and step")
    positions = range(size)[slice(*bounds)]
    if not positions:
        raise QdialectError(f"slice {spec!r:.60} leaves nothing of an axis of {size}")
    return positions


def taken(b: Builder, x: SSAValue, places: Sequence[range]) -> SSAValue:
    """The elements at evenly spaced positions of each axis."""
    offsets = [min(positions) for positions in places]
    sizes = [max(positions) - min(positions) + 1 for positions in places]
    part = b.emit(SliceOp(x, offsets, sizes), "part")
    for axis, positions in enumerate(places):
        if len(positions) > 1 and abs(positions.step) > 1:
            part = every(b, part, axis, abs(positions.step))
        if len(positions) > 1 and positions.step < 0:
            part = backwards(b, part, axis)
    return part


def every(b: Builder, x: SSAValue, axis: int, step: int) -> SSAValue:
    """Each `step`-th element of an axis, the first among them: windows of one element, `step` apart."""
    before, n, after = shape_of(x)[:axis], shape_of(x)[axis], shape_of(x)[axis + 1 :]
    columns = b.emit(ReshapeOp(x, (math.prod(before), n, math.prod(after))), f"columns{axis}")
    kept = b.emit(MaxPool2DOp(columns, (1, 1), (1, step)), f"kept{axis}")
    return b.emit(ReshapeOp(kept, (*before, shape_of(kept)[1], *after)), f"every{axis}")


def gathered(b: Builder, x: SSAValue, axis: int, positions: Sequence[int]) -> SSAValue:
    """The elements of an axis at any positions, in runs of neighbours."""
    runs: list[range] = []
    for position in positions:
        if runs and runs[-1].stop == position:
            runs[-1] = range(runs[-1].start, position + 1)
        else:
            runs.append(range(position, position + 1))
    parts = [window(b, x, axis, run) for run in runs]
    return parts[0] if len(parts) == 1 else b.emit(ConcatOp(parts, axis), f"gathered{axis}")


def window(b: Builder, x: SSAValue, axis: int, positions: range) -> SSAValue:
    """Neighbours along one axis."""
    shape = shape_of(x)
    offsets = [positions.start if i == axis else 0 for i in range(len(shape))]
    sizes = [len(positions) if i == axis else n for i, n in enumerate(shape)]
    return b.emit(SliceOp(x, offsets, sizes), f"part{axis}")


def backwards(b: Builder, x: SSAValue, axis: int) -> SSAValue:
    return gathered(b, x, axis, range(shape_of(x)[axis])[::-1])


@computes("reverse", "flip")
def reverse(b: Builder, tensor: SSAValue, axis: Any = None, name: Any = None) -> SSAValue:
    for one in sample_axes(axis, len(shape_of(tensor))):
        tensor = backwards(b, tensor, one)
    return tensor


@computes("roll")
def roll(b: Builder, input: SSAValue, shift: Any, axis: Any = None, name: Any = None) -> SSAValue:
    """Positions move on by `shift`, around the end."""
    shifts, rank = shift if isinstance(shift, list) else [shift], len(shape_of(input))
    axes = axis if isinstance(axis, list) else [axis]
    for by, one in zip(shifts, axes, strict=True):
        (place,) = sample_axes(one, rank)
        n = shape_of(input)[place]
        input = gathered(b, input, place, [(i - int(by)) % n for i in range(n)])
    return input


@computes("gather", "take")
def gather(
    b: Builder,
    params: SSAValue,
    indices: Any,
    validate_indices: Any = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: Any = None,
) -> SSAValue:
    """Constant positions of one axis."""
    flat = indices if isinstance(indices, list) else [indices]
    if batch_dims or not all(isinstance(i, int) for i in flat):
        raise QdialectError("only constant indices, one list of them, are supported")
    (place,) = sample_axes(0 if axis is None else axis, len(shape_of(params)))
    n = shape_of(params)[place]
    if not all(-n <= i < n for i in flat):
        raise QdialectError(f"indices {flat!r:.60} are outside of an axis of {n}")
    part = gathered(b, params, place, [i % n for i in flat])
    return part if isinstance(indices, list) else without_axis(b, part, place)


def without_axis(b: Builder, x: SSAValue, axis: int, suffix: str = "") -> SSAValue:
    """Without an axis of length 1."""
    shape = shape_of(x)
    return b.emit(ReshapeOp(x, (*shape[:axis], *shape[axis + 1 :])), suffix)


@computes("split")
def split(
    b: Builder,
    value: SSAValue,
    num_or_size_splits: Any = None,
    axis: int = 0,
    num: Any = None,
    name: Any = None,
    indices_or_sections: Any = None,
) -> list[SSAValue]:
    """Parts of equal size, of given sizes, one of which may be -1 for the rest, or (Keras 3) between given indices."""
    place = sample_axis(axis, len(shape_of(value)))
    n = shape_of(value)[place]
    if isinstance(indices_or_sections, list):
        bounds = [0, *indices_or_sections, n]
    else:
        bounds = [0, *accumulate(_sizes(num_or_size_splits or indices_or_sections, n))]
    if bounds[-1] != n or any(start >= stop for start, stop in pairwise(bounds)):
        raise QdialectError(f"an axis of {n} cannot be split at {bounds[1:-1]}")
    return [window(b, value, place, range(*ends)) for ends in pairwise(bounds)]


def _sizes(splits: Any, n: int) -> list[int]:
    if isinstance(splits, list):
        rest = n - sum(size for size in splits if size != -1)
        return [rest if size == -1 else int(size) for size in splits]
    if not isinstance(splits, int) or splits < 1 or n % splits:
        raise QdialectError(f"an axis of {n} cannot be split into {splits!r:.60} equal parts")
    return [n // splits] * splits


@computes("unstack")
def unstack(b: Builder, value: SSAValue, num: Any = None, axis: int = 0, name: Any = None) -> list[SSAValue]:
    """Every position of an axis alone."""
    place = sample_axis(axis, len(shape_of(value)))
    parts = [window(b, value, place, range(i, i + 1)) for i in range(shape_of(value)[place])]
    return [without_axis(b, part, place, "row") for part in parts]
