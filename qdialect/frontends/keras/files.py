"""Reading model files without TensorFlow: HDF5 (`.h5`) with the architecture as JSON inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
from numpy.typing import NDArray

from qdialect.errors import QdialectError
from qdialect.frontends.keras.source import ModelSource, Weights

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


def read_model_file(path: Path) -> ModelSource:
    """The model in an HDF5 file, whatever the file is called.

    Raises QdialectError if there is no such file, or it is not a whole Keras model.
    """
    if not path.is_file():
        raise QdialectError(f"{path}: no such model file")
    with path.open("rb") as file:
        if file.read(len(HDF5_MAGIC)) != HDF5_MAGIC:
            raise QdialectError(f"{path}: not a Keras model file; HDF5 (.h5) files are read")
    try:
        with h5py.File(path, "r") as file:
            return _read_hdf5(path, file)
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise QdialectError(f"{path}: damaged or incomplete model file ({_first_line(error)})") from None


def _read_hdf5(path: Path, file: h5py.File) -> ModelSource:
    config = file.attrs.get("model_config")
    if config is None:
        raise QdialectError(
            f"{path}: holds no model_config; save the whole model with model.save(), not only its weights"
        )
    model = json.loads(config)
    if not isinstance(model, dict) or not {"class_name", "config"} <= model.keys():
        raise QdialectError(f"{path}: model_config is not that of a Keras model")
    groups = cast(h5py.Group, file["model_weights"])
    weights = {name: _layer_weights(cast(h5py.Group, group)) for name, group in groups.items()}
    config = cast(Any, model["config"])
    name = config.get("name", path.stem) if isinstance(config, dict) else path.stem
    return ModelSource(name, model["class_name"], config, weights)


def _layer_weights(group: h5py.Group) -> Weights:
    """Arrays by short name: `fc1/kernel:0` is `kernel`."""
    names = [n.decode() if isinstance(n, bytes) else str(n) for n in cast(Any, group.attrs.get("weight_names", []))]
    return {short_name(name): _array(cast(h5py.Dataset, group[name])) for name in names}


def short_name(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[0]


def _array(dataset: h5py.Dataset) -> NDArray[np.float32]:
    return np.asarray(dataset[()], np.float32)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
