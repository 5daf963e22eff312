"""Spellings of quantizers against QKeras' own reading of them, and their formats against its outputs."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.frontends.keras.keras_run.pinning import keras_weights
from qdialect.frontends.keras.quantizers.classes import (
    Binary,
    Function,
    QuantizedBits,
    QuantizedHswish,
    QuantizedRelu,
    StochasticBinary,
    StochasticTernary,
    Ternary,
    is_automatic,
    with_trainable_rule,
)
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2, QuantizedReluPo2
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedSigmoid, QuantizedTanh, QuantizedUlaw
from qdialect.frontends.keras.quantizers.spellings import CLASSES, read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.interpreter.simulate import simulate

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

WHERE = "layer 'fc1' kernel_quantizer"
OF_QKERAS = {name: cls for name, cls in CLASSES.items() if name != "quantized_linear"}  # that of qkeras-v3

STRINGS = {
    "quantized_bits": QuantizedBits(),
    "quantized_bits(4,0,alpha=1)": QuantizedBits(4, 0, alpha=1.0),
    "quantized_bits( 4, integer = 2 ) # ": QuantizedBits(4, 2),
    "quantized_bits(8,0,1,False)": QuantizedBits(8, 0, 1, keep_negative=False),
    "quantized_bits(4,0,alpha='auto_po2')": QuantizedBits(4, 0, 1, alpha="auto_po2"),
    'quantized_bits(4,0,alpha="auto")': QuantizedBits(4, 0, 1, alpha="auto"),
    "quantized_bits(4,0,alpha=.25,use_stochastic_rounding=True)": QuantizedBits(
        4, alpha=0.25, use_stochastic_rounding=True
    ),
    "quantized_relu(6,2)": QuantizedRelu(6, 2),
    "quantized_relu(11,0,1)": QuantizedRelu(11, 0, use_sigmoid=True),
    "quantized_relu(4,0,0,0.125)": QuantizedRelu(4, 0, negative_slope=0.125),
    "quantized_relu(4,1,relu_upper_bound=1.5,is_quantized_clip=False)": QuantizedRelu(
        4, 1, relu_upper_bound=1.5, is_quantized_clip=False
    ),
    "binary": Binary(),
    "binary(1,alpha=1.5)": Binary(use_01=True, alpha=1.5),
    "stochastic_binary('auto')": StochasticBinary("auto"),
    "ternary(threshold=5e-1)": Ternary(threshold=0.5),
    "stochastic_ternary()": StochasticTernary(),
    "quantized_po2(4,2,quadratic_approximation=1)": QuantizedPo2(4, 2, quadratic_approximation=True),
    "quantized_po2(4,log2_rounding='floor')": QuantizedPo2(4, log2_rounding="floor"),
    "quantized_relu_po2(6,2048)": QuantizedReluPo2(6, 2048),
    "quantized_relu_po2(4,2,0.25)": QuantizedReluPo2(4, 2, 0.25),
    "quantized_tanh(5)": QuantizedTanh(5),
    "quantized_tanh(5,symmetric=True,use_real_tanh=True)": QuantizedTanh(5, symmetric=1, use_real_tanh=True),
    "quantized_sigmoid(8,2)": QuantizedSigmoid(8, symmetric=2),
    "quantized_ulaw(6,1)": QuantizedUlaw(6, 1),
    "quantized_hswish(8,3)": QuantizedHswish(8, 3),
}
FUNCTION_STRINGS = ["relu", "softmax", "linear", "tanh", "sigmoid", "selu", "hard_sigmoid", "hard_tanh", "binary_tanh"]


@pytest.mark.parametrize(("text", "expected"), STRINGS.items())
def test_string_is_read_as_qkeras_reads_it(text: str, expected: object) -> None:
    import qkeras.quantizers

    assert read_quantizer(text, WHERE) == expected
    live = qkeras.quantizers.get_quantizer(text)
    assert read_quantizer(live, WHERE) == expected


@pytest.mark.parametrize("name", FUNCTION_STRINGS)
def test_function_names(name: str) -> None:
    import qkeras.quantizers

    assert read_quantizer(name, WHERE) == Function(name)
    assert read_quantizer(qkeras.quantizers.get_quantizer(name), WHERE) == Function(name)
    assert read_quantizer({"class_name": "function", "config": name}, WHERE) == Function(name)
    builtin = {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    assert read_quantizer(builtin, WHERE) == Function(name)


def test_defaults_and_order_are_those_of_the_constructors() -> None:
    import inspect

    import qkeras.quantizers

    for name, cls in OF_QKERAS.items():
        theirs = inspect.signature(getattr(qkeras.quantizers, name).__init__).parameters
        ours = inspect.signature(cls).parameters
        assert list(ours) == list(theirs)[1:]
        assert all(ours[key].default == theirs[key].default for key in ours), name


def test_none_and_later_versions() -> None:
    assert read_quantizer(None, WHERE) is None
    config = {"bits": 4, "alpha": 1, "post_training_scale": None}
    assert read_quantizer({"class_name": "quantized_bits", "config": config}, WHERE) == QuantizedBits(4, alpha=1.0)
    assert read_quantizer("quantized_bits(4,0,alpha=None)", WHERE) == QuantizedBits(4)  # QKeras reads None as 'on'


@pytest.mark.parametrize("alpha", [True, 1, 1.0, np.float32(1), np.array(1.0)])
def test_alpha_one(alpha: object) -> None:
    spec = {"class_name": "quantized_bits", "config": {"bits": 4, "alpha": alpha}}
    assert read_quantizer(spec, WHERE) == QuantizedBits(4, alpha=1.0)


@given(st.data())
def test_drawn_spellings_are_read_as_qkeras_reads_them(data: st.DataObject) -> None:
    """Blanks, nested parentheses, numbers in every spelling, positions and names: QKeras' options, or a refusal."""
    import qkeras.quantizers

    name = data.draw(
        st.sampled_from(["quantized_bits", "quantized_relu", "quantized_tanh", "ternary", "quantized_po2"])
    )
    names = [f.name for f in fields(OF_QKERAS[name])][:6]
    blank = st.sampled_from(["", "", " ", "  "])
    spelled = "2 3 4 5. 1 0 0.5 .25 1e0 +4 1_0 (2) (4) True False 'auto' 'auto_po2' quantized_bits(4,0)"
    number = st.sampled_from(spelled.split())
    arguments = [
        data.draw(blank)
        + (f"{data.draw(st.sampled_from(names))}{data.draw(blank)}={data.draw(blank)}" if named else "")
        + data.draw(number)
        + data.draw(blank)
        for named in sorted(data.draw(st.lists(st.booleans(), max_size=4)))
    ]
    text = data.draw(st.sampled_from([name, f"{name}({','.join(arguments)}){data.draw(blank)}"]))
    try:
        live = qkeras.quantizers.get_quantizer(text)
        expected = read_quantizer(live() if isinstance(live, type) else live, WHERE)
    except Exception as error:  # whatever QKeras raises
        expected = error
    try:
        assert read_quantizer(text, WHERE) == expected
    except QdialectError:
        assert isinstance(expected, Exception)


def test_of_an_option_that_is_given_twice_the_last_value_is_read() -> None:
    assert read_quantizer("quantized_bits(bits=True ,bits=2)", WHERE) == QuantizedBits(2)
    with pytest.raises(QdialectError, match="behind named ones"):
        read_quantizer("quantized_bits(bits=3,2,bits=2)", WHERE)


NESTED = {
    "quantized_relu(4,integer=(2))": QuantizedRelu(),
    "quantized_relu((4),2)": QuantizedRelu(),
    "quantized_bits(4,0,1,alpha=(1))": QuantizedBits(),
    "quantized_relu(quantized_bits(4, 0, alpha=1), 0)": QuantizedRelu(),
}


@pytest.mark.parametrize(("text", "expected"), NESTED.items())
def test_nested_parentheses_drop_all_arguments(text: str, expected: object, tmp_path: Path) -> None:
    """And the module says so."""
    import tf_keras
    from qkeras import QActivation

    assert read_quantizer(text, WHERE) == expected
    model = tf_keras.Sequential([tf_keras.layers.Input((5,)), QActivation(text, name="q")])
    model.save(tmp_path / "net.h5")
    module = from_keras(tmp_path / "net.h5")
    x = np.linspace(-9, 9, 320, dtype=np.float32).reshape(64, 5)
    assert np.array_equal(simulate(module, x), model.predict(x, verbose=0))
    told = remarks(network(module))
    assert any(f"layer 'q' (QActivation): QKeras drops the arguments of '{text}'" in line for line in told)


def test_quantizers_in_other_places_of_a_configuration() -> None:
    """A layer in the place of its function, a description inside a description, a call in the place of options."""
    inner = {"class_name": "quantized_bits", "config": {"bits": 4, "integer": 0, "alpha": 1}}
    expected = QuantizedBits(4, 0, alpha=1.0)
    for spec in (
        {"class_name": "QActivation", "config": {"name": "q", "activation": inner}},
        {"class_name": "QActivation", "config": {"name": "q", "activation": "quantized_bits(4,0,alpha=1)"}},
        {"class_name": "quantized_bits", "config": inner},
        {"class_name": "quantized_bits", "config": "quantized_bits(4, 0, alpha=1)"},
    ):
        assert read_quantizer(spec, WHERE) == expected


FLUSHED = ["quantized_po2(9)", "quantized_relu_po2()", "quantized_po2(8,1)", "quantized_po2(12)"]
FLUSHED += ["quantized_relu_po2(9,4)", "quantized_relu_po2(8,quadratic_approximation=True)"]


@pytest.mark.parametrize("text", [*FLUSHED, "quantized_po2(8)"])
def test_powers_of_two_below_float32_are_zero(text: str) -> None:
    """As TensorFlow flushes the value that stands for zero."""
    quantizer = read_quantizer(text, WHERE)
    w = np.random.default_rng(0).normal(0, 1, (4, 64)).astype(np.float32)
    for kernel in (np.where(np.abs(w) < 1e-3, np.float32(1), np.abs(w)), np.where(np.abs(w) < 0.1, 0, w), 0 * w):
        given = np.asarray(kernel, np.float32)
        assert np.array_equal(quantize_weights(quantizer, given, WHERE).values(), keras_weights(text, given, True))


def test_array_alpha_in_every_spelling() -> None:
    import qkeras.quantizers
    import tensorflow as tf

    expected = QuantizedBits(4, alpha=(0.5, 2.0))
    numpy_dict = {"class_name": "__numpy__", "config": {"value": [0.5, 2.0], "dtype": "float32"}}
    assert (
        read_quantizer({"class_name": "quantized_bits", "config": {"bits": 4, "alpha": numpy_dict}}, WHERE) == expected
    )
    assert read_quantizer(qkeras.quantizers.quantized_bits(4, alpha=np.array([0.5, 2.0])), WHERE) == expected
    assert read_quantizer(qkeras.quantizers.quantized_bits(4, alpha=tf.constant([0.5, 2.0])), WHERE) == expected
    nested = {"class_name": "quantized_bits", "config": {"bits": 4, "alpha": [[1, 2], [3, 4]]}}
    assert read_quantizer(nested, WHERE) == QuantizedBits(4, alpha=((1.0, 2.0), (3.0, 4.0)))


def test_options_that_only_a_live_object_keeps() -> None:
    import qkeras.quantizers

    bits = qkeras.quantizers.quantized_bits(4, scale_axis=0, use_ste=False, alpha="auto")
    assert read_quantizer(bits, WHERE) == QuantizedBits(4, symmetric=1, scale_axis=0, use_ste=False, alpha="auto")
    variable = qkeras.quantizers.quantized_relu(4, 1, is_quantized_clip=False, use_variables=True)
    variable(np.zeros(1, np.float32))
    assert read_quantizer(variable, WHERE) == QuantizedRelu(4, 1, is_quantized_clip=False)


def test_models_saved_by_keras(tmp_path) -> None:
    import h5py
    import qkeras
    from tf_keras import Sequential

    q = qkeras.quantizers
    model = Sequential(
        [
            qkeras.QDense(
                3, kernel_quantizer="quantized_bits(4,0)", bias_quantizer=q.quantized_po2(4), input_shape=(2,)
            ),
            qkeras.QActivation("quantized_relu(6,2)"),
            qkeras.QDense(3, kernel_quantizer=q.ternary(), bias_quantizer=None, activation=q.quantized_tanh(5)),
            qkeras.QActivation(q.quantized_relu(5, 0, 1)),
            qkeras.QDense(2, kernel_quantizer=q.binary(alpha=1.0), bias_quantizer=q.binary(), activation="hard_tanh"),
        ]
    )
    model.save(tmp_path / "net.h5")
    with h5py.File(tmp_path / "net.h5") as file:
        layers = json.loads(file.attrs["model_config"])["config"]["layers"]
    configs = [layer["config"] for layer in layers if layer["class_name"] != "InputLayer"]
    keys = ("kernel_quantizer", "bias_quantizer", "activation")
    spelled = [[read_quantizer(config.get(key), WHERE) for key in keys] for config in configs]
    linear = Function("linear")
    assert spelled == [
        [QuantizedBits(4, symmetric=1, alpha="auto_po2"), QuantizedPo2(4), linear],
        [None, None, QuantizedRelu(6, 2)],
        [Ternary("auto_po2"), None, QuantizedTanh(5)],
        [None, None, QuantizedRelu(5, 0, use_sigmoid=True)],
        [Binary(alpha=1.0), Binary(), Function("hard_tanh")],
    ]
    for layer, config in zip(model.layers, configs, strict=True):
        for key in keys:
            live = getattr(layer, f"{key}_internal", getattr(layer, key, None))
            assert read_quantizer(live, WHERE) == read_quantizer(config.get(key), WHERE)


@pytest.mark.parametrize("text", [s for s in STRINGS if "bits" in s or "nary" in s or "po2" in s or "tanh" in s])
def test_trainable_rule(text: str) -> None:
    import qkeras.quantizers

    live = qkeras.quantizers.get_quantizer(text)
    ours = with_trainable_rule(read_quantizer(live, WHERE))
    live._set_trainable_parameter()
    assert ours == read_quantizer(live, WHERE)


def test_trainable_rule_leaves_functions_and_none() -> None:
    assert with_trainable_rule(None) is None
    assert with_trainable_rule(Function("linear")) == Function("linear")
    assert with_trainable_rule(QuantizedHswish()) == QuantizedHswish(alpha="auto_po2", symmetric=1)
    assert is_automatic("auto")
    assert not is_automatic(1.0)
