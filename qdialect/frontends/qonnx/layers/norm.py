"""Handlers: batch normalization."""

from __future__ import annotations

import numpy as np

from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import Network, Tensor, handles
from qdialect.numerics.float32 import BatchNormFormula

EPSILON = 1e-5


@handles("BatchNormalization")
def batch_normalization(net: Network, node: Node) -> Tensor:
    """Over the first axis of the sample, which is stored last; at inference `momentum` computes nothing."""
    node.option("momentum")
    node.option("spatial")
    node.expect("training_mode", 0)
    x = net.value(node)
    net.settle(node, x)
    if len(x.axes) > 1:
        x = net.channels_last(node, x, len(x.axes))
    names = ("gamma", "beta", "mean", "variance")
    values = [x.reordered(net.floats(node, i).reshape(-1), 0) for i in range(1, 5)]
    if any(value.shape != x.shape[:1] for value in values):
        raise node.error(f"its parameters do not fit the {x.shape[0]} channels of {list(x.shape)}")
    constants = [net.b.constant(np.ascontiguousarray(v), None, name) for v, name in zip(values, names, strict=True)]
    epsilon = node.number("epsilon", EPSILON)
    return net.emit(BatchNormOp(x.ssa, constants, epsilon, BatchNormFormula.SCALE_OFFSET), x)
