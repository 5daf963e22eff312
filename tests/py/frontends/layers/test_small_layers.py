"""Layers of a line or two: embedding, rescaling, normalization, PReLU, dot products, layers that act in training only.

Equal to `model.predict` in the IR at both levels and in compiled C++; what cannot be exact is refused by name.
"""

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

pytestmark = pytest.mark.covers
layers = keras.layers

RNG = np.random.default_rng(0)


def bits(width=6, integer=2):
    return qkeras.QActivation(f"quantized_bits({width},{integer},alpha=1)")


def same_bits(model, x, tmp_path) -> None:
    for layer in model.layers:
        if not isinstance(layer, layers.Normalization):
            layer.set_weights([RNG.normal(size=w.shape).astype(np.float32) for w in layer.get_weights()])
    wanted = model.predict(x, verbose=0)
    module = from_keras(model)
    model.save(tmp_path / "net.h5")
    assert str(from_keras(tmp_path / "net.h5")) == str(module)
    lowered = lower(module, verify=True)
    project = write_hls(lowered, tmp_path / "net").compile()
    for outputs in (simulate(module, x), simulate(lowered, x, check_ranges=True), project.predict(x)):
        np.testing.assert_array_equal(outputs, wanted)


def samples(*shape):
    return (RNG.integers(-200, 200, (64, *shape)) / 32).astype(np.float32)


FEATURES = 5
STATISTICS = {"mean": list(np.linspace(-1, 1, FEATURES)), "variance": list(np.linspace(0.1, 3, FEATURES))}
ONE_INPUT = {
    "PReLU": lambda: layers.PReLU(),
    "Rescaling": lambda: layers.Rescaling(1 / 3, offset=-0.37),
    "Rescaling per channel": lambda: layers.Rescaling([0.1, 0.2, 0.3, 0.4, -0.5], offset=[1.0, 0, 0, 0, 2]),
    "Normalization": lambda: layers.Normalization(**STATISTICS),
    "Normalization invert": lambda: layers.Normalization(invert=True, **STATISTICS),
    "Normalization of all": lambda: layers.Normalization(axis=None, mean=0.3, variance=1.7),
    "AlphaDropout": lambda: layers.AlphaDropout(0.5),
    "GaussianDropout": lambda: layers.GaussianDropout(0.5),
    "GaussianNoise": lambda: layers.GaussianNoise(0.5),
    "ActivityRegularization": lambda: layers.ActivityRegularization(0.5),
}


@pytest.mark.parametrize("name", ONE_INPUT)
def test_one_input(name, tmp_path):
    model = keras.Sequential([layers.Input((FEATURES,)), bits(), ONE_INPUT[name](), bits(5, 1)])
    same_bits(model, samples(FEATURES), tmp_path)


def test_learned_statistics(tmp_path):
    normalization = layers.Normalization()
    model = keras.Sequential([layers.Input((4, FEATURES)), bits(), normalization, bits(5, 1)])
    normalization.adapt(samples(4, FEATURES))
    same_bits(model, samples(4, FEATURES), tmp_path)


def test_layers_on_pictures_compute_keras_bits(tmp_path):
    stack = (layers.PReLU(shared_axes=[1, 2]), bits(), layers.SpatialDropout2D(0.5))
    same_bits(keras.Sequential([layers.Input((3, 4, 2)), bits(), *stack]), samples(3, 4, 2), tmp_path)


@pytest.mark.parametrize(("rows", "columns"), [(11, 3), (16, 1), (2, 4)])
def test_embedding_computes_keras_bits(rows, columns, tmp_path):
    x = RNG.integers(0, rows, (64, 6)).astype(np.float32)
    embedding = layers.Embedding(rows, columns, input_length=6)
    same_bits(keras.Sequential([layers.Input((6,)), embedding, bits(5, 1)]), x, tmp_path)


def test_dot_of_two_vectors_computes_keras_bits(tmp_path):
    x = layers.Input((FEATURES,))
    y = bits()(x)
    model = keras.Model(x, layers.Dot(axes=1)([y, bits(3, 1)(y)]))
    same_bits(model, samples(FEATURES), tmp_path)


REFUSED = {
    "layer 'l' (Lambda): holds Python code": lambda: layers.Lambda(lambda v: v, name="l"),
    "layer 'l' (LayerNormalization): divides by": lambda: layers.LayerNormalization(name="l"),
    "layer 'l' (GroupNormalization): divides by": lambda: layers.GroupNormalization(1, name="l"),
    "layer 'l' (UnitNormalization): divides by": lambda: layers.UnitNormalization(name="l"),
    "layer 'l' (BatchNormalization): virtual_batch_size=2": lambda: layers.BatchNormalization(
        virtual_batch_size=2, name="l"
    ),
    "layer 'l' (QAdaptiveActivation): its range is unknown": lambda: qkeras.QAdaptiveActivation(
        "quantized_bits", 4, name="l"
    ),
    "layer 'l' (Embedding): mask_zero=True": lambda: layers.Embedding(4, 2, mask_zero=True, name="l"),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused_by_name(message):
    model = keras.Sequential([layers.Input((4, 3)), bits(), REFUSED[message]()])
    with pytest.raises(QdialectError) as error:
        from_keras(model)
    assert message in str(error.value)


def test_dot_of_matrices_is_refused():
    x = layers.Input((4, 3))
    with pytest.raises(QdialectError, match=r"\(Dot\): of .* is not supported, only of two vectors"):
        from_keras(keras.Model(x, layers.Dot(axes=1)([bits()(x), bits()(x)])))


def test_statistics_of_the_batch_axis_are_refused():
    normalization = layers.Normalization(mean=0, variance=1)
    model = keras.Sequential([layers.Input((4,)), bits(), normalization])
    normalization.axis = (0,)
    with pytest.raises(QdialectError, match=r"axis=\[0\] is not supported, only axes other than the batch axis"):
        from_keras(model)
