"""For users of hls4ml: distributions of weights and activations, and the values of layers in Keras and in hardware."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.reports.profile import Profile, profile
from qdialect.text import columns
from qdialect.validation.stimuli import sample_inputs


def numerical(model: Any = None, hls_model: Any = None, X: Any = None) -> Profile:
    """The values of weights and activations on inputs X: in hardware with `hls_model`, else Keras' own of `model`.
    Of an `hls_model` without X, those of weights alone.

    The profile prints itself as lines and draws box plots with `plot(path)`. Raises QdialectError for a `model` alone
    without inputs.
    """
    if X is not None:
        return profile(model if hls_model is None else hls_model.module, X)
    if hls_model is None:
        raise QdialectError("numerical needs inputs X for a Keras model: profiles are of values that occur")
    anything = sample_inputs(network(hls_model.module), np.random.default_rng(0), 1)
    return Profile([value for value in profile(hls_model.module, anything).values if value.kind == "weights"])


def get_ymodel_keras(keras_model: Any, X: Any) -> dict[str, NDArray[Any]]:
    """The outputs of every layer of a live Keras model by its name."""
    from importlib import import_module

    keras = import_module(type(keras_model).__module__.partition(".")[0])
    layers = [layer for layer in keras_model.layers if type(layer).__name__ != "InputLayer"]
    values = keras.Model(keras_model.inputs, [layer.output for layer in layers]).predict(X, verbose=0)
    return dict(zip((layer.name for layer in layers), values if len(layers) > 1 else [values], strict=True))


def compare(keras_model: Any, hls_model: Any, X: Any) -> list[str]:
    """A line for each layer: how many of its values are those of Keras, and how far the others are off."""
    ours, rows = hls_model.trace(X)[1], [("layer", "equal to Keras", "largest difference")]
    for name, theirs in get_ymodel_keras(keras_model, X).items():
        if name in ours:
            same = ours[name] == theirs
            off = float(np.abs(ours[name] - theirs).max(initial=0))
            rows.append((name, f"{int(same.sum())} / {same.size}", f"{off:g}"))
    return columns(rows)
