"""Handlers: convolution in two dimensions and, as images of one row, in one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.parts import finish, layer_kernel
from qdialect.frontends.keras.layers.windows import PaddedImage, drop_row, kernel_constant, window_of
from qdialect.frontends.keras.model.source import Layer


@handles("Conv1D", "QConv1D", "Conv2D", "QConv2D")
def convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.expect("mask", None)
    groups = layer.size("groups", 1)
    window = window_of(b, layer, x)
    kernel = layer_kernel(layer)
    sums = grouped(b, window, kernel, groups) if groups > 1 else conv2d(b, window, kernel)
    return drop_row(b, layer, finish(b, layer, sums, kernel))


def conv2d(b: Builder, window: PaddedImage, kernel: QuantizedWeights) -> SSAValue:
    weights = kernel_constant(b, kernel)
    return b.emit(Conv2DOp(window.image, weights, window.strides, window.dilations), "sum")


def grouped(b: Builder, window: PaddedImage, kernel: QuantizedWeights, groups: int) -> SSAValue:
    """A convolution in groups: each group of input channels has its own filters."""
    name, sums = b.layer_name, []
    rows, columns, channels = shape_of(window.image)
    size = channels // groups
    for group, filters in enumerate(np.split(kernel.data, groups, axis=-1)):
        b.layer_name = f"{name}_group{group}"
        part = b.emit(SliceOp(window.image, (0, 0, group * size), (rows, columns, size)), "in")
        sums.append(conv2d(b, replace(window, image=part), replace(kernel, data=filters)))
    b.layer_name = name
    return b.emit(ConcatOp(sums, axis=2), "sum")
