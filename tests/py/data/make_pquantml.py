"""Record PQuantML networks: python tests/py/data/make_pquantml.py, in the environment of `make test-pquantml`.

NAME.keras, packed again with compression, and NAME.npz with inputs x and PQuantML's outputs y.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "support" / "packages"))

from packing import packed
from pquantml_networks import NETWORKS, network

FOLDER = Path(__file__).parent / "pquantml"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in NETWORKS:
        for seed, of_hgq2 in enumerate((False, True)):
            model, x = network(name, of_hgq2, seed)
            path = FOLDER / f"{name}{'_hgq2' * of_hgq2}.keras"
            model.save(path)
            packed(path)
            x = x[:40]
            np.savez_compressed(path.with_suffix(".npz"), x=x, y=model.predict(x, verbose=0))


if __name__ == "__main__":
    main()
