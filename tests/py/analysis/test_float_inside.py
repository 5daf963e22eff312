"""Float functions inside a network, and tables: what Keras computes lies in the computed enclosures."""

from __future__ import annotations

import numpy as np
import pytest

from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras, import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import simulate
from qdialect.validation.enclosures import enclosures

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
layers = keras.layers

pytestmark = pytest.mark.covers

CODES = "quantized_bits(6,2,alpha=1)"


def assert_enclosed(model, x: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(size=w.shape) * 0.5 for w in model.get_weights()])
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    expected = model.predict(x, verbose=0).astype(np.float64)
    (enclosure,) = enclosures(module, x, roundings)
    assert enclosure.holds(expected).all()
    assert enclosure.holds(simulate(module, x)).all()
    assert enclosure.width.max() < 1e-3


@pytest.mark.parametrize("function", ["selu", "tanh", "softplus"])
@pytest.mark.parametrize(
    "pool",
    [
        lambda: layers.AveragePooling1D(2),
        lambda: layers.AveragePooling1D(3, strides=1),
        lambda: layers.GlobalAveragePooling1D(),
        lambda: layers.MaxPooling1D(2),
    ],
)
def test_average_of_a_float_function(function, pool):
    x = layers.Input((7, 3))
    y = layers.Activation(function)(qkeras.QConv1D(4, 2, kernel_quantizer=CODES)(qkeras.QActivation(CODES)(x)))
    y = layers.Dense(3)(layers.Flatten()(pool()(y)))
    assert_enclosed(keras.Model(x, y), np.random.default_rng(0).normal(size=(20, 7, 3)) * 2)


def test_edges_of_a_float_average_are_refused():
    x = layers.Input((7, 3))
    y = layers.Activation("selu", name="act")(qkeras.QActivation(CODES)(x))
    model = keras.Model(x, layers.AveragePooling1D(2, padding="same", name="pool")(y))
    with pytest.raises(QdialectError, match=r"layer 'pool' .*different counts"):
        from_keras(model)


def test_rows_of_an_embedding():
    x = layers.Input((5,))
    y = layers.Dense(2)(layers.Flatten()(layers.Embedding(11, 3)(x)))
    model = keras.Model(x, qkeras.QActivation(CODES)(y))
    assert_enclosed(keras.Model(x, y), np.random.default_rng(1).integers(0, 11, (20, 5)))
    assert from_keras(model)


@pytest.mark.parametrize("shape", [(6, 5), (2, 2, 3, 4), (7,)])
def test_one_bit_under_an_automatic_power_of_two_is_zero(shape):
    from qdialect.frontends.keras.keras_run.pinning import keras_weights
    from qdialect.frontends.keras.quantizers.spellings import read_quantizer
    from qdialect.frontends.keras.quantizers.weights import quantize_weights

    w, text = np.random.default_rng(2).normal(size=shape).astype(np.float32), "quantized_bits(1,1,alpha='auto_po2')"
    ours = quantize_weights(read_quantizer(text, "here"), w, "here")
    assert np.array_equal(ours.values(), keras_weights(text, w, trainable=False))
    assert (ours.uncertain, ours.deviation, ours.scale) == (0, 0, None)


@pytest.mark.filterwarnings("ignore")
def test_layers_with_several_tensors_are_refused_by_class_first():
    x = layers.Input((4, 3))
    y = qkeras.QActivation(CODES)(x)
    attention = layers.MultiHeadAttention(1, 2, name="attention")(y, y)
    with pytest.raises(QdialectError, match=r"'attention' .MultiHeadAttention.: multiplies by a softmax"):
        from_keras(keras.Model(x, attention))
    state = layers.Input((2,))
    rnn = layers.SimpleRNN(2, name="rnn")(y, initial_state=layers.Activation("relu")(state))
    with pytest.raises(QdialectError, match="'rnn'"):
        from_keras(keras.Model([x, state], rnn))
