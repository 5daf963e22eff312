"""Damaged and hostile model files end in one line; nothing in them is executed or followed."""

from __future__ import annotations

import base64
import io
import json
import marshal
import random
import shutil
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.frontends.keras.model.configuration import parse_model

ROOT = Path(__file__).resolve().parents[4]
EXAMPLE = ROOT / "examples" / "digits_cnn" / "model.h5"


def refusal(model: Any) -> str:
    """The one line with which a model is refused."""
    with pytest.raises(QdialectError) as error:
        from_keras(model)
    assert "\n" not in str(error.value)
    return str(error.value)


def imported_or_refused(path: Path) -> None:
    try:
        from_keras(path)
    except QdialectError as error:
        told = str(error)
        assert "\n" not in told


def changed(path: Path, change: Callable[[Any], Any]) -> Path:
    """A copy of the example with another configuration."""
    shutil.copy(EXAMPLE, path)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        file.attrs["model_config"] = json.dumps(change(config) or config)
    return path


def keras_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def store() -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_group("layers")
    return content.getvalue()


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list(layers)}}


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": class_name.lower(), **config}}


@pytest.mark.parametrize("size", [0, 1, 9, 100, 2000, 20000])
def test_truncated_file_is_refused_in_one_line(tmp_path: Path, size: int) -> None:
    (tmp_path / "net.h5").write_bytes(EXAMPLE.read_bytes()[:size])
    assert "net.h5" in refusal(tmp_path / "net.h5")
    archive = keras_zip(tmp_path / "whole.keras", {"config.json": b"{}" * 9000, "model.weights.h5": b"x" * 40000})
    (tmp_path / "net.keras").write_bytes(archive.read_bytes()[:size])
    assert "net.keras" in refusal(tmp_path / "net.keras")


def test_flipped_bytes(tmp_path: Path) -> None:
    """Either the damage is seen, or it lies where it does not matter; never another exception."""
    rng, original = random.Random(0), EXAMPLE.read_bytes()
    for _ in range(60):
        content = bytearray(original)
        for _ in range(rng.choice([1, 8, 64])):
            content[rng.randrange(len(content))] = rng.randrange(256)
        (tmp_path / "net.h5").write_bytes(content)
        imported_or_refused(tmp_path / "net.h5")


def mutated(value: Any, rng: random.Random) -> Any:
    """The configuration with one part of it replaced."""
    if rng.random() < 0.25 or not isinstance(value, dict | list) or not value:
        return rng.choice(
            [None, -1, 0, 1e99, "x", [], {}, [[]], [-1], {"class_name": "x", "config": {}}, [0] * 9, True]
        )
    result = value.copy()
    key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
    result[key] = mutated(value[key], rng)
    return result


def test_mutated_configurations(tmp_path: Path) -> None:
    rng = random.Random(1)
    for _ in range(400):
        imported_or_refused(changed(tmp_path / "net.h5", lambda config: mutated(config, rng)))


def test_cyclic_graph(tmp_path: Path) -> None:
    def cycle(config: Any) -> Any:
        names = [entry["config"]["name"] for entry in config["config"]["layers"]]
        inbound = [[[[names[i - 1], 0, 0, {}]]] for i in range(len(names))]
        for entry, nodes in zip(config["config"]["layers"][1:], inbound[1:], strict=True):
            entry |= {"inbound_nodes": nodes, "name": entry["config"]["name"]}
        config["config"]["layers"][0]["inbound_nodes"] = []
        config["config"]["layers"][1]["inbound_nodes"] = [[[names[3], 0, 0, {}]]]
        ends = {"input_layers": [[names[0], 0, 0]], "output_layers": [[names[-1], 0, 0]]}
        return {"class_name": "Functional", "config": config["config"] | ends}

    assert "never computed" in refusal(changed(tmp_path / "net.h5", cycle))


def test_deep_nesting(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text('{"class_name": "Sequential", "config": ' + '{"layers": [' * 100_000)
    (tmp_path / "net.h5").write_bytes(EXAMPLE.read_bytes())
    assert "not JSON that can be read" in refusal(tmp_path / "net.json")
    inner: dict[str, Any] = layer("Flatten")
    for _ in range(60):
        inner = {"class_name": "Sequential", "config": {"name": "net", "layers": [inner]}}
    assert "nests more than 16 models" in refusal(changed(tmp_path / "net.h5", lambda _: inner))


def test_exponentially_many_applications(tmp_path: Path) -> None:
    """Ten models, each applying the next one ten times."""
    model = layer("Flatten")
    for i in range(10):
        inputs = {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, 4]}, "name": "in"}
        chain = [[[["in" if k == 0 else "inner", k, 0, {}]]] for k in range(10)]
        inner = model | {"name": "inner", "inbound_nodes": [node for nodes in chain for node in nodes]}
        ends = {"input_layers": [["in", 0, 0]], "output_layers": [["inner", 10 if i else 9, 0]]}
        model = {"class_name": "Functional", "config": {"name": "m", "layers": [inputs, inner], **ends}}
    start = time.monotonic()
    assert refusal(changed(tmp_path / "net.h5", lambda _: model))
    assert time.monotonic() - start < 20


def test_lambda_code_is_not_run(tmp_path: Path) -> None:
    witness = tmp_path / "executed"
    code = compile(f"open({str(witness)!r}, 'w')", "payload", "exec")
    packed = base64.b64encode(marshal.dumps(code)).decode()
    evil = layer("Lambda", function=[packed, None, None], batch_input_shape=[None, 4], function_type="lambda")
    assert "(Lambda)" in refusal(changed(tmp_path / "net.h5", lambda _: sequential(evil)))
    for text in (f"__import__('os').system('touch {witness}')", f"open({str(witness)!r})"):
        activation = layer("QActivation", activation=text, batch_input_shape=[None, 4])
        assert "layer 'qactivation'" in refusal(changed(tmp_path / "net.h5", lambda _, a=activation: sequential(a)))
    nested = layer("QActivation", activation=f"quantized_bits(open({str(witness)!r}))", batch_input_shape=[None, 4])
    from_keras(changed(tmp_path / "net.h5", lambda _: sequential(nested)))  # QKeras drops what stands in parentheses
    assert not witness.exists()


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "..\\evil"])
def test_zip_names_that_leave_the_archive(tmp_path: Path, name: str) -> None:
    members = {"config.json": json.dumps(sequential()).encode(), "model.weights.h5": store(), name: b"x"}
    assert "leaves the archive" in refusal(keras_zip(tmp_path / "net.keras", members))


def test_zip_bombs(tmp_path: Path) -> None:
    path = keras_zip(tmp_path / "net.keras", {"config.json": b" " * (1 << 27), "model.weights.h5": b""})
    tracemalloc.start()
    assert "declares 134217728 bytes" in refusal(path)
    bomb = {"config.json": json.dumps(sequential()).encode(), "model.weights.h5": bytes(1 << 27)}
    assert "declares 134217728 bytes" in refusal(keras_zip(tmp_path / "bomb.keras", bomb))
    del bomb
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    refusal(tmp_path / "bomb.keras")
    assert tracemalloc.get_traced_memory()[1] - before < 1 << 24
    tracemalloc.stop()


def test_zips_that_are_no_models(tmp_path: Path) -> None:
    assert "no config.json" in refusal(keras_zip(tmp_path / "a.keras", {"readme": b"x"}))
    assert "no model.weights.h5" in refusal(keras_zip(tmp_path / "b.keras", {"config.json": b"{}"}))
    members = {"config.json": json.dumps(sequential()).encode(), "model.weights.h5": b"not HDF5"}
    assert "damaged or incomplete" in refusal(keras_zip(tmp_path / "c.keras", members))


def test_datasets_that_are_not_what_they_claim(tmp_path: Path) -> None:
    def replaced(make: Callable[[Any, str], Any]) -> str:
        shutil.copy(EXAMPLE, tmp_path / "net.h5")
        with h5py.File(tmp_path / "net.h5", "r+") as file:
            group = next(g for g in file["model_weights"].values() if len(g.attrs.get("weight_names", ())))
            name = group.attrs["weight_names"][0]
            name = name.decode() if isinstance(name, bytes) else name
            del group[name]
            make(group, name)
        return refusal(tmp_path / "net.h5")

    (tmp_path / "other.bin").write_bytes(bytes(1000))
    huge, other = (1 << 20, 1 << 20), str(tmp_path / "other.bin")
    assert "declares 4398046511104 bytes, but 0 are stored" in replaced(
        lambda group, name: group.create_dataset(name, huge, "f4", chunks=(1 << 10, 1 << 10))
    )
    assert "keeps its data in other files" in replaced(
        lambda group, name: group.create_dataset(name, (9,), "f4", external=[(other, 0, 36)])
    )
    assert "links are not followed" in replaced(
        lambda group, name: group.__setitem__(name, h5py.ExternalLink(other, "/x"))
    )
    assert "not an array of numbers" in replaced(lambda group, name: group.__setitem__(name, "text"))
    assert "not an array of numbers" in replaced(lambda group, name: group.create_group(name))
    assert "damaged or incomplete" in replaced(lambda group, name: None)


def test_huge_shapes(tmp_path: Path) -> None:
    def enormous(config: Any) -> None:
        for entry in config["config"]["layers"]:
            for key in ("batch_input_shape", "batch_shape"):
                if key in entry["config"]:
                    entry["config"][key] = [None, 1 << 40, 1 << 40, 1]

    tracemalloc.start()
    refusal(changed(tmp_path / "net.h5", enormous))
    assert tracemalloc.get_traced_memory()[1] < 1 << 26
    tracemalloc.stop()


def test_saved_models_without_their_parts(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"x")
    assert "keras_metadata.pb" in refusal(tmp_path)
    (tmp_path / "keras_metadata.pb").write_bytes(b"\xff" * 40)
    assert "damaged or incomplete" in refusal(tmp_path)
    described = json.dumps(sequential(layer("Flatten"))).encode()
    node = b"\x1a\x04root" + b"\x2a" + bytes([len(described) & 127 | 128, len(described) >> 7]) + described
    (tmp_path / "keras_metadata.pb").write_bytes(b"\x0a" + bytes([len(node) & 127 | 128, len(node) >> 7]) + node)
    assert "variables.index" in refusal(tmp_path)
    (tmp_path / "variables").mkdir()
    (tmp_path / "variables" / "variables.index").write_bytes(b"x" * 100)
    assert "damaged or incomplete" in refusal(tmp_path)


def test_files_that_miss_their_other_half(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text(json.dumps(sequential(layer("Flatten"))))
    assert "weights; put their .h5" in refusal(tmp_path / "net.json")
    for name in ("a_weights.h5", "b_weights.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            file.attrs["layer_names"] = ["x"]
    assert "a_weights.h5, b_weights.h5" in refusal(tmp_path / "net.json")
    assert "not a JSON file" in refusal((tmp_path / "a_weights.h5", tmp_path / "net.json"))
    (tmp_path / "net.json").unlink()
    assert "model_config" in refusal(tmp_path / "a_weights.h5")
    assert "holds 2 models" in refusal(tmp_path)
    assert "no Keras model" in refusal(ROOT / "docs")


def test_ten_million_parameters(tmp_path: Path) -> None:
    """In less than 5 s, and in less than 4 times the size of the file."""
    units = [1000, 2500, 2000, 1000, 500]
    bits = {"class_name": "quantized_bits", "config": {"bits": 6, "integer": 0, "alpha": 1.0}}
    layers = [layer("QActivation", activation="quantized_bits(8,0,alpha=1)", batch_input_shape=[None, units[0]])]
    rng, path = np.random.default_rng(0), tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        for i, (n, m) in enumerate(pairwise(units)):
            options = {"units": m, "kernel_quantizer": bits, "bias_quantizer": bits, "name": f"fc{i}"}
            layers.append({"class_name": "QDense", "config": options})
            group = file.create_group(f"model_weights/fc{i}")
            group["kernel:0"], group["bias:0"] = rng.uniform(-1, 1, (n, m)).astype("f4"), np.zeros(m, "f4")
            group.attrs["weight_names"] = ["kernel:0", "bias:0"]
        file.attrs["model_config"] = json.dumps(sequential(*layers))
    size = path.stat().st_size
    assert size > 4 * 10_000_000
    from_keras(EXAMPLE)  # what is loaded on first use does not count
    start = time.monotonic()
    from_keras(path)
    assert time.monotonic() - start < 5
    tracemalloc.start()
    from_keras(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * size, f"{peak / size:.1f} times the file"


def test_configurations_have_a_longest_length(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({"class_name": "Sequential", "config": {}})
    monkeypatch.setattr("qdialect.frontends.keras.model.configuration.MAX_CONFIGURATION", len(text))
    assert parse_model(text, "net") == ("Sequential", {})
    with pytest.raises(QdialectError, match=f"net: its configuration has {len(text) + 1} bytes, more than {len(text)}"):
        parse_model(text + " ", "net")
