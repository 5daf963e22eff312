"""`.keras` zips of tf_keras and Keras 3, and their weight store: variables numbered in the order of creation.

The store follows the objects of a model: `layers/<class in snake case>[_<k>]/vars/<i>`, where a nested model, a wrapped
layer, a recurrent cell or a fused batch normalization is a group inside that of the layer.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import h5py

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import (
    LayerEntry,
    LayerPath,
    entries,
    inner_layer,
    model_name,
    namespace,
    parse_model,
)
from qdialect.frontends.keras.model.source import QKERAS, QKERAS_V3, LayerWeights, ModelSource
from qdialect.frontends.keras.reading.hdf5 import array, member
from qdialect.frontends.keras.reading.variables import BATCH_NORM, creation_order
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.limits import MAX_CONFIGURATION, MAX_STORE

ARCHITECTURE, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"


MAX_EXPANSION = 100
"""The largest ratio of the weights to the whole archive."""

NOTHING: dict[str, Any] = {}
"""A group that the store does not have."""

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""Where a model keeps its layers: now, and in tf_keras up to 2.14."""


def read_keras_zip(path: Path) -> ModelSource:
    """Raises QdialectError for zips that are not Keras models, and for members that are not what they claim."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if bad := [name for name in names if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name)]:
            raise QdialectError(f"{path}: member '{bad[0]}' leaves the archive; this is not a Keras model")
        for name in (ARCHITECTURE, WEIGHTS):
            if name not in names:
                raise QdialectError(f"{path}: not a .keras model, it has no {name}")
        class_name, config = parse_model(_content(path, archive, ARCHITECTURE), str(path))
        reference = QKERAS_V3 if METADATA in names and _is_keras_3(_content(path, archive, METADATA)) else QKERAS
        with h5py.File(io.BytesIO(_content(path, archive, WEIGHTS)), "r") as store:
            weights = stored_weights(store, config, str(path))
    return ModelSource(model_name(config, path.stem), class_name, config, weights, reference)


def _is_keras_3(metadata: bytes) -> bool:
    found = json.loads(metadata)
    return isinstance(found, dict) and str(cast(Any, found).get("keras_version", "")).startswith("3.")


def _content(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    largest = MAX_CONFIGURATION
    if name == WEIGHTS:
        largest = min(max(MAX_CONFIGURATION, MAX_EXPANSION * path.stat().st_size), MAX_STORE)
    if info.file_size > largest:
        raise QdialectError(f"{path}: {name} declares {info.file_size} bytes, more than the archive can sensibly hold")
    return archive.read(info)


def is_store(file: h5py.File) -> bool:
    """Whether a file is the weight store of a `.keras` file (which save_weights also writes, as `.weights.h5`)."""
    return "layer_names" not in file.attrs and any(container in file for container in CONTAINERS)


def stored_weights(store: Any, config: Any, where: str, path: LayerPath = ()) -> dict[LayerPath, LayerWeights]:
    """The weights of every layer of the model `config`, by path.

    Raises QdialectError where the store's variables do not match the model's layers.
    """
    container = next((member(store, name) for name in CONTAINERS if name in store), NOTHING)
    weights: dict[LayerPath, LayerWeights] = {}
    used: Counter[str] = Counter()
    for entry in entries(config, where):
        name = snake_case(entry.class_name.rpartition(">")[2] if entry.class_name != "Model" else "Functional")
        number = f"_{used[name]}" if used[name] else ""
        used[name] += 1
        group = _inside(container, name + number)
        if entry.is_model:
            weights |= stored_weights(group, entry.config, where, (*path, entry.name))
        else:
            weights[(*path, entry.name)] = _layer(group, entry)
    return weights


def _layer(group: Any, entry: LayerEntry) -> dict[str, Float32Array]:
    """A layer's own variables and those of what it holds inside."""
    if namespace(entry.class_name):
        return dict(_all_inside(group, ""))
    if entry.class_name == "PruneLowMagnitude":
        return _masks(_numbered(group)) | _layer(_inside(group, "layer"), inner_layer(entry))
    if entry.class_name == "TimeDistributed":
        return _layer(_inside(group, "layer"), inner_layer(entry))
    if entry.class_name.endswith("Bidirectional"):
        inner = inner_layer(entry)
        sides = {side: _layer(_inside(group, side), inner) for side in ("forward_layer", "backward_layer")}
        return {f"{side}/{key}": w for side, weights in sides.items() for key, w in weights.items()}
    own = _numbered(group) or _numbered(_inside(group, "cell"))
    weights = dict(zip(creation_order(entry, len(own)), own, strict=True))
    return weights | dict(zip(BATCH_NORM, _numbered(_inside(group, "batchnorm")), strict=False))


def _all_inside(group: Any, path: str) -> Iterator[tuple[str, Float32Array]]:
    """Every variable of a group of HGQ2 or PQuantML, without `vars` in its path; the scalar of an HGQ2 quantizer and
    whatever prunes serve training."""
    for name in group:
        inside = member(group, name)
        if hasattr(inside, "shape"):
            values = array(inside)
            if values.ndim or "quantizer" not in path.split("/"):
                yield f"{path}{name}", values
        elif name != "pruning_layer":
            yield from _all_inside(inside, path if name == "vars" else f"{path}{name}/")


def _masks(variables: list[Float32Array]) -> dict[str, Float32Array]:
    """Of PruneLowMagnitude: it stores the pruned weights once more, a mask and a threshold for each, and the step."""
    masks = [mask for mask, threshold in pairwise(variables[:-1]) if threshold.ndim == 0]
    return {f"mask_{i}": mask for i, mask in enumerate(masks)}


def _inside(group: Any, name: str) -> Any:
    return member(group, name) if name in group else NOTHING


def _numbered(group: Any) -> list[Float32Array]:
    """`vars/0`, `vars/1`, ..."""
    variables = _inside(group, "vars")
    count = len([name for name in variables if name.isdigit()])  # the others count training steps
    return [array(member(variables, str(i))) for i in range(count)]


def snake_case(name: str) -> str:
    """QConv2DBatchnorm is q_conv2d_batchnorm: Keras' rule."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
