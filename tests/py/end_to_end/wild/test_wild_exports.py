"""Networks from the wild as QONNX graphs: read again they give the same outputs, and qonnx executes them to what their
float32 may give (`make test-qonnx`)."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from harness import Case, as_list, cases, imported
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.frontends.keras.importer import read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.frontends.qonnx.importer import import_onnx

MODELS = os.environ.get("QDIALECT_MODELS", "")
FOLDERS = cases(Path(MODELS)) if MODELS else []
EXECUTED = 8
"""Samples that qonnx executes, one after the other."""

RECURRENT = ("RNN", "LSTM", "GRU")

networks = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def exported(folder: Path, path: Path) -> tuple[ModuleOp, Path, list[np.ndarray]]:
    """A network, the graph of it, and the recorded inputs with the axes of the graph."""
    case = Case(folder)
    graph = read_graph(read_source(case.file))
    if any(layer.class_name.endswith(RECURRENT) for layer in graph.layers):
        pytest.skip("has a recurrent layer")
    module = imported(case, graph)[0]
    file = qdialect.to_qonnx(module, path)
    orders = import_onnx(file, None).inputs
    inputs = case.recorded("inputs")
    return module, file, [x.transpose(np.argsort(axes)) for x, axes in zip(inputs, orders, strict=True)]


@networks
def test_read_again(folder: Path, tmp_path: Path) -> None:
    module, file, inputs = exported(folder, tmp_path / "net.onnx")
    again = import_onnx(file, None)
    wanted = as_list(qdialect.simulate(module, Case(folder).recorded("inputs")))
    for a, b in zip(wanted, as_list(qdialect.simulate(again.module, again.given(inputs))), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.skipif(find_spec("qonnx") is None, reason="make test-qonnx")
@networks
def test_executed(folder: Path, tmp_path: Path) -> None:
    from qonnx_run import compared

    _, file, inputs = exported(folder, tmp_path / "net.onnx")
    stage = compared(file, *(x[:EXECUTED].astype(np.float32) for x in inputs))
    print(f"{folder.name}: {stage.equal} / {stage.total} {stage.verdict}")
    assert stage.ok, stage.verdict
