"""Networks that other people trained, with recorded Keras outputs: `QDIALECT_MODELS=<folder> make test-wild`.

Each network's folder holds a model file (model.h5, model.keras, arch.json with weights.h5, or saved_model/),
inputs.npy and outputs.npy, and logits.npy where a softmax or sigmoid ends the network. A network that qdialect refuses
is skipped with the reason; a network that it computes must equal Keras in every output in which Keras' own float32 is
exact, and elsewhere lie within the bound of its roundings.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from harness import cases, check

MODELS = os.environ.get("QDIALECT_MODELS", "")


@pytest.mark.skipif(not MODELS, reason="QDIALECT_MODELS does not name a folder of networks")
@pytest.mark.parametrize("folder", cases(Path(MODELS)) if MODELS else [], ids=lambda folder: folder.name)
def test_wild(folder: Path, tmp_path: Path, record_property) -> None:
    row = check(folder, tmp_path / "project")
    record_property("row", row.cells())
    if row.speeds:
        record_property("speed", (row.name, *row.speeds))
    assert row.ok, row.cells()
    assert "!=" not in row.stages
    if row.refused:
        pytest.skip(row.refused)
