"""Drawn QONNX graphs: nodes, quantizers, rounding modes, scales, shapes and windows."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from onnx_definitions import ROUND, outputs_of
from onnx_files import Net

SCALES = {True: st.integers(-4, 1).map(lambda e: 2.0**e), False: st.floats(0.0625, 2, width=32)}
"""Of quantizers, by whether they are powers of two."""

EXACT = ("conv", "depthwise", "max", "average", "relu", "residual", "concat", "slice", "leaky", "clip")
"""Nodes that float32 computes exactly, of numbers with few bits."""
ROUNDED = (*EXACT, "norm", "mul", "add")


@st.composite
def quantized(draw: st.DrawFn, net: Net, x: str, exact: bool) -> str:
    signed = draw(st.integers(0, 1))
    narrow = draw(st.integers(0, signed))
    return net.quant(
        x, draw(SCALES[exact]), draw(st.integers(2, 6)), signed, narrow, draw(st.sampled_from(list(ROUND)))
    )


@st.composite
def convolved(draw: st.DrawFn, net: Net, y: str, channels: int, group: int, pads: list[int], exact: bool) -> str:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (4 if group < 4 else group, channels // group, 2, draw(st.integers(1, 3)))
    each = draw(st.booleans()) and not exact
    scale = rng.uniform(0.1, 1, (shape[0], 1, 1, 1)) if each else draw(SCALES[exact])
    kernel = net.quant(net.constant(rng.normal(size=shape)), scale, 4, narrow=1)
    return net.add("Conv", y, kernel, net.constant(rng.integers(-8, 8, shape[0]) / 16), group=group, pads=pads)


@st.composite
def step(draw: st.DrawFn, net: Net, y: str, kind: str, exact: bool) -> str:
    """One node of a kind, and what it needs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels = outputs_of(net, y).shape[1]
    pads = draw(st.lists(st.integers(0, 1), min_size=4, max_size=4))
    strides = [draw(st.integers(1, 2)), 1]
    match kind:
        case "conv" | "depthwise":
            group = channels if kind == "depthwise" else draw(st.sampled_from([1, 2]))
            return draw(convolved(net, y, channels, group, pads, exact))
        case "max":
            return net.add("MaxPool", y, kernel_shape=[2, 2], strides=strides, pads=pads)
        case "average":
            return net.add("AveragePool", y, kernel_shape=[2, 2], strides=strides, pads=pads, count_include_pad=1)
        case "relu":
            return net.add("Relu", y)
        case "residual":
            return net.add("Sub", y, draw(quantized(net, y, exact)))
        case "concat":
            return net.add("Concat", y, draw(quantized(net, y, exact)), axis=1)
        case "slice":
            parts = [
                net.add("Slice", y, *(net.constant([n], np.int64) for n in (*ends, 1)))
                for ends in ((1, channels), (0, 1))
            ]
            return net.add("Concat", *parts, axis=1)
        case "leaky":
            return net.add("LeakyRelu", y, alpha=0.25)
        case "clip":
            return net.add("Clip", y, net.constant(-1.5), net.constant(1))
        case "norm":
            numbers = (rng.normal(size=(3, channels)), rng.uniform(0.2, 2, (1, channels)))
            constants = [net.constant(row) for row in np.concatenate(numbers)]
            return net.add("BatchNormalization", y, *constants, epsilon=1e-3)
        case "mul" | "add":
            return net.add(kind.capitalize(), y, net.constant(rng.normal(size=(channels, 1, 1))))
        case _:
            raise ValueError(kind)


@st.composite
def graphs(draw: st.DrawFn, exact: bool = True) -> Net:
    """A few nodes with quantizers between them, and a dense layer. `exact`: scales are powers of two."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels, rows, columns = draw(st.sampled_from([2, 4])), draw(st.integers(4, 7)), draw(st.integers(4, 7))
    net = Net((rng.normal(size=(4, channels, rows, columns)) * 2).astype(np.float32))
    y = draw(quantized(net, "x", exact))
    for kind in draw(st.lists(st.sampled_from(EXACT if exact else ROUNDED), min_size=1, max_size=3)):
        y = draw(quantized(net, draw(step(net, y, kind, exact)), exact))
        if min(outputs_of(net).shape[2:]) < 3:
            break
    flat = net.add("Flatten", y, axis=1)
    size = outputs_of(net).shape[1]
    net.add("MatMul", flat, net.quant(net.constant(rng.normal(size=(size, 3))), draw(SCALES[exact]), 3))
    return net
