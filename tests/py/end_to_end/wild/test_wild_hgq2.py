"""HGQ2 networks of others with HGQ2's outputs: NAME.keras and NAME.npz with x and y, beside QDIALECT_MODELS.

Equal in every bit after every pass, in both architectures of C++, and in RTL.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import qdialect

FOLDER = Path(os.environ.get("QDIALECT_MODELS", "nowhere")).parent / "models_hgq2"
NETWORKS = sorted(file for file in FOLDER.glob("*.keras") if file.with_suffix(".npz").exists())


def recorded(file: Path) -> tuple[np.ndarray, np.ndarray]:
    with np.load(file.with_suffix(".npz")) as data:
        return data["x"], data["y"].astype(np.float64)


@pytest.mark.skipif(not NETWORKS, reason="set QDIALECT_MODELS to a folder beside models_hgq2")
@pytest.mark.parametrize("file", NETWORKS, ids=lambda file: file.stem)
@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_every_stage(file: Path, io_type: str, tmp_path: Path) -> None:
    x, y = recorded(file)
    stages: list[str] = []

    def check(pass_, module) -> None:
        stages.append(pass_.name)
        assert np.array_equal(qdialect.simulate(module, x), y), pass_.name

    module = qdialect.from_keras(file)
    qdialect.lower(module, after=check)
    assert len(stages) > 5
    project = qdialect.write_hls(module, tmp_path / "hls", {"io_type": io_type})
    assert np.array_equal(project.compile().predict(x), y)


@pytest.mark.skipif(not NETWORKS, reason="set QDIALECT_MODELS to a folder beside models_hgq2")
@pytest.mark.parametrize("file", NETWORKS, ids=lambda file: file.stem)
def test_verilog(file: Path, tmp_path: Path) -> None:
    x, y = recorded(file)
    project = qdialect.write_rtl(qdialect.from_keras(file), tmp_path / "rtl")
    assert np.array_equal(project.compile().predict(x), y)
