"""HGQ2's files without HGQ2: drawn networks whose outputs HGQ2 has recorded, in every bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from trained import ROOT

import qdialect
from qdialect.dialects.qnn.network import is_integer_level

FILES = sorted((ROOT / "tests/py/data/hgq2").glob("*.keras"))
LAYERS = sorted((ROOT / "tests/py/data/hgq2/layers").glob("*.keras"))
"""One small network for each layer class."""


def recorded(file: Path) -> tuple[np.ndarray, np.ndarray]:
    with np.load(file.with_suffix(".npz")) as data:
        return data["x"], data["y"].astype(np.float64)


@pytest.mark.covers
@pytest.mark.parametrize("file", [*FILES, *LAYERS], ids=lambda file: file.stem)
def test_outputs_are_those_of_hgq2(file: Path) -> None:
    x, y = recorded(file)
    module = qdialect.from_keras(file)
    assert np.array_equal(qdialect.simulate(module, x), y)
    lowered = qdialect.lower(module)
    assert is_integer_level(lowered)
    assert np.array_equal(qdialect.simulate(lowered, x), y)


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("file", FILES[::8], ids=lambda file: file.stem)
def test_compiled(file: Path, io_type: str, tmp_path: Path) -> None:
    x, y = recorded(file)
    project = qdialect.write_hls(qdialect.from_keras(file), tmp_path / "net", {"io_type": io_type})
    assert np.array_equal(project.compile().predict(x), y)


def test_verilog(tmp_path: Path) -> None:
    x, y = recorded(FILES[0])
    assert np.array_equal(qdialect.write_rtl(qdialect.from_keras(FILES[0]), tmp_path / "rtl").compile().predict(x), y)
