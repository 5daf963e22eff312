"""Writers: sums of products with constant kernels."""

from __future__ import annotations

from qdialect.backends.qonnx.constants import constant
from qdialect.backends.qonnx.shapes import around
from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, writes
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, Convolution2DOp, DenseOp, DepthwiseConv2DOp


@writes(DenseOp)
def dense(w: GraphWriter, op: DenseOp) -> GraphTensor:
    x = w.in_order(op.operand)
    return w.emit("MatMul", x, constant(w, op.kernel, lambda kernel: kernel), shape=shape_of(op.result))


@writes(Conv2DOp)
def conv2d(w: GraphWriter, op: Conv2DOp) -> GraphTensor:
    return convolution(w, op, constant(w, op.kernel, lambda kernel: kernel.transpose(3, 2, 0, 1)), 1)


@writes(DepthwiseConv2DOp)
def depthwise_conv2d(w: GraphWriter, op: DepthwiseConv2DOp) -> GraphTensor:
    rows, columns, channels, multiplier = shape_of(op.kernel)
    shape = (channels * multiplier, 1, rows, columns)
    kernel = constant(w, op.kernel, lambda kernel: kernel.transpose(2, 3, 0, 1).reshape(shape))
    return convolution(w, op, kernel, channels)


def convolution(w: GraphWriter, op: Convolution2DOp, kernel: str, group: int) -> GraphTensor:
    """Zeros around the operand are the `pads` of the convolution that reads them."""
    source, pads = around(op.operand)
    rows, columns, channels = shape_of(op.result)
    geometry = {
        "kernel_shape": shape_of(op.kernel)[:2],
        "strides": values_of(op.strides),
        "dilations": values_of(op.dilations),
        "pads": pads,
        "group": group,
    }
    x = w.channels_first(source)
    return w.emit("Conv", x, kernel, shape=(channels, rows, columns), attributes=geometry)
