"""Networks of layers in sequence with random weights, for tests against Keras, which importing this needs."""

import numpy as np
import pytest
from accounting import assert_integer

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks as remarks_on
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
K, BN, QBN = keras.layers, keras.layers.BatchNormalization, qkeras.QBatchNormalization
SAMPLES = 200


def q(quantizer: str = "quantized_bits(8,3,alpha=1)"):
    return qkeras.QActivation(quantizer)


def relu():
    return q("quantized_relu(6,2)")


def conv(filters: int = 5):
    return qkeras.QConv2D(filters, 2, kernel_quantizer="quantized_bits(4,0,alpha=1)", use_bias=False)


def dense(units: int = 5):
    return qkeras.QDense(units, kernel_quantizer="quantized_bits(4,0,alpha=1)", use_bias=False)


def random_weight(rng, name: str, shape) -> np.ndarray:
    """Parameters of both signs, one gamma in three zero."""
    if "iteration" in name:
        return np.array(7)
    if "variance" in name:
        return rng.uniform(0.05, 4, shape)
    values = rng.normal(size=shape)
    return np.where(rng.random(shape) < 1 / 3, 0, values) if "gamma" in name and shape[0] > 2 else values


def network_of(shape, *layers, seed: int = 0):
    """The layers in sequence with random weights, and inputs on the grid of fixed<16, 10>."""
    rng = np.random.default_rng(seed)
    model = keras.Sequential([K.Input(shape, name="x"), *layers], name="net")
    for layer in model.layers:
        layer.set_weights([random_weight(rng, w.name, w.shape) for w in layer.weights])
    return model, (rng.integers(-512, 513, (SAMPLES, *shape)) / 64).astype(np.float32)


def remarks(module) -> list[str]:
    return remarks_on(network(module))


def assert_equal(model, x, input_type=None):
    """Keras = network level = after every pass; returns the integer level."""
    module = from_keras(model, input_type)
    assert np.array_equal(simulate(module, x, check_ranges=True), model.predict(x, verbose=0))
    lowered = lower(module, verify=True)
    assert np.array_equal(simulate(lowered, x), simulate(module, x))
    assert_integer(lowered)
    return lowered
