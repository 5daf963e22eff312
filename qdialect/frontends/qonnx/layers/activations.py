"""Handlers: element-wise functions, and heads."""

from __future__ import annotations

import numpy as np

from qdialect.dialects.qnn.ops.elementwise import ReluOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.functions import at_least, at_most, function, is_exact, leaky_relu
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import Network, Tensor, handles
from qdialect.numerics.functions import SELU_ALPHA, SELU_SCALE, FunctionName

SMOOTH = {
    "Exp": FunctionName.EXPONENTIAL,
    "Sigmoid": FunctionName.SIGMOID,
    "Softplus": FunctionName.SOFTPLUS,
    "Softsign": FunctionName.SOFTSIGN,
    "Tanh": FunctionName.TANH,
}
"""Functions without attributes."""


def operand(net: Network, node: Node) -> Tensor:
    """The input of a function; one of the network needs a type first."""
    x = net.value(node)
    net.settle(node, x)
    return x


@handles("Relu")
def relu(net: Network, node: Node) -> Tensor:
    x = operand(net, node)
    return net.emit(ReluOp(x.ssa), x)


@handles("LeakyRelu")
def leaky(net: Network, node: Node) -> Tensor:
    x = operand(net, node)
    return Tensor(leaky_relu(net.b, x.ssa, node.number("alpha", 0.01)), x.axes, x.flattened)


@handles(*SMOOTH)
def smooth(net: Network, node: Node) -> Tensor:
    x = operand(net, node)
    return Tensor(function(net.b, x.ssa, SMOOTH[node.op_type]), x.axes, x.flattened)


@handles("Elu")
def elu(net: Network, node: Node) -> Tensor:
    x = operand(net, node)
    return Tensor(function(net.b, x.ssa, FunctionName.ELU, node.number("alpha", 1)), x.axes, x.flattened)


@handles("Selu")
def selu(net: Network, node: Node) -> Tensor:
    """With the factors of its authors, which Keras has as well."""
    x = operand(net, node)
    for key, factor in (("alpha", SELU_ALPHA), ("gamma", SELU_SCALE)):
        if np.float32(node.number(key, factor)) != np.float32(factor):
            raise node.error(f"{key}={node.number(key, factor)} is not supported, only {factor}")
    return Tensor(function(net.b, x.ssa, FunctionName.SELU), x.axes, x.flattened)


@handles("HardSigmoid")
def hard_sigmoid(net: Network, node: Node) -> Tensor:
    """clip(alpha x + beta, 0, 1) with the pairs of factors that have a name."""
    x = operand(net, node)
    pair = (np.float32(node.number("alpha", 0.2)), np.float32(node.number("beta", 0.5)))
    known = {
        (np.float32(0.2), np.float32(0.5)): FunctionName.KERAS_HARD_SIGMOID,
        (np.float32(0.5), np.float32(0.5)): FunctionName.HARD_SIGMOID,
        (np.float32(0.1875), np.float32(0.5)): FunctionName.SMOOTH_SIGMOID,
    }
    if pair not in known:
        raise node.error(f"alpha={pair[0]}, beta={pair[1]} are not supported, only 0.2, 0.5 or 0.1875 with 0.5")
    return Tensor(function(net.b, x.ssa, known[pair]), x.axes, x.flattened)


@handles("Clip")
def clip(net: Network, node: Node) -> Tensor:
    x, ssa = operand(net, node), net.value(node).ssa
    ends = [end(net, node, i, key) for i, key in ((1, "min"), (2, "max"))]
    if format_of(ssa.type) is not None and not is_exact(x.ssa, 0):
        raise node.error("clips values beyond float32; put a Quant before it")
    for bound, clipped in zip(ends, (at_least, at_most), strict=True):
        if bound is not None and abs(bound) < np.finfo(np.float32).max:
            ssa = clipped(net.b, ssa, bound)
    return Tensor(ssa, x.axes, x.flattened)


def end(net: Network, node: Node, index: int, key: str) -> float | None:
    """A bound, given as an input or as an attribute."""
    if index < len(node.inputs) and node.inputs[index]:
        return float(net.array(node, index).reshape(-1)[0])
    return None if node.option(key) is None else node.number(key, 0)


@handles("Identity", "Dropout")
def identity(net: Network, node: Node) -> Tensor:
    """Dropout is the identity at inference."""
    for key in ("ratio", "seed", "is_test", "consumed_inputs"):
        node.option(key)
    return net.value(node)
