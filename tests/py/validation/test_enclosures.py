"""Enclosures hold what Keras computes, are one number where float32 is exact, and are narrow enough for mistakes."""

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network as network_function
from qdialect.dialects.qnn.remarks import remarks
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.float32 import gamma
from qdialect.numerics.heads import head_bounds
from qdialect.validation.enclosures import enclosures

INPUTS = 40


@pytest.mark.parametrize("terms", [3, 50, 1000])
def test_gamma_bounds_every_order_of_summation(terms):
    rng = np.random.default_rng(terms)
    products = (rng.normal(size=terms) * 10.0 ** rng.integers(-3, 4, terms)).astype(np.float32)
    bound = gamma(terms) * np.abs(products.astype(np.float64)).sum()
    for _ in range(50):
        total = np.float32(0)
        for value in rng.permutation(products):
            total += value
        assert abs(float(total) - products.astype(np.float64).sum()) <= bound


def in_layers(*names):
    """Keras layers by name, from both libraries, without importing TensorFlow at collection."""
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    made = {
        "input": lambda: qkeras.QActivation("quantized_bits(10,2,alpha=1)"),
        "relu": lambda: qkeras.QActivation("quantized_relu(6,2)"),
        "scaled": lambda: qkeras.QActivation("quantized_bits(6,2,alpha=0.3)"),
        "po2": lambda: qkeras.QActivation("quantized_po2(4)"),
        "sigmoid": lambda: qkeras.QActivation("quantized_sigmoid(6,use_real_sigmoid=True)"),
        "dense": lambda: keras.layers.Dense(30),
        "tanh": lambda: keras.layers.Dense(9, activation="tanh"),
        "swish": lambda: keras.layers.Dense(9, activation="swish"),
        "exact": lambda: qkeras.QDense(12, kernel_quantizer="quantized_bits(4,0,alpha=1)", use_bias=False),
        "auto": lambda: qkeras.QDense(12, kernel_quantizer="quantized_bits(4,0,alpha='auto')"),
        "wide": lambda: qkeras.QDense(12, kernel_quantizer="quantized_bits(20,0,alpha=1)", use_bias=False),
        "norm": lambda: keras.layers.BatchNormalization(),
        "sequence": lambda: keras.layers.Reshape((-1, 3)),
        "average": lambda: keras.layers.AveragePooling1D(3),
        "leaky": lambda: keras.layers.LeakyReLU(0.3),
        "image": lambda: keras.layers.Reshape((-1, 4, 1)),
        "folded": lambda: qkeras.QConv2DBatchnorm(3, 2),
        "flatten": lambda: keras.layers.Flatten(),
    }
    return [made[name]() for name in names]


NETWORKS = {
    "exact": ["input", "exact", "relu", "exact"],
    "float": ["dense", "relu", "dense"],
    "float layers": ["input", "dense", "leaky", "dense", "tanh", "dense", "swish"],
    "wide": ["input", "wide", "relu", "exact"],
    "scales": ["input", "auto", "scaled", "auto"],
    "batch normalization": ["input", "exact", "norm", "dense", "norm"],
    "average": ["input", "exact", "sequence", "average", "flatten", "dense"],
    "po2": ["dense", "po2", "exact", "sigmoid"],
    "folded": ["input", "image", "folded", "norm", "flatten", "dense"],
}
CERTAIN = ("exact", "wide", "po2")
"""Networks that end behind a quantizer."""


def network(names, rng):
    keras = pytest.importorskip("tf_keras")
    model = keras.Sequential([keras.layers.Input((INPUTS,)), *in_layers(*names)])
    for layer in model.layers:
        layer.set_weights(
            [
                rng.uniform(0.1, 4, w.shape) if "variance" in w.name else rng.normal(size=w.shape) * 0.5
                for w in layer.weights
            ]
        )
    return model


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_keras_is_enclosed(name):
    rng = np.random.default_rng(7)
    model = network(NETWORKS[name], rng)
    x = (rng.normal(size=(20, INPUTS)) * 2).astype(np.float32)
    y = model.predict(x, verbose=0).astype(np.float64)
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    (enclosure,) = enclosures(module, x, roundings)
    assert enclosure.holds(y).all()
    assert enclosure.holds(simulate(module, x)).all()
    certain = np.broadcast_to(enclosure.width == 0, y.shape)
    assert np.array_equal(y[certain], simulate(module, x)[certain])
    assert certain.all() == (name in CERTAIN)
    assert np.median(enclosure.width) <= 2e-3 * np.abs(y).max()


def test_a_wrong_weight_leaves_the_enclosure():
    rng = np.random.default_rng(8)
    model = network(["input", "dense", "leaky", "dense"], rng)
    x = (rng.normal(size=(20, INPUTS)) * 2).astype(np.float32)
    y = model.predict(x, verbose=0).astype(np.float64)
    layer = model.layers[1]
    kernel, bias = layer.get_weights()
    kernel[0, 0] += np.float32(0.01)
    layer.set_weights([kernel, bias])
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    (enclosure,) = enclosures(module, x, roundings)
    assert enclosure.holds(y).all(axis=1).mean() < 0.2  # the weight's input is 0 in some samples


@pytest.mark.parametrize("head", ["softmax", "sigmoid"])
def test_a_head_lies_in_its_bounds(head):
    keras = pytest.importorskip("tf_keras")
    z = (np.random.default_rng(9).normal(size=(2000, 7)) * 10).astype(np.float32)
    z[:100] *= 100
    model = keras.Sequential([keras.layers.Input((7,)), keras.layers.Activation(head)])
    y = model.predict(z, verbose=0).astype(np.float64)
    low, high = head_bounds(head, z)
    assert ((low <= y) & (y <= high)).all()
    assert (high - low).max() < 1e-5


@pytest.mark.parametrize("alpha", [0.3, -0.7, 1.7])
def test_the_straight_through_sum_of_a_scale_is_reproduced(alpha):
    """x + (q - x) of a certain x is two float32 operations: narrow, and it holds what Keras gives."""
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    model = keras.Sequential([qkeras.QActivation(qkeras.quantized_bits(6, 1, alpha=alpha), input_shape=(INPUTS,))])
    x = (np.random.default_rng(7).normal(size=(200, INPUTS)) * 2).astype(np.float32)
    y = model.predict(x, verbose=0).astype(np.float64)
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    (enclosure,) = enclosures(module, x, roundings)
    assert enclosure.holds(y).all()
    assert enclosure.holds(simulate(module, x)).all()
    assert enclosure.width.max() <= 4 * 2.0**-24 * np.abs(x).max()
    assert any("round off the grid" in text for text in remarks(network_function(module)))


def test_weights_off_their_grid_are_remarked_on_the_network():
    """A negative alpha: the remark goes with the module into reports and the project."""
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    kernel = qkeras.quantized_bits(4, 0, alpha=-1.0)
    model = keras.Sequential(
        [qkeras.QActivation("quantized_bits(6,1,alpha=1)", input_shape=(4,)), qkeras.QDense(3, kernel_quantizer=kernel)]
    )
    model.layers[1].set_weights([np.linspace(-0.9, 0.9, 12).reshape(4, 3), np.zeros(3)])
    module = import_with_roundings(read_graph(read_source(model)), None)[0]
    (text,) = [text for text in remarks(network_function(module)) if "off their grid" in text]
    assert "QKeras' kernel weights are off their grid by 6.0e-08; those on it are used" in text
    assert text in remarks(network_function(lower(module)))


@pytest.mark.parametrize("layer", ["QDense", "QConv1D", "QDepthwiseConv2D"])
@pytest.mark.parametrize("alpha", [-1.0, -0.3])
def test_weights_off_their_grid_are_enclosed(layer, alpha):
    """A negative alpha: outputs of Keras lie beside the sums of the grid, and within what its weights leave open."""
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    kernel = qkeras.quantized_bits(4, 0, alpha=alpha)
    shape, added = {
        "QDense": ((4,), lambda: qkeras.QDense(3, kernel_quantizer=kernel)),
        "QConv1D": ((5, 4), lambda: qkeras.QConv1D(3, 2, kernel_quantizer=kernel)),
        "QDepthwiseConv2D": ((3, 3, 4), lambda: qkeras.QDepthwiseConv2D((2, 2), depthwise_quantizer=kernel)),
    }[layer]
    model = keras.Sequential([qkeras.QActivation("quantized_bits(6,1,alpha=1)", input_shape=shape), added()])
    rng = np.random.default_rng(4)
    model.layers[1].set_weights([rng.uniform(-0.9, 0.9, w.shape) for w in model.layers[1].get_weights()])
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    x = rng.uniform(-2, 2, (200, *shape)).astype(np.float32)
    y = model.predict(x, verbose=0)
    (found,) = enclosures(module, x, roundings)
    assert found.holds(y).all()
    assert not np.array_equal(y, simulate(module, x).astype(np.float32))
