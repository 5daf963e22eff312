"""Drawn graphs against the definitions: quantizers, rounding modes, scales of powers of two, shapes and windows."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx_definitions import ROUND, outputs_of
from onnx_files import Net

from qdialect.frontends.qonnx.importer import import_onnx
from qdialect.interpreter.simulate import simulate

SCALES = st.integers(-4, 1).map(lambda e: 2.0**e)


@st.composite
def quantized(draw: st.DrawFn, net: Net, x: str) -> str:
    signed = draw(st.integers(0, 1))
    narrow = draw(st.integers(0, signed))
    return net.quant(x, draw(SCALES), draw(st.integers(2, 6)), signed, narrow, draw(st.sampled_from(list(ROUND))))


@st.composite
def graphs(draw: st.DrawFn) -> Net:
    """A convolution, a pooling or an activation between quantizers, once or twice, and a dense layer."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels, rows, columns = draw(st.sampled_from([2, 4])), draw(st.integers(4, 7)), draw(st.integers(4, 7))
    net = Net((rng.normal(size=(4, channels, rows, columns)) * 2).astype(np.float32))
    y = draw(quantized(net, "x"))
    for kind in draw(
        st.lists(st.sampled_from(["conv", "depthwise", "max", "relu", "residual"]), min_size=1, max_size=3)
    ):
        channels = outputs_of(net).shape[1]
        pads = draw(st.lists(st.integers(0, 1), min_size=4, max_size=4))
        match kind:
            case "conv" | "depthwise":
                group = channels if kind == "depthwise" else draw(st.sampled_from([1, 2]))
                shape = (4 if group < 4 else 8, channels // group, 2, draw(st.integers(1, 3)))
                kernel = net.quant(net.constant(rng.normal(size=shape)), draw(SCALES), 4, narrow=1)
                y = net.add("Conv", y, kernel, net.constant(rng.integers(-8, 8, shape[0]) / 16), group=group, pads=pads)
            case "max":
                y = net.add("MaxPool", y, kernel_shape=[2, 2], strides=[draw(st.integers(1, 2)), 1], pads=pads)
            case "relu":
                y = net.add("Relu", y)
            case "residual":
                y = net.add("Sub", y, draw(quantized(net, y)))
        y = draw(quantized(net, y))
        if min(outputs_of(net).shape[2:]) < 3:
            break
    flat = net.add("Flatten", y, axis=1)
    size = outputs_of(net).shape[1]
    net.add("MatMul", flat, net.quant(net.constant(rng.normal(size=(size, 3))), draw(SCALES), 3))
    return net


@settings(
    max_examples=int(os.environ.get("QDIALECT_DRAWS", "25")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(graphs())
def test_drawn_graph_is_its_definition(net: Net) -> None:
    with tempfile.TemporaryDirectory() as folder:
        imported = import_onnx(net.write(Path(folder) / "net.onnx"), None)
    assert np.array_equal(simulate(imported.module, *imported.given([net.x])), outputs_of(net))
