"""qonnx' own execution of a graph, one sample after the other, and its comparison with an imported network."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.util.cleanup import cleanup_model

from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.network import network
from qdialect.frontends.qonnx.importer import import_onnx
from qdialect.interpreter.simulate import simulate
from qdialect.interpreter.values import as_list
from qdialect.validation.comparison import Reference, Stage, compare_with_keras
from qdialect.validation.enclosures import enclosed


def executed(path: Path, *inputs: np.ndarray) -> list[np.ndarray]:
    """The outputs for all samples of `inputs`, whose axes are those of the graph."""
    model = cleanup_model(ModelWrapper(str(path)))
    names = [value.name for value in model.graph.input]
    samples = [
        execute_onnx(model, {name: x[k : k + 1] for name, x in zip(names, inputs, strict=True)})
        for k in range(len(inputs[0]))
    ]
    return [np.concatenate([sample[value.name] for sample in samples]) for value in model.graph.output]


def compared(path: Path, *inputs: np.ndarray) -> Stage:
    """The imported graph against qonnx: equal, or in the enclosure of all that float32 may give."""
    imported = import_onnx(path, None)
    x = imported.given(list(inputs))
    outputs: list[Any] = imported.expected(executed(path, *inputs))
    heads = heads_of(network(imported.module))
    exact = as_list(simulate(imported.module, x))
    known = partial(enclosed, imported.module, x, imported.roundings)
    return compare_with_keras(
        "qonnx",
        Reference("qonnx", outputs),
        heads,
        exact,
        known,
        [value.name for value in ModelWrapper(str(path)).graph.output],
    )
