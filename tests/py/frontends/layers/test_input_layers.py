"""Layers that prepare images, categories and sequences: equal to `model.predict` in the IR at both levels and in the
compiled C++ of both architectures, or refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import qdialect
from qdialect import QdialectError

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

pytestmark = pytest.mark.covers
layers = keras.layers
RNG = np.random.default_rng(0)


def bits(width: int = 5, integer: int = 2) -> Any:
    return qkeras.QActivation(f"quantized_bits({width},{integer},alpha=1)")


IMAGE, VECTOR, SEQUENCE = (6, 4, 2), (3,), (5, 2)
BOUNDARIES = [-1.3, 0.0, 0.5, 2.6]
EQUAL: dict[str, tuple[tuple[int, ...], Callable[[], list[Any]]]] = {
    "center crop": (IMAGE, lambda: [layers.CenterCrop(3, 3)]),
    "nearest larger": (IMAGE, lambda: [layers.Resizing(12, 12, "nearest")]),
    "nearest smaller": (IMAGE, lambda: [layers.Resizing(2, 2, "nearest")]),
    "nearest between": (IMAGE, lambda: [layers.Resizing(4, 7, "nearest")]),
    "bilinear": (IMAGE, lambda: [layers.Resizing(12, 8)]),
    "same size": (IMAGE, lambda: [layers.Resizing(6, 4), layers.RandomCrop(6, 4)]),
    "augmentations": (
        IMAGE,
        lambda: [
            layers.RandomFlip(),
            layers.RandomRotation(0.1),
            layers.RandomZoom(0.1),
            layers.RandomTranslation(0.1, 0.1),
            layers.RandomContrast(0.1),
            layers.RandomBrightness(0.1),
        ],
    ),
    "bins": (VECTOR, lambda: [layers.Discretization(BOUNDARIES)]),
    "bins counted": (VECTOR, lambda: [layers.Discretization(BOUNDARIES, output_mode="count")]),
    "bins encoded": (VECTOR, lambda: [layers.Discretization(BOUNDARIES), layers.CategoryEncoding(5, "multi_hot")]),
    "one bin": ((1,), lambda: [layers.Discretization(BOUNDARIES, output_mode="one_hot"), qkeras.QDense(2)]),
    "masking nothing": (SEQUENCE, lambda: [layers.Masking(0.3), layers.LSTM(2, activation="linear")][:1]),
    "masking zeros": (SEQUENCE, lambda: [layers.Masking(), layers.Conv1D(2, 2)]),
    "masking steps": (SEQUENCE, lambda: [layers.Masking(0.25), bits(), layers.GlobalAveragePooling1D(), bits()]),
}


def network_of(shape: tuple[int, ...], stack: list[Any]) -> Any:
    model = keras.Sequential([layers.Input(shape), bits(), *stack])
    model.set_weights([(RNG.integers(-8, 8, w.shape) / 8).astype(np.float32) for w in model.get_weights()])
    return model


def samples(*shape: int) -> Any:
    """Of them some steps equal in all channels."""
    x = (RNG.integers(-100, 100, (60, *shape)) / 32).astype(np.float32)
    x[:20, ::2] = 0.25
    x[20:40, -1:] = 0
    return x


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("name", EQUAL)
def test_input_layer_computes_keras_bits(name: str, io_type: str, tmp_path: Any) -> None:
    shape, build = EQUAL[name]
    model, x = network_of(shape, build()), samples(*shape)
    wanted = model.predict(x, verbose=0)
    module = qdialect.from_keras(model)
    lowered = qdialect.lower(module, verify=True)
    project = qdialect.write_hls(lowered, tmp_path / "prj", {"io_type": io_type}).compile()
    for outputs in (qdialect.simulate(module, x), qdialect.simulate(lowered, x, check_ranges=True), project.predict(x)):
        np.testing.assert_array_equal(outputs, wanted)


@pytest.mark.parametrize(("mode", "shape"), [("one_hot", (1,)), ("multi_hot", (3,)), ("count", (3,))])
def test_category_encoding(mode: str, shape: tuple[int, ...], tmp_path: Any) -> None:
    model = keras.Sequential([layers.Input(shape), layers.CategoryEncoding(6, mode), bits()])
    x = RNG.integers(0, 6, (50, *shape)).astype(np.float32)
    wanted = model.predict(x, verbose=0)
    module = qdialect.from_keras(model, "fixed<3, 3, unsigned>")
    project = qdialect.write_hls(module, tmp_path / "prj").compile()
    for outputs in (qdialect.simulate(module, x), project.predict(x)):
        np.testing.assert_array_equal(outputs, wanted)


REFUSED = {
    "skips time steps by the mask": (SEQUENCE, lambda: [layers.Masking(), layers.Dense(2), layers.LSTM(2)]),
    "(GlobalAveragePooling1D): skips": (SEQUENCE, lambda: [layers.Masking(), layers.GlobalAveragePooling1D()]),
    "bilinear interpolation of [6, 4] to [3, 2]": (IMAGE, lambda: [layers.Resizing(3, 2)]),
    "axis=1: over another axis than the last": (SEQUENCE, lambda: [layers.Softmax(axis=1)]),
    "(QDense): follows the softmax": (VECTOR, lambda: [layers.Softmax(), qkeras.QDense(2)]),
    "(TimeDistributed): of a model is not": (
        SEQUENCE,
        lambda: [layers.TimeDistributed(keras.Sequential([layers.Input((2,)), layers.Dense(2)]))],
    ),
    "crop_to_aspect_ratio=True": (IMAGE, lambda: [layers.Resizing(3, 2, "nearest", crop_to_aspect_ratio=True)]),
    "interpolates images of another size": (IMAGE, lambda: [layers.RandomCrop(3, 2)]),
    "enlarges 6 x 4 pixels to 8 x 4": (IMAGE, lambda: [layers.CenterCrop(8, 4)]),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused_input_layer_says_why(message: str) -> None:
    shape, build = REFUSED[message]
    with pytest.raises(QdialectError) as error:
        qdialect.from_keras(network_of(shape, build()))
    assert message in str(error.value)
    assert "\n" not in str(error.value)
