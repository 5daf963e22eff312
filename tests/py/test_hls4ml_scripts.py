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
