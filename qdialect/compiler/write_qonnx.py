"""From a network to a QONNX graph."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.qonnx.exporter import write_graph
from qdialect.compiler.design import design_from
from qdialect.compiler.subject import subject_of
from qdialect.frontends.building.input_types import InputTypes


def to_qonnx(model: Any, path: str | os.PathLike[str], input_type: InputTypes = None) -> Path:
    """Write a network as an ONNX graph with the quantizers of QONNX, which qonnx executes to the same outputs where
    sums stay within the 24 bits of float32.

    `model` is a module at network level, a design, or what `from_keras` or `from_onnx` takes, then with `input_type` as
    there. Names of layers are kept, inputs with channels come channels first. Returns the path of the file.
    Raises QdialectError, naming the layer, for what QONNX cannot express.
    """
    module = model if isinstance(model, ModuleOp) else subject_of(design_from(model, input_type=input_type)).network
    return write_graph(module, path)
