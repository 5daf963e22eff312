"""Profiles: counts against their definition, Keras' trace against the interpreter's, plots, errors."""

import math
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import qdialect
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format
from qdialect.reports.profile import profile, steps_together
from qdialect.reports.profiled_value import ProfiledValue
from qdialect.tools.cli import main

SIGNED, UNSIGNED = FixedFormat(4, 2, signed=True), FixedFormat(4, 2, signed=False)


@pytest.mark.parametrize(
    ("values", "fmt", "needed", "available", "saturated", "vanished"),
    [
        ([-2, 1.75], SIGNED, 2, 2, 0, 0),
        ([-2.126, 1.875, 1.876], SIGNED, 3, 2, 2, 0),
        ([0, 0.124, -0.124, 0.125], SIGNED, -1, 2, 0, 2),
        ([-9, -0.1, 0.1, 3.874, 3.876], UNSIGNED, 2, 2, 1, 1),
        ([0.0, 0.0], UNSIGNED, 0, 2, 0, 0),
        ([-0.25, 0.2], None, -1, None, 0, 0),
        ([-8, 7.9], None, 4, None, 0, 0),
        ([1.0, 5.6, 5.7], Po2Format(-2, 2, signed=False), 3, 3, 1, 0),
        ([-100.0, 3], BinaryFormat(), 8, None, 0, 0),
    ],
)
def test_bits_and_losses_are_counted(values, fmt, needed, available, saturated, vanished):
    found = ProfiledValue.of("x", "before", np.array(values), fmt)
    assert (found.needed, found.available) == (needed, available)
    assert (found.saturated, found.vanished) == (saturated, vanished)


def test_quartiles_are_those_of_nonzero_magnitudes():
    found = ProfiledValue.of("x", "weights", np.array([0.0, -1, 2, -4, 8, 16]), None)
    assert found.box == (0, 1, 2, 3, 4)
    assert ProfiledValue.of("x", "before", np.array([-9.0, 4]), UNSIGNED).box == (2,) * 5
    assert ProfiledValue.of("x", "weights", np.zeros(3), None).box is None


def test_time_steps_are_taken_together():
    traced = [("l_sum", "activations", np.array([1.0]), None), ("m", "activations", np.array([9.0]), None)]
    traced += [("l_sum", "activations", np.array([-4.0]), None), ("l_sum", "before", np.zeros(2), SIGNED)]
    found = steps_together(traced)
    assert [(value.name, value.lowest, value.highest) for value in found] == [
        ("l_sum", -4, 1),
        ("m", 9, 9),
        ("l_sum", 0, 0),
    ]


def test_a_model_file(example):
    found = {value.name: value for value in profile(example.model, example.inputs).values}
    relu = found["relu3"]
    after = simulate(from_keras(example.model, outputs=["relu3"]), example.inputs)
    assert (relu.kind, relu.elements) == ("before", after.size)
    at_top = after == math.ldexp(relu.format.max_code, relu.format.lsb)
    assert 0 < relu.saturated <= at_top.sum()
    assert found["logits"].highest == example.logits.max()
    assert found["logits_kernel"].kind == "weights"


def keras_model(quantized: bool):
    import qkeras
    import tf_keras as keras

    def q(text):
        return text if quantized else None

    x = keras.Input((6, 6, 2), name="x")
    y = qkeras.QActivation("quantized_bits(6, 2, alpha=1)", name="q")(x) if quantized else x
    kernel = {
        "kernel_quantizer": q("quantized_bits(4, 0, alpha=1)"),
        "bias_quantizer": q("quantized_bits(4, 0, alpha=1)"),
    }
    y = qkeras.QConv2D(3, 2, activation=q("quantized_relu(4, 1)"), name="conv", **kernel)(y)
    y = keras.layers.Flatten(name="flat")(y)
    y = qkeras.QDense(4, name="fc", **kernel)(y)
    if quantized:
        y = qkeras.QActivation("quantized_bits(3, 0, alpha=1)", name="out")(y)
    return keras.Model(x, y)


def test_keras_own_trace_is_that_of_the_interpreter():
    model = keras_model(quantized=True)
    x = np.random.default_rng(0).normal(0, 2, (40, 6, 6, 2)).astype(np.float32)
    live = {value.name: value for value in profile(model, x).values}
    exact = {value.name: value for value in profile(from_keras(model), x).values}
    for name in ("q", "conv", "out"):
        assert live[name] == exact[name], name
    assert live["conv"].saturated
    assert live["fc"].kind == "activations"
    assert live["fc_kernel"].format == exact["fc_kernel"].format
    assert model.get_layer("conv").activation is not None


@pytest.mark.parametrize("live", [True, False])
def test_blocks_of_samples(live, monkeypatch):
    """The profile does not depend on how many samples are computed at once."""
    model = keras_model(quantized=True)
    x = np.random.default_rng(0).normal(0, 2, (40, 6, 6, 2)).astype(np.float32)
    profiled = model if live else from_keras(model)
    whole = profile(profiled, x).values
    monkeypatch.setattr("qdialect.interpreter.blocks.BLOCK_BYTES", 40_000)
    assert profile(profiled, x).values == whole


def test_a_float_model_before_its_quantizers_are_chosen():
    x = np.random.default_rng(0).normal(0, 2, (10, 6, 6, 2)).astype(np.float32)
    values = profile(keras_model(quantized=False), x).values
    assert [value.name for value in values] == [
        "conv_kernel",
        "conv_bias",
        "fc_kernel",
        "fc_bias",
        "conv",
        "flat",
        "fc",
    ]
    assert {value.format for value in values} == {None}


def test_a_model_of_two_inputs():
    import tf_keras as keras

    inputs = [keras.Input((3,), name="a"), keras.Input((2,), name="b")]
    model = keras.Model(inputs, keras.layers.Concatenate(name="both")(inputs))
    x = [np.array([[1.0, -5, 2]]), np.array([[7.0, 0]])]
    (both,) = profile(model, x).values
    assert (both.name, both.elements, both.lowest, both.highest) == ("both", 5, -5, 7)


def test_a_shared_layer_is_refused():
    import tf_keras as keras

    x, shared = keras.Input((3,)), keras.layers.Dense(3, name="shared")
    model = keras.Model(x, shared(shared(x)))
    with pytest.raises(QdialectError, match=r"layer 'shared' is applied several times: profile the imported module"):
        profile(model, np.zeros((1, 3)))


def test_command_and_plots(tmp_path, capsys):
    model, data = (f"examples/digits_mlp/{name}" for name in ("model.h5", "inputs.npy"))
    for suffix in ("svg", "png"):
        output = tmp_path / f"profile.{suffix}"
        assert main(["profile", model, "--data", data, "-o", str(output)]) == 0
        assert output.stat().st_size > 10_000
    assert ElementTree.parse(tmp_path / "profile.svg").getroot().tag.endswith("svg")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["value", "kind", "type"]
    assert any(line.startswith("relu3 ") for line in lines)


def test_wrong_inputs_are_refused(tmp_path, capsys, monkeypatch):
    model, data = (f"examples/digits_mlp/{name}" for name in ("model.h5", "inputs.npy"))
    assert main(["profile", model, "--data", data, "-o", str(tmp_path / "profile.txt")]) == 1
    assert "profile.txt: plots are written to files that end in .png, .svg, .pdf" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(QdialectError, match=r"plots need matplotlib: pip install 'qdialect\[plot\]'"):
        profile(model, np.load(data)).plot(tmp_path / "profile.svg")
    with pytest.raises(QdialectError, match="expected a built Sequential or Functional model, got int"):
        qdialect.profile(3, np.load(data))
