"""Small model files written by hand: a configuration, and weights by layer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Weights = Mapping[str, Mapping[str, Any]]
QUANTIZE = {"class_name": "QActivation", "config": {"name": "q", "activation": "quantized_bits(8,3,alpha=1)"}}


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": class_name.lower(), **config}}


def chain(shape: Any, *layers: Mapping[str, Any]) -> dict[str, Any]:
    """A Sequential model that quantizes its input first."""
    first = layer("InputLayer", batch_input_shape=[None, *shape])
    return {"class_name": "Sequential", "config": {"name": "net", "layers": [first, QUANTIZE, *layers]}}


def write_h5(path: Path, model: Mapping[str, Any], weights: Weights | None = None) -> Path:
    """A whole model in HDF5, as Keras writes it."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model)
        for name, variables in (weights or {}).items():
            group = file.create_group(f"model_weights/{name}")
            group.attrs["weight_names"] = [f"{key}:0" for key in variables]
            for key, values in variables.items():
                group[f"{key}:0"] = np.asarray(values, np.float32)
    return path


def ones(**shapes: Sequence[int]) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
