"""`verify` where Keras' own float32 rounds: its outputs are judged by their enclosures, later stages by equality."""

from __future__ import annotations

import numpy as np
import pytest

import qdialect

qkeras = pytest.importorskip("qkeras")
keras = pytest.importorskip("tf_keras")


@pytest.fixture(scope="module")
def rounding():
    """A network with float weights: sums of 32 products of 24 bits."""
    dense = keras.layers.Dense(3, name="fc")
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,0,alpha=1)", input_shape=(32,)), dense])
    rng = np.random.default_rng(3)
    dense.set_weights([rng.normal(size=(32, 3)), rng.normal(size=3)])
    x = rng.integers(-128, 128, (40, 32)).astype(np.float32) / 128
    return model, x, model.predict(x, verbose=0)


def test_rounded_outputs_are_enclosed(rounding) -> None:
    model, x, _ = rounding
    result = qdialect.verify(model, x)
    network, *later = result.stages
    assert result.ok, str(result)
    assert 0 < network.enclosed == network.total - network.equal
    assert all(stage.equal == stage.total and not stage.enclosed for stage in later)
    assert "within Keras' own float32 roundings" in result.lines()[1]


def test_what_float32_cannot_give_is_a_difference(rounding) -> None:
    model, x, outputs = rounding
    wrong = outputs.copy()
    wrong[7, 1] += 1e-3
    result = qdialect.verify(model, x, expected=wrong)
    assert not result.ok
    assert result.stages[0].samples_off == [7]
    assert result.stages[0].equal + result.stages[0].enclosed == outputs.size - 1
