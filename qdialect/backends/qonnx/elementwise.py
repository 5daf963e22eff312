"""Writers: arithmetic and comparisons, element by element, and batch normalization as its float32 steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.backends.qonnx.constants import constant, is_constant
from qdialect.backends.qonnx.pooling import is_average
from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, arranged, writes
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.float32 import BatchNormFormula, inverse_deviation, offset

OPERATIONS: Mapping[type[BinaryOp], str] = {
    AddOp: "Add",
    SubOp: "Sub",
    MulOp: "Mul",
    MaximumOp: "Max",
    MinimumOp: "Min",
}


@writes(*OPERATIONS)
def binary(w: GraphWriter, op: BinaryOp) -> GraphTensor:
    return combined(w, OPERATIONS[type(op)], op.operands, shape_of(op.result))


@writes(DivideOp)
def divide(w: GraphWriter, op: DivideOp) -> GraphTensor:
    return w.values[op.operand] if is_average(op) else combined(w, "Div", op.operands, shape_of(op.result))


def combined(w: GraphWriter, op_type: str, operands: Sequence[SSAValue], shape: Sequence[int]) -> GraphTensor:
    """Two operands of which the larger one says how axes are ordered; two of different rank have the IR's order."""
    rank = len(shape)
    orders = [w.values[v].axes for v in operands if not is_constant(v)]
    in_order = tuple(range(rank))
    axes = orders[0] if orders and all(len(order) == rank for order in orders) else in_order
    names = [operand(w, value, axes) for value in operands]
    name = w.named("")
    result = GraphTensor(name, tuple(shape[axis] for axis in axes), axes)
    w.append(op_type, names, name, (1, *result.shape))
    return result


def operand(w: GraphWriter, value: SSAValue, axes: tuple[int, ...]) -> str:
    """A constant or a value as it broadcasts against values with these axes."""
    if is_constant(value):
        return constant(w, value, lambda numbers: arranged(numbers, axes))
    x = w.values[value]
    if len(x.axes) == len(axes):
        return w.with_axes(x, axes).name
    x = w.in_order(value)
    ones = len(axes) - len(x.axes)
    shape = w.parameter("operand_shape", [1, *(1,) * ones, *x.shape], np.int64)
    return w.emit("Reshape", x, shape, shape=(*(1,) * ones, *x.shape), axes=axes, suffix="operand").name


@writes(ShiftOp)
def shift(w: GraphWriter, op: ShiftOp) -> GraphTensor:
    x = w.values[op.operand]
    return x if is_average(op) else w.emit("Mul", x, w.parameter("factor", 2.0**op.by.value.data))


@writes(ReluOp)
def relu(w: GraphWriter, op: ReluOp) -> GraphTensor:
    return w.emit("Relu", w.values[op.operand])


@writes(LeakyReluOp)
def leaky_relu(w: GraphWriter, op: LeakyReluOp) -> GraphTensor:
    return w.emit("LeakyRelu", w.values[op.operand], attributes={"alpha": 2.0**op.slope_exponent.value.data})


@writes(BatchNormOp)
def batch_norm(w: GraphWriter, op: BatchNormOp) -> GraphTensor:
    """ONNX leaves the order of the operations of its own open; here each is a node, with Keras' constants."""
    x = w.values[op.operand]
    steps = steps_of(op)
    for i, (op_type, name, numbers) in enumerate(steps, 1):
        parameter = w.parameter(name, arranged(numbers, x.axes))
        x = w.emit(op_type, x, parameter, suffix="" if i == len(steps) else f"{name}_applied")
    return x


def steps_of(op: BatchNormOp) -> list[tuple[str, str, Float32Array]]:
    """Operation, name and constant of each step of a formula; the fused multiplication and addition rounds twice."""
    gamma, beta, mean, variance = (data for v in op.operands[1:] if (data := constant_of(v)) is not None)
    epsilon = op.epsilon.value.data
    inverse, deviation = inverse_deviation(gamma, variance, epsilon), np.sqrt(variance + np.float32(epsilon))
    centre, lift = ("Sub", "mean", mean), ("Add", "beta", beta)
    match op.formula.data:
        case BatchNormFormula.SCALE_OFFSET:
            return [("Mul", "scale", inverse), ("Add", "offset", offset(inverse, beta, mean))]
        case BatchNormFormula.FUSED_FMA:
            return [centre, ("Mul", "inverse_deviation", np.float32(1) / deviation), ("Mul", "gamma", gamma), lift]
        case BatchNormFormula.FUSED_SCALE:
            return [centre, ("Mul", "scale", gamma / deviation), lift]
        case BatchNormFormula.FUSED_PRODUCT:
            return [centre, ("Mul", "scale", inverse), lift]
