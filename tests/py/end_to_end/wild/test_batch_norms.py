"""Networks from the wild after the default pipeline: integers only, and a remark on every batch normalization.

Functions that no quantizer follows are interpolated.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from accounting import accounted_for, assert_integer, normalizations
from harness import Case, cases, input_type

import qdialect
from qdialect.frontends.keras.importer import import_graph, read_source
from qdialect.frontends.keras.model.graph import LayerGraph, read_graph

PASSES = ["interpolate-functions", "default"]
MODELS = os.environ.get("QDIALECT_MODELS", "")


@pytest.mark.skipif(not MODELS, reason="QDIALECT_MODELS does not name a folder of networks")
@pytest.mark.parametrize("folder", cases(Path(MODELS)) if MODELS else [], ids=lambda folder: folder.name)
def test_batch_norms(folder: Path) -> None:
    case = Case(folder)
    graph = read_graph(read_source(case.file))
    lowered = lowered_network(case, graph)
    layers = [call.layer for call in graph.calls]
    assert accounted_for(lowered, layers) == normalizations(layers)
    if not any(recurrent in layer.class_name for layer in layers for recurrent in ("RNN", "LSTM", "GRU")):
        assert_integer(lowered)


def lowered_network(case: Case, graph: LayerGraph) -> Any:
    try:
        return qdialect.lower(import_graph(graph, None), PASSES)
    except qdialect.QdialectError as error:
        if "input_type" not in str(error):
            raise
        return qdialect.lower(import_graph(graph, input_type(case.recorded("inputs"))), PASSES)
