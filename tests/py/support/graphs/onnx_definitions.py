"""What ONNX' and QONNX' operations are, in float32 and channels first, as plainly as their documentation says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx_files import Net

f32 = np.float32
ROUND: dict[str, Callable[[Any], Any]] = {
    "ROUND": np.round,
    "CEIL": np.ceil,
    "FLOOR": np.floor,
    "UP": lambda v: np.sign(v) * np.ceil(np.abs(v)),
    "DOWN": np.fix,
    "HALF_UP": lambda v: np.sign(v) * np.floor(np.abs(v) + 0.5),
    "HALF_DOWN": lambda v: np.sign(v) * np.ceil(np.abs(v) - 0.5),
}


def quant(x, scale, zero, bits, signed, narrow, rounding_mode):
    codes = x / scale
    if bits == 1 and signed:
        return np.where(codes >= 0, f32(1), f32(-1)) * scale
    low = -(2 ** (int(bits) - 1)) + narrow if signed else 0
    high = 2 ** (int(bits) - 1) - 1 if signed else 2 ** int(bits) - 1
    return (ROUND[rounding_mode](np.clip(codes, f32(low), f32(high))) * scale).astype(f32)


def windows(x, size, strides, pads, dilations, fill=0.0):
    """[batch, channels, rows, columns, size...] of [batch, channels, rows, columns]."""
    n = len(pads) // 2
    padded = np.pad(x, [(0, 0), (0, 0), *zip(pads[:n], pads[n:], strict=True)], constant_values=fill)
    spans = [(s - 1) * d + 1 for s, d in zip(size, dilations, strict=True)]
    every = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=tuple(range(2, 2 + n)))
    moves = (slice(None), slice(None), *(slice(None, None, s) for s in strides))
    return every[(*moves, *(slice(None, None, d) for d in dilations))]


def conv(x, w, b=None, group=1, strides=None, pads=None, dilations=None):
    n = w.ndim - 2
    view = windows(x, w.shape[2:], strides or [1] * n, pads or [0] * 2 * n, dilations or [1] * n)
    outputs = []
    for part, kernel in zip(np.split(view, group, 1), np.split(w, group, 0), strict=True):
        axes = [1, *range(2 + n, 2 + 2 * n)]
        outputs.append(np.moveaxis(np.tensordot(part, kernel, (axes, list(range(1, 2 + n)))), -1, 1))
    y = np.concatenate(outputs, 1)
    return y if b is None else y + b.reshape(-1, *[1] * n)


def pool(largest):
    def apply(x, kernel_shape, strides=None, pads=None, count_include_pad=0):
        n = len(kernel_shape)
        options = (kernel_shape, strides or [1] * n, pads or [0] * 2 * n, [1] * n)
        axes = tuple(range(2 + n, 2 + 2 * n))
        if largest:
            return windows(x, *options, fill=-np.inf).max(axes)
        total, counts = (windows(v, *options).sum(axes) for v in (x, np.ones_like(x)))
        return total / (np.prod(kernel_shape) if count_include_pad else counts)

    return apply


def batch_norm(x, gamma, beta, mean, variance, epsilon=1e-5):
    shape = (-1, *[1] * (x.ndim - 2))
    scale = (gamma / np.sqrt(variance + f32(epsilon))).astype(f32)
    return x * scale.reshape(shape) + (beta - mean * scale).reshape(shape)


def gemm(a, b, c=0.0, transB=0):
    return a @ (b.T if transB else b) + c


def with_batch(shape, x):
    return x.reshape(len(x), *[n for n in shape][1:])


DEFINITIONS: dict[str, Callable[..., Any]] = {
    "Quant": quant,
    "BipolarQuant": lambda x, scale: np.where(x >= 0, f32(1), f32(-1)) * scale,
    "Trunc": lambda x, scale, zero, old, new, rounding_mode: (
        ROUND[rounding_mode](np.round(x / scale) / 2.0 ** (old - new)) * scale
    ),
    "MatMul": np.matmul,
    "Gemm": gemm,
    "Conv": conv,
    "BatchNormalization": batch_norm,
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Relu": lambda x: np.maximum(x, 0),
    "LeakyRelu": lambda x, alpha: np.where(x >= 0, x, f32(alpha) * x),
    "Clip": lambda x, low, high: np.clip(x, low, high),
    "MaxPool": pool(True),
    "AveragePool": pool(False),
    "GlobalMaxPool": lambda x: x.max(tuple(range(2, x.ndim)), keepdims=True),
    "GlobalAveragePool": lambda x: x.mean(tuple(range(2, x.ndim)), keepdims=True),
    "Flatten": lambda x, axis: x.reshape(len(x), -1),
    "Reshape": lambda x, shape: with_batch(shape, x),
    "Transpose": lambda x, perm: x.transpose(perm),
    "Concat": lambda *xs, axis: np.concatenate(xs, axis),
    "Slice": lambda x, starts, ends, axes: x[
        tuple(slice(starts[0], ends[0]) if i == axes[0] else slice(None) for i in range(x.ndim))
    ],
    "Split": lambda x, axis, split=None: np.split(x, 2, axis),
    "Squeeze": lambda x, axes: np.squeeze(x, tuple(axes)),
    "Pad": lambda x, pads: np.pad(x, list(zip(pads[: x.ndim], pads[x.ndim :], strict=True))),
    "Identity": lambda x: x,
    "Dropout": lambda x: x,
    "Softmax": lambda x, axis: x,
}
"""Softmax is what the host computes: here the logits."""


def outputs_of(net: Net, name: str | None = None) -> np.ndarray:
    """A value of the graph for its `x`, by default the last one."""
    values: dict[str, Any] = {"x": net.x, **net.constants}
    for op, inputs, outputs, attributes, _ in net.nodes:
        found = DEFINITIONS[op](*[values[i] for i in inputs], **attributes)
        values.update(zip(outputs, found, strict=True) if len(outputs) > 1 else [(outputs[0], found)])
    return np.asarray(values[name or net.last], f32)
