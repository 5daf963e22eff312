"""Reading a live model through its public API: configuration and weights, nothing else."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import LayerPath
from qdialect.frontends.keras.model.source import QKERAS, QKERAS_V3, ModelSource, Weights
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
    _keep_quantizers(model, config["config"])
    package = sys.modules[type(model).__module__.partition(".")[0]]
    reference = QKERAS_V3 if package.__name__ == "keras" and package.__version__.startswith("3.") else QKERAS
    return ModelSource(model.name, config["class_name"], config["config"], _weights(model, ()), reference)


def _keep_quantizers(model: Any, config: Any) -> None:
    """Put quantizer objects back into the configuration: `get_config` loses some of their options."""
    layers = {layer.name: layer for layer in model.layers}
    for entry in (described["config"] for described in config.get("layers", [])):
        layer = layers.get(entry["name"])
        if hasattr(layer, "layers") and "layers" in entry:
            _keep_quantizers(layer, entry)
        if type(layer).__name__ == "QAdaptiveActivation":  # its quantizer is made anew from its options
            entry["relu_upper_bound"] = getattr(layer, "relu_upper_bound", None)
            continue
        for key in entry:
            if (key == "activation" or key.endswith("_quantizer")) and hasattr(getattr(layer, key, None), "get_config"):
                entry[key] = getattr(layer, key)


def _weights(model: Any, path: LayerPath) -> dict[LayerPath, Weights]:
    weights: dict[LayerPath, Weights] = {}
    for layer in model.layers:
        inside = (*path, layer.name)
        if hasattr(layer, "layers"):
            weights |= _weights(layer, inside)
        else:
            weights[inside] = named_weights(
                [(getattr(w, "path", w.name), np.asarray(w.numpy(), np.float32)) for w in layer.weights]
            )
    return weights
