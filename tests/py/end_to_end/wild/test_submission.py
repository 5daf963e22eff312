"""The anomaly detector AD08 of MLPerf Tiny v0.7: inputs and Keras' outputs as the submission recorded them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

import qdialect

FOLDER = Path(os.environ.get("QDIALECT_MODELS", "nowhere")) / "mlperf_ad08_submission"


@pytest.mark.skipif(not FOLDER.exists(), reason="set QDIALECT_MODELS to a folder with the submission")
@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_recorded_outputs_in_every_bit(io_type: str, tmp_path: Path) -> None:
    x, y = np.load(FOLDER / "inputs.npy"), np.load(FOLDER / "outputs.npy")
    type_ = json.loads((FOLDER / "meta.json").read_text())["input_type"]
    module = qdialect.from_keras(FOLDER / "model.h5", type_)
    assert np.array_equal(qdialect.simulate(module, x), y)
    project = qdialect.write_hls(module, tmp_path / "project", {"io_type": io_type}).compile()
    assert np.array_equal(project.predict(x), y)
