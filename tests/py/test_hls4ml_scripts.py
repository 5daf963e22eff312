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


@pytest.mark.parametrize(
    ("layer", "key", "value"),
    [("fc1", "ReuseFactor", 4), ("fc1", "Precision", "fixed<8,4>"), ("Model", "Strategy", "Resource")],
)
def test_settings_without_effect_are_refused(layer: str, key: str, value: object) -> None:
    model = str(load_example("digits_mlp").model)
    config = hls4ml.utils.config_from_keras_model(model)
    (config["LayerName"][layer] if layer in config["LayerName"] else config[layer])[key] = value
    with pytest.raises(hls4ml.QdialectError, match=f"setting {key}=.* of '{layer}' is not supported"):
        hls4ml.converters.convert_from_keras_model(model, hls_config=config)


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
