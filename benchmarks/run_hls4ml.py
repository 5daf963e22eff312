"""One network through hls4ml with its default configuration by name: see `measured.measure` for the command line.

Runs in hls4ml's own environment. A softmax or sigmoid at the end is cut off, as the logits are compared; pruning
wrappers are stripped, as hls4ml's own tutorials do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import hls4ml
import numpy as np
from measured import Inputs, measure
from qkeras.utils import _add_supported_quantized_objects
from tensorflow import keras
from tensorflow_model_optimization.python.core.sparsity.keras.pruning_wrapper import PruneLowMagnitude
from tensorflow_model_optimization.sparsity.keras import strip_pruning

HEADS = (keras.activations.softmax, keras.activations.sigmoid)


class InputLayer(keras.layers.InputLayer):
    """Input layers of files that a later tf_keras wrote: `optional` is unknown to Keras 2.15."""

    def __init__(self, optional: bool = False, **options: object):
        super().__init__(**options)


def loaded(path: Path) -> keras.Model:
    """The model in an HDF5 or .keras file, a SavedModel folder, or a JSON file beside `weights.h5`."""
    objects: dict[str, object] = {"InputLayer": InputLayer, "PruneLowMagnitude": PruneLowMagnitude}
    _add_supported_quantized_objects(objects)
    with keras.utils.custom_object_scope(objects):
        if path.suffix == ".json":
            model = keras.layers.deserialize(json.loads(path.read_text()), use_legacy_format=True)
            model.load_weights(path.with_name("weights.h5"))
        else:
            model = keras.models.load_model(path, compile=False)
        pruned = any(isinstance(layer, PruneLowMagnitude) for layer in model.layers)
        return strip_pruning(model) if pruned else model


def has_head(model: keras.Model) -> bool:
    """Whether a softmax or sigmoid ends the model."""
    last = model.layers[-1]
    return isinstance(last, keras.layers.Softmax) or getattr(last, "activation", None) in HEADS


def without_head(model: keras.Model) -> keras.Model:
    last = model.layers[-1]
    if not last.weights:
        return keras.Model(model.inputs, last.input)
    last.activation = keras.activations.linear
    return model


class Hls4ml:
    def __init__(self, model: Path, project: Path, io_type: str):
        self.directory = project
        network, self.result = loaded(model), "outputs"
        if has_head(network):
            network, self.result = without_head(network), "logits"
        config = hls4ml.utils.config_from_keras_model(network, granularity="name", backend="Vitis")
        self.model = hls4ml.converters.convert_from_keras_model(
            network, hls_config=config, output_dir=str(project), backend="Vitis", io_type=io_type
        )

    def write(self) -> None:
        self.model.write()

    def compile(self) -> None:
        self.model._compile()

    def predict(self, x: Inputs) -> np.ndarray:
        fed = [np.ascontiguousarray(each, np.float32) for each in (x if isinstance(x, list) else [x])]
        outputs = self.model.predict(fed if len(fed) > 1 else fed[0])
        parts = outputs if isinstance(outputs, list) else [outputs]
        return np.concatenate([y.reshape(len(fed[0]), -1) for y in parts], axis=1)

    def sources(self) -> Iterable[Path]:
        """What was generated, without the library that comes along."""
        firmware = self.directory / "firmware"
        return (path for pattern in ("*.cpp", "*.h", "weights/*.h") for path in firmware.glob(pattern))


if __name__ == "__main__":
    measure(Hls4ml)
