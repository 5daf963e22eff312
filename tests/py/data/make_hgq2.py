"""Record 40 drawn HGQ2 networks, and one of each layer class: python tests/py/data/make_hgq2.py, in the environment of
`make test-hgq2`.

NAME.keras, packed again with compression, and NAME.npz with inputs x and HGQ2's outputs y.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "support" / "packages"))

from hgq2_layers import LAYERS, network
from hgq2_networks import drawn_network
from packing import packed

FOLDER = Path(__file__).parent / "hgq2"
COUNT, SAMPLES = 40, 40


def record(model: Any, x: np.ndarray, path: Path) -> None:
    model.save(path)
    packed(path)
    x = x[:SAMPLES]
    np.savez_compressed(path.with_suffix(".npz"), x=x, y=model.predict(x, verbose=0))


def main() -> None:
    (FOLDER / "layers").mkdir(parents=True, exist_ok=True)
    for seed in range(COUNT):
        record(*drawn_network(seed), FOLDER / f"{seed:02}.keras")
    for name in LAYERS:
        record(*network(name), FOLDER / "layers" / f"{name.replace(' ', '_')}.keras")


if __name__ == "__main__":
    main()
