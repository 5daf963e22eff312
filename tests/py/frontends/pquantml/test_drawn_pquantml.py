"""Networks drawn in PQuantML against its predict, from files and live. Runs where PQuantML is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import qdialect

pytest.importorskip("pquant")

from pquantml_networks import NETWORKS, network


@pytest.mark.parametrize("seed", range(2, 6))
@pytest.mark.parametrize("of_hgq2", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_are_those_of_pquantml(name: str, of_hgq2: bool, seed: int, tmp_path: Path) -> None:
    model, x = network(name, of_hgq2, seed)
    model.save(tmp_path / "net.keras")
    y = model.predict(x, verbose=0).astype(np.float64)
    module = qdialect.from_keras(tmp_path / "net.keras" if seed % 2 else model)
    if "uncertified" in str(module):  # a graph divides by an estimate of the reciprocal, on some processors
        quotients = np.asarray(model(x), np.float64)
        y = np.where(qdialect.simulate(module, x) == y, y, quotients)
    assert np.array_equal(qdialect.simulate(module, x), y)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module), x), y)
