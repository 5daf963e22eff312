"""Networks drawn in HGQ2 against its predict: from files and as live models. Runs where HGQ2 is installed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import qdialect

pytest.importorskip("hgq")

from hgq2_layers import LAYERS, network
from hgq2_networks import drawn_network, network_of_tables

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "20"))
FIRST = 1000
"""The networks below are those that are recorded, or were while the generator grew."""


@pytest.mark.parametrize("seed", range(FIRST, FIRST + DRAWS))
def test_outputs_are_those_of_hgq2(seed: int, tmp_path: Path) -> None:
    model, x = drawn_network(seed)
    path = tmp_path / "net.keras"
    model.save(path)
    y = model.predict(x, verbose=0).astype(np.float64)
    module = qdialect.from_keras(path)
    assert np.array_equal(qdialect.simulate(module, x), y)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module), x), y)


@pytest.mark.parametrize("seed", range(10))
def test_tables_for_each_pair_of_input_and_output(seed: int, tmp_path: Path) -> None:
    """QDenseT: small networks of 0 to 2 hidden layers, with batch normalization in some."""
    model, x = network_of_tables(seed)
    model.save(tmp_path / "net.keras")
    y = model.predict(x, verbose=0).astype(np.float64)
    module = qdialect.from_keras(tmp_path / "net.keras")
    assert np.array_equal(qdialect.simulate(module, x), y)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module), x), y)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_at_every_stage(name: str, seed: int, tmp_path: Path) -> None:
    model, x = network(name, seed)
    model.save(tmp_path / "net.keras")
    y = model.predict(x, verbose=0).astype(np.float64)
    module = qdialect.from_keras(tmp_path / "net.keras")
    assert np.array_equal(qdialect.simulate(module, x), y)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module), x), y)
    io_type = ("io_parallel", "io_stream")[seed % 2]
    assert np.array_equal(qdialect.write_hls(module, tmp_path / "hls", {"io_type": io_type}).compile().predict(x), y)


def test_live_models_are_read_as_their_files(tmp_path: Path) -> None:
    model, x = drawn_network(FIRST)
    assert np.array_equal(qdialect.simulate(qdialect.from_keras(model), x), model.predict(x, verbose=0))
