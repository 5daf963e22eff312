"""Handlers: products with constant matrices."""

from __future__ import annotations

import numpy as np

from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import Network, QuantizedConstant, Tensor, handles


@handles("MatMul")
def matmul(net: Network, node: Node) -> Tensor:
    return dense(net, node, net.weights_of(node, 1))


@handles("Gemm")
def gemm(net: Network, node: Node) -> Tensor:
    """alpha, beta and transA have one value each."""
    for key, only in (("alpha", 1.0), ("beta", 1.0), ("transA", 0)):
        node.expect(key, only)
    kernel = net.weights_of(node, 1)
    y = dense(net, node, kernel.mapped(np.transpose) if node.integer("transB", 0) else kernel)
    return biased(net, node, y) if len(node.inputs) > 2 and node.inputs[2] else y


def dense(net: Network, node: Node, kernel: QuantizedConstant) -> Tensor:
    """`x @ kernel`; a scale per input is multiplied into the weights."""
    x = net.exact(node, net.value(node))
    if kernel.codes.ndim != 2 or x.shape[-1:] != kernel.codes.shape[:1]:
        raise node.error(f"a kernel of shape {list(kernel.codes.shape)} does not fit {list(x.shape)}")
    if x.axes != tuple(range(len(x.axes))):
        x = net.plain(x)
    if x.flattened:
        kernel = kernel.mapped(lambda array: x.reordered(array, 0))
    codes, fmt, scale = kernel.codes, kernel.format, per_output(net, node, kernel, 1)
    y = net.b.emit(DenseOp(x.ssa, net.b.constant(np.ascontiguousarray(codes), fmt, "kernel")), "sum")
    return net.weighed(Tensor(y, x.axes), scale)


def per_output(
    net: Network, node: Node, kernel: QuantizedConstant, axis: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The scale of each output, along an axis of the kernel. Raises QdialectError for scales per input."""
    scale = np.broadcast_to(kernel.scale, kernel.codes.shape)
    first = np.moveaxis(scale, axis, 0).reshape(scale.shape[axis], -1)
    if (first != first[:, :1]).any():
        raise node.error("its kernel has a scale per input; scales of kernels are per output, or one for all")
    return np.ascontiguousarray(first[:, 0] if (first != first[0, 0]).any() else first[:1, 0])


def biased(net: Network, node: Node, y: Tensor) -> Tensor:
    """`y` plus the third input, one number per output."""
    bias = net.floats(node, 2).reshape(-1)
    return net.emit(AddOp(y.ssa, net.number(bias, True, "bias")), y, "biased")
