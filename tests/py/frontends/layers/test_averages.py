"""Averages of n elements, n no power of two: the float32 division of Keras, before and after linear layers."""

from __future__ import annotations

import numpy as np
import pytest

import qdialect
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.validation.enclosures import enclosures

qkeras = pytest.importorskip("qkeras")
keras = pytest.importorskip("tf_keras")
K = keras.layers
SAMPLES = 2000


def network(side: int, channels: int, *layers) -> tuple[keras.Model, np.ndarray]:
    """The layers after a 4-bit quantizer, and inputs on its grid."""
    rng = np.random.default_rng(side)
    model = keras.Sequential(
        [qkeras.QActivation("quantized_relu(4,2)", input_shape=(side, side, channels), name="q"), *layers]
    )
    model.set_weights([rng.normal(size=w.shape) * 0.5 for w in model.get_weights()])
    return model, (rng.integers(0, 16, (SAMPLES, side, side, channels)) / 4).astype(np.float32)


def dense() -> keras.layers.Layer:
    return qkeras.QDense(
        4, kernel_quantizer="quantized_bits(5,0,alpha=1)", bias_quantizer="quantized_bits(5,1,alpha=1)", name="fc"
    )


POOLS = {
    "global": lambda: [K.GlobalAveragePooling2D()],
    "same": lambda: [K.AveragePooling2D(3, padding="same")],
    "valid": lambda: [K.AveragePooling2D((3, 2), strides=1)],
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("side", [3, 5, 7])
@pytest.mark.parametrize("pool", POOLS)
def test_an_average_is_keras_to_the_bit(pool, side) -> None:
    """As an output, after rounding to float32, and before a quantizer."""
    model, x = network(side, 3, *POOLS[pool]())
    expected = model.predict(x, verbose=0)
    module = qdialect.from_keras(model)
    assert np.array_equal(qdialect.simulate(module, x).astype(np.float32), expected)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module), x).astype(np.float32), expected)
    model, x = network(side, 3, *POOLS[pool](), qkeras.QActivation("quantized_relu(3,1)"))
    module = qdialect.lower(qdialect.from_keras(model), verify=True)
    assert np.array_equal(qdialect.simulate(module, x), model.predict(x, verbose=0))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("side", [3, 5, 7])
@pytest.mark.parametrize("pool", POOLS)
def test_a_layer_on_averages_is_the_rational_number_rounded_once(pool, side) -> None:
    """The mathematical result; where Keras' own sums round to the other side of a tie, its enclosure says so."""
    model, x = network(side, 8, *POOLS[pool](), K.Flatten(), dense(), qkeras.QActivation("quantized_relu(5,2)"))
    keras_codes = model.predict(x, verbose=0)
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    ours = qdialect.simulate(module, x)
    (enclosure,) = enclosures(module, x, roundings)
    assert ((ours == keras_codes) | (enclosure.holds(keras_codes) & enclosure.holds(ours))).all()
    assert (ours != keras_codes).any(axis=1).mean() < 0.015
    lowered = qdialect.lower(module, verify=True)
    assert np.array_equal(qdialect.simulate(lowered, x), ours)
    assert "float" not in str(lowered).partition("qnn.remarks")[0]
    assert "divided by" in str(lowered)


@pytest.mark.filterwarnings("ignore")
def test_a_tie_that_keras_computes_exactly_is_decided_as_in_keras() -> None:
    """One channel: the sum is a multiple of n where the tie is, and Keras' division is exact."""
    x = np.arange(0, 61, dtype=np.float32).reshape(-1, 1, 1, 1)
    x = np.stack([np.clip(x - 15 * k, 0, 15) for k in range(9)], axis=1).reshape(61, 3, 3, 1) / 4
    model, _ = network(3, 1, K.GlobalAveragePooling2D(), dense(), qkeras.QActivation("quantized_relu(4,1)"))
    model.set_weights([np.array([[0.5, 0.25, -0.5, 0.125]]), np.array([0.0, 0.125, 1.0, 0.0625])])
    module = qdialect.lower(qdialect.from_keras(model), verify=True)
    assert np.array_equal(qdialect.simulate(module, x), model.predict(x, verbose=0))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("count", [2, 3, 5])
def test_an_average_of_several_inputs_is_keras_to_the_bit(count) -> None:
    """As an output, and before a quantizer and a layer."""
    inputs = [K.Input((6,), name=f"x{i}") for i in range(count)]
    average = K.Average()([qkeras.QActivation("quantized_bits(6,2,alpha=1)")(x) for x in inputs])
    codes = qkeras.QActivation("quantized_relu(5,1)")(average)
    model = keras.Model(inputs, [average, dense()(codes)])
    x = list((np.random.default_rng(count).integers(-40, 40, (count, SAMPLES, 6)) / 8).astype(np.float32))
    module = qdialect.from_keras(model)
    for one, wanted in zip(qdialect.simulate(module, x), model.predict(x, verbose=0), strict=True):
        assert np.array_equal(one.astype(np.float32), wanted)
