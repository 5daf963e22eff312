"""Reading a live model through its public API: configuration, weights, and the quantizer objects in use."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import LayerPath, leaves, namespace
from qdialect.frontends.keras.model.source import QKERAS, QKERAS_V3, LayerWeights, ModelSource
from qdialect.frontends.keras.quantizers.spellings import unsaved_options
from qdialect.frontends.keras.reading.keras_zip import read_keras_zip
from qdialect.frontends.keras.reading.variables import named_weights


def read_live_model(model: Any) -> ModelSource:
    """A Sequential or Functional model in memory, of tf_keras or Keras 3.

    Raises QdialectError for other objects, and for models whose layers do not serialize.
    """
    if not all(hasattr(model, method) for method in ("get_config", "layers", "weights")):
        raise QdialectError(f"expected a Keras model or the path of one, got {type(model).__name__}")
    try:
        config = json.loads(model.to_json())
    except (TypeError, NotImplementedError, ValueError) as error:
        raise QdialectError(f"model '{model.name}' cannot be serialized: {str(error).splitlines()[0]}") from None
    if any(namespace(entry.class_name) for _, entry in leaves(config["config"], model.name)):
        return _through_file(model)
    remarks = tuple(_keep_quantizers(model, config["config"], ()))
    package = sys.modules[type(model).__module__.partition(".")[0]]
    reference = QKERAS_V3 if package.__name__ == "keras" and package.__version__.startswith("3.") else QKERAS
    return ModelSource(model.name, config["class_name"], config["config"], _weights(model, ()), reference, remarks)


def _through_file(model: Any) -> ModelSource:
    """A model of HGQ2 or PQuantML, whose variables are known by their places in its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return read_keras_zip(path)


def _keep_quantizers(layer: Any, config: Any, path: LayerPath) -> Iterator[str]:
    """Put the quantizer objects of a layer, and of what it holds inside, back into its configuration: `get_config`
    loses some of their options. Yields a remark for each option that a file would not have."""
    for key, inside, described in _parts(layer, config):
        yield from _keep_quantizers(inside, described, (*path, key))
    if type(layer).__name__ == "QAdaptiveActivation":  # its quantizer is made anew from its options
        config["relu_upper_bound"] = getattr(layer, "relu_upper_bound", None)
        return
    for key in config:
        quantizer = _used_quantizer(layer, key) if key.endswith(("activation", "_quantizer")) else None
        if quantizer is not None:
            config[key] = quantizer
            yield from (
                f"layer '{'/'.join(path)}' {key}: {option} is that of the live model; QKeras saves no such option, and "
                "a file of the model computes without it"
                for option in unsaved_options(quantizer)
            )


def _used_quantizer(layer: Any, key: str) -> Any:
    """The object that the layer computes with, whatever it was given as; None where that is no quantizer."""
    attributes = ("quantizer", "activation") if type(layer).__name__ == "QActivation" else (f"{key}_internal", key)
    found = [getattr(layer, name, None) for name in attributes]
    return next((quantizer for quantizer in found if hasattr(quantizer, "get_config")), None)


def _parts(layer: Any, config: Any) -> Iterator[tuple[str, Any, Any]]:
    """Layers inside a model or wrapper: name, object, configuration."""
    if "layers" in config:
        objects = {inside.name: inside for inside in layer.layers}
        for described in config["layers"]:
            name = described.get("name") or described["config"]["name"]
            yield name, objects.get(name), described["config"]
    for key, attributes in (("layer", ("forward_layer", "layer")), ("backward_layer", ("backward_layer",))):
        inside = next((getattr(layer, name) for name in attributes if hasattr(layer, name)), None)
        if isinstance(config.get(key), dict) and inside is not None:
            yield inside.name, inside, config[key]["config"]


def _weights(model: Any, path: LayerPath) -> dict[LayerPath, LayerWeights]:
    weights: dict[LayerPath, LayerWeights] = {}
    for layer in model.layers:
        inside = (*path, layer.name)
        if hasattr(layer, "layers"):
            weights |= _weights(layer, inside)
        else:
            weights[inside] = named_weights(
                [(getattr(w, "path", w.name), np.asarray(w.numpy(), np.float32)) for w in layer.weights]
            )
    return weights
