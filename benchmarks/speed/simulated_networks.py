"""The networks of `simulator.py` as folders for `against_hls4ml.py`: `simulated_networks.py FOLDER`.

Each gets model.h5, inputs.npy and outputs.npy, Keras' own; hls4ml's simulation takes milliseconds for a sample.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tf_keras as keras
from simulator import NETWORKS

SAMPLES = {"jet_tagger": 10_000, "binary_mlp": 1_000, "cnn": 200}


def main() -> None:
    for name, (build, _) in NETWORKS.items():
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        keras.utils.set_random_seed(0)
        model = build()
        x = np.random.default_rng(0).uniform(-1.2, 1.2, (SAMPLES[name], *model.input_shape[1:])).astype(np.float32)
        model.save(folder / "model.h5")
        np.save(folder / "inputs.npy", x)
        np.save(folder / "outputs.npy", model.predict(x))


if __name__ == "__main__":
    main()
