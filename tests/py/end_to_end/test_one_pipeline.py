"""Networks as one pipeline: a sample every R cycles, and the bits of Keras.

`make both-views` also compiles the text that synthesis sees, by clang, and prints a row for each network.
"""

import json
import os

import numpy as np
import pytest

from qdialect.backends.hls.lint import lint_project
from qdialect.backends.hls.synthesis.view import SynthesisView
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.layer_settings import LayerSettings
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.interpreter.values import to_reals

SAMPLES = 100
"""That the synthesis view takes; a network of convolutions computes one in a third of a second."""


def check_pipeline(model, x, expected, reuse, directory):
    """`model` takes a sample every `reuse` cycles; its text says so, and gives `expected`."""
    project = write_hls(model, directory, Configuration(model=LayerSettings(reuse_factor=reuse)))
    assert json.loads((directory / "manifest.json").read_text())["contract"]["interval"] == reuse
    text = (directory / "src" / f"{project.top}.cpp").read_text()
    assert text.count("#pragma HLS PIPELINE") == text.count(f"#pragma HLS PIPELINE II={reuse}\n") == 1
    assert "DATAFLOW" not in text
    assert lint_project(directory) == []
    np.testing.assert_array_equal(project.compile().predict(x).reshape(expected.shape), expected)
    if "QDIALECT_LONG" in os.environ:
        check_synthesis_view(project, x[:SAMPLES], expected[:SAMPLES], directory)
        print(f"\n{project.top} R={reuse}: one pipeline, interval {reuse}, lint clean, equal to Keras by g++ and clang")


def check_synthesis_view(project, x, expected, directory):
    """What clang makes of `__SYNTHESIS__` gives `expected`, as Verilog in iverilog."""
    codes = SynthesisView(project, directory / "view").codes(x)[0]
    values = to_reals(codes, network(project.module).function_type.outputs.data[0])
    np.testing.assert_array_equal(values.reshape(expected.shape), expected)


@pytest.mark.parametrize("reuse", [1, 4])
def test_the_examples(example, reuse, tmp_path):
    check_pipeline(example.model, example.inputs, example.logits, reuse, tmp_path / "prj")


@pytest.mark.parametrize("reuse", [1, 4])
def test_a_jet_tagger(reuse, tmp_path):
    keras = pytest.importorskip("tf_keras")
    qkeras = pytest.importorskip("qkeras")
    layers = [keras.layers.Input((16,)), qkeras.QActivation("quantized_bits(12, 4, alpha=1)")]
    for i, units in enumerate((64, 32, 32, 5)):
        bits = "quantized_bits(6, 0, alpha=1)"
        layers.append(qkeras.QDense(units, kernel_quantizer=bits, bias_quantizer=bits, name=f"fc{i}"))
        layers.append(qkeras.QActivation("quantized_relu(6, 2)", name=f"relu{i}"))
    model = keras.Sequential(layers[:-1], name="jet_tagger")
    x = np.random.default_rng(0).normal(0, 4, (200, 16)).astype(np.float32)
    check_pipeline(model, x, model.predict(x, verbose=0), reuse, tmp_path / "prj")
