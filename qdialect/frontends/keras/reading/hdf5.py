"""HDF5: whole models, and the weights of models whose architecture is elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import LayerPath, entries, leaves
from qdialect.frontends.keras.model.source import LayerWeights
from qdialect.frontends.keras.reading.damage import reported_damage
from qdialect.frontends.keras.reading.variables import distributed, named_weights
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.limits import MAX_ELEMENTS

MAX_EXPANSION = 1000
"""The largest expansion of compressed data."""


def model_config(file: h5py.File) -> str | bytes | None:
    """The JSON of a whole model's architecture; None in files of weights."""
    config = attribute(file, "model_config")
    return None if config is None else config if isinstance(config, str | bytes) else str(config)


class StoredWeights(Mapping[str, Float32Array]):
    """The weights of a layer, which stay in the file until they are asked for."""

    def __init__(self, path: Path, datasets: Mapping[str, str]):
        self._path, self._datasets = path, datasets

    def __getitem__(self, key: str) -> Float32Array:
        dataset = self._datasets[key]
        with reported_damage(self._path), h5py.File(self._path, "r") as file:
            return array(file[dataset])

    def __iter__(self) -> Iterator[str]:
        return iter(self._datasets)

    def __len__(self) -> int:
        return len(self._datasets)


def layer_weights(file: h5py.File, config: Any, where: str) -> dict[LayerPath, LayerWeights]:
    """The weights of every layer of the model `config`, by path; the arrays are read later.

    Raises QdialectError where the file's weights do not match the model's layers.
    """
    root = member(file, "model_weights") if "model_weights" in file else file
    datasets: dict[LayerPath, Mapping[str, str]] = {}
    for entry in entries(config, where):
        group = member(root, entry.name) if entry.name in root else None
        variables = _variables(group) if isinstance(group, h5py.Group) else []
        if entry.is_model:
            paths = [path for path, _ in leaves(entry.config, where, (entry.name,))]
            datasets |= distributed(paths, variables, where)
        else:
            datasets[(entry.name,)] = named_weights(variables)
    path = Path(file.filename).absolute()
    return {layer: StoredWeights(path, names) for layer, names in datasets.items()}


def _variables(group: h5py.Group) -> list[tuple[str, str]]:
    """Keras' names of a layer's variables, and where the file has them."""
    return [(name, str(checked(member(group, name)).name)) for name in _names(group)]


def _names(group: h5py.Group) -> Sequence[str]:
    """The attribute `weight_names`, which Keras splits into `weight_names0`, ... where it is long."""
    pieces = [key for key in ("weight_names", *_numbered(group, "weight_names")) if key in group.attrs]
    names = [name for piece in pieces for name in attribute(group, piece)]
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def attribute(group: h5py.Group | h5py.File, key: str) -> Any:
    """A text, or an array of texts; None if there is none.

    Raises QdialectError for one of other types, which libhdf5 does not survive where they are damaged, and for one that
    claims to be larger than the file.
    """
    if key not in group.attrs:
        return None
    stored = group.attrs.get_id(key)
    if h5py.check_string_dtype(stored.dtype) is None and math.prod(stored.shape or ()):
        raise QdialectError(f"{_file(group)}: attribute '{key}' is no text; the file is damaged")
    size, whole = math.prod(stored.shape or ()) * stored.dtype.itemsize, Path(_file(group)).stat().st_size
    if size > whole:
        raise QdialectError(f"{_file(group)}: attribute '{key}' declares {size} bytes, the file has {whole}")
    return cast(Any, group.attrs[key])


def _numbered(group: h5py.Group, key: str) -> list[str]:
    return [f"{key}{i}" for i in range(len(group.attrs))]


def member(group: h5py.Group | h5py.File, name: str) -> Any:
    """A group or dataset of this very file.

    Raises QdialectError for links that lead to other files.
    """
    inside: Any = group
    for part in filter(None, name.split("/")):
        link = inside.get(part, getlink=True)
        if isinstance(link, h5py.ExternalLink | h5py.SoftLink):
            raise QdialectError(f"{_file(group)}: '{part}' is a link to '{link.path}'; links are not followed")
        inside = inside[part]
    return inside


def array(dataset: Any) -> Float32Array:
    """The dataset as float32. Raises the errors of `checked`."""
    with np.errstate(over="ignore"):  # what does not fit is infinite, and refused by its layer
        return np.asarray(checked(dataset)[()], np.float32)


def checked(dataset: Any) -> h5py.Dataset:
    """Raise QdialectError unless it is plain numbers in this file, and not far larger than what the file stores."""
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind not in "biuf":
        raise QdialectError(f"{_file(dataset)}: '{dataset.name}' is not an array of numbers")
    if dataset.external or dataset.is_virtual:
        raise QdialectError(f"{_file(dataset)}: '{dataset.name}' keeps its data in other files")
    size, stored = math.prod(dataset.shape) * dataset.dtype.itemsize, dataset.id.get_storage_size()
    if size > stored * (MAX_EXPANSION if dataset.compression else 1):
        raise QdialectError(f"{_file(dataset)}: '{dataset.name}' declares {size} bytes, but {stored} are stored")
    if math.prod(dataset.shape) > MAX_ELEMENTS:
        raise QdialectError(f"{_file(dataset)}: '{dataset.name}' has more than {MAX_ELEMENTS} elements")
    return dataset


def _file(item: Any) -> str:
    return str(item.file.filename)
