"""Graphs under qonnx' own execution, in an environment that has it (`make test-qonnx`): those that are written here, of
networks of every operation, of the examples and of the wild, and drawn ones."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from drawn_graphs import graphs
from exported_networks import NETWORKS
from hypothesis import HealthCheck, given, settings
from onnx_files import Net
from trained import Example

import qdialect
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.frontends.qonnx.importer import import_onnx

pytest.importorskip("qonnx", reason="make test-qonnx")

import onnx
from qonnx_run import compared, executed

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "25"))
SAMPLES = 12


def in_graph_order(path: Path, x: np.ndarray) -> np.ndarray:
    """Inputs of a network, with their axes as in its graph."""
    return x.transpose(np.argsort(import_onnx(path, None).inputs[0]))


@pytest.mark.parametrize("build", NETWORKS, ids=lambda build: build.__name__)
def test_every_operation(build, tmp_path: Path) -> None:
    """Nothing rounds here but quantizers, and functions before them."""
    module = build()
    path = qdialect.to_qonnx(module, tmp_path / "net.onnx")
    shape = shape_of(network(module).args[0])
    x = (np.random.default_rng(5).normal(size=(SAMPLES, *shape)) * 3).astype(np.float32)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    stage = compared(path, in_graph_order(path, x))
    assert stage.equal == stage.total


def test_examples(example: Example, tmp_path: Path) -> None:
    path = qdialect.to_qonnx(example.model, tmp_path / "net.onnx")
    assert compared(path, in_graph_order(path, example.inputs[:100].astype(np.float32))).ok


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_drawn_graphs(net: Net) -> None:
    """Scales of powers of two: every bit."""
    with tempfile.TemporaryDirectory() as folder:
        path = net.write(Path(folder) / "net.onnx")
        stage = compared(path, net.x)
        assert stage.equal == stage.total
        again = qdialect.to_qonnx(path, Path(folder) / "again.onnx")
        for wanted, got in zip(executed(path, net.x), executed(again, net.x), strict=True):
            assert np.array_equal(wanted, got)


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(exact=False))
def test_drawn_graphs_with_float_scales(net: Net) -> None:
    """Whatever float32 rounds lies in its enclosure."""
    with tempfile.TemporaryDirectory() as folder:
        assert compared(net.write(Path(folder) / "net.onnx"), net.x).ok
