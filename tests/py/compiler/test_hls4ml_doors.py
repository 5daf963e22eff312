"""What scripts of hls4ml call beside conversion: drawings, dictionaries of settings, boards, profiles of weights."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import qdialect as hls4ml
from qdialect import QdialectError
from qdialect.compiler.configuration import Configuration


@pytest.fixture(scope="module")
def model():
    """Floats and quantizers, and inputs that nothing quantizes."""
    import qkeras
    import tf_keras

    layers = [
        tf_keras.layers.Input((3,), name="features"),
        qkeras.QDense(4, kernel_quantizer="quantized_bits(4,0,alpha=1)", use_bias=False, name="fc"),
        qkeras.QActivation("quantized_relu(4,2)", name="relu"),
    ]
    return tf_keras.Sequential(layers, name="net")


def configured(model, granularity: str, **options):
    config = hls4ml.utils.config_from_keras_model(model, granularity, **options)
    return config, hls4ml.converters.convert_from_keras_model(model, hls_config=config)


@pytest.mark.parametrize("granularity", ["model", "type", "name"])
def test_inputs_without_quantizer_have_the_default_precision(granularity: str, model) -> None:
    config, hw = configured(model, granularity)
    assert config["LayerName"]["features"]["Precision"] == {"result": "fixed<16,6>"}
    assert hw.configuration.input_types == {"features": "fixed<16,6>"}
    config, hw = configured(model, granularity, default_precision="ap_fixed<12,4>")
    assert hw.configuration.input_types == {"features": "ap_fixed<12,4>"}


def test_inputs_with_a_quantizer_have_none(model) -> None:
    import qkeras
    import tf_keras

    quantized = tf_keras.Sequential([qkeras.QActivation("quantized_bits(4,1,alpha=1)", name="q"), *model.layers])
    quantized.build((None, 3))
    assert list(hls4ml.utils.config_from_keras_model(quantized, "model")) == ["Model"]


def test_a_model_is_drawn(model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, hw = configured(model, "name")
    text = hls4ml.utils.plot_model(hw, to_file=tmp_path / "net.dot", show_shapes=True, show_precision=True)
    assert (tmp_path / "net.dot").read_text() == text
    assert '"input features" -> "fc" [label="fixed<16, 6, signed> 3"];' in text
    assert '"input features" -> "fc" [label=""];' in hls4ml.utils.plot_model(hw, to_file=None)
    graphviz(tmp_path, "cat > $3", monkeypatch)
    hls4ml.utils.plot_model(hw, to_file=tmp_path / "net.svg", show_shapes=True, show_precision=True)
    assert (tmp_path / "net.svg").read_text() == text
    graphviz(tmp_path, "echo 'no such format' >&2; exit 1", monkeypatch)
    with pytest.raises(QdialectError, match=r"net\.xyz: dot failed: no such format"):
        hls4ml.utils.plot_model(hw, to_file=tmp_path / "net.xyz")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(QdialectError, match=r"model\.png: needs Graphviz' dot on the PATH"):
        hls4ml.utils.plot_model(hw)


def graphviz(folder: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program called as Graphviz' is."""
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "dot").write_text(f"#!/bin/sh\n{does}\n")
    (folder / "bin" / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"), prepend=":")


def test_a_dictionary_of_all_settings(model, tmp_path: Path) -> None:
    cfg = hls4ml.converters.create_config(output_dir=str(tmp_path / "prj"), backend="Vivado", clock_period=4)
    assert cfg == {"OutputDir": str(tmp_path / "prj"), "Backend": "Vivado", "ClockPeriod": 4}
    cfg |= {"IOType": "io_stream", "KerasModel": model, "XilinxPart": "xcku5p"}
    cfg["HLSConfig"] = hls4ml.utils.config_from_keras_model(model)
    hw = hls4ml.converters.keras_to_hls(cfg)
    hw.write()
    assert "part=xcku5p\n" in (tmp_path / "prj" / "hls_config.cfg").read_text()
    with pytest.raises(QdialectError, match="create_config has no setting 'clok'; there are "):
        hls4ml.converters.create_config(clok=4)


def test_an_accelerator_has_streams_and_a_board(model) -> None:
    config = hls4ml.utils.config_from_keras_model(model)
    hw = hls4ml.converters.convert_from_keras_model(
        model, hls_config=config, backend="VivadoAccelerator", board="pynq-z2"
    )
    assert (hw.configuration.part, hw.configuration.interface) == ("xc7z020clg400-1", "axis")


@pytest.mark.parametrize("interface", ["ports", "axis"])
def test_two_networks_of_one_name_in_one_file(interface: str, model, tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(-40, 40, (20, 3)) / 8
    for name in ("first", "second"):
        config = {**hls4ml.utils.config_from_keras_model(model), "interface": interface}
        hw = hls4ml.converters.convert_from_keras_model(
            model, str(tmp_path / name), hls_config=config, io_type="io_stream", namespace=name
        )
        hw.compile()
        assert np.array_equal(hw.predict(x), model.predict(x, verbose=0))
        assert "PASS" in hw.build(synth=False)
        assert f"syn.top={name}::net\n" in (tmp_path / name / "hls_config.cfg").read_text()
        assert f"set_top {name}::net\n" in (tmp_path / name / "run_hls.tcl").read_text()
    both = '#include "first/src/net.h"\n#include "second/src/net.h"\nbool same = first::net == second::net;\n'
    (tmp_path / "both.cpp").write_text(both)
    command = ["g++", "-std=c++11", "-fsyntax-only", "-Wno-unknown-pragmas", "-isystem", "first/sim", "both.cpp"]
    assert subprocess.run(command, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("namespace", ["std", "class", "1x", "a::b", 3, ""])
def test_namespaces_that_are_none_are_refused(namespace) -> None:
    with pytest.raises(QdialectError, match=r"namespace .*such as 'trigger'"):
        Configuration(namespace=namespace)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"board": "pynq-z2"}, "board is for backend='VivadoAccelerator'"),
        ({"board": "pynq-z2", "part": "xcku5p", "backend": "VivadoAccelerator"}, "in place of part"),
        ({"board": "pynq", "backend": "VivadoAccelerator"}, "board 'pynq' is none of pynq-z2, zcu102, .*give its part"),
    ],
)
def test_boards_that_say_nothing_are_refused(arguments, said, model) -> None:
    with pytest.raises(QdialectError, match=said):
        hls4ml.converters.convert_from_keras_model(model, **arguments)


def test_the_tables_of_a_softmax_are_the_hosts(model) -> None:
    config = hls4ml.utils.config_from_keras_model(model)
    config["LayerName"]["relu"]["exp_table_t"] = "ap_fixed<18,8>"
    with pytest.raises(QdialectError, match="'exp_table_t' is not supported: the host computes softmax"):
        hls4ml.converters.convert_from_keras_model(model, hls_config=config)


@pytest.mark.parametrize(
    ("step", "instead"), [("vsynth", "Vivado synthesizes"), ("bitfile", "a bitstream is Vivado's")]
)
def test_steps_of_vivado_are_refused(step: str, instead: str, model) -> None:
    _, hw = configured(model, "name")
    with pytest.raises(QdialectError, match=re.escape(instead)):
        hw.build(synth=False, **{step: True})


def test_a_profile_of_weights_needs_no_inputs(model) -> None:
    _, hw = configured(model, "name")
    (kernel,) = hls4ml.model.profiling.numerical(model=model, hls_model=hw).values
    assert (kernel.name, kernel.kind, kernel.elements) == ("fc_kernel", "weights", 12)
    with pytest.raises(QdialectError, match="numerical needs inputs X for a Keras model"):
        hls4ml.model.profiling.numerical(model=model)
