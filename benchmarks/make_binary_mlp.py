"""The binary MLP 784-256-256-10 of QKeras' documentation as a Keras file, with inputs and Keras' outputs.

Runs in the environment of hls4ml: `make_binary_mlp.py FOLDER` writes model.h5, inputs.npy and outputs.npy. Weights and
statistics are random; only speed and equality are of interest.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from qkeras import QActivation, QDense, binary
from tensorflow import keras

LAYERS = (784, 256, 256, 10)
SAMPLES = 2000


def binary_mlp() -> keras.Model:
    x = inputs = keras.Input((LAYERS[0],), name="x")
    x = QActivation(binary(alpha=1), name="sign0")(x)
    for i, units in enumerate(LAYERS[1:], 1):
        x = QDense(units, kernel_quantizer=binary(alpha=1), use_bias=False, name=f"fc{i}")(x)
        if units != LAYERS[-1]:
            x = keras.layers.BatchNormalization(name=f"bn{i}")(x)
            x = QActivation(binary(alpha=1), name=f"sign{i}")(x)
    return keras.Model(inputs, x, name="binary_mlp")


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    model = binary_mlp()
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            n = layer.gamma.shape[0]
            drawn = (rng.uniform(0.5, 1.5, n), rng.normal(0, 0.3, n), rng.normal(0, 5, n), rng.uniform(100, 300, n))
            layer.set_weights([w.astype(np.float32) for w in drawn])
    x = rng.choice([-1.0, 1.0], (SAMPLES, LAYERS[0])).astype(np.float32)
    model.save(folder / "model.h5")
    np.save(folder / "inputs.npy", x)
    np.save(folder / "outputs.npy", model.predict(x, verbose=0))


if __name__ == "__main__":
    main()
