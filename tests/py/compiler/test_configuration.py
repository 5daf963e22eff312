"""A configuration is done or refused, setting by setting: by name, with the nearest known one, at every level."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained import load_example

import qdialect as hls4ml
from qdialect import QdialectError, from_keras, lower, simulate, verify, write_hls
from qdialect.compiler.hls_config import LAYER_SETTINGS, SECTIONS, SETTINGS, SPELLINGS, read_configuration
from qdialect.compiler.layer_settings import NetworkLayers
from qdialect.passes.loops.schedule import Schedule

MLP = str(load_example("digits_mlp").model)


def refused(*said: str):
    """One line that says all of this."""
    return pytest.raises(QdialectError, match="".join(f"(?=.*{re.escape(words)})" for words in said) + r".*\Z")


def two_inputs():
    """Concatenated raw inputs and a dense layer."""
    keras = pytest.importorskip("tf_keras")
    qkeras = pytest.importorskip("qkeras")
    track, energy = keras.layers.Input((4,), name="track"), keras.layers.Input((3,), name="energy")
    quantizers = {part: qkeras.quantized_bits(4, 1, alpha=1) for part in ("kernel_quantizer", "bias_quantizer")}
    y = qkeras.QDense(2, name="fc", **quantizers)(keras.layers.Concatenate()([track, energy]))
    return keras.Model([track, energy], y)


def convert(model: Any, config: Any, tmp_path: Path, **arguments: Any):
    return hls4ml.converters.convert_from_keras_model(model, str(tmp_path / "prj"), hls_config=config, **arguments)


# --- precision -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [list, reversed, sorted], ids=["given", "reversed", "sorted"])
@pytest.mark.parametrize("layer", ["fc1", "sign1", "softmax"])
def test_the_precision_of_an_inner_layer_is_never_that_of_the_input(layer, order, tmp_path):
    config = hls4ml.utils.config_from_keras_model(MLP)
    config["LayerName"] = {name: config["LayerName"][name] for name in order(config["LayerName"])}
    config["LayerName"][layer]["Precision"] = "fixed<4,2>"
    with refused(f"LayerName '{layer}'", "Precision='fixed<4,2>'", "the types follow from the network", "'image'"):
        convert(MLP, config, tmp_path)
    with refused(f"LayerName '{layer}'", "Precision"):
        convert(MLP, {"LayerName": {layer: {"Precision": "fixed<4,2>"}}}, tmp_path)
    assert not (tmp_path / "prj").exists()


@pytest.mark.parametrize("section", ["Model", "LayerType"])
def test_a_precision_of_several_layers_is_refused(section, tmp_path):
    config = {"Model": {"Precision": "fixed<4,2>"}, "LayerType": {"InputLayer": {"Precision": "fixed<4,2>"}}}
    with refused(section, "Precision='fixed<4,2>'", "'image'"):
        convert(MLP, {section: config[section]}, tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_two_inputs_have_two_types(tmp_path):
    model = two_inputs()
    types = {"track": "fixed<8,3>", "energy": "ap_fixed<12, 8>"}
    config = hls4ml.utils.config_from_keras_model(model)
    for name, text in types.items():
        config["LayerName"][name]["Precision"]["result"] = text
    hw = convert(model, config, tmp_path)
    rng = np.random.default_rng(0)
    x = [rng.normal(0, 3, (50, n)).astype(np.float32) for n in (4, 3)]
    rounded = [np.clip(np.rint(x[0] * 32), -128, 127) / 32, np.clip(np.rint(x[1] * 16), -2048, 2047) / 16]
    hw.compile()
    assert np.array_equal(hw.predict(x), model.predict([r.astype(np.float32) for r in rounded], verbose=0))
    assert np.array_equal(simulate(from_keras(model, types), x), hw.predict(x))
    assert [port.bits for port in hw.design.inputs] == [8, 12]
    with refused("no input 'tracks'", "'track'"):
        from_keras(model, {"tracks": "fixed<8,3>"})
    with refused("given twice"):
        verify(model, input_type="fixed<8,3>", config=config)


# --- names and kinds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"LayerNames": {}}, ("'LayerNames'", "'LayerName'")),
        ({"layer_type": {}}, ("'layer_type'", "'LayerType'")),
        ({"IOtype": "io_stream"}, ("'IOtype'", "'IOType'")),
        ({"reusefactor": 3}, ("'reusefactor'", "'Model.ReuseFactor'")),
        ({"SkipOptimizers": ["fuse_bias_add"]}, ("'SkipOptimizers'", "'passes'")),
        ({"Optimizers": ["x"]}, ("'Optimizers'", "'passes'")),
        ({"Model": {"ReuseFactors": 2}}, ("Model", "'ReuseFactors'", "'ReuseFactor'")),
        ({"Model": {"BramFactor": 1}}, ("Model", "'BramFactor'", "Strategy")),
        ({"LayerName": {"fc1": {"strategy": "Latency"}}}, ("LayerName 'fc1'", "'strategy'", "'Strategy'")),
        ({"LayerName": {"fc_1": {"ReuseFactor": 2}}}, ("LayerName 'fc_1'", "no such layer", "'fc1'")),
        ({"LayerType": {"Qdense": {}}}, ("LayerType 'Qdense'", "no such layer of class", "'QDense'")),
        ({"HLSConfig": {"Models": {}}}, ("'Models'", "'Model'")),
    ],
)
def test_names_that_do_not_exist_are_refused_with_the_nearest(config, said, tmp_path):
    with refused(*said):
        convert(MLP, config, tmp_path)


def spelled(value: object) -> str:
    """The same in every process."""
    return type(value).__name__ if type(value) is object else repr(value)


VALUES = [None, 5, 2.5, [], ["x"], "x", {"x": 1}, {1: 2}, b"x", True, float("nan"), object()]

RIGHT: dict[str, list[Any]] = {
    "passes": [None, ["x"]],
    "clock_period": [5, 2.5],
    **{key: [None, "x"] for key in ("project_name", "namespace")},
    **{key: [None] for key in ("control", "emulator", "inputs", "outputs")},
    **{key: [5] for key in ("ReuseFactor", "PE", "SIMD", "softmax_bits")},
    **{key: [True] for key in ("Trace", "TraceOutput")},
    "Precision": ["x"],
}
"""Which of them are right: a precision is looked at when the network is known."""


def is_right(key: str, value: Any) -> bool:
    return any(type(value) is type(each) and value == each for each in RIGHT.get(SPELLINGS.get(key, key), ()))


@pytest.mark.parametrize("value", VALUES, ids=spelled)
@pytest.mark.parametrize("key", ["Model", *SECTIONS, "HLSConfig", *SETTINGS, *SPELLINGS])
def test_settings_of_the_wrong_kind(key, value):
    if is_right(key, value):
        assert getattr(read_configuration({key: value}), SPELLINGS.get(key, key)) == value
        return
    with refused("'x'" if value == {"x": 1} and key in ("Model", "HLSConfig") else SPELLINGS.get(key, key)):
        read_configuration({key: value})


@pytest.mark.parametrize("value", VALUES, ids=spelled)
@pytest.mark.parametrize("key", LAYER_SETTINGS)
@pytest.mark.parametrize("where", ["Model", "LayerName 'fc1'", "LayerType 'QDense'"])
def test_layer_settings_of_the_wrong_kind(where, key, value):
    section, _, name = where.replace("'", "").partition(" ")
    config = {section: {name: {key: value}} if name else {key: value}}
    if is_right(key, value):
        read_configuration(config)
        return
    with refused(where, key):
        read_configuration(config)


def test_a_reuse_factor_beyond_every_layer():
    with refused("Model: ReuseFactor is an integer from 1 to 134217728 or 'auto'"):
        read_configuration({"Model": {"ReuseFactor": 10**30}})


def test_an_argument_that_is_no_number():
    with refused("clock_period is a number of ns from 0.1 to 1000, not nan"):
        read_configuration(None, clock_period=float("nan"))


@pytest.mark.parametrize("config", [5, b"x", {5}, object(), lambda: None], ids=lambda config: type(config).__name__)
def test_what_is_no_configuration(config, tmp_path):
    with refused("a configuration is a dictionary of settings or a list of passes"):
        write_hls(MLP, tmp_path / "prj", config)


# --- schedules -------------------------------------------------------------------------------------------------------


def schedules(config: Any, model: str = MLP) -> dict[str | None, tuple]:
    """Reuse factor, PE and strategy by layer, in order."""
    module = lower(from_keras(model))
    named = read_configuration(config).named_in(NetworkLayers.of_graph(hls4ml_graph(model)))
    passes = list(named.schedules(module))
    assert all(isinstance(each, Schedule) for each in passes)
    return {each.layer: (each.reuse_factor, each.pe, each.strategy) for each in passes}


def hls4ml_graph(model: str):
    from qdialect.frontends.keras.importer import read_source
    from qdialect.frontends.keras.model.graph import read_graph

    return read_graph(read_source(model))


def test_layer_type_is_the_schedule_of_a_class():
    """The largest legal reuse factor of each layer of the class; a layer's own settings come after."""
    assert schedules({"LayerType": {"QDense": {"ReuseFactor": 5}}}) == {
        "fc1": (4, None, None),
        "fc2": (4, None, None),
        "fc3": (4, None, None),
        "fc4": (4, None, None),
        "logits": (5, None, None),
    }
    assert schedules({"LayerType": {"QActivation": {"ReuseFactor": 5}}}) == {}
    config = {"LayerType": {"QDense": {"PE": 2}}, "LayerName": {"logits": {"Strategy": "Resource"}}, "Model": {"PE": 1}}
    assert schedules(config) == {
        None: (None, 1, None),
        **{name: (None, 2, None) for name in ("fc1", "fc2", "fc3", "fc4")},
        "logits": (None, None, "resource"),
    }


def test_a_strategy_alone_keeps_the_reuse_factor_of_all_layers(tmp_path):
    write_hls(MLP, tmp_path / "prj", {"Model": {"ReuseFactor": 5}, "LayerName": {"logits": {"Strategy": "Resource"}}})
    source = next((tmp_path / "prj" / "src").glob("*.cpp")).read_text()
    assert "logits_kernel[5][2][64]" in source
    assert "BIND_STORAGE variable=logits_kernel type=rom_1p impl=bram" in source


def test_classes_are_not_known_in_ir(tmp_path):
    with refused("LayerType", "LayerName"):
        write_hls(from_keras(MLP), tmp_path / "prj", {"LayerType": {"QDense": {"PE": 1}}})


# --- target ----------------------------------------------------------------------------------------------------------


def test_part_clock_and_name_reach_the_project(tmp_path):
    given = {"Part": "xc7z020clg400-1", "ClockPeriod": 3.5, "ClockUncertainty": "27%", "ProjectName": "tagger"}
    project = write_hls(load_example("digits_cnn").model, tmp_path / "prj", given)
    assert project.top == "tagger"
    script = (tmp_path / "prj" / "run_hls.tcl").read_text()
    for line in ("set part xc7z020clg400-1", "set clock_period 3.5", "set clock_uncertainty 27%", "set_top tagger"):
        assert line in script.splitlines()
    settings = (tmp_path / "prj" / "hls_config.cfg").read_text().splitlines()
    assert {"part=xc7z020clg400-1", "clock=3.5ns", "clock_uncertainty=27%", "syn.top=tagger"} <= set(settings)
    manifest = json.loads((tmp_path / "prj" / "manifest.json").read_text())
    wanted = {"top": "tagger", "part": "xc7z020clg400-1", "clock_period": 3.5, "clock_uncertainty": "27%"}
    assert wanted.items() <= manifest.items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("clock_period", value) for value in (0, -1, float("nan"), float("inf"), 1e9, "5", True)),
        *(("part", value) for value in ("", "x y", "x; exec rm", "x" * 101, "ü", "x\0", "x\n")),
        *(("clock_uncertainty", value) for value in ("", "ten", 10, "10 %", "[exec x]", "10%\n")),
        *(("project_name", value) for value in ("", "1x", "a-b", "a b", "x" * 101, "ü", "x\n")),
    ],
)
def test_targets_out_of_range(name, value, tmp_path):
    with refused(name):
        write_hls(MLP, tmp_path / "prj", {name: value})
    assert not (tmp_path / "prj").exists()


def test_a_yaml_file_is_a_configuration(tmp_path):
    pytest.importorskip("yaml")
    path = tmp_path / "cfg.yml"
    path.write_text("IOType: io_stream\nHLSConfig:\n  Model:\n    ReuseFactor: 4\n  LayerName:\n    logits: {PE: 5}\n")
    read = read_configuration(str(path))
    assert (read.io_type, read.model.reuse_factor, read.layers["logits"].pe) == ("io_stream", 4, 5)
    hw = convert(MLP, path, tmp_path)
    assert hw.configuration.io_type == "io_stream"
    with refused("io_type", "'io_stream'", "'io_parallel'"):
        convert(MLP, path, tmp_path, io_type="io_parallel")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "expected a dictionary"),
        (b"- a", "expected a dictionary"),
        (b"a: [", "not a YAML file"),
        (b"\xff\xfe\x00", "not a YAML file"),
        (b"KerasModel: !keras_model keras_model.h5", "not a YAML file"),
        (b"Model:", "Model is a dictionary"),
        (b"Model: {ReuseFactor: 1}\nModel: {ReuseFactor: 2}", "'Model' is set twice"),
        (b"LayerName:\n  fc1: {PE: 1, PE: 2}", "'PE' is set twice"),
        (b"&a [*a]", "expected a dictionary"),
        (b"Model: &a {x: *a}", "'x'"),
        (b"[" * 20_000, "not a YAML file"),
        (b"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nModel: [*c,*c,*c,*c]", "'a' is not supported"),
    ],
)
def test_files_that_are_no_configuration(text, said, tmp_path):
    pytest.importorskip("yaml")
    path = tmp_path / "cfg.yml"
    path.write_bytes(text)
    with refused(said):
        read_configuration(path)


def test_a_missing_file_is_named(tmp_path):
    pytest.importorskip("yaml")
    with refused("nothing.yml", "No such file"):
        read_configuration(tmp_path / "nothing.yml")
