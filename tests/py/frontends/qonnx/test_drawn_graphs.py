"""Drawn graphs against the definitions of their operations; `test_qonnx_execution.py` has qonnx execute them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from drawn_graphs import graphs
from hypothesis import HealthCheck, given, settings
from onnx_definitions import outputs_of
from onnx_files import Net

from qdialect.frontends.qonnx.importer import import_onnx
from qdialect.interpreter.simulate import simulate


@settings(
    max_examples=int(os.environ.get("QDIALECT_DRAWS", "25")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(graphs())
def test_drawn_graph_is_its_definition(net: Net) -> None:
    with tempfile.TemporaryDirectory() as folder:
        imported = import_onnx(net.write(Path(folder) / "net.onnx"), None)
    assert np.array_equal(simulate(imported.module, *imported.given([net.x])), outputs_of(net))
