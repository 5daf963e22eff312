"""Refusals name the layer that is the cause, and what works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_files import chain, layer, ones, write_h5

import qdialect
from qdialect import QdialectError

ONE = {"class_name": "quantized_bits", "config": {"bits": 4, "integer": 0, "alpha": 1.0}}
DENSE = layer("QDense", units=3, kernel_quantizer=ONE, bias_quantizer=ONE)
RELU = {"class_name": "QActivation", "config": {"name": "relu", "activation": "quantized_relu(6,2)"}}
QUANTIZER = "QActivation('quantized_bits(16,6,alpha=1)')"


def refusal(tmp_path: Path, shape: list[int], *layers: Any, **shapes: Any) -> str:
    """Of reading, lowering or writing the network."""
    weights = {name: ones(**of_layer) for name, of_layer in shapes.items()}
    path = write_h5(tmp_path / "net.h5", chain(shape, *layers), weights)
    with pytest.raises(QdialectError) as error:
        qdialect.write_hls(qdialect.lower(qdialect.from_keras(path)), tmp_path / "project")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500
    return str(error.value)


@pytest.mark.parametrize(
    "cause",
    [
        layer("LeakyReLU", alpha=0.3),
        layer("Activation", activation="tanh"),
        layer("ELU", alpha=0.7),
        layer("QActivation", activation="quantized_ulaw(6,0)"),
    ],
)
@pytest.mark.parametrize("after", [[DENSE], [DENSE, RELU]])
def test_the_layer_that_becomes_float_is_named(tmp_path: Path, cause: Any, after: list[Any]) -> None:
    told = refusal(tmp_path, [4], cause, *after, qdense={"kernel": [4, 3], "bias": [3]})
    assert f"put a quantizer after '{cause['config']['name']}', where it becomes float, such as {QUANTIZER}" in told


@pytest.mark.parametrize(
    "cause", [layer("LeakyReLU", alpha=0.3), layer("QActivation", activation="quantized_ulaw(6,2)")]
)
def test_a_layer_of_float_values_is_refused_when_it_is_lowered(tmp_path: Path, cause: Any) -> None:
    weights = {"qdense": ones(kernel=[4, 3], bias=[3])}
    module = qdialect.from_keras(write_h5(tmp_path / "net.h5", chain([4], cause, DENSE, RELU), weights))
    with pytest.raises(QdialectError, match="of float values has no hardware form; put a quantizer after"):
        qdialect.lower(module)


@pytest.mark.parametrize("gates", ["sigmoid", "hard_sigmoid"])
def test_recurrent_gates(tmp_path: Path, gates: str) -> None:
    options = {f"{key}_quantizer": ONE for key in ("kernel", "recurrent", "bias")}
    recurrent = layer("QLSTM", units=2, activation="tanh", recurrent_activation=gates, **options)
    weights = {"kernel": [4, 8], "recurrent_kernel": [2, 8], "bias": [8]}
    told = refusal(tmp_path, [3, 4], recurrent, qlstm=weights)
    assert "give recurrent layer 'qlstm' quantizers as activation and recurrent_activation" in told


@pytest.mark.parametrize(
    ("written", "package"),
    [
        ({"class_name": "HGQ>QDense"}, "HGQ"),
        ({"module": "quantnets.layers"}, "quantnets"),
        ({"registered_name": "Larq>QuantDense", "class_name": "QuantDense"}, "Larq"),
        ({"class_name": "Larq>QuantDense"}, "Larq"),
        ({"module": "brevitas_keras.nn", "registered_name": "Custom>QDense"}, "brevitas_keras"),
        ({"registered_name": "fastnets>QDense"}, "fastnets"),
    ],
)
def test_layers_of_other_packages(tmp_path: Path, written: dict[str, str], package: str) -> None:
    """Whatever their weights."""
    told = refusal(tmp_path, [4], DENSE | written, qdense={"kernel": [4, 3], "iq": [2], "kq": [3], "oq": [1]})
    assert "layer 'qdense'" in told
    assert f"a layer of {package}, which may compute otherwise than QKeras" in told


@pytest.mark.parametrize("class_name", ["function", "__lambda__"])
def test_functions_without_a_name(tmp_path: Path, class_name: str) -> None:
    """Their code is not printed either."""
    code = {"class_name": class_name, "config": ["4wEAAAAAAAAA" * 100, None, None]}
    for described in (layer("Activation", activation=code), layer("QActivation", activation=code)):
        assert "a Python function without a name, whose code is never executed" in refusal(tmp_path, [4], described)


def applied(tmp_path: Path, second: Any, **keywords: Any) -> Path:
    """A float SimpleRNN on 'a', with `second` among its inputs and `keywords` in the call."""
    inputs = [layer("InputLayer", batch_input_shape=[None, *shape]) for shape in ([3, 4], [2])]
    for entry, name in zip(inputs, "ab", strict=True):
        entry |= {"name": name, "inbound_nodes": [], "config": entry["config"] | {"name": name}}
    quantize = {"class_name": "QActivation", "config": {"name": "q", "activation": "quantized_bits(8,3,alpha=1)"}}
    recurrent = layer("SimpleRNN", units=2, activation="relu", recurrent_initializer="zeros")
    config = {
        "name": "net",
        "layers": [
            *inputs,
            quantize | {"name": "q", "inbound_nodes": [[["a", 0, 0, {}]]]},
            recurrent | {"name": "simplernn", "inbound_nodes": [[["q", 0, 0, keywords], *second]]},
        ],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["simplernn", 0, 0]],
    }
    weights = {"simplernn": ones(kernel=[4, 2], recurrent_kernel=[2, 2], bias=[2])}
    return write_h5(tmp_path / "net.h5", {"class_name": "Functional", "config": config}, weights)


def test_masks_that_hide_nothing_are_no_options(tmp_path: Path) -> None:
    plain = str(qdialect.from_keras(applied(tmp_path, [])))
    for mask in ([[True] * 3], [[1, 1, 1]], {"class_name": "__numpy__", "config": {"value": [[True] * 3]}}, None):
        assert str(qdialect.from_keras(applied(tmp_path, [], mask=mask))) == plain
    for mask in ([[True, False, True]], ["b", 0, 0]):
        with pytest.raises(QdialectError, match="of masks only constant ones that hide nothing"):
            qdialect.from_keras(applied(tmp_path, [], mask=mask))


def test_initial_states_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(QdialectError, match="cannot be applied to 2 tensors; an initial_state is not supported"):
        qdialect.from_keras(applied(tmp_path, [["b", 0, 0, {}]]))
