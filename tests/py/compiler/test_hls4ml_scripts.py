"""A script written for hls4ml runs after `import qdialect as hls4ml`."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from trained import Example, load_example

import qdialect as hls4ml


def test_script_runs_with_qdialect_in_place_of_hls4ml(example: Example, tmp_path: Path) -> None:
    config = hls4ml.utils.config_from_keras_model(str(example.model), granularity="name")
    hw = hls4ml.converters.convert_from_keras_model(
        str(example.model), hls_config=config, output_dir=str(tmp_path / "prj"), backend="Vitis", io_type="io_parallel"
    )
    hw.compile()
    x, logits = example.inputs[:50], example.logits[:50]
    assert (hw.predict(x).argmax(axis=1) == logits.argmax(axis=1)).all()
    outputs, layers = hw.trace(x)
    assert np.array_equal(outputs, hw.predict(x))
    assert np.array_equal(layers["logits"], logits)
    assert np.array_equal(layers["softmax"], outputs)
    assert "PASS" in hw.build(csim=True, synth=False)


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_a_schedule_has_effect(io_type: str, tmp_path: Path) -> None:
    example = load_example("digits_mlp")
    config = hls4ml.utils.config_from_keras_model(str(example.model))
    config["Model"]["ReuseFactor"] = 4
    config["LayerName"]["logits"] |= {"ReuseFactor": 5, "Strategy": "Resource"}
    hw = hls4ml.converters.convert_from_keras_model(
        str(example.model), hls_config=config, output_dir=str(tmp_path / "prj"), io_type=io_type
    )
    hw.compile()
    assert (hw.trace(example.inputs[:20])[1]["logits"] == example.logits[:20]).all()
    assert (hw.predict(example.inputs[:20]).argmax(axis=1) == example.logits[:20].argmax(axis=1)).all()
    source = next((tmp_path / "prj" / "src").glob("*.cpp")).read_text()
    assert "logits_kernel[5][2][64]" in source
    assert "BIND_STORAGE variable=logits_kernel type=rom_1p impl=bram" in source


def test_a_loop_over_all_layers(tmp_path: Path) -> None:
    """As in hls4ml's tutorials: inputs, activations and the softmax have no products, and nothing to schedule."""
    model = str(load_example("digits_cnn").model)
    config = hls4ml.utils.config_from_keras_model(model, granularity="name", backend="Vitis")
    for layer in config["LayerName"]:
        config["LayerName"][layer]["Strategy"] = "Latency"
        config["LayerName"][layer]["ReuseFactor"] = 2
        config["LayerName"][layer]["Trace"] = True
    config["LayerName"]["softmax"]["Strategy"] = "Stable"
    hw = hls4ml.converters.convert_from_keras_model(
        model, hls_config=config, backend="Vitis", output_dir=str(tmp_path / "prj"), io_type="io_stream"
    )
    hw.write()
    remarks = json.loads((tmp_path / "prj" / "manifest.json").read_text())["remarks"]
    assert "layer 'image' has no products: ReuseFactor=2 has no effect" in remarks
    assert "layer 'softmax' has no products: ReuseFactor=2 and Strategy=stable has no effect" in remarks
    assert not [remark for remark in remarks if "'conv1'" in remark]


def test_a_granularity_lists_model_classes_or_names() -> None:
    model = str(load_example("digits_mlp").model)
    coarse, by_type, by_name = (
        hls4ml.utils.config_from_keras_model(model, granularity) for granularity in ("model", "type", "name")
    )
    assert list(coarse) == ["Model"]
    assert list(by_type) == ["Model", "LayerType"]
    assert list(by_type["LayerType"]) == ["InputLayer", "QActivation", "QDense", "BatchNormalization", "Activation"]
    assert list(by_name) == ["Model", "LayerName"]
    assert list(by_name["LayerName"])[:4] == ["image", "quantize_image", "fc1", "bn1"]
    assert list(by_name["LayerName"]["fc1"]["Precision"]) == ["weight", "bias", "accum", "result"]
    for config in (coarse, by_type, by_name):
        hls4ml.converters.convert_from_keras_model(model, hls_config=config)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"granularity": "layer"}, "granularity 'layer' is none of model, type, name"),
        ({"granularity": 3}, "granularity 3 is none of"),
        ({"max_precision": "fixed<16,6>"}, "max_precision is not supported"),
        ({"default_reuse": 2}, "no argument 'default_reuse'; did you mean 'default_reuse_factor'"),
    ],
)
def test_arguments_of_configurations_without_effect_are_refused(arguments, message) -> None:
    with pytest.raises(hls4ml.QdialectError, match=message):
        hls4ml.utils.config_from_keras_model(str(load_example("digits_mlp").model), **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hls_config": 5}, "a configuration is a dictionary"),
        ({"output_dir": {"Model": {}}}, "output_dir is a folder, not .*hls_config="),
        ({"backend": "Quartus"}, "backend 'Quartus' is not supported"),
        ({"backend": ["Vitis"]}, "backend .* is not supported"),
        ({"output_data_tb": "y.npy"}, "argument output_data_tb is not supported"),
        ({"input_data_tb": "x.npy"}, "x.npy"),
        ({"bit_exact": False}, "bit_exact=False is not supported"),
        ({"clock": 5}, "argument clock is not supported.*'clock_period'"),
        ({"io_type": ["io_stream"]}, "io_type .* is not one of io_parallel, io_stream"),
        ({"part": 7}, "part is a text such as"),
        ({"clock_period": 0}, "clock_period is a number of ns"),
        ({"project_name": "1net"}, "project_name is a text such as"),
        ({"output_dir": str(load_example("digits_mlp").model)}, "is no earlier qdialect project"),
    ],
)
def test_arguments_are_refused_at_convert(arguments, message) -> None:
    with pytest.raises(hls4ml.QdialectError, match=message):
        hls4ml.converters.convert_from_keras_model(str(load_example("digits_mlp").model), **arguments)


def test_the_second_argument_is_the_folder_as_in_hls4ml(tmp_path: Path) -> None:
    hw = hls4ml.converters.convert_from_keras_model(str(load_example("digits_cnn").model), tmp_path / "prj", "tagger")
    hw.write()
    assert (tmp_path / "prj" / "src" / "tagger.cpp").is_file()


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("report.parse_vivado_report", "read_vivado_report"),
        ("build", "build()"),
        ("optimization", "qopt"),
        ("converters.convert_from_onnx_model", "from_onnx"),
        ("converters.convert_from_config", "convert_from_keras_model"),
        ("utils.config_from_onnx_model", "config_from_keras_model"),
    ],
)
def test_absent_names_say_what_to_use(name, instead) -> None:
    *modules, attribute = name.split(".")
    home = getattr(hls4ml, modules[0]) if modules else hls4ml
    vars(home).pop(attribute, None)  # a module of ours that has been loaded
    assert not hasattr(home, attribute)
    with pytest.raises(hls4ml.QdialectError, match=f"has no attribute '{attribute}': .*") as raised:
        getattr(home, attribute)
    assert instead in str(raised.value)


def test_absent_names_of_the_model_say_what_to_use() -> None:
    hw = hls4ml.converters.convert_from_keras_model(str(load_example("digits_mlp").model))
    with pytest.raises(hls4ml.QdialectError, match="no attribute 'build_report': "):
        hw.build_report()
    assert not hasattr(hw, "nonsense")


def test_trace_has_keras_names_and_values() -> None:
    """Names that end in numbers or are one, a layer that is applied twice, float layers, a softmax within a layer."""
    import qkeras
    import tf_keras

    def dense(units: int, **options):
        alpha_one = qkeras.quantized_bits(4, 1, alpha=1)
        return qkeras.QDense(units, kernel_quantizer=alpha_one, bias_quantizer=alpha_one, **options)

    x = inputs = tf_keras.layers.Input((6,), name="input_7")
    x = qkeras.QActivation("quantized_bits(6,2,alpha=1)", name="1")(x)
    x = dense(6, name="q_dense_1")(x)
    x = tf_keras.layers.BatchNormalization(name="fc_sum")(x)
    shared = qkeras.QActivation("quantized_relu(4,2)", name="2_2")
    x = shared(x)
    x = dense(6, name="fc")(x)
    x = shared(x)
    x = tf_keras.layers.Dropout(0.1, name="0_3")(x)
    x = dense(4, name="q_dense_2", activation="softmax")(x)
    model = tf_keras.Model(inputs, x)
    rng = np.random.default_rng(0)
    model.set_weights([np.abs(rng.normal(0, 1, w.shape)).astype(np.float32) for w in model.get_weights()])
    x = rng.normal(0, 2, (50, 6)).astype(np.float32)
    y, traced = hls4ml.converters.convert_from_keras_model(model).trace(x)
    assert list(traced) == ["input_7", "1", "q_dense_1", "fc_sum", "2_2:0", "2_2:1", "fc", "0_3", "q_dense_2"]
    for name, values in traced.items():
        layer, _, node = name.partition(":")
        tensor = model.get_layer(layer).get_output_at(int(node or 0))
        wanted = tf_keras.Model(model.inputs, tensor).predict(x, verbose=0)
        if layer == "q_dense_2":
            assert (values.argmax(axis=1) == wanted.argmax(axis=1)).all()
            assert np.array_equal(values, y)
            assert np.abs(values.sum(axis=1) - 1).max() < 1e-6
        else:
            assert np.array_equal(values, wanted), name


def test_trace_of_a_layer_whose_name_is_an_underscore_and_a_number(tmp_path: Path) -> None:
    example, path = load_example("digits_mlp"), tmp_path / "net.h5"
    path.write_bytes(example.model.read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace('"sign1"', '"_1"')
    x = example.inputs[:20]
    renamed = hls4ml.converters.convert_from_keras_model(path).trace(x)[1]
    named = hls4ml.converters.convert_from_keras_model(example.model).trace(x)[1]
    assert list(renamed) == [{"sign1": "_1"}.get(name, name) for name in named]
    assert np.array_equal(renamed["_1"], named["sign1"])


@pytest.mark.parametrize(
    ("layer", "key", "value", "message"),
    [
        ("fc1", "Precision", "fixed<8,4>", "LayerName 'fc1': setting Precision=.* is not supported"),
        (
            "fc1",
            "Precision",
            {"weight": "fixed<8,4>"},
            "LayerName 'fc1': setting Precision\\['weight'\\]=.* is not supported",
        ),
        ("Model", "Strategy", "Fast", "Model: setting Strategy='Fast' is not supported"),
        ("Model", "Strategy", "Stable", "Model: Strategy is Latency or Resource for products, not stable"),
        ("fc1", "Strategy", "Stable", "LayerName 'fc1': Strategy is Latency or Resource for products, not stable"),
        (
            "fc1",
            "ReuseFactor",
            3,
            "layer 'fc1': reuse factor 3 does not divide 128 outputs of 64 products; nearest: 2 and 4",
        ),
        ("fc1", "PE", 100, "layer 'fc1': PE 100 does not divide 128 outputs; nearest: 64 and 128"),
        (
            "sign1",
            "PE",
            2,
            "LayerName 'sign1': the layer has no products for PE and SIMD; those with products are fc1, ",
        ),
    ],
)
def test_settings_without_effect_are_refused(layer, key, value, message, tmp_path: Path) -> None:
    model = str(load_example("digits_mlp").model)
    config = hls4ml.utils.config_from_keras_model(model)
    (config["LayerName"][layer] if layer in config["LayerName"] else config[layer])[key] = value
    with pytest.raises(hls4ml.QdialectError, match=message):
        hls4ml.converters.convert_from_keras_model(model, str(tmp_path / "prj"), hls_config=config)


def test_sigmoid_at_the_end_is_computed_on_the_host(tmp_path: Path) -> None:
    import qkeras
    import tf_keras

    alpha_one = qkeras.quantized_bits(4, 0, alpha=1)
    model = tf_keras.Sequential(
        [
            tf_keras.layers.Input((6,)),
            qkeras.QActivation("quantized_bits(6,2)"),
            qkeras.QDense(2, kernel_quantizer=alpha_one, bias_quantizer=alpha_one),
            tf_keras.layers.Activation("sigmoid"),
        ]
    )
    x = np.random.default_rng(0).normal(0, 2, (20, 6)).astype(np.float32)
    hw = hls4ml.converters.convert_from_keras_model(model, output_dir=str(tmp_path / "prj"))
    hw.compile()
    logits = hls4ml.simulate(hw.module, x)
    assert np.array_equal(hw.predict(x), (1 / (1 + np.exp(-logits))).astype(np.float32))
    assert ((hw.predict(x) > 0.5) == (model.predict(x, verbose=0) > 0.5)).all()


def test_a_file_of_hls4ml_is_converted(tmp_path: Path) -> None:
    """`keras_to_hls` with a YAML file, nested precisions of 'auto', vectors of the test bench, layers and a profile."""
    example = load_example("digits_mlp")
    np.save(tmp_path / "x.npy", example.inputs[:7])
    (tmp_path / "config.yml").write_text(
        f"KerasModel: {example.model}\nOutputDir: {tmp_path / 'prj'}\nProjectName: tagger\nBackend: Vitis\n"
        f"XilinxPart: xcku5p-ffvb676-2-e\nClockPeriod: 3\nIOType: io_stream\nInputData: {tmp_path / 'x.npy'}\n"
        "HLSConfig:\n  Model: {Precision: {default: auto, maximum: auto}, ReuseFactor: 4}\n"
    )
    hw = hls4ml.converters.keras_to_hls(str(tmp_path / "config.yml"))
    hw.write()
    assert len((tmp_path / "prj/tb/data/tagger_in.dat").read_text().splitlines()) == 7
    manifest = json.loads((tmp_path / "prj/manifest.json").read_text())
    assert (manifest["top"], manifest["part"], manifest["clock_period"]) == ("tagger", "xcku5p-ffvb676-2-e", 3)
    assert [(layer.name, layer.class_name) for layer in hw.get_layers()][2] == ("fc1", "QDense")
    found = hls4ml.model.profiling.numerical(hls_model=hw, X=example.inputs[:7])
    assert found.lines() == hls4ml.profile(hw.module, example.inputs[:7]).lines()
    with pytest.raises(hls4ml.QdialectError, match=r"setting 'OutputDr' .*'OutputDir'"):
        hls4ml.converters.keras_to_hls({"OutputDr": "x"})
    with pytest.raises(hls4ml.QdialectError, match=r"no csynth.xml below it"):
        hls4ml.report.read_vivado_report(tmp_path / "prj")
    with pytest.raises(hls4ml.QdialectError, match="vsynth is not supported; csim, synth, cosim, export are"):
        hw.build(vsynth=True)
