"""Every kind of model file gives the same module as the live model it was saved from, without TensorFlow."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import qdialect
from qdialect.frontends.keras.importer import read_source
from qdialect.frontends.keras.model.graph import read_graph

tf_keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
layers = tf_keras.layers
pytestmark = pytest.mark.covers

BITS = "quantized_bits(6,2,alpha=1)"
RELU = "quantized_relu(5,2)"


def dense(units: int, **options: Any) -> Any:
    return qkeras.QDense(units, kernel_quantizer=BITS, bias_quantizer=BITS, **options)


def sequential() -> Any:
    return tf_keras.Sequential(
        [
            qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6, 6, 2), name="in_q"),
            qkeras.QConv2D(3, 2, kernel_quantizer=BITS, bias_quantizer=BITS, name="conv"),
            layers.BatchNormalization(name="bn"),
            qkeras.QActivation(RELU, name="relu1"),
            layers.Flatten(),
            dense(4, name="fc1"),
            qkeras.QActivation(RELU, name="relu2"),
            dense(3, use_bias=False, name="fc2"),
        ],
        name="net",
    )


def nested() -> Any:
    """A Functional model in a Functional model in a Sequential one, and two layers of one class on each level."""
    x = tf_keras.Input((5,))
    inner = tf_keras.Model(x, qkeras.QActivation(RELU, name="r")(dense(4, name="d")(x)), name="inner")
    y = tf_keras.Input((5,))
    middle = tf_keras.Model(y, dense(3, name="last")(inner(dense(5, name="first")(y))), name="middle")
    return tf_keras.Sequential(
        [qkeras.QActivation(BITS, input_shape=(5,)), dense(5, name="before"), middle, dense(2, name="after")]
    )


MODELS: dict[str, Callable[[], Any]] = {"sequential": sequential, "nested": nested}


def randomized(model: Any) -> Any:
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.1, 2, w.shape).astype(np.float32) for w in model.get_weights()])
    return model


def save_h5(model: Any, folder: Path) -> Path:
    model.save(folder / "net.h5")
    return folder / "net.h5"


def save_keras(model: Any, folder: Path) -> Path:
    model.save(folder / "net.keras")
    return folder / "net.keras"


def save_old_keras(model: Any, folder: Path) -> Path:
    """As tf_keras up to 2.14 did: another name for the container of layers."""
    import io
    import zipfile

    model.save(folder / "net.keras")
    with zipfile.ZipFile(folder / "net.keras") as archive:
        config, weights = archive.read("config.json"), io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights, "r+") as store:
        names: list[str] = []
        store.visit(names.append)
        for name in sorted((n for n in names if n.endswith("layers")), key=len, reverse=True):
            store.move(name, f"{name.removesuffix('layers')}_layer_checkpoint_dependencies")
    with zipfile.ZipFile(folder / "old.keras", "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights.getvalue())
    return folder / "old.keras"


def save_misnamed(model: Any, folder: Path) -> Path:
    return shutil.move(save_h5(model, folder), folder / "net.keras")


def save_pair(model: Any, folder: Path) -> tuple[Path, Path]:
    (folder / "a.json").write_text(model.to_json())
    model.save_weights(folder / "b.h5")
    return folder / "a.json", folder / "b.h5"


def save_directory(model: Any, folder: Path) -> Path:
    save_pair(model, folder)
    (folder / "meta.json").write_text('{"task": "none"}')
    return folder


def save_json(model: Any, folder: Path) -> Path:
    """With the weights of another model in the same folder."""
    (folder / "net.json").write_text(model.to_json())
    model.save_weights(folder / "net_weights.h5")
    randomized(tf_keras.Sequential([layers.Dense(1, input_shape=(1,))])).save_weights(folder / "other_weights.h5")
    return folder / "net.json"


def save_weights_only(model: Any, folder: Path) -> Path:
    return save_pair(model, folder)[1]


def save_store(model: Any, folder: Path) -> Path:
    """The weight store of `.keras` on its own."""
    (folder / "net.json").write_text(model.to_json())
    model.save_weights(folder / "net.weights.h5")
    return folder / "net.json"


def save_whole_as_weights(model: Any, folder: Path) -> tuple[Path, Path]:
    (folder / "a.json").write_text(model.to_json())
    return folder / "a.json", save_h5(model, folder)


def save_saved_model(model: Any, folder: Path) -> Path:
    model.save(folder / "saved", save_format="tf")
    return folder / "saved"


KINDS = [
    save_h5,
    save_keras,
    save_old_keras,
    save_misnamed,
    save_pair,
    save_directory,
    save_json,
    save_weights_only,
    save_store,
    save_whole_as_weights,
    save_saved_model,
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_file_is_the_live_model(name: str, kind: Callable[[Any, Path], Any], tmp_path: Path) -> None:
    model = randomized(MODELS[name]())
    live = qdialect.from_keras(model)
    assert body(qdialect.from_keras(kind(model, tmp_path))) == body(live)
    x = np.random.default_rng(1).uniform(-8, 8, (20, *model.input_shape[1:])).astype(np.float32)
    assert (qdialect.simulate(live, x) == model.predict(x, verbose=0)).all()


def body(module: Any) -> str:
    """The module as text, but for the name of its function (files of weights have none)."""
    return str(module).partition("(")[2]


WRAPPED = {
    "time_distributed": lambda: layers.TimeDistributed(dense(3), input_shape=(4, 5)),
    "bidirectional": lambda: qkeras.QBidirectional(
        qkeras.QLSTM(3, kernel_quantizer=BITS, recurrent_quantizer=BITS, bias_quantizer=BITS), input_shape=(4, 5)
    ),
    "lstm": lambda: qkeras.QLSTM(
        3, kernel_quantizer=BITS, recurrent_quantizer=BITS, bias_quantizer=BITS, input_shape=(4, 5)
    ),
    "separable": lambda: qkeras.QSeparableConv2D(
        3, 2, depthwise_quantizer=BITS, pointwise_quantizer=BITS, bias_quantizer=BITS, input_shape=(4, 4, 2)
    ),
    "depthwise": lambda: qkeras.QDepthwiseConv2D(2, depthwise_quantizer=BITS, use_bias=False, input_shape=(4, 4, 2)),
    "conv_batchnorm": lambda: qkeras.QConv2DBatchnorm(3, 2, kernel_quantizer=BITS, input_shape=(4, 4, 2)),
    "batchnorm": lambda: layers.BatchNormalization(scale=False, input_shape=(4,)),
    "embedding": lambda: layers.Embedding(7, 3, input_length=4),
}


@pytest.mark.parametrize("kind", [save_h5, save_keras, save_pair, save_saved_model])
@pytest.mark.parametrize("name", WRAPPED)
def test_weights_of_layers_with_inner_objects(name: str, kind: Callable[[Any, Path], Any], tmp_path: Path) -> None:
    """All weights arrive under the names that they have in the live model."""
    model = randomized(tf_keras.Sequential([WRAPPED[name]()]))
    (live,) = (call.layer for call in read_graph(read_source(model)).calls[1:])
    (read,) = (call.layer for call in read_graph(read_source(kind(model, tmp_path))).calls[1:])
    assert sorted(read.weights) == sorted(live.weights)
    assert sum(w.size for w in read.weights.values()) == model.count_params()
    assert all((read.weights[key] == live.weights[key]).all() for key in live.weights)


def test_split_attributes(tmp_path: Path) -> None:
    """Keras splits weight_names that are larger than an HDF5 attribute into weight_names0, weight_names1, ..."""
    model = randomized(sequential())
    with h5py.File(save_h5(model, tmp_path), "r+") as file:
        for group in file["model_weights"].values():
            names = group.attrs.pop("weight_names")
            for i, name in enumerate(names):
                group.attrs[f"weight_names{i}"] = np.array([name], dtype=h5py.string_dtype())
    assert body(qdialect.from_keras(tmp_path / "net.h5")) == body(qdialect.from_keras(model))


def test_old_list_of_layers(tmp_path: Path) -> None:
    """Sequential models of Keras 2.0 to 2.2: the configuration is the list itself, without an InputLayer."""
    model = randomized(sequential())
    with h5py.File(save_h5(model, tmp_path), "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["config"] = config["config"]["layers"][1:]
        file.attrs["model_config"] = json.dumps(config)
    old, live = qdialect.from_keras(tmp_path / "net.h5"), qdialect.from_keras(model)
    x = np.random.default_rng(1).uniform(-8, 8, (20, 6, 6, 2)).astype(np.float32)
    assert (qdialect.simulate(old, x) == qdialect.simulate(live, x)).all()


def keras_3_script(path: Path, architecture: str) -> str:
    return f"""
import keras, numpy as np
from keras import layers, ops
{architecture}
rng = np.random.default_rng(0)
model.set_weights([rng.integers(1, 9, w.shape) / 4 for w in model.get_weights()])
model.save(r"{path}.keras")
model.save(r"{path}.h5")
x = rng.integers(-8, 8, (20, *model.input_shape[1:])) / 4
np.savez(r"{path}.npz", x=x, y=model.predict(x, verbose=0))
"""


KERAS_3 = {
    "sequential": "model = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(3, 2), layers.ReLU(),"
    " layers.Flatten(), layers.Dense(4, use_bias=False), layers.Dropout(0.5), layers.Dense(3)])",
    "functional": "a = keras.Input((5,)); d = layers.Dense(5, name='shared'); b = d(layers.ReLU()(d(a)));"
    " model = keras.Model(a, layers.Dense(2)(b))",
    "functions": "a = keras.Input((6,)); y = layers.Dense(4)(a); z = ops.maximum(y[:, 1:3] * 0.5 + 1, -2 * y[:, :2]);"
    " model = keras.Model(a, layers.Dense(2)(ops.concatenate([ops.relu(z), y / 4, ops.floor(z)], axis=-1)))",
    "nested": "a = keras.Input((5,)); inner = keras.Sequential([keras.Input((5,)), layers.Dense(5), layers.ReLU()]);"
    " model = keras.Model(a, layers.Dense(2)(inner(inner(layers.Dense(5)(a)))))",
}


@pytest.mark.parametrize("name", KERAS_3)
def test_keras_3(name: str, tmp_path: Path) -> None:
    """Models of Keras 3 itself (in its own process: it does not share one with tf_keras' settings)."""
    pytest.importorskip("keras", minversion="3")
    run = subprocess.run(
        [sys.executable, "-c", keras_3_script(tmp_path / "net", KERAS_3[name])], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    recorded = np.load(tmp_path / "net.npz")
    for suffix in (".keras", ".h5"):
        module = qdialect.from_keras(tmp_path / f"net{suffix}", input_type="fixed<8, 5>")
        assert (qdialect.simulate(module, recorded["x"]) == recorded["y"]).all()


def test_no_tensorflow(tmp_path: Path) -> None:
    for number, kind in enumerate((save_h5, save_keras, save_pair, save_saved_model)):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = kind(randomized(sequential()), folder)
        paths = [str(p) for p in path] if isinstance(path, tuple) else str(path)
        script = (
            f"import qdialect, sys; qdialect.from_keras({paths!r});"
            "sys.exit(bool({'tensorflow', 'keras', 'tf_keras', 'qkeras'} & set(sys.modules)))"
        )
        assert subprocess.run([sys.executable, "-c", script]).returncode == 0
