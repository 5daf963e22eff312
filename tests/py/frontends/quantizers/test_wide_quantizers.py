"""`quantized_bits` of 24 to 31 magnitude bits, which are exact below their top code, and other spellings of a scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import qdialect
from qdialect import QdialectError
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

pytestmark = pytest.mark.covers
layers = keras.layers
RNG = np.random.default_rng(0)


def samples(*shape: int) -> Any:
    return (RNG.integers(-120, 120, (100, *shape)) / 32).astype(np.float32)


def check(model: Any, x: Any, tmp_path: Any) -> Any:
    wanted = model.predict(x, verbose=0)
    module = qdialect.from_keras(model)
    lowered = qdialect.lower(module, verify=True)
    project = qdialect.write_hls(lowered, tmp_path / "prj").compile()
    for outputs in (qdialect.simulate(module, x), qdialect.simulate(lowered, x), project.predict(x)):
        np.testing.assert_array_equal(outputs, wanted)
    return module


@pytest.mark.parametrize(
    "text", ["quantized_bits(25,2,alpha=1)", "quantized_bits(28,4,alpha=1)", "quantized_bits(32,2)"]
)
def test_after_a_quantizer(text: str, tmp_path: Any) -> None:
    """No value is rounded, none is clipped."""
    model = keras.Sequential([layers.Input((4,)), qkeras.QActivation("quantized_bits(6,2)"), qkeras.QActivation(text)])
    module = check(model, samples(4), tmp_path)
    assert not remarks(network(module)) or "28" not in text


@pytest.mark.parametrize("text", ["quantized_bits(25,2)", "quantized_bits(30,3,1)", "quantized_bits(32,2)"])
def test_of_inputs(text: str, tmp_path: Any) -> None:
    """Float inputs below the top code, down to the last bit of a float32."""
    model = keras.Sequential([layers.Input((4,)), qkeras.QActivation(text)])
    x = RNG.uniform(-3.9, 3.9, (200, 4)).astype(np.float32)
    module = check(model, x, tmp_path)
    said = [text for text in remarks(network(module)) if "magnitude bits exceed float32: values beyond" in text]
    assert len(said) == ("25" not in text)


@pytest.mark.parametrize("text", ["quantized_bits(25,0,alpha=1)", "quantized_bits(32,1,alpha=1)"])
def test_of_weights(text: str, tmp_path: Any) -> None:
    dense = qkeras.QDense(3, kernel_quantizer=text, bias_quantizer="quantized_bits(6,2)")
    model = keras.Sequential([layers.Input((1,)), qkeras.QActivation("quantized_bits(2,1)"), dense])
    dense.set_weights([RNG.uniform(-0.9, 0.9, (1, 3)).astype(np.float32), np.zeros(3, np.float32)])
    check(model, np.array([[-2], [-1], [0], [1]], np.float32), tmp_path)
    dense.set_weights([np.full((1, 3), 2.5, np.float32), np.zeros(3, np.float32)])
    if "32" in text:
        with pytest.raises(QdialectError, match=r"kernel_quantizer: .*Keras clips beyond its top code; use at most 24"):
            qdialect.from_keras(model)


def test_alpha_with_po2_in_its_name(tmp_path: Any) -> None:
    """QKeras asks whether "po2" is in the text."""
    dense = qkeras.QDense(3, kernel_quantizer=qkeras.quantized_bits(4, 0, alpha="alpha_po2"), use_bias=False)
    model = keras.Sequential([layers.Input((4,)), qkeras.QActivation("quantized_bits(6,2)"), dense])
    dense.set_weights([RNG.normal(size=(4, 3)).astype(np.float32)])
    check(model, samples(4), tmp_path)
