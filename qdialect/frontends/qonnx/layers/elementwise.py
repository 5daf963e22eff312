"""Handlers: sums, differences, products and quotients, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import DivideOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.frontends.building.exact_form import merged
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import HostStep, Network, Tensor, common_exponent, handles
from qdialect.numerics.float32 import dyadic_format
from qdialect.numerics.intervals import Interval

OPERATIONS: Mapping[str, type[BinaryOp]] = {
    "Add": AddOp,
    "Sub": SubOp,
    "Sum": AddOp,
    "Mul": MulOp,
    "Max": MaximumOp,
    "Min": MinimumOp,
}

FLOAT32_BITS = 24


@handles("Add", "Sub", "Sum", "Mul", "Div", "Max", "Min")
def elementwise(net: Network, node: Node) -> Tensor:
    if len(node.inputs) != 2:
        raise node.error(f"has {len(node.inputs)} inputs, only two are supported")
    left, right = (net.is_constant(name) for name in node.inputs)
    if left or right:
        return with_constant(net, node, net.value(node, 1 if left else 0), 0 if left else 1)
    x, y = net.value(node), net.value(node, 1)
    if node.op_type == "Div":
        raise node.error("a quotient of two computed values is not exact; only constants divide")
    if x.axes != y.axes or x.flattened != y.flattened:
        x, y = net.plain(x), net.plain(y)
    net.settle(node, x)
    net.settle(node, y)
    a, b = merged(net.b, (x.ssa, y.ssa))
    result = net.emit(OPERATIONS[node.op_type](a, b), x)
    if shape_of(result.ssa) != shape_of(x.ssa):
        raise node.error(f"of {list(x.shape)} and {list(y.shape)}, which is not supported; both need the same shape")
    return result


def with_constant(net: Network, node: Node, x: Tensor, place: int) -> Tensor:
    """On an input the host computes it; exact where float32 is, with quantized constants, and where the larger or the
    smaller is chosen; else in float32, to become thresholds. The constant is the input at `place`."""
    constant, reverse = net.floats(node, place), place == 0
    if x.is_raw and constant.size == 1 and node.op_type in HostStep.OPERATIONS:
        return replace(x, host=(*x.host, HostStep(node.op_type, constant.reshape(()), reverse)))
    net.settle(node, x)
    numbers = x.arranged(constant)
    if node.op_type == "Div":
        if reverse:
            raise node.error("a constant divided by a value is not exact")
        if (numbers == 0).any():
            raise node.error("divides by zero")
        if common_exponent(numbers) is not None:
            return net.scaled(x, np.reciprocal(numbers))
        return net.emit(DivideOp(x.ssa, net.b.constant(numbers, None, "divisor")), x)
    if node.op_type == "Mul" and common_exponent(numbers) is not None:
        return net.scaled(x, numbers)
    operation = OPERATIONS[node.op_type]
    exactly = node.inputs[place] in net.weights or operation in (MaximumOp, MinimumOp)
    operand = net.number(numbers, exactly or rounds_nothing(operation, x, numbers), "constant")
    pair = (operand, x.ssa) if reverse and operation is SubOp else (x.ssa, operand)
    result = net.emit(operation(*pair), x)
    if shape_of(result.ssa) != shape_of(x.ssa):
        raise node.error(f"a constant of shape {list(constant.shape)} does not fit {list(x.shape)}")
    return result


def rounds_nothing(operation: type[BinaryOp], x: Tensor, numbers: NDArray[np.float32]) -> bool:
    """Whether float32 represents every result exactly."""
    if format_of(x.ssa.type) is None:
        return False
    result = operation.combine(Interval.of(exact_format_of(x.ssa.type)), Interval.of(dyadic_format(numbers)))
    return result.format.bits <= FLOAT32_BITS
