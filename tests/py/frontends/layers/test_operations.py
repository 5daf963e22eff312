"""TensorFlow functions that Keras records as layers: equal to `model.predict` in the IR at both levels and in the
compiled C++ of both architectures, one network per family; what has no exact form is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import qdialect

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

pytestmark = pytest.mark.covers
layers = keras.layers

Build = Callable[[Any], Any]
RNG = np.random.default_rng(0)
MATRIX = (RNG.integers(-8, 8, (3, 5)) / 4).astype(np.float32)
THIRDS = np.array([3, 0.7, -5], np.float32)
FILTERS = (RNG.integers(-8, 8, (2, 3, 3, 2)) / 4).astype(np.float32)


def bits(width: int = 5, integer: int = 2) -> Any:
    return qkeras.QActivation(f"quantized_bits({width},{integer},alpha=1)")


FAMILIES: dict[str, dict[str, Build]] = {
    "slices": {
        "ellipsis": lambda q: q[..., :1],
        "ellipsis between": lambda q: q[:, 1, ..., -1],
        "ellipsis of nothing": lambda q: q[:, :, ..., :, 2:],
        "step": lambda q: q[:, ::2, 1::3],
        "uneven step": lambda q: q[:, :, ::3, ::2],
        "backwards": lambda q: q[:, ::-1, ::-2],
        "new axes": lambda q: q[:, tf.newaxis, ..., tf.newaxis, 0],
        "split": lambda q: tf.split(q, 3, axis=-1)[2],
        "split by sizes": lambda q: tf.concat(tf.split(q, [1, -1], axis=1)[::-1], axis=1),
        "unstack": lambda q: tf.add_n(tf.unstack(q, axis=2)[1:3]),
        "reverse": lambda q: tf.reverse(q, [1, -1]),
        "roll": lambda q: tf.roll(q, [1, -1], axis=[2, 3]),
        "gather": lambda q: tf.gather(q, [2, 0, 1, 1], axis=1),
    },
    "shapes": {
        "depth_to_space": lambda q: tf.nn.depth_to_space(tf.tile(q, [1, 1, 1, 4]), 2),
        "space_to_depth": lambda q: tf.nn.space_to_depth(q, 2),
        "stack": lambda q: tf.stack([q, q * 2], axis=1),
        "stack last": lambda q: tf.stack([q, q * 2, q], axis=-1),
        "tile": lambda q: tf.tile(q, [1, 2, 1, 3]),
        "repeat": lambda q: tf.repeat(q, 2, axis=1),
        "pad": lambda q: tf.pad(q, [[0, 0], [1, 0], [0, 2], [0, 1]], constant_values=1.25),
        "reflect": lambda q: tf.pad(q, [[0, 0], [3, 1], [0, 2], [0, 0]], "REFLECT"),
        "symmetric": lambda q: tf.pad(q, [[0, 0], [2, 1], [0, 0], [1, 0]], "SYMMETRIC"),
        "zeros_like": lambda q: tf.concat([q, tf.zeros_like(q), tf.ones_like(q)], axis=2),
        "transpose": lambda q: tf.transpose(q, [0, 3, 1, 2]),
    },
    "arithmetic": {
        "abs": lambda q: tf.abs(q - 0.5),
        "square": lambda q: tf.square(q),
        "power": lambda q: q**3,
        "squared_difference": lambda q: tf.math.squared_difference(q, 1.5),
        "clip_by_value": lambda q: tf.clip_by_value(q, -1.3, 2),
        "relu6": lambda q: tf.nn.relu6(q * 4),
        "ceil": lambda q: tf.math.ceil(q),
        "floor division": lambda q: q // 2,
        "bias_add": lambda q: tf.nn.bias_add(q, [0.5, -1.0, 2.25]),
        "leaky_relu": lambda q: tf.nn.leaky_relu(q, 0.25),
        "division": lambda q: bits(6)(q / 3),
        "divisions": lambda q: bits(6)(q / THIRDS),
        "sigmoid": lambda q: bits(6, 0)(tf.sigmoid(q)),
        "exp": lambda q: bits(6)(tf.exp(q) - 1.5),
    },
    "comparisons": {
        "greater": lambda q: tf.where(q > 0.5, q, -q),
        "less": lambda q: tf.where(tf.less(q[:, ::-1], q), q, tf.zeros_like(q)),
        "equal": lambda q: tf.where(tf.equal(q, 1.0), 2.5, q),
        "not equal": lambda q: tf.cast(tf.not_equal(q, [0.0, 1.0, 2.0]), tf.float32),
        "logic": lambda q: tf.cast(tf.logical_and(q >= -1.1, tf.logical_not(q <= 1)), "float32") * 3,
        "or": lambda q: tf.where(tf.logical_or(q > 2, q < -2), 1.0, 0.0),
        "zero": lambda q: tf.where(q > 1, 0.0, q),
        "casts": lambda q: tf.cast(tf.cast(tf.cast(q > 1, "int32"), tf.bool), tf.float32),
        "sign": lambda q: tf.sign(q),
        "maximum of all": lambda q: tf.cast(tf.reduce_any(q > 3, axis=[1, 2]), tf.float32),
    },
    "reductions": {
        "sum": lambda q: tf.reduce_sum(q, axis=[1, 2]),
        "sum of channels": lambda q: tf.reduce_sum(q, axis=-1, keepdims=True),
        "mean": lambda q: bits(6)(tf.reduce_mean(q, axis=[1, 3])),
        "mean of four": lambda q: tf.reduce_mean(q, axis=1),
        "max": lambda q: tf.reduce_max(q, axis=2),
        "min": lambda q: tf.reduce_min(q, axis=[2, 3], keepdims=True),
        "of all": lambda q: tf.reduce_sum(q, axis=[1, 2, 3]),
    },
    "windows": {
        "max_pool2d": lambda q: tf.nn.max_pool2d(q, 2, 2, "VALID"),
        "max_pool2d same": lambda q: tf.nn.max_pool2d(q, [1, 3, 2, 1], [1, 2, 1, 1], "SAME"),
        "max_pool1d": lambda q: tf.nn.max_pool1d(q[:, 0], 3, 2, "SAME"),
        "avg_pool2d": lambda q: bits(6)(tf.nn.avg_pool2d(q, 3, 2, "SAME")),
        "conv2d": lambda q: tf.nn.conv2d(q, FILTERS, 2, "SAME"),
    },
    "products": {
        "matrix": lambda q: tf.matmul(q, MATRIX),
        "transposed matrix": lambda q: tf.matmul(q, MATRIX.T, transpose_b=True),
        "matrix first": lambda q: tf.matmul(MATRIX.T, tf.transpose(q[:, 0], [0, 2, 1])),
        "tensors": lambda q: tf.matmul(q[:, 1], q[:, 0], transpose_b=True),
        "outer tensors": lambda q: q @ tf.transpose(q, [0, 1, 3, 2]),
        "tensordot": lambda q: tf.tensordot(q, MATRIX, 1),
    },
}


def network_of(*builds: Build, shape: tuple[int, ...] = (4, 6, 3)) -> Any:
    x = layers.Input(shape)
    q = bits()(x)
    return keras.Model(x, [build(q) for build in builds])


def samples(*shape: int) -> Any:
    return (RNG.integers(-150, 150, (40, *shape)) / 32).astype(np.float32)


def as_list(outputs: Any) -> list[Any]:
    return outputs if isinstance(outputs, list) else [outputs]


@pytest.mark.parametrize(("family", "name"), [(family, name) for family in FAMILIES for name in FAMILIES[family]])
def test_interpreted_operation_computes_keras_bits(family: str, name: str) -> None:
    """As imported and as lowered."""
    model = network_of(FAMILIES[family][name])
    x = samples(4, 6, 3)
    wanted = model.predict(x, verbose=0)
    module = qdialect.from_keras(model)
    np.testing.assert_array_equal(qdialect.simulate(module, x), wanted)
    np.testing.assert_array_equal(qdialect.simulate(qdialect.lower(module, verify=True), x, check_ranges=True), wanted)


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("family", FAMILIES)
def test_compiled_operation_computes_keras_bits(family: str, io_type: str, tmp_path: Any) -> None:
    """Read from a file, all functions of a family as one network."""
    model = network_of(*FAMILIES[family].values())
    model.save(tmp_path / "net.h5")
    x = samples(4, 6, 3)
    project = qdialect.write_hls(tmp_path / "net.h5", tmp_path / "prj", {"io_type": io_type}).compile()
    for name, got, wanted in zip(FAMILIES[family], project.predict(x), model.predict(x, verbose=0), strict=True):
        np.testing.assert_array_equal(got, wanted, err_msg=name)


def test_parts_of_the_batch_are_refused() -> None:
    x = layers.Input((4, 3))
    with pytest.raises(qdialect.QdialectError, match="batch"):
        qdialect.from_keras(keras.Model(x, tf.gather(bits()(x), [0])))
