"""A script written for hls4ml runs after `import qdialect as hls4ml`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from trained import Example, load_example

import qdialect as hls4ml


def test_script(example: Example, tmp_path: Path) -> None:
    config = hls4ml.utils.config_from_keras_model(str(example.model), granularity="name")
    hw = hls4ml.converters.convert_from_keras_model(
        str(example.model), hls_config=config, output_dir=str(tmp_path / "prj"), backend="Vitis", io_type="io_parallel"
    )
    hw.compile()
    x, logits = example.inputs[:50], example.logits[:50]
    assert (hw.predict(x).argmax(axis=1) == logits.argmax(axis=1)).all()
    outputs, layers = hw.trace(x)
    assert np.array_equal(outputs, logits)
    assert np.array_equal(layers["logits"], logits)
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
    assert (hw.trace(example.inputs[:20])[0] == example.logits[:20]).all()
    assert (hw.predict(example.inputs[:20]).argmax(axis=1) == example.logits[:20].argmax(axis=1)).all()
    source = next((tmp_path / "prj" / "src").glob("*.cpp")).read_text()
    assert "logits_kernel[5][2][64]" in source
    assert "BIND_STORAGE variable=logits_kernel type=rom_1p impl=bram" in source


@pytest.mark.parametrize(
    ("layer", "key", "value", "message"),
    [
        ("fc1", "Precision", "fixed<8,4>", "setting Precision=.* of 'fc1' is not supported"),
        ("Model", "Strategy", "Stable", "setting Strategy='Stable' of 'Model' is not supported"),
        (
            "fc1",
            "ReuseFactor",
            3,
            "layer 'fc1': reuse factor 3 does not divide 128 outputs of 64 products; nearest: 2 and 4",
        ),
        ("fc1", "PE", 100, "layer 'fc1': PE 100 does not divide 128 outputs; nearest: 64 and 128"),
        ("sign1", "ReuseFactor", 2, "layer 'sign1' has no products to schedule; those with products are fc1, "),
    ],
)
def test_settings_without_effect_are_refused(layer, key, value, message, tmp_path: Path) -> None:
    model = str(load_example("digits_mlp").model)
    config = hls4ml.utils.config_from_keras_model(model)
    (config["LayerName"][layer] if layer in config["LayerName"] else config[layer])[key] = value
    with pytest.raises(hls4ml.QdialectError, match=message):
        hls4ml.converters.convert_from_keras_model(model, config, str(tmp_path / "prj")).write()


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
