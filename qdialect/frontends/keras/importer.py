"""From a Keras model, or a file of one, to the network level of the IR."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.frontends.building.input_types import InputTypes, formats_by_name
from qdialect.frontends.keras.assembly import build_module
from qdialect.frontends.keras.model.graph import LayerGraph, read_graph
from qdialect.frontends.keras.model.source import ModelSource
from qdialect.frontends.keras.plug_ins import LAYERS, plug_ins
from qdialect.frontends.keras.reading.files import read_model_file, read_pair
from qdialect.frontends.keras.reading.live import read_live_model
from qdialect.numerics.float32 import Roundings
from qdialect.numerics.formats import FixedFormat

HANDLER_MODULES = (
    "activation",
    "adaptive",
    "categories",
    "core",
    "folded",
    "images",
    "merge",
    "moves",
    "norm",
    "pool",
    "preprocessing",
    "convolutions.conv",
    "convolutions.depthwise",
    "convolutions.transposed",
    "operations.arithmetic",
    "operations.comparisons",
    "operations.functions",
    "operations.joins",
    "operations.products",
    "operations.reductions",
    "operations.shapes",
    "operations.slices",
    "operations.windows",
    "sequences.masking",
    "sequences.recurrent",
    "sequences.time",
)
HGQ2_MODULES = ("activation", "conv", "dense", "merge", "norm", "pool", "table")
PQUANTML_MODULES = ("activation", "norm", "pool", "weighted")


def from_keras(model: Any, input_type: InputTypes = None, outputs: Sequence[str] | None = None) -> ModuleOp:
    """The network level of a Keras model, or of a model file, a directory with one, or a pair (JSON, weights).

    `input_type`, such as 'fixed<16, 6>' or 'fixed<8, 0, unsigned>', is the type that inputs are rounded to (to the
    nearest, ties to even, saturating); several inputs may have several types, by the names of the inputs:
    {'track': 'fixed<8, 3>', 'energy': 'fixed<12, 8>'}. Without a type the network must quantize the input itself.
    `outputs` are names of layers: the module then returns their tensors instead of the model's outputs.
    A softmax that ends the network is left to the host: the module computes the logits.
    Raises QdialectError, naming file, layer or option, for what cannot be compiled exactly.
    """
    graph = read_graph(read_source(model))
    return import_graph(graph if outputs is None else graph.tapped(outputs), input_type)


def import_graph(graph: LayerGraph, input_type: InputTypes) -> ModuleOp:
    """The network level of a graph that has been read; raises the errors of `from_keras`."""
    return import_with_roundings(graph, input_type)[0]


def import_with_roundings(graph: LayerGraph, input_type: InputTypes) -> tuple[ModuleOp, Mapping[SSAValue, Roundings]]:
    """As `import_graph`, with the constants that Keras computes in float32, for `qdialect.validation.enclosures`."""
    load_handlers()
    return build_module(graph, input_formats(graph, input_type))


def import_layers(graph: LayerGraph, input_type: InputTypes) -> ModuleOp:
    """The network level of a graph whose results stay as Keras computes them, float32 where a layer gives float32."""
    load_handlers()
    return build_module(graph, input_formats(graph, input_type), lambda _, result: result)[0]


def load_handlers() -> None:
    for module in HANDLER_MODULES:
        import_module(f"qdialect.frontends.keras.layers.{module}")
    for module in HGQ2_MODULES:
        import_module(f"qdialect.frontends.hgq2.layers.{module}")
    for module in PQUANTML_MODULES:
        import_module(f"qdialect.frontends.pquantml.layers.{module}")
    plug_ins(LAYERS)


def input_formats(graph: LayerGraph, input_type: InputTypes) -> Mapping[str, FixedFormat]:
    """The format of each input that has a type, by its name. Raises QdialectError for names that are not inputs."""
    return formats_by_name([name for name, *_ in graph.inputs], input_type, f"model '{graph.name}'")


def read_source(model: Any) -> ModelSource:
    """Configuration and weights of a live model, a file, a directory, or a pair of files (JSON, weights).

    Raises QdialectError, naming the file, if it is none of these.
    """
    match model:
        case str() | os.PathLike():
            return read_model_file(Path(model))
        case [str() | os.PathLike() as architecture, str() | os.PathLike() as weights]:
            return read_pair(Path(architecture), Path(weights))
        case _:
            return read_live_model(model)
