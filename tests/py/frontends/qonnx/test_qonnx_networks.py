"""Small QONNX graphs against the definitions of their operations: imported, at the integer level, and compiled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx_definitions import ROUND, outputs_of
from onnx_files import Net

import qdialect
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.owner import LAYER
from qdialect.frontends.qonnx.importer import import_onnx

RNG = np.random.default_rng(17)


def net_on(*shape: int) -> tuple[Net, str]:
    """A graph whose input [samples, ...] is quantized to eighths."""
    net = Net(RNG.normal(size=shape).astype(np.float32) * 2)
    return net, net.quant("x", 0.125, 6)


def weights(net: Net, *shape: int, scale: object = 0.25, bits: int = 4) -> str:
    return net.quant(net.constant(RNG.normal(size=shape)), scale, bits, narrow=1)


def dense() -> Net:
    net, x = net_on(20, 7)
    y = net.add("Add", net.add("MatMul", x, weights(net, 7, 5)), net.constant(RNG.integers(-9, 9, 5) / 32))
    z = net.quant(net.add("Relu", y), 0.25, 4, signed=0)
    net.add("Gemm", z, weights(net, 3, 5, scale=[[0.25], [0.5], [0.125]]), net.constant([1, -2, 0.5]), transB=1)
    net.add("Softmax", net.last, axis=1)
    return net


def binary() -> Net:
    net, x = net_on(20, 6)
    one = net.constant(0.5)
    w = net.add("BipolarQuant", net.constant(RNG.normal(size=(6, 4))), one, domain="onnx.brevitas")
    y = net.add("MatMul", x, w)
    norm = [net.constant(v) for v in (RNG.random(4) - 0.5, RNG.normal(size=4), RNG.normal(size=4), RNG.random(4))]
    z = net.add("BatchNormalization", y, *norm, epsilon=1e-3)
    net.add("BipolarQuant", z, one, domain="finn.custom_op.general")
    return net


def image() -> Net:
    net, x = net_on(6, 3, 7, 6)
    y = net.add("Conv", x, weights(net, 4, 3, 3, 2), net.constant([1, 0, -1, 2]), strides=[2, 1], pads=[1, 0, 2, 1])
    z = net.quant(net.add("Relu", y), 0.5, 4, signed=0)
    p = net.add("MaxPool", z, kernel_shape=[2, 2], strides=[1, 2], pads=[0, 1, 1, 0])
    flat = net.add("Flatten", p, axis=1)
    size = outputs_of(net).shape[1]
    scaled = net.quant(net.add("Mul", flat, net.constant(RNG.random(size))), 0.25, 5)
    net.add("MatMul", scaled, weights(net, size, 3))
    return net


def groups() -> Net:
    net, x = net_on(5, 4, 5, 5)
    y = net.quant(net.add("Conv", x, weights(net, 6, 2, 2, 2), group=2, dilations=[2, 1]), 0.5, 5)
    z = net.quant(net.add("Conv", y, weights(net, 12, 1, 2, 3), group=6), 0.5, 5)
    net.add("GlobalAveragePool", z)
    net.quant(net.last, 0.25, 6, mode="FLOOR")
    net.add("Squeeze", net.last, net.constant([2, 3], np.int64))
    return net


def sequence() -> Net:
    net, x = net_on(5, 3, 9)
    y = net.quant(net.add("Conv", x, weights(net, 4, 3, 3), pads=[1, 1]), 0.5, 5)
    z = net.add("AveragePool", y, kernel_shape=[2], strides=[2])
    turned = net.add("Transpose", z, perm=[0, 2, 1])
    net.add("MatMul", turned, weights(net, 4, 2))
    return net


def residual() -> Net:
    net, x = net_on(5, 4, 4, 4)
    y = net.quant(net.add("Conv", x, weights(net, 4, 4, 3, 3), pads=[1, 1, 1, 1]), 0.125, 6)
    total = net.add("Add", net.add("Identity", y), x)
    low, high = net.constant(-1), net.constant(2)
    padded = net.add("Pad", net.add("Clip", total, low, high), net.constant([0, 0, 1, 0, 0, 0, 0, 1], np.int64))
    first = net.add("Split", padded, outputs=2, axis=1)
    net.add("Concat", f"{first}_1", first, axis=1)
    ends = [net.constant([n], np.int64) for n in (1, 4, 2)]
    net.add("Flatten", net.add("Slice", net.last, *ends), axis=1)
    return net


def functions() -> Net:
    net, x = net_on(9, 6)
    y = net.add("LeakyRelu", x, alpha=0.25)
    z = net.add("Div", net.add("Sub", net.constant([1.5]), y), net.constant([4]))
    two = net.add("Reshape", z, net.constant([1, 2, 3], np.int64))
    q = net.quant(two, 0.25, 5)
    bits = [net.constant(n) for n in (0.25, 0, 5, 3)]
    net.add("Trunc", q, *bits, rounding_mode="FLOOR", domain="qonnx.custom_op.general")
    return net


NETWORKS = [dense, binary, image, groups, sequence, residual, functions]


@pytest.mark.covers
@pytest.mark.parametrize("build", NETWORKS, ids=lambda build: build.__name__)
def test_imported_network_is_the_graph(build, tmp_path: Path) -> None:
    """Every output, in channels last; after the default pipeline the same ones. Every operation has an owner, and none
    moves axes, but for outputs that ONNX flattens channels first."""
    net = build()
    imported = import_onnx(net.write(tmp_path / "net.onnx"), None)
    (x,), (y,) = imported.given([net.x]), imported.expected([outputs_of(net)])
    assert np.array_equal(qdialect.simulate(imported.module, x), y)
    operations = list(network(imported.module).body.block.ops)[:-1]
    assert all(LAYER in op.attributes for op in operations)
    assert sum(isinstance(op, TransposeOp) for op in operations) == (build is residual)
    assert np.array_equal(qdialect.simulate(qdialect.lower(imported.module, verify=True), x), y)


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_compiled_convolutions(io_type: str, tmp_path: Path) -> None:
    net = image()
    imported = import_onnx(net.write(tmp_path / "net.onnx"), None)
    project = qdialect.write_hls(imported.module, tmp_path / "project", {"io_type": io_type})
    assert np.array_equal(project.compile().predict(*imported.given([net.x])), outputs_of(net))


@pytest.mark.parametrize("mode", ROUND)
@pytest.mark.parametrize(("signed", "narrow"), [(1, 0), (1, 1), (0, 0)])
def test_rounding_modes(mode: str, signed: int, narrow: int, tmp_path: Path) -> None:
    net = Net((np.arange(-40, 40, dtype=np.float32) / 16)[:, np.newaxis])
    net.quant("x", 0.25, 3, signed, narrow, mode)
    module = qdialect.from_onnx(net.write(tmp_path / "net.onnx"))
    assert np.array_equal(qdialect.simulate(module, net.x), outputs_of(net))


def test_scales_that_are_no_powers_of_two(tmp_path: Path) -> None:
    """The quotient is a float32 one, and the products are the nearest float32 of what the network computes."""
    net = Net(RNG.normal(size=(300, 3)).astype(np.float32) * 3)
    x = net.quant("x", 0.25, 6)
    net.quant(net.add("Mul", x, net.constant([3.0, 0.3, -0.7])), [0.1, 0.3, 0.7], 5)
    module = qdialect.from_onnx(net.write(tmp_path / "net.onnx"))
    assert np.array_equal(np.float32(qdialect.simulate(module, net.x)), outputs_of(net))
    lowered = qdialect.lower(module, verify=True)
    assert np.array_equal(qdialect.simulate(lowered, net.x), qdialect.simulate(module, net.x))


def test_steps_before_the_first_quantizer_are_the_hosts(tmp_path: Path) -> None:
    net = Net(RNG.random((50, 4)).astype(np.float32))
    centred = net.add("Sub", net.add("Mul", "x", net.constant(2)), net.constant([1]))
    net.add("MatMul", net.quant(centred, 0.3, 3), weights(net, 4, 2))
    imported = import_onnx(net.write(tmp_path / "net.onnx"), None)
    steps = "x * 2, then x - 1, then x / 0.300000012"
    assert f"input 'x': the host computes {steps} in float32" in str(network(imported.module).attributes)
    (x,) = imported.given([net.x])
    assert np.array_equal(x, (net.x * 2 - 1) / np.float32(0.3))
    codes = qdialect.simulate(imported.module, x)
    assert np.abs(codes - outputs_of(net)).max() < 2.0**-20  # the reference sums float32 products
    project = qdialect.write_hls(imported.module, tmp_path / "project").compile()
    assert np.array_equal(project.predict(x), codes)


def test_weights_in_a_file_beside_the_graph(tmp_path: Path) -> None:
    net = dense()
    module = qdialect.from_onnx(net.write(tmp_path / "net.onnx", data=True))
    assert np.array_equal(qdialect.simulate(module, net.x), outputs_of(net))


def test_softmax_over_channels(tmp_path: Path) -> None:
    """The axis that is stored last is the host's, of an image too; another one is refused."""
    net, x = net_on(4, 3, 5, 5)
    net.add("Conv", x, weights(net, 4, 3, 2, 2))
    logits = outputs_of(net)
    net.add("Softmax", net.last, axis=1)
    imported = import_onnx(net.write(tmp_path / "net.onnx"), None)
    (x,), (y,) = imported.given([net.x]), imported.expected([logits])
    assert heads_of(network(imported.module)) == [Head.SOFTMAX]
    assert np.array_equal(qdialect.simulate(imported.module, x), y)
    net.add("Softmax", net.nodes[-2][2][0], axis=2)
    with pytest.raises(
        qdialect.QdialectError, match=r"over axis 2 of \[4, 4, 4\] is not supported, only over channels"
    ):
        import_onnx(net.write(tmp_path / "net.onnx"), None)
