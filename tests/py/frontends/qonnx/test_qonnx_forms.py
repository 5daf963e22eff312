"""The same operations as opsets spell them, functions of few codes, and what ends a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx_files import Net

import qdialect
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks
from qdialect.frontends.qonnx.layers.conv import paddings
from qdialect.frontends.qonnx.model.graph import Node

X = np.arange(-24, 24, dtype=np.float32).reshape(4, 2, 6) / 8


def built(append: Callable[[Net, str], object], tmp_path: Path, opset: int = 13) -> object:
    net = Net(X)
    append(net, net.quant("x", 0.125, 6))
    return qdialect.from_onnx(net.write(tmp_path / "net.onnx", opset))


MOVES = {
    "squeeze_9": (
        lambda net, x: net.add("Squeeze", net.add("Unsqueeze", x, axes=[1]), axes=[1]),
        X,
    ),
    "squeeze_turned_9": (
        lambda net, x: net.add("Transpose", net.add("Squeeze", net.add("Unsqueeze", x, axes=[2])), perm=[0, 2, 1]),
        X.transpose(0, 2, 1),
    ),
    "unsqueeze_13": (lambda net, x: net.add("Unsqueeze", x, net.constant([2], np.int64)), X[:, :, np.newaxis]),
    "slice_9": (lambda net, x: net.add("Slice", x, starts=[1], ends=[-1], axes=[2]), X[:, :, 1:-1]),
    "split_9": (lambda net, x: net.add("Split", x, axis=-1, split=[2, 4], outputs=2), X[:, :, :2]),
    "split_13": (lambda net, x: net.add("Split", x, net.constant([1, 5], np.int64), axis=2, outputs=2), X[:, :, :1]),
    "pad_9": (lambda net, x: net.add("Pad", x, pads=[0, 0, 2, 0, 1, 0]), np.pad(X, [(0, 0), (0, 1), (2, 0)])),
    "pad_13": (
        lambda net, x: net.add("Pad", x, net.constant([0, 0, 2, 0, 1, 0], np.int64), net.constant(0.0)),
        np.pad(X, [(0, 0), (0, 1), (2, 0)]),
    ),
    "resize_10": (
        lambda net, x: net.add("Resize", x, net.constant([1.0, 2.0, 1.0])),
        X.repeat(2, axis=1),
    ),
    "upsample_9": (lambda net, x: net.add("Upsample", x, net.constant([1.0, 1.0, 3.0])), X.repeat(3, axis=2)),
    "resize_13": (
        lambda net, x: net.add(
            "Resize",
            x,
            "",
            net.constant([1.0, 2.0, 3.0]),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        X.repeat(2, axis=1).repeat(3, axis=2),
    ),
    "resize_sizes": (
        lambda net, x: net.add(
            "Resize",
            x,
            "",
            "",
            net.constant([1, 4, 6], np.int64),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        X.repeat(2, axis=1),
    ),
    "clip_9": (lambda net, x: net.add("Clip", x, min=-1.0, max=0.5), X.clip(-1, 0.5)),
    "clip_one_side": (lambda net, x: net.add("Clip", x, "", net.constant(0.5)), X.clip(None, 0.5)),
    "dropout": (lambda net, x: net.add("Dropout", x, ratio=0.5), X),
    "reshape": (lambda net, x: net.add("Reshape", x, net.constant([0, -1, 4], np.int64)), X.reshape(4, 3, 4)),
    "reduce_mean_9": (lambda net, x: net.add("ReduceMean", x, axes=[1], keepdims=1), X.mean(1, keepdims=True)),
    "reduce_mean_18": (lambda net, x: net.add("ReduceMean", x, net.constant([1], np.int64), keepdims=0), X.mean(1)),
    "reduce_sum_13": (lambda net, x: net.add("ReduceSum", x, net.constant([-1], np.int64), keepdims=0), X.sum(-1)),
    "reduce_max_9": (lambda net, x: net.add("ReduceMax", x, axes=[1, 2], keepdims=1), X.max((1, 2), keepdims=True)),
    "transpose": (lambda net, x: net.add("Transpose", x, perm=[0, 2, 1]), X.transpose(0, 2, 1)),
}


@pytest.mark.parametrize("name", MOVES)
def test_forms_of_opsets(name: str, tmp_path: Path) -> None:
    append, wanted = MOVES[name]
    module = built(append, tmp_path, 9 if name.endswith("_9") else 13)
    got = qdialect.simulate(module, X)
    assert np.array_equal(got, wanted if got.shape == wanted.shape else np.moveaxis(wanted, 1, -1))


FILLED = {
    "attribute": lambda net, x: net.add("Pad", x, pads=[0, 0, 2, 0, 1, 0], value=1.0),
    "input": lambda net, x: net.add("Pad", x, net.constant([0, 0, 2, 0, 1, 0], np.int64), net.constant(1.0)),
}


@pytest.mark.parametrize("name", FILLED)
def test_what_is_padded_is_zeros(name: str, tmp_path: Path) -> None:
    with pytest.raises(qdialect.QdialectError, match=r"pads .* with 1.0 are not supported"):
        built(FILLED[name], tmp_path, 9 if name == "attribute" else 13)


@pytest.mark.parametrize(
    ("mode", "size", "window", "stride", "dilation", "low", "high"),
    [
        ("SAME_UPPER", 8, 3, 2, 1, 0, 1),
        ("SAME_LOWER", 8, 3, 2, 1, 1, 0),
        ("SAME_UPPER", 7, 3, 2, 1, 1, 1),
        ("SAME_UPPER", 7, 2, 1, 2, 1, 1),
        ("SAME_UPPER", 9, 1, 3, 1, 0, 0),
        ("VALID", 8, 3, 2, 1, 0, 0),
    ],
)
def test_paddings_that_are_to_be_found(
    mode: str, size: int, window: int, stride: int, dilation: int, low: int, high: int
) -> None:
    """So many that there are ceil(size / stride) results, the odd one at the end or at the start."""
    node = Node("Conv", "conv", "", [], ["y"], {"auto_pad": mode}, 13)
    both = paddings(node, 2, (size, 5), (window, 1), (stride, 1), (dilation, 1))
    assert both == ((low, 0), (high, 0))


def test_lists_of_integers_have_a_length_and_a_least_one() -> None:
    node = Node("Conv", "conv", "", [], ["y"], {"a": [1, 2], "b": [0, 1], "c": [1 << 40, 1], "d": [1.5, 1]}, 13)
    assert node.integers("a", [1, 1], 1) == [1, 2]
    assert node.integers("b", [1, 1]) == [0, 1]
    for key, default, least in (("b", [1, 1], 1), ("c", [1, 1], 1), ("d", [1, 1], 1), ("a", [1], 1)):
        with pytest.raises(qdialect.QdialectError, match=rf"{key}=.* is not supported; use {len(default)} integers"):
            node.integers(key, default, least)


@pytest.mark.parametrize("sizes", [[1, 4], [6, 0], [7, -1], [2, 2, 2]], ids=str)
def test_parts_that_do_not_make_the_whole_are_refused(sizes: list[int], tmp_path: Path) -> None:
    def append(net: Net, x: str) -> None:
        net.add("Split", x, net.constant(sizes, np.int64), axis=2, outputs=2)

    with pytest.raises(qdialect.QdialectError, match=r"parts of \[.*\] do not make 6 elements in 2 outputs"):
        built(append, tmp_path)


def test_an_order_that_is_kept_has_no_remark(tmp_path: Path) -> None:
    module = built(lambda net, x: net.add("Relu", x), tmp_path)
    assert not [text for text in remarks(network(module)) if "channels last" in text]


FUNCTIONS = {
    "Sigmoid": (lambda x: 1 / (1 + np.exp(-x)), {}),
    "Tanh": (np.tanh, {}),
    "HardSigmoid": (lambda x: np.clip(x / 2 + 0.5, 0, 1), {"alpha": 0.5, "beta": 0.5}),
    "LeakyRelu": (lambda x: np.where(x >= 0, x, np.float32(0.01) * x), {"alpha": 0.01}),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_before_a_quantizer(name: str, tmp_path: Path) -> None:
    """Codes of a function whose values lie off the ties."""
    function, attributes = FUNCTIONS[name]
    module = built(lambda net, x: net.quant(net.add(name, x, **attributes), 0.0625, 7), tmp_path)
    wanted = np.round(function(X.astype(np.float64)) * 16) / 16
    assert np.array_equal(qdialect.simulate(module, X), wanted)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module, verify=True), X), wanted)


def test_a_sigmoid_at_the_end_is_the_hosts(tmp_path: Path) -> None:
    module = built(lambda net, x: net.add("Sigmoid", x), tmp_path)
    assert heads_of(network(module)) == [Head.SIGMOID]
    assert np.array_equal(qdialect.simulate(module, X), X)


def test_heads_over_other_axes_are_refused(tmp_path: Path) -> None:
    """Of a vector any axis will do, however many axes of one element it has."""
    rows = lambda net, x: net.add("Softmax", net.add("ReduceMax", x, axes=[1], keepdims=1), axis=2)  # noqa: E731
    assert heads_of(network(built(rows, tmp_path, 11))) == [Head.SOFTMAX]
    with pytest.raises(qdialect.QdialectError, match=r"over axis 1 of \[2, 6\] is not supported"):
        built(lambda net, x: net.add("Softmax", x, axis=1), tmp_path, 13)


@pytest.mark.parametrize(("key", "value"), [("alpha", 0.5), ("beta", 2.0), ("transA", 1)])
def test_factors_of_a_gemm_are_refused(key: str, value: float, tmp_path: Path) -> None:
    def append(net: Net, x: str) -> None:
        kernel = net.quant(net.constant(np.eye(12)), 0.5, 4)
        net.add("Gemm", net.add("Flatten", x, axis=1), kernel, **{key: value})

    with pytest.raises(qdialect.QdialectError, match=rf"\(Gemm\): {key}={value}"):
        built(append, tmp_path)


def test_an_argmax_at_the_end_is_the_hosts(tmp_path: Path) -> None:
    def append(net: Net, x: str) -> None:
        net.add("ArgMax", net.add("Flatten", x, axis=1), axis=1)

    module = built(append, tmp_path)
    assert "the numbers whose largest is meant; head='argmax' gives its index" in str(network(module).attributes)
    assert np.array_equal(qdialect.simulate(module, X), X.reshape(4, -1))


def test_shapes_with_axes_that_are_inputs(tmp_path: Path) -> None:
    """As from opset 13 on."""

    def append(net: Net, x: str) -> None:
        axes = net.constant([0], np.int64)
        first = net.add("Gather", net.add("Shape", x), net.constant(0, np.int64), axis=0)
        rest = net.add("Squeeze", net.add("Unsqueeze", net.constant([-1], np.int64), axes), axes)
        net.add("Reshape", x, net.add("Concat", net.add("Unsqueeze", first, axes), rest, axis=0))

    assert np.array_equal(qdialect.simulate(built(append, tmp_path), X), X.reshape(4, -1))


def test_shapes_that_the_graph_computes(tmp_path: Path) -> None:
    """As PyTorch exports `x.view(x.shape[0], -1)`."""

    def append(net: Net, x: str) -> None:
        first = net.add("Gather", net.add("Shape", x), net.constant(0, np.int64), axis=0)
        rows = net.add("Unsqueeze", first, axes=[0])
        net.add("Reshape", x, net.add("Concat", rows, net.constant([-1], np.int64), axis=0))

    assert np.array_equal(qdialect.simulate(built(append, tmp_path), X), X.reshape(4, -1))
