"""Handlers: other shapes, other orders of axes, parts and joins. Axes count from the batch axis, 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, RepeatOp, SliceOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.errors import shown
from qdialect.frontends.building.exact_form import merged
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import Network, Tensor, handles


def sample_axis(node: Node, axis: int, rank: int) -> int:
    """An axis of the sample. Raises QdialectError for the batch axis, and for one that is not there."""
    found = axis + rank + 1 if axis < 0 else axis
    if not 1 <= found <= rank:
        raise node.error(f"axis {axis} is no axis of a sample with {rank} axes; the first of all is the batch")
    return found - 1


def in_order(net: Network, x: Tensor) -> Tensor:
    """Flattened values in ONNX' order, others as they are stored."""
    return net.plain(x) if x.flattened else x


@handles("Flatten")
def flatten(net: Network, node: Node) -> Tensor:
    node.expect("axis", 1)
    return flattened(net, net.value(node))


def flattened(net: Network, x: Tensor) -> Tensor:
    """One axis; channels last stay so, and readers arrange what they have."""
    rank = len(x.axes)
    if rank == 1:
        return x
    stored = shape_of(x.ssa)
    if x.axes not in (tuple(range(rank)), (*range(1, rank), 0)):
        x = net.plain(x)
    order = stored if x.axes != tuple(range(rank)) and stored[-1] > 1 and math.prod(stored[:-1]) > 1 else ()
    flat = net.b.emit(ReshapeOp(x.ssa, (math.prod(stored),)))
    return replace(x, ssa=flat, axes=(0,), flattened=order)


@handles("Reshape")
def reshape(net: Network, node: Node) -> Tensor:
    """Channels that stay the first axis stay the last one here."""
    node.expect("allowzero", 0)
    x, target = net.value(node), net.integers(node, 1, "shape")
    if not target or target.count(-1) > 1:
        raise node.error(f"shape {shown(target)} is not supported")
    old = (1, *x.shape)
    sizes = [old[i] if n == 0 and i < len(old) else n for i, n in enumerate(target)]
    if -1 in sizes:
        known = -math.prod(sizes)
        sizes[sizes.index(-1)] = math.prod(old) // known if known else 0
    shape = tuple(sizes[1:])
    if sizes[0] != 1 or math.prod(shape) != math.prod(old):
        raise node.error(f"shape {target} does not keep the {math.prod(old)} elements of a sample")
    if shape == x.shape:
        return x
    if len(shape) == 1:
        return flattened(net, x)
    rank = len(x.axes)
    if not x.flattened and x.axes == (*range(1, rank), 0) and shape[0] == x.shape[0]:
        last = net.b.emit(ReshapeOp(x.ssa, (*shape[1:], shape[0])))
        return Tensor(last, (*range(1, len(shape)), 0))
    x = net.plain(x)
    return replace(x, ssa=net.b.emit(ReshapeOp(x.ssa, shape)), axes=tuple(range(len(shape))))


@handles("Transpose")
def transpose(net: Network, node: Node) -> Tensor:
    """Another name for each stored axis; nothing moves."""
    x = net.value(node)
    rank = len(x.axes)
    permutation = node.option("perm", list(range(rank, -1, -1)))
    if sorted(permutation) != list(range(rank + 1)) or permutation[0] != 0:
        raise node.error(f"perm={shown(permutation)} is not supported; the batch stays the first of {rank + 1} axes")
    if x.flattened:
        return x
    return replace(x, axes=tuple(permutation.index(axis + 1) - 1 for axis in x.axes))


@handles("Squeeze", "Unsqueeze")
def squeeze(net: Network, node: Node) -> Tensor:
    x, axes = net.value(node), net.integers(node, 1, "axes")
    if node.op_type == "Unsqueeze":
        x, shape = net.plain(x), list(net.value(node).shape)
        rank = len(shape) + len(axes or [])
        for axis in sorted(sample_axis(node, a, rank) for a in axes or []):
            shape.insert(axis, 1)
        return replace(x, ssa=net.b.emit(ReshapeOp(x.ssa, shape)), axes=tuple(range(len(shape))))
    x = in_order(net, x)
    rank, stored = len(x.axes), shape_of(x.ssa)
    gone = {i for i, n in enumerate(x.shape) if n == 1} if axes is None else {sample_axis(node, a, rank) for a in axes}
    if any(x.shape[axis] != 1 for axis in gone):
        raise node.error(f"axes {sorted(axis + 1 for axis in gone)} of {list(x.shape)} have more than one element")
    kept = [axis for axis in x.axes if axis not in gone]
    shape = [n for axis, n in zip(x.axes, stored, strict=True) if axis not in gone]
    return replace(x, ssa=net.b.emit(ReshapeOp(x.ssa, shape)), axes=tuple(int(r) for r in np.argsort(np.argsort(kept))))


@handles("Concat")
def concat(net: Network, node: Node) -> Tensor:
    """Constants among the parts are exact numbers, the same for each sample."""
    computed = [in_order(net, net.value(node, i)) for i in places_of(net, node, constant=False)]
    if not computed:
        raise node.error("has no computed input")
    for part in computed:
        net.settle(node, part)
    if len({part.axes for part in computed}) > 1:
        computed = [net.plain(part) for part in computed]
    axes = computed[0].axes
    axis = sample_axis(node, node.integer("axis", 1), len(axes))
    parts = [part.ssa for part in computed]
    for i in places_of(net, node, constant=True):
        parts.insert(i, constant_part(net, node, i, axes))
    return Tensor(net.b.emit(ConcatOp(merged(net.b, parts), axes.index(axis))), axes)


def places_of(net: Network, node: Node, constant: bool) -> list[int]:
    """Which inputs of a node are constants, or are not."""
    return [i for i, name in enumerate(node.inputs) if net.is_constant(name) == constant]


def constant_part(net: Network, node: Node, index: int, axes: Sequence[int]) -> SSAValue:
    numbers = net.floats(node, index)
    if numbers.ndim != len(axes) + 1 or len(numbers) != 1:
        raise node.error(f"a constant of shape {list(numbers.shape)} does not fit {len(axes)} axes of one sample")
    return net.number(np.ascontiguousarray(numbers[0].transpose(axes)), True, f"part{index}")


@handles("Slice")
def slice_(net: Network, node: Node) -> Tensor:
    """Runs of elements, without steps."""
    x = in_order(net, net.value(node))
    net.settle(node, x)
    rank = len(x.axes)
    starts, ends = net.integers(node, 1, "starts") or [], net.integers(node, 2, "ends") or []
    axes = net.integers(node, 3, "axes") or list(range(len(starts)))
    if any(step != 1 for step in net.integers(node, 4, "steps") or []):
        raise node.error("steps other than 1 are not supported")
    offsets, sizes = [0] * rank, list(shape_of(x.ssa))
    for start, stop, axis in zip(starts, ends, axes, strict=True):
        place = x.axes.index(sample_axis(node, axis, rank))
        first, last, _ = slice(start, stop).indices(sizes[place])
        offsets[place], sizes[place] = first, last - first
    return replace(x, ssa=net.b.emit(SliceOp(x.ssa, offsets, sizes)))


@handles("Split")
def split(net: Network, node: Node) -> Sequence[Tensor]:
    x = in_order(net, net.value(node))
    net.settle(node, x)
    place = x.axes.index(sample_axis(node, node.integer("axis", 0), len(x.axes)))
    n, parts = shape_of(x.ssa)[place], len(node.outputs)
    node.option("num_outputs")
    size = -(-n // parts)
    sizes = net.integers(node, 1, "split") or [min(size, n - i * size) for i in range(parts)]
    if len(sizes) != parts or sum(sizes) != n or min(sizes) < 1:
        raise node.error(f"parts of {sizes} do not make {n} elements in {parts} outputs")
    results = list[Tensor]()
    for i, length in enumerate(sizes):
        offsets, shape = [0] * len(x.axes), list(shape_of(x.ssa))
        offsets[place], shape[place] = sum(sizes[:i]), length
        results.append(replace(x, ssa=net.b.emit(SliceOp(x.ssa, offsets, shape), f"part{i}")))
    return results


@handles("Pad")
def pad(net: Network, node: Node) -> Tensor:
    """Zeros around the sample."""
    node.expect("mode", "constant")
    x = in_order(net, net.value(node))
    net.settle(node, x)
    rank, pads = len(x.axes), net.integers(node, 1, "pads") or []
    fill = node.number("value", 0) if len(node.inputs) < 3 else float(net.array(node, 2, 0.0).reshape(-1)[0])
    if len(pads) != 2 * (rank + 1) or min(pads) < 0 or pads[0] or pads[rank + 1] or fill:
        raise node.error(f"pads {shown(pads)} with {fill} are not supported; zeros around each of the {rank} axes are")
    low, high = ([pads[first + axis + 1] for axis in x.axes] for first in (0, rank + 1))
    return replace(x, ssa=net.b.emit(PadOp(x.ssa, low, high)))


@handles("Resize", "Upsample")
def resize(net: Network, node: Node) -> Tensor:
    """Each element several times in a row; what a nearest neighbour is matters to other factors alone."""
    node.expect("mode", "nearest")
    node.expect("coordinate_transformation_mode", "asymmetric", "half_pixel", "half_pixel_symmetric")
    node.expect("nearest_mode", "floor", "round_prefer_floor", "round_prefer_ceil")
    for key in ("cubic_coeff_a", "exclude_outside", "extrapolation_value", "antialias"):
        node.option(key)
    x = in_order(net, net.value(node))
    net.settle(node, x)
    factors = scale_factors(net, node, x)
    if len(factors) != len(x.axes) + 1 or factors[0] != 1 or any(f % 1 or f < 1 for f in factors):
        raise node.error(f"factors {shown(factors)} are not supported; use whole numbers, and 1 for the batch")
    return replace(x, ssa=net.b.emit(RepeatOp(x.ssa, [int(factors[axis + 1]) for axis in x.axes])))


def scale_factors(net: Network, node: Node, x: Tensor) -> list[float]:
    """Of each axis with the batch: given, or as sizes; `Upsample` and `Resize` of opset 10 have no region before."""
    place = 1 if node.op_type == "Upsample" or len(node.inputs) == 2 else 2
    given = node.option("scales")
    if given is not None:
        return [float(f) for f in given]
    if len(node.inputs) > 3 and node.inputs[3]:
        return [float(size / n) for size, n in zip(net.array(node, 3).reshape(-1), (1, *x.shape), strict=True)]
    return [float(f) for f in net.array(node, place).reshape(-1)]
