"""Model files and directories, read without TensorFlow; the first bytes of a file decide its kind, not its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import model_name, parse_model
from qdialect.frontends.keras.model.source import ModelSource
from qdialect.frontends.keras.reading.damage import reported_damage, small_content
from qdialect.frontends.keras.reading.global_heaps import check_global_heaps
from qdialect.frontends.keras.reading.hdf5 import layer_weights, model_config
from qdialect.frontends.keras.reading.keras_zip import is_store, read_keras_zip, stored_weights
from qdialect.frontends.keras.reading.saved_model import read_saved_model

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"

ZIP_MAGIC = b"PK\x03\x04"

KINDS = "HDF5 (.h5), .keras, JSON with weights (.json + .h5) and SavedModel directories are read"


def read_model_file(path: Path) -> ModelSource:
    """The model in a file or directory of any kind.

    Raises QdialectError if there is none, or it is not a whole model.
    """
    whole, *weights = parts(path)
    if weights:
        return read_pair(whole, *weights)
    with reported_damage(whole):
        if whole.is_dir():
            return read_saved_model(whole)
        return (read_keras_zip if _start(whole).startswith(ZIP_MAGIC) else _read_hdf5)(whole)


def parts(path: Path) -> list[Path]:
    """The files that make the model of a file or directory: the architecture before its weights where they are two, a
    SavedModel as its directory. Raises QdialectError if there is no model, or its other half is missing."""
    if path.is_dir():
        return _parts_of_directory(path)
    if not path.is_file():
        raise QdialectError(f"{path}: no such model file")
    if path.suffix == ".onnx":
        raise QdialectError(f"{path}: an ONNX graph, not a Keras model; from_onnx, convert, verify and report read it")
    start = _start(path)
    if start.startswith(ZIP_MAGIC):
        return [path]
    if start.startswith(HDF5_MAGIC):
        return [path] if _holds_architecture(path) else [_beside(path, b"{"), path]
    if start.lstrip()[:1] == b"{":
        return [path, _beside(path, HDF5_MAGIC)]
    raise QdialectError(f"{path}: not a Keras model file; {KINDS}")


def _holds_architecture(path: Path) -> bool:
    with reported_damage(path):
        check_global_heaps(path)
        with h5py.File(path, "r") as file:
            return model_config(file) is not None


def read_pair(architecture: Path, weights: Path) -> ModelSource:
    """The model in a JSON file, with the weights in an HDF5 file.

    Raises QdialectError if they are not that, or do not belong together.
    """
    for path, is_kind, kind in (
        (architecture, _start(architecture).lstrip()[:1] == b"{", "JSON"),
        (weights, _start(weights).startswith(HDF5_MAGIC), "HDF5"),
    ):
        if not is_kind:
            raise QdialectError(f"{path}: not a {kind} file; give the pair (architecture.json, weights.h5)")
    with reported_damage(architecture):
        class_name, config = parse_model(small_content(architecture), str(architecture))
    check_global_heaps(weights)
    with reported_damage(weights), h5py.File(weights, "r") as file:
        read = stored_weights if is_store(file) else layer_weights
        found = read(file, config, str(weights))
    if found and not any(found.values()):
        raise QdialectError(f"{weights}: holds no weights of the layers in {architecture.name}")
    return ModelSource(model_name(config, architecture.stem), class_name, config, found)


def _read_hdf5(path: Path) -> ModelSource:
    with h5py.File(path, "r") as file:
        class_name, config = parse_model(model_config(file) or "", str(path))
        weights = layer_weights(file, config, str(path))
    return ModelSource(model_name(config, path.stem), class_name, config, weights)


def _beside(path: Path, magic: bytes) -> Path:
    """The other file of a pair: with the same stem if there is one, otherwise the only one of its kind."""
    found = _of_kind(path.parent, magic)
    stem = _stem(path)
    related = [other for other in found if _stem(other) == stem]
    candidates = related or found
    if len(candidates) == 1:
        return candidates[0]
    names = [other.name for other in candidates[:5]] + ["..."] * (len(candidates) > 5)
    several = f" (found {', '.join(names)})" if names else ""
    if magic == b"{":
        advice = "holds no model_config; save the whole model with model.save(), or put the architecture's .json"
    else:
        advice = "holds no weights; put their .h5"
    raise QdialectError(f"{path}: {advice} beside it, under the same name{several}")


def _stem(path: Path) -> str:
    """`net.weights.h5`, `net_weights.h5` and `net.json` have the same."""
    return path.name.partition(".")[0].removesuffix("_weights")


def _of_kind(directory: Path, magic: bytes) -> list[Path]:
    """The files in `directory` that start with `magic`; of JSON files those of a model."""
    files = [path for path in sorted(directory.iterdir()) if path.is_file() and _start(path).lstrip().startswith(magic)]
    return [path for path in files if magic != b"{" or _is_architecture(path)]


def _is_architecture(path: Path) -> bool:
    try:
        parse_model(small_content(path), "")
    except QdialectError:
        return False
    return True


def _parts_of_directory(path: Path) -> list[Path]:
    """A SavedModel, or the one model in the directory."""
    with reported_damage(path):
        if (path / "saved_model.pb").is_file():
            return [path]
        architectures = _of_kind(path, b"{")
        if len(architectures) == 1:
            return parts(architectures[0])
        whole = _of_kind(path, ZIP_MAGIC) + _of_kind(path, HDF5_MAGIC)
    if len(whole) == 1:
        return parts(whole[0])
    raise QdialectError(f"{path}: holds {_count(architectures + whole)}; {KINDS}")


def _count(paths: Sequence[Path]) -> str:
    return f"{len(paths)} models ({', '.join(p.name for p in paths)}), name one of them" if paths else "no Keras model"


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise QdialectError(f"{path}: {error.strerror}") from None
