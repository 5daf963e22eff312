"""PQuantML's files without PQuantML: networks of every layer class whose outputs it has recorded, in every bit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from trained import ROOT

import qdialect
from qdialect.errors import QdialectError

FILES = sorted((ROOT / "tests/py/data/pquantml").glob("*.keras"))


@pytest.mark.covers
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_outputs_are_those_of_pquantml(file: Path) -> None:
    with np.load(file.with_suffix(".npz")) as data:
        x, y = data["x"], data["y"].astype(np.float64)
    module = qdialect.from_keras(file)
    assert np.array_equal(qdialect.simulate(module, x), y)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module), x), y)


def test_weights_that_are_not_pruned_yet(tmp_path: Path) -> None:
    """What the pruning layer would do to them is not in the file."""
    with zipfile.ZipFile(ROOT / "tests/py/data/pquantml/dense.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["layers"][1]["config"]["final_compression_done"] = False
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(
        QdialectError, match=r"\(pquant>PQDense\): its weights are not pruned yet: save the model after"
    ):
        qdialect.from_keras(tmp_path / "net.keras")
