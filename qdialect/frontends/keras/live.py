"""Reading a live model through its public API: configuration and weights, nothing else."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.files import short_name
from qdialect.frontends.keras.source import ModelSource


def read_live_model(model: Any) -> ModelSource:
    """A tf_keras Sequential or Functional model in memory.

    Raises QdialectError for other objects, and for models whose layers do not serialize.
    """
    if not all(hasattr(model, method) for method in ("get_config", "layers", "weights")):
        raise QdialectError(f"expected a Keras model or the path of one, got {type(model).__name__}")
    try:
        config = json.loads(model.to_json())
    except (TypeError, NotImplementedError, ValueError) as error:
        raise QdialectError(f"model '{model.name}' cannot be serialized: {str(error).splitlines()[0]}") from None
    weights = {
        layer.name: {short_name(w.name): np.asarray(w.numpy(), np.float32) for w in layer.weights}
        for layer in model.layers
    }
    return ModelSource(model.name, config["class_name"], config["config"], weights)
