"""Handlers: convolutions. Kernels are [filters, channels, rows, columns] in ONNX, [rows, columns, channels, filters]
here; in one dimension they are images of one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.frontends.qonnx.layers.products import biased, per_output
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import Network, QuantizedConstant, Tensor, handles

Pair = tuple[int, int]


@handles("Conv")
def conv(net: Network, node: Node) -> Tensor:
    kernel = net.weights_of(node, 1)
    spatial = kernel.codes.ndim - 2
    if spatial not in (1, 2):
        raise node.error(f"its kernel has the shape {list(kernel.codes.shape)}; one and two dimensions are supported")
    x = net.channels_last(node, net.exact(node, net.value(node)), spatial + 1)
    scale = per_output(net, node, kernel, 0)
    size = pair(kernel.codes.shape[2:])
    if node.option("kernel_shape", list(kernel.codes.shape[2:])) != list(kernel.codes.shape[2:]):
        raise node.error("its kernel_shape is not that of its kernel")
    strides, dilations = moves(node, "strides", spatial), moves(node, "dilations", spatial)
    image = as_image(net, x)
    low, high = paddings(node, spatial, shape_of(image)[:2], size, strides, dilations)
    if any((*low, *high)):
        image = net.b.emit(PadOp(image, (*low, 0), (*high, 0)), "padded")
    y = sums(net, node, image, rearranged(kernel), strides, dilations)
    result = net.weighed(Tensor(drop_row(net, y, spatial), x.axes), scale)
    return biased(net, node, result) if len(node.inputs) > 2 and node.inputs[2] else result


def sums(
    net: Network, node: Node, image: SSAValue, kernel: QuantizedConstant, strides: Pair, dilations: Pair
) -> SSAValue:
    """Of all channels, of each channel on its own, or of groups of channels side by side."""
    groups = node.integer("group", 1)
    *size, per_group, filters = kernel.codes.shape
    rows, columns, channels = shape_of(image)
    if not 1 <= groups <= channels or per_group * groups != channels or filters % groups:
        raise node.error(f"group={groups} does not fit {channels} channels, {filters} filters of {per_group} channels")
    if groups == 1:
        weights = net.b.constant(np.ascontiguousarray(kernel.codes), kernel.format, "kernel")
        return net.b.emit(Conv2DOp(image, weights, strides, dilations), "sum")
    if per_group == 1:
        codes = kernel.codes.reshape(*size, groups, filters // groups)
        weights = net.b.constant(np.ascontiguousarray(codes), kernel.format, "kernel")
        return net.b.emit(DepthwiseConv2DOp(image, weights, strides, dilations), "sum")
    parts = list[SSAValue]()
    for group, codes in enumerate(np.split(kernel.codes, groups, axis=-1)):
        offsets = (0, 0, group * per_group)
        part = net.b.emit(SliceOp(image, offsets, (rows, columns, per_group)), f"group{group}_in")
        weights = net.b.constant(np.ascontiguousarray(codes), kernel.format, f"group{group}_kernel")
        parts.append(net.b.emit(Conv2DOp(part, weights, strides, dilations), f"group{group}_sum"))
    return net.b.emit(ConcatOp(parts, axis=2), "sum")


def rearranged(kernel: QuantizedConstant) -> QuantizedConstant:
    """[rows, columns, channels, filters], one row for one dimension."""
    codes = kernel.codes if kernel.codes.ndim == 4 else kernel.codes[:, :, np.newaxis]
    return replace(kernel, codes=codes.transpose(2, 3, 1, 0))


def as_image(net: Network, x: Tensor) -> SSAValue:
    """[rows, columns, channels] of a value channels last."""
    shape = shape_of(x.ssa)
    return x.ssa if len(shape) == 3 else net.b.emit(ReshapeOp(x.ssa, (1, *shape)), "in_row")


def drop_row(net: Network, y: SSAValue, spatial: int) -> SSAValue:
    """Without the row that `as_image` has added."""
    return y if spatial == 2 else net.b.emit(ReshapeOp(y, shape_of(y)[1:]), "row")


def pair(sizes: Sequence[int], row: int = 1) -> Pair:
    """[rows, columns]; `row` along the rows of a sequence."""
    rows, columns = (row, *sizes) if len(sizes) == 1 else sizes
    return int(rows), int(columns)


def moves(node: Node, key: str, spatial: int) -> Pair:
    """Strides or dilations, by default 1."""
    return pair(node.integers(key, [1] * spatial, 1))


def paddings(
    node: Node, spatial: int, shape: Sequence[int], window: Pair, strides: Pair, dilations: Pair
) -> tuple[Pair, Pair]:
    """(rows, columns) before and after: `pads` says so, or `auto_pad` how to find them."""
    node.expect("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")
    mode = node.option("auto_pad", "NOTSET")
    pads = node.integers("pads", [0] * (2 * spatial))
    if mode == "NOTSET":
        return pair(pads[:spatial], 0), pair(pads[spatial:], 0)
    if mode == "VALID":
        return (0, 0), (0, 0)
    spans = [(size - 1) * dilation + 1 for size, dilation in zip(window, dilations, strict=True)]
    totals = [
        max((-(-n // stride) - 1) * stride + span - n, 0) for n, stride, span in zip(shape, strides, spans, strict=True)
    ]
    less, more = pair([n // 2 for n in totals]), pair([n - n // 2 for n in totals])
    return (less, more) if mode == "SAME_UPPER" else (more, less)
