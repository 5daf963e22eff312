"""Graphs of every shape: shared and nested models, several inputs and outputs, wrappers, recorded functions, taps.

All networks have small integer-like weights, so that Keras' float32 is exact and equality is the only right answer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qdialect
from qdialect.errors import QdialectError

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

pytestmark = pytest.mark.covers
layers = keras.layers

BITS = "quantized_bits(6,2,alpha=1)"
RELU = "quantized_relu(5,2)"


def dense(units: int, name: str | None = None, **options: Any) -> Any:
    return qkeras.QDense(units, kernel_quantizer=BITS, bias_quantizer=BITS, name=name, **options)


def act(name: str | None = None) -> Any:
    return qkeras.QActivation(RELU, name=name)


def start(*shape: int, name: str | None = None) -> tuple[Any, Any]:
    x = keras.Input(shape, name=name)
    return x, qkeras.QActivation(BITS)(x)


def residual() -> Any:
    x, q = start(6)
    y = act()(dense(6)(q))
    return keras.Model(x, dense(3)(layers.Add()([y, q])))


def shared_layer() -> Any:
    (a, p), (b, q) = start(5), start(5)
    common = dense(4, "common")
    return keras.Model([a, b], layers.Subtract()([common(p), act()(common(q))]))


def shared_twice_in_a_row() -> Any:
    x, q = start(4)
    common, relu = dense(4), act()
    return keras.Model(x, relu(common(relu(common(q)))))


def several_outputs() -> Any:
    (a, p), (b, q) = start(5, name="first"), start(3, name="second")
    y = dense(4)(layers.Concatenate()([q, p]))
    return keras.Model([a, b], [act()(y), dense(2)(p), q])


def dictionaries() -> Any:
    """Keras orders the inputs and outputs in dictionaries by key."""
    (a, p), (b, q) = start(2, name="zebra"), start(3, name="ant")
    return keras.Model({"zebra": a, "ant": b}, {"y": dense(4)(q), "x": dense(2)(p)})


def nested_shared() -> Any:
    """One inner model, with its own inner model, applied three times."""
    i = keras.Input((4,))
    core = keras.Sequential([dense(4, input_shape=(4,)), act()], name="core")
    inner = keras.Model(i, layers.Add()([core(i), core(core(i))]), name="inner")
    (a, p), (b, q) = start(4), start(4)
    return keras.Model([a, b], [inner(p), dense(2)(inner(act()(inner(q))))])


def nested_several() -> Any:
    """An inner model with two inputs and two outputs."""
    i, j = keras.Input((4,), name="i"), keras.Input((3,), name="j")
    inner = keras.Model([i, j], [dense(2)(j), dense(3)(i)], name="inner")
    (a, p), (b, q) = start(3), start(4)
    y, z = inner([q, p])
    return keras.Model([a, b], layers.Concatenate()([z, y, z]))


def unbuilt_sequential() -> Any:
    """An inner Sequential that has no input of its own: it is built by its first call."""
    x, q = start(5)
    inner = keras.Sequential([dense(4), act(), dense(3)])
    return keras.Model(x, inner(q))


def functions() -> Any:
    x, q = start(4, 4, 2)
    y = tf.pad(q, [[0, 0], [1, 0], [0, 2], [0, 0]])
    y = 0.5 * y[:, 1:, :3] + 1.25
    y = tf.minimum(tf.math.floor(y * 4) / 4, 1.5)
    y = tf.maximum(2.0 - y, -q[:, :4, :3] * 3)
    y = y * np.array([0.5, 3], np.float32) + np.arange(6, dtype=np.float32).reshape(1, 1, 3, 2)
    y = tf.concat([tf.transpose(y, [0, 2, 1, 3]), tf.reshape(y, [-1, 3, 4, 2])], axis=-1)
    return keras.Model(x, [tf.nn.relu(y[:, 1]), tf.expand_dims(y[:, :, -1, 0], 1), tf.squeeze(y[:, :1], 1)])


def dense_with_softmax() -> Any:
    x, q = start(4)
    return keras.Model(x, [dense(4, activation="softmax")(q), dense(2)(q)])


TOPOLOGIES: list[Callable[[], Any]] = [
    residual,
    shared_layer,
    shared_twice_in_a_row,
    several_outputs,
    dictionaries,
    nested_shared,
    nested_several,
    unbuilt_sequential,
    functions,
]


def randomized(model: Any) -> Any:
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(-3, 3, w.shape).astype(np.float32) for w in model.get_weights()])
    return model


def inputs_of(model: Any) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.uniform(-5, 5, (24, *tensor.shape[1:])).astype(np.float32) for tensor in model.inputs]


def as_list(outputs: Any) -> list[np.ndarray]:
    if isinstance(outputs, dict):
        return [outputs[key] for key in sorted(outputs)]
    return list(outputs) if isinstance(outputs, list) else [outputs]


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("suffix", ["", ".h5", ".keras"])
def test_topology_computes_keras_bits(topology: Callable[[], Any], suffix: str, tmp_path: Path) -> None:
    model = randomized(topology())
    x = inputs_of(model)
    wanted = as_list(model.predict(dict(zip(model.input_names, x, strict=True)), verbose=0))
    if suffix:
        model.save(tmp_path / f"net{suffix}")
        module = qdialect.from_keras(tmp_path / f"net{suffix}")
    else:
        module = qdialect.from_keras(model)
    got = as_list(qdialect.simulate(module, x))
    assert all((a == b).all() for a, b in zip(wanted, got, strict=True))
    lowered = as_list(qdialect.simulate(qdialect.lower(module, verify=True), x))
    assert all((a == b).all() for a, b in zip(wanted, lowered, strict=True))


def test_the_logits_of_a_dense_softmax() -> None:
    """The softmax inside a layer is left to the host: the sums of that layer are the result, not its input."""
    assert qdialect.verify(randomized(dense_with_softmax()), samples=50).ok


def test_pruning_wrappers(tmp_path: Path) -> None:
    """tensorflow-model-optimization does not run with every TensorFlow: the wrapper as its files describe it."""
    import h5py

    model = randomized(
        keras.Sequential(
            [
                qkeras.QActivation(BITS, input_shape=(4, 4, 2)),
                qkeras.QConv2D(3, 2, kernel_quantizer=BITS, bias_quantizer=BITS, name="conv"),
                act("relu1"),
                layers.Flatten(),
                dense(3, "fc"),
            ]
        )
    )
    model.save(tmp_path / "net.h5")
    masks = wrapped(h5py.File(tmp_path / "net.h5", "r+"), ("conv", "relu1", "fc"))
    for name, mask in masks.items():
        kernel, bias = model.get_layer(name).get_weights()
        model.get_layer(name).set_weights([kernel * mask, bias])
    (x,) = inputs_of(model)
    for outputs in (None, ["relu1"]):
        module = qdialect.from_keras(tmp_path / "net.h5", outputs=outputs)
        reference = model if outputs is None else keras.Model(model.input, model.get_layer("relu1").output)
        assert (qdialect.simulate(module, x) == reference.predict(x, verbose=0)).all()


def wrapped(file: Any, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Wraps layers of a saved model in PruneLowMagnitude; returns the masks."""
    import json

    rng, masks = np.random.default_rng(2), {}
    config = json.loads(file.attrs["model_config"])
    for i, layer in enumerate(config["config"]["layers"]):
        name = layer["config"]["name"]
        if name not in names:
            continue
        wrapper = f"prune_low_magnitude_{name}"
        options = {"name": wrapper, "pruning_schedule": {"class_name": "ConstantSparsity"}, "block_size": [1, 1]}
        config["config"]["layers"][i] = {"class_name": "PruneLowMagnitude", "config": options | {"layer": layer}}
        file.move(f"model_weights/{name}", f"model_weights/{wrapper}")
        group = file[f"model_weights/{wrapper}"]
        state = {"pruning_step": np.int64(7)}
        if f"{name}/kernel:0" in group:
            masks[name] = rng.integers(0, 2, group[f"{name}/kernel:0"].shape).astype(np.float32)
            state = {"mask": masks[name], "threshold": np.float32(0.1)} | state
        for key, value in state.items():
            group[f"{wrapper}/{key}:0"] = value
        group.attrs["weight_names"] = [*group.attrs["weight_names"], *(f"{wrapper}/{key}:0" for key in state)]
    file.attrs["model_config"] = json.dumps(config)
    file.close()
    return masks


def test_package_names(tmp_path: Path) -> None:
    """Layers registered under a package, such as 'Custom>QDense'."""
    import h5py

    model = randomized(residual())
    model.save(tmp_path / "net.h5")
    with h5py.File(tmp_path / "net.h5", "r+") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace('"QDense"', '"Custom>QDense"')
    (x,) = inputs_of(model)
    assert (qdialect.simulate(qdialect.from_keras(tmp_path / "net.h5"), x) == model.predict(x, verbose=0)).all()


def test_taps_are_named_by_layer_and_application() -> None:
    """By layer name; one application of several by its number; layers of nested models by their path."""
    model = randomized(nested_shared())
    x = inputs_of(model)
    inner, relu = model.get_layer("inner"), next(layer for layer in model.layers if layer.name.startswith("q_act"))
    reference = keras.Model(model.inputs, [relu.output, inner.get_output_at(0)])
    module = qdialect.from_keras(model, outputs=[relu.name, f"inner/{inner.layers[-1].name}:0"])
    for got, wanted in zip(qdialect.simulate(module, x), reference.predict(x, verbose=0), strict=True):
        assert (got == wanted).all()
    with pytest.raises(QdialectError, match=r"has no layer 'nothing' to tap; its layers are .*inner/core/"):
        qdialect.from_keras(model, outputs=["nothing"])
    with pytest.raises(QdialectError, match=r"is applied 9 times; tap one of 'inner/core/.*:0', '.*:8'"):
        qdialect.from_keras(model, outputs=[f"inner/core/{inner.get_layer('core').layers[0].name}"])


REFUSED = {
    "sine": (lambda q: tf.math.sin(q), "function math.sin is not supported"),
    "division": (lambda q: q / (q + 4), "a division by a tensor has no exact form"),
    "batch": (lambda q: q[1:], "the batch axis cannot be sliced"),
    "nothing": (lambda q: q[:, 4:], "leaves nothing of an axis of 4"),
    "no bits": (lambda q: tf.where(tf.cast(q, tf.bool), q, 1.0), "expected bits, the results of a comparison"),
    "integers": (lambda q: tf.cast(q, tf.int32), "dtype int32 truncates"),
    "array": (lambda q: q + np.arange(8, dtype=np.float32).reshape(2, 4), "differs along the batch"),
    "divisors": (lambda q: q / np.array([2, 3, 0, 5], np.float32), "a division by zero"),
    "lambda": (lambda q: layers.Lambda(lambda v: v + 1, name="secret")(q), "'secret' .Lambda."),
    "argument": (lambda q: layers.Attention()([q, q], return_attention_scores=True)[0], "multiplies by a softmax"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name: str) -> None:
    build, message = REFUSED[name]
    x, q = start(4)
    with pytest.raises(QdialectError, match=message) as error:
        qdialect.from_keras(keras.Model(x, build(q)))
    assert "\n" not in str(error.value)
