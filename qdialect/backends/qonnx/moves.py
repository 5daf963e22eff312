"""Writers: elements in other places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qdialect.backends.qonnx.constants import constant, is_constant
from qdialect.backends.qonnx.shapes import reshaped
from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, writes
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp


@writes(TransposeOp)
def transpose(w: GraphWriter, op: TransposeOp) -> GraphTensor:
    """The axes get other numbers; nothing moves."""
    x, (permutation,) = w.values[op.operand], op.places
    return GraphTensor(x.name, x.shape, tuple(permutation.index(axis) for axis in x.axes))


@writes(SliceOp)
def slice_(w: GraphWriter, op: SliceOp) -> GraphTensor:
    x, (offsets, sizes) = w.values[op.operand], op.places
    cut = [place for place, axis in enumerate(x.axes) if sizes[axis] < x.shape[place]]
    starts = [offsets[x.axes[place]] for place in cut]
    ends = [start + sizes[x.axes[place]] for start, place in zip(starts, cut, strict=True)]
    return sliced(w, x, starts, ends, cut)


def sliced(
    w: GraphWriter, x: GraphTensor, starts: Sequence[int], ends: Sequence[int], places: Sequence[int]
) -> GraphTensor:
    """Elements from `starts` to `ends` of some axes of the graph."""
    shape = list(x.shape)
    for start, end, place in zip(starts, ends, places, strict=True):
        shape[place] = end - start
    given = {"starts": starts, "ends": ends, "axes": [place + 1 for place in places]}
    names = [w.parameter(name, numbers, np.int64) for name, numbers in given.items()]
    return w.emit("Slice", x, *names, shape=shape)


@writes(ConcatOp)
def concat(w: GraphWriter, op: ConcatOp) -> GraphTensor:
    computed = [w.values[part] for part in op.parts if not is_constant(part)]
    axes = computed[0].axes if computed else tuple(range(len(shape_of(op.result))))
    names = [
        constant(w, part, lambda numbers: numbers[np.newaxis].transpose(0, *(a + 1 for a in axes)))
        if is_constant(part)
        else w.with_axes(w.values[part], axes).name
        for part in op.parts
    ]
    name = w.named("")
    result = GraphTensor(name, tuple(shape_of(op.result)[axis] for axis in axes), axes)
    w.append("Concat", names, name, (1, *result.shape), {"axis": axes.index(op.axis.value.data) + 1})
    return result


@writes(RepeatOp)
def repeat(w: GraphWriter, op: RepeatOp) -> GraphTensor:
    x, (repeats,) = w.values[op.operand], op.places
    factors = [repeats[axis] for axis in x.axes]
    scales = w.parameter("scales", [1, *factors])
    shape = [n * factor for n, factor in zip(x.shape, factors, strict=True)]
    modes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return w.emit("Resize", x, "", scales, shape=shape, attributes=modes)


@writes(DilateOp)
def dilate(w: GraphWriter, op: DilateOp) -> GraphTensor:
    """Each element gets an axis of its own, which zeros fill up."""
    x, (steps,) = w.values[op.operand], op.places
    gaps = [steps[axis] for axis in x.axes]
    apart = [size for n in x.shape for size in (n, 1)]
    filled = [size for n, gap in zip(x.shape, gaps, strict=True) for size in (n, gap)]
    rank = len(apart)
    column = reshaped(w, x, tuple(apart), tuple(range(rank)), "apart")
    high = [size for gap in gaps for size in (0, gap - 1)]
    pads = w.parameter("zeros", [0] * (rank + 2) + high, np.int64)
    zeros = w.emit("Pad", column, pads, shape=filled, suffix="filled", attributes={"mode": "constant"})
    wide = tuple(n * gap for n, gap in zip(x.shape, gaps, strict=True))
    together = reshaped(w, zeros, wide, x.axes, "wide")
    return sliced(
        w, together, [0] * len(wide), [n - gap + 1 for n, gap in zip(wide, gaps, strict=True)], range(len(wide))
    )
