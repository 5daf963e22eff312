"""Scripts in the manner of hls4ml's tutorial and of QKeras' page on it, in `examples/hls4ml`: they import qdialect in
place of hls4ml, run to the end, and predict what Keras predicts."""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained import ROOT

FOLDER = ROOT / "examples" / "hls4ml"
FAST = ("qkeras_page", "part2_advanced_config")
"""Of the default run; the others: `make hls4ml-scripts`."""
SCRIPTS = tuple(sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "jets"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_but_the_import_is_qdialect(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if "qdialect" in line]
    assert all(re.match(r"import qdialect as hls4ml$|from qdialect\.model\.profiling import ", line) for line in lines)
    assert bool(lines) == (path.stem != "jets")


@pytest.fixture
def ran(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a script leaves behind, run in an empty folder."""
    name = request.param
    if name not in FAST and "QDIALECT_SCRIPTS" not in os.environ:
        pytest.skip("make hls4ml-scripts runs it")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.delenv("XILINX_VITIS", raising=False)
    return runpy.run_path(str(FOLDER / f"{name}.py"))


def inputs_of(ran: dict[str, Any]) -> np.ndarray:
    return ran["features"] if "features" in ran else ran["x_test"]


@pytest.mark.parametrize("ran", SCRIPTS, indirect=True)
def test_scripts_predict_what_keras_predicts(ran: dict[str, Any]) -> None:
    """Each logit where Keras' float32 is exact; else each within the float32 roundings of Keras."""
    import tf_keras

    from qdialect import verify

    model, hardware, x = ran["model"], ran["hls_model"], inputs_of(ran)
    assert np.array_equal(ran["y_hls"].argmax(axis=1), ran["y_keras"].argmax(axis=1))
    traced = hardware.trace(x)[1]
    if model.name in ("jets", "jets_pruned"):  # float weights
        stage = verify(model, x[:200], input_type=hardware.configuration.input_types).stages[0]
        assert stage.ok
        assert stage.equal < stage.total
        return
    head = model.layers[-2]
    logits = tf_keras.Sequential(model.layers[:-1]).predict(x, verbose=0)
    assert np.array_equal(traced[head.name], logits)
    assert np.array_equal(model.layers[-1](traced[head.name].astype(np.float32)), ran["y_keras"])
