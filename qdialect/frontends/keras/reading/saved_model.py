"""SavedModel directories, without TensorFlow: configuration and variables only, no graph is loaded or run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import LayerPath, model_name, parse_model
from qdialect.frontends.keras.model.source import LayerWeights, ModelSource
from qdialect.frontends.keras.reading.damage import small_content
from qdialect.frontends.keras.reading.tensor_bundle import TensorBundle, fields, repeated
from qdialect.frontends.keras.reading.variables import named_weights


def read_saved_model(directory: Path) -> ModelSource:
    """Raises QdialectError for SavedModels that Keras has not written, and for incomplete ones."""
    metadata = directory / "keras_metadata.pb"
    if not metadata.is_file():
        raise QdialectError(f"{directory}: a SavedModel without keras_metadata.pb; save the model as .keras or .h5")
    objects = {
        path.decode(): json.loads(text, object_hook=_plain)
        for path, text in ((node.get(3, b""), node.get(5, b"{}")) for node in _saved_objects(metadata))
    }
    class_name, config = parse_model(json.dumps(objects.get("root")), str(directory))
    names = {path.removeprefix("root."): str(saved.get("name")) for path, saved in objects.items()}
    return ModelSource(model_name(config, directory.name), class_name, config, _weights(directory, names))


def _saved_objects(metadata: Path) -> list[dict[int, Any]]:
    """Path (3) and JSON (5) of every object that Keras has described."""
    return [dict(fields(node)) for node in repeated(small_content(metadata), 1)]


def _plain(value: dict[str, Any]) -> Any:
    """Tuples as SavedModels spell them, as lists."""
    return value["items"] if value.get("class_name") == "__tuple__" else value


def _weights(directory: Path, names: Mapping[str, str]) -> dict[LayerPath, LayerWeights]:
    """Weights by layer; `names` maps object paths such as 'layer_with_weights-0' to layer names."""
    bundle = TensorBundle(directory / "variables")
    objects = bundle.objects()
    weights: dict[LayerPath, LayerWeights] = {}
    for path in names:
        parts = path.split(".")
        if all(part.startswith("layer_with_weights-") for part in parts):
            layer = objects[0]
            for part in (*parts, "variables"):
                layer = objects[layer.children[part]]
            variables = [objects[index] for index in layer.children.values()]
            inside = tuple(names[".".join(parts[: i + 1])] for i in range(len(parts)))
            weights[inside] = named_weights([(v.name, bundle.array(v.key)) for v in variables])
    return weights
