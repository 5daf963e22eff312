"""From an ONNX file with the quantizers of QONNX to the network level of the IR."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from qdialect.errors import QdialectError, is_a, shown
from qdialect.frontends.building.input_types import InputTypes, formats_by_name
from qdialect.frontends.qonnx.assembly import Imported, build_module
from qdialect.frontends.qonnx.model.graph import Graph
from qdialect.frontends.qonnx.reading.files import read_graph

HANDLER_MODULES = ("quant", "products", "elementwise", "norm", "activations", "conv", "pool", "moves")


def from_onnx(path: str | os.PathLike[str], input_type: InputTypes = None) -> ModuleOp:
    """The network level of an ONNX file with the quantizers of QONNX, as Brevitas, FINN and the model zoo write them.

    `input_type` is as in `from_keras`: the type that inputs are rounded to, for graphs without a quantizer first.
    Inputs with channels come channels last; a step before the first quantizer that is no power of two is left to the
    host: both are remarked on the module. A softmax that ends the network is left to the host.
    The reference is qonnx' own execution, in float32.
    Raises QdialectError, naming file, node or attribute, for what cannot be compiled exactly.
    """
    return import_onnx(path, input_type).module


def import_onnx(path: str | os.PathLike[str], input_type: InputTypes) -> Imported:
    """As `from_onnx`, with what callers do with arrays of the graph, and the constants that the reference computes."""
    if not is_a(path, str, os.PathLike):
        raise QdialectError(f"from_onnx takes the path of an .onnx file, not {shown(path)}")
    return import_graph(read_graph(Path(path)), input_type)


def import_graph(graph: Graph, input_type: InputTypes) -> Imported:
    """As `import_onnx`, of a graph that has been read."""
    for module in HANDLER_MODULES:
        import_module(f"qdialect.frontends.qonnx.layers.{module}")
    return build_module(graph, formats_by_name(list(graph.inputs), input_type, "the graph"))
