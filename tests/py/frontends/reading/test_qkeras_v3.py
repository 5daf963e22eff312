"""Files of `qkeras-v3` (Keras 3), with the outputs recorded from it; `data/make_qkeras_v3.py` has written them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network
from qdialect.frontends.building.builder import REFERENCE
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

pytestmark = pytest.mark.covers

MODELS = sorted((Path(__file__).parents[2] / "data" / "qkeras_v3").glob("*.keras"))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_recorded_outputs(path: Path) -> None:
    recorded = np.load(path.with_suffix(".npz"))
    x = recorded["sixteenths"] / np.float32(16)
    module = from_keras(path)
    assert network(module).attributes[REFERENCE].data == "qkeras-v3"
    assert np.array_equal(simulate(module, x), recorded["outputs"])
    assert np.array_equal(simulate(lower(module, verify=True), x), recorded["outputs"])


def test_there_are_recordings() -> None:
    assert len(MODELS) == 13
    assert all(len(np.unique(np.load(path.with_suffix(".npz"))["outputs"])) > 3 for path in MODELS)
