"""Handlers: the largest element and the average of windows, and reductions over axes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.frontends.building.pooling import reduced, window_sums
from qdialect.frontends.building.quotients import divided
from qdialect.frontends.qonnx.layers.conv import Pair, as_image, drop_row, moves, paddings, pair
from qdialect.frontends.qonnx.layers.moves import in_order, sample_axis
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import Network, Tensor, handles


def window(node: Node, shape: tuple[int, ...], spatial: int) -> tuple[Pair, Pair, Pair, Pair]:
    """Size, strides, padding before and after."""
    node.expect("ceil_mode", 0)
    node.expect("storage_order", 0)
    if moves(node, "dilations", spatial) != (1, 1):
        raise node.error("dilated windows are not supported")
    size, strides = pair(node.integers("kernel_shape", [0] * spatial, 1)), moves(node, "strides", spatial)
    return size, strides, *paddings(node, spatial, shape[:2], size, strides, (1, 1))


@handles("MaxPool")
def max_pool(net: Network, node: Node) -> Tensor:
    x = net.value(node)
    net.settle(node, x)
    spatial = len(x.axes) - 1
    x = net.channels_last(node, x, spatial + 1)
    image = as_image(net, x)
    largest = net.b.emit(MaxPool2DOp(image, *window(node, shape_of(image), spatial)), "largest")
    return Tensor(drop_row(net, largest, spatial), x.axes)


@handles("AveragePool")
def average_pool(net: Network, node: Node) -> Tensor:
    """`count_include_pad` makes the padding zeros; otherwise it does not count."""
    x = net.exact(node, net.value(node))
    spatial = len(x.axes) - 1
    x = net.channels_last(node, x, spatial + 1)
    image = as_image(net, x)
    size, strides, low, high = window(node, shape_of(image), spatial)
    if node.integer("count_include_pad", 0) and any((*low, *high)):
        image, low, high = net.b.emit(PadOp(image, (*low, 0), (*high, 0)), "padded"), (0, 0), (0, 0)
    total, count = window_sums(net.b, image, size, strides, low, high)
    return Tensor(divided(net.b, drop_row(net, total, spatial), count), x.axes)


@handles("GlobalMaxPool", "GlobalAveragePool")
def global_pool(net: Network, node: Node) -> Tensor:
    """Axes of one element stay in the place of the spatial ones."""
    x = net.exact(node, net.value(node))
    spatial = len(x.axes) - 1
    x = net.channels_last(node, x, spatial + 1)
    image = as_image(net, x)
    if node.op_type == "GlobalMaxPool":
        largest = net.b.emit(MaxPool2DOp(image, shape_of(image)[:2], (1, 1)), "largest")
        return replace(x, ssa=drop_row(net, largest, spatial))
    total, count = window_sums(net.b, image, shape_of(image)[:2])
    return replace(x, ssa=divided(net.b, drop_row(net, total, spatial), count))


@handles("ReduceMax", "ReduceMean", "ReduceSum")
def reduction(net: Network, node: Node) -> Tensor:
    """Over some axes of a sample."""
    node.expect("noop_with_empty_axes", 0)
    x, axes = in_order(net, net.exact(node, net.value(node))), net.integers(node, 1, "axes")
    if not axes:
        raise node.error("reduces all axes, the batch among them; name those of a sample")
    gone = {sample_axis(node, axis, len(x.axes)) for axis in axes}
    stored, keepdims = [x.axes.index(axis) for axis in gone], bool(node.integer("keepdims", 1))
    pool = MaxPool2DOp if node.op_type == "ReduceMax" else SumPool2DOp
    result = reduced(net.b, pool, x.ssa, stored, keepdims)
    if node.op_type == "ReduceMean":
        result = divided(net.b, result, math.prod(shape_of(x.ssa)[axis] for axis in stored))
    kept = x.axes if keepdims else np.argsort(np.argsort([axis for axis in x.axes if axis not in gone])).tolist()
    return replace(x, ssa=result, axes=tuple(kept))
