"""Writers: pooling windows."""

from __future__ import annotations

import math

import numpy as np
from xdsl.dialects.func import ReturnOp
from xdsl.ir import Operation, SSAValue

from qdialect.backends.qonnx.model import Attribute
from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, writes
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.dialects.qnn.ops.float_steps import DivideOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, Pool2DOp, SumPool2DOp


@writes(MaxPool2DOp)
def max_pool2d(w: GraphWriter, op: MaxPool2DOp) -> GraphTensor:
    return pooled(w, op, "MaxPool")


@writes(SumPool2DOp)
def sum_pool2d(w: GraphWriter, op: SumPool2DOp) -> GraphTensor:
    """The average, in the name of its division, where that follows; else a convolution of each channel with ones."""
    for use in op.result.uses:
        if is_average(use.operation):
            w.result = use.operation.results[0]
            return pooled(w, op, "AveragePool")
    (rows, columns), channels = op.geometry()[0], shape_of(op.operand)[-1]
    ones = w.parameter("ones", np.ones((channels, 1, rows, columns)))
    return window(w, op, "Conv", ones, group=channels, dilations=(1, 1))


def pooled(w: GraphWriter, op: Pool2DOp, name: str) -> GraphTensor:
    """Over all pixels it has a name of its own."""
    size, _, low, high = op.geometry()
    if size == shape_of(op.operand)[:2] and not any((*low, *high)):
        x = w.channels_first(op.operand)
        return w.emit(f"Global{name}", x, shape=(x.shape[0], 1, 1))
    return window(w, op, name)


def window(w: GraphWriter, op: Pool2DOp, name: str, *kernel: str, **attributes: Attribute) -> GraphTensor:
    size, strides, low, high = op.geometry()
    x = w.channels_first(op.operand)
    shape = (x.shape[0], *shape_of(op.result)[:2])
    geometry = {"kernel_shape": size, "strides": strides, "pads": (*low, *high)}
    return w.emit(name, x, *kernel, shape=shape, attributes={**geometry, **attributes})


def is_average(op: Operation) -> bool:
    """Whether an operation divides the sums of windows, which nothing else reads, by their size."""
    if isinstance(op, ShiftOp):
        return is_window_sum(op.operand, 2.0**-op.by.value.data)
    divisor = constant_of(op.divisor) if isinstance(op, DivideOp) else None
    return divisor is not None and divisor.size == 1 and is_window_sum(op.operands[0], float(divisor.reshape(-1)[0]))


def is_window_sum(value: SSAValue, size: float) -> bool:
    """Whether a value is the sums of windows of so many elements, all of them inside, and only read once."""
    op = value.owner
    if not isinstance(op, SumPool2DOp) or not value.has_one_use() or isinstance(value.first_use, ReturnOp):
        return False
    pool, _, low, high = op.geometry()
    return math.prod(pool) == size and not any((*low, *high))
