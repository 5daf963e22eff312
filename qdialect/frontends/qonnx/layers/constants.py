"""Nodes that compute constants from constants, in the reference's types."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import Network, QuantizedConstant
from qdialect.frontends.qonnx.reading.files import DTYPES
from qdialect.numerics import limits
from qdialect.numerics.arrays import Array

ARITHMETIC: Mapping[str, Callable[..., Array]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
    "Sqrt": np.sqrt,
    "Reciprocal": np.reciprocal,
    "Neg": np.negative,
    "Abs": np.abs,
}

MOVES = frozenset({"Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"})
"""What moves the elements of a constant, quantized or not."""


def folded(net: Network, node: Node) -> Array | QuantizedConstant | None:
    """The constant that a node computes; None for a node that depends on the sample."""
    if node.op_type == "Constant":
        return constant(node)
    if node.op_type == "Shape" and node.inputs[0] in net.values:
        return np.array([1, *net.values[node.inputs[0]].shape], np.int64)
    if not node.inputs or not all(net.is_constant(name) for name in node.inputs if name):
        return None
    if node.op_type in MOVES:
        move = mover(net, node)
        weights = net.weights.get(node.inputs[0])
        return move(net.array(node, 0)) if weights is None else weights.mapped(move)
    if node.op_type in ARITHMETIC:
        operands = [net.array(node, i) for i in range(len(node.inputs))]
        with np.errstate(all="ignore"):
            return np.asarray(ARITHMETIC[node.op_type](*operands)).astype(operands[0].dtype)
    return gathered(net, node)


def constant(node: Node) -> Array:
    for key in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        given = node.option(key)
        if given is not None:
            return np.asarray(given, np.float32 if "float" in key else None)
    raise node.error("its value is neither a tensor nor numbers")


def mover(net: Network, node: Node) -> Callable[[Array], Array]:
    """How a node moves the elements of its first input."""
    match node.op_type:
        case "Transpose":
            permutation = node.option("perm")
            return lambda array: np.transpose(array, permutation)
        case "Reshape":
            shape = net.integers(node, 1, "shape") or []
            return lambda array: array.reshape([array.shape[i] if n == 0 else n for i, n in enumerate(shape)])
        case "Flatten":
            axis = node.integer("axis", 1)
            return lambda array: array.reshape(math.prod(array.shape[:axis]), -1)
        case "Squeeze":
            axes = net.integers(node, 1, "axes")
            return lambda array: np.squeeze(array, None if axes is None else tuple(axes))
        case "Unsqueeze":
            added = tuple(net.integers(node, 1, "axes") or ())
            return lambda array: np.expand_dims(array, added)
        case _:
            return lambda array: array


def gathered(net: Network, node: Node) -> Array | None:
    """Parts, joins and casts, as graphs compute shapes with them."""
    arrays: Sequence[Array] = [net.array(node, i) for i in range(len(node.inputs)) if node.inputs[i]]
    match node.op_type:
        case "Shape":
            return np.array(arrays[0].shape, np.int64)
        case "Gather":
            return np.asarray(np.take(arrays[0], arrays[1], axis=node.integer("axis", 0)))
        case "Concat":
            return np.concatenate(arrays, axis=node.integer("axis", 0))
        case "Cast":
            return arrays[0].astype(DTYPES[node.integer("to", 1)])
        case "ConstantOfShape":
            shape = [int(n) for n in arrays[0]]
            if math.prod(shape) > limits.MAX_ELEMENTS:
                raise node.error(f"makes a constant of shape {shape}")
            return np.full(shape, np.asarray(node.option("value", np.zeros(1, np.float32))).reshape(-1)[0])
        case _:
            return None
