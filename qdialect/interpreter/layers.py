"""Interpretation of layer operations: contractions, pooling, data movement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, Pool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics import exact, float32
from qdialect.numerics.arrays import Array, IntArray


def patches(x: Array, kernel: tuple[int, int], strides: tuple[int, ...], dilations: tuple[int, ...]) -> Array:
    """Windows of [B, H, W, C] as a view [B, rows, columns, C, KH, KW]."""
    spans = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
    view = sliding_window_view(x, spans, axis=(1, 2))
    return view[:, :: strides[0], :: strides[1], :, :: dilations[0], :: dilations[1]]


def matmul(x: Array, kernel: IntArray) -> Array:
    """`x @ kernel`, exact on codes, in float64 on floats."""
    return x.astype(np.float64) @ kernel.astype(np.float64) if x.dtype.kind == "f" else exact.matmul(x, kernel)


def contracted(op: ContractionOp, sums: Array) -> PythonValues:
    """The result of a contraction from sums of products with the kernel's codes; float sums are rounded once."""
    if format_of(op.result.type) is not None:
        return (sums,)
    return (float32.from_codes(sums, exact_format_of(op.kernel.type).lsb),)


def conv2d(x: Array, kernel: IntArray, strides: tuple[int, ...], dilations: tuple[int, ...]) -> Array:
    """[B, H, W, C] with [KH, KW, C, F], no padding; as `matmul`."""
    kh, kw, channels, filters = kernel.shape
    windows = patches(x, (kh, kw), strides, dilations)
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], kh * kw * channels)
    return matmul(columns, kernel.reshape(-1, filters))


def pad(x: Array, around: Sequence[tuple[int, int]], outside: Any) -> Array:
    """`x` with so many elements `outside` before and after, per axis. (`np.pad` mixes fixed-size integers into
    arrays of Python integers.)"""
    padded = np.full([n + a + b for n, (a, b) in zip(x.shape, around, strict=True)], outside, x.dtype)
    padded[tuple(slice(a, a + n) for n, (a, _) in zip(x.shape, around, strict=True))] = x
    return padded


def depthwise_conv2d(x: Array, kernel: IntArray, strides: tuple[int, ...], dilations: tuple[int, ...]) -> Array:
    """[B, H, W, C] with [KH, KW, C, M] to [B, rows, columns, C*M], no padding; as `matmul`."""
    kh, kw, channels, _ = kernel.shape
    windows = patches(x, (kh, kw), strides, dilations)
    columns = windows.reshape(*windows.shape[:4], kh * kw)
    weights = kernel.transpose(2, 0, 1, 3).reshape(channels, kh * kw, -1)
    sums = [matmul(columns[:, :, :, c], weights[c]) for c in range(channels)]
    return np.concatenate(sums, axis=-1)


def pool_windows(op: Pool2DOp, x: Array, outside: Any) -> Array:
    """The windows of a pooling [B, rows, columns, C, KH, KW], with `outside` beyond the edges."""
    (rows, columns), strides, low, high = op.geometry()
    around = ((0, 0), (low[0], high[0]), (low[1], high[1]), (0, 0))
    return patches(pad(x, around, outside), (rows, columns), strides, (1, 1))


@register_impls
class LayerFunctions(InterpreterFunctions):
    @impl(DenseOp)
    def run_dense(self, interpreter: Interpreter, op: DenseOp, args: PythonValues) -> PythonValues:
        return contracted(op, matmul(args[0], args[1][0]))

    @impl(Conv2DOp)
    def run_conv2d(self, interpreter: Interpreter, op: Conv2DOp, args: PythonValues) -> PythonValues:
        return contracted(op, conv2d(args[0], args[1][0], values_of(op.strides), values_of(op.dilations)))

    @impl(DepthwiseConv2DOp)
    def run_depthwise(self, interpreter: Interpreter, op: DepthwiseConv2DOp, args: PythonValues) -> PythonValues:
        sums = depthwise_conv2d(args[0], args[1][0], values_of(op.strides), values_of(op.dilations))
        return contracted(op, sums)

    @impl(PadOp)
    def run_pad(self, interpreter: Interpreter, op: PadOp, args: PythonValues) -> PythonValues:
        around = [(0, 0), *zip(values_of(op.low), values_of(op.high), strict=True)]
        return (pad(args[0], around, 0),)

    @impl(MaxPool2DOp)
    def run_max_pool2d(self, interpreter: Interpreter, op: MaxPool2DOp, args: PythonValues) -> PythonValues:
        fmt = format_of(op.operand.type)
        lowest = -np.inf if fmt is None else fmt.min_code
        return (pool_windows(op, args[0], lowest).max(axis=(-2, -1)),)

    @impl(SumPool2DOp)
    def run_sum_pool2d(self, interpreter: Interpreter, op: SumPool2DOp, args: PythonValues) -> PythonValues:
        (x, *_), (rows, columns) = args, values_of(op.pool)
        if format_of(op.operand.type) is not None:
            x = exact.holding(x, exact.magnitude(x) * rows * columns)
        return (pool_windows(op, x, 0).sum(axis=(-2, -1)),)

    @impl(ReshapeOp)
    def run_reshape(self, interpreter: Interpreter, op: ReshapeOp, args: PythonValues) -> PythonValues:
        return (args[0].reshape(args[0].shape[0], *shape_of(op.result)),)
