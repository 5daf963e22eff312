"""One network through hls4ml with its default configuration by name: see `measured.measure` for the command line.

Runs in hls4ml's own environment. A softmax at the end is cut off, as the logits are compared.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import hls4ml
import numpy as np
from measured import measure
from qkeras.utils import _add_supported_quantized_objects
from tensorflow import keras


class InputLayer(keras.layers.InputLayer):
    """Input layers of files that a later tf_keras wrote: `optional` is unknown to Keras 2.15."""

    def __init__(self, optional: bool = False, **options: object):
        super().__init__(**options)


def logits_of(path: Path) -> keras.Model:
    objects: dict[str, object] = {"InputLayer": InputLayer}
    _add_supported_quantized_objects(objects)
    model = keras.models.load_model(path, custom_objects=objects, compile=False)
    last = model.layers[-1]
    ends = isinstance(last, keras.layers.Softmax) or getattr(last, "activation", None) is keras.activations.softmax
    if ends and not last.weights:
        return keras.Model(model.inputs, last.input)
    return model


class Hls4ml:
    def __init__(self, model: Path, project: Path):
        self.directory = project
        network = logits_of(model)
        config = hls4ml.utils.config_from_keras_model(network, granularity="name", backend="Vitis")
        self.model = hls4ml.converters.convert_from_keras_model(
            network, hls_config=config, output_dir=str(project), backend="Vitis", io_type="io_parallel"
        )

    def write(self) -> None:
        self.model.write()

    def compile(self) -> None:
        self.model._compile()

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.model.predict(np.ascontiguousarray(x, np.float32)).reshape(len(x), -1)

    def sources(self) -> Iterable[Path]:
        """What was generated, without the library that comes along."""
        firmware = self.directory / "firmware"
        return (path for pattern in ("*.cpp", "*.h", "weights/*.h") for path in firmware.glob(pattern))


if __name__ == "__main__":
    measure(Hls4ml)
