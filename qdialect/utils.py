"""For users of hls4ml: `utils.config_from_keras_model` and `plot_model`, so that their scripts run after
`import qdialect as hls4ml`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from qdialect.compiler.targets.dot import DotTarget
from qdialect.dialects.qnn.network import keras_name, network
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.errors import QdialectError, absent, is_a, shown, suggestion
from qdialect.frontends.keras.importer import import_graph, read_source
from qdialect.frontends.keras.model.graph import LayerGraph, read_graph
from qdialect.frontends.keras.model.source import Layer

GRANULARITIES = ("model", "type", "name")

AUTO = "auto"
INPUT_PRECISION = "fixed<16,6>"
"""hls4ml's default precision: of inputs that a network does not quantize."""
INSTEAD = {
    "config_from_onnx_model": "use config_from_keras_model on the Keras model",
    "config_from_pytorch_model": "networks come from Keras and QKeras",
    "fetch_example_model": "the folder examples/ has trained networks",
}


def __getattr__(name: str) -> object:
    raise absent("qdialect.utils", name, INSTEAD)


def config_from_keras_model(
    model: Any,
    granularity: str = "name",
    backend: str | None = None,
    default_precision: str | None = None,
    default_reuse_factor: int | None = None,
    max_precision: str | None = None,
    **others: Any,
) -> dict[str, Any]:
    """The configuration that `converters.convert_from_keras_model` takes, in hls4ml's form.

    `granularity` 'model' gives the settings of all layers, 'type' also those by class, 'name' those by name. Every
    precision is 'auto', as the types follow from the network, exactly, but that of inputs which the network does not
    quantize: they are rounded to `default_precision` (to the nearest, saturating), by default hls4ml's fixed<16,6>.
    ReuseFactor and Strategy are 'auto' too, unless there is a `default_reuse_factor`. `backend` is accepted for the
    sake of existing scripts.
    Raises QdialectError for an unknown granularity, for other arguments, and for a `max_precision`.
    """
    if not is_a(granularity, str) or granularity.lower() not in GRANULARITIES:
        raise QdialectError(f"granularity {shown(granularity)} is none of {', '.join(GRANULARITIES)}")
    for name in others:
        known = ("granularity", "backend", "default_precision", "default_reuse_factor")
        raise QdialectError(f"config_from_keras_model has no argument '{name}'{suggestion(name, known)}")
    if max_precision is not None:
        raise QdialectError("max_precision is not supported: every width is the least that holds all values")
    settings = {"ReuseFactor": default_reuse_factor or AUTO, "Strategy": AUTO}
    config: dict[str, Any] = {"Model": {"Precision": {"default": AUTO}, **settings}}
    graph = read_graph(read_source(model))
    inputs = {
        name: {"Precision": {"result": default_precision or INPUT_PRECISION}} for name in unquantized_inputs(graph)
    }
    if granularity.lower() == "type":
        config["LayerType"] = {layer.class_name: layer_config(layer) for layer in graph.layers}
    if granularity.lower() == "name":
        config["LayerName"] = {layer.name: layer_config(layer) | inputs.get(layer.name, {}) for layer in graph.layers}
    elif inputs:
        config["LayerName"] = inputs
    return config


def unquantized_inputs(graph: LayerGraph) -> list[str]:
    """The inputs that anything but a quantizer reads."""
    function = network(import_graph(graph, INPUT_PRECISION))
    rounded = {argument: [use.operation for use in argument.uses] for argument in function.args}
    return [
        keras_name(argument)
        for argument, users in rounded.items()
        if not all(isinstance(use.operation, QuantizeOp) for op in users for use in op.results[0].uses)
    ]


def layer_config(layer: Layer) -> dict[str, Any]:
    """A layer's settings with hls4ml's names for the types in it, none of them set."""
    parts = ("weight", "bias", "accum", "result") if layer.parameters else ("result",)
    return {"Precision": dict.fromkeys(parts, AUTO), "ReuseFactor": AUTO, "Strategy": AUTO, "Trace": False}


def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] | None = "model.png",
    show_shapes: bool = False,
    show_precision: bool = False,
    rankdir: str = "TB",
) -> str:
    """Draw the layers of an `HlsModel` as the hardware has them, and return the drawing in Graphviz' language.

    It is written to `to_file`: a .dot file as it is, others (.png, .svg, .pdf) by Graphviz' `dot`. Raises QdialectError
    where that is not installed or fails.
    """
    text = DotTarget(shapes=show_shapes, types=show_precision, rankdir=rankdir).text(model.design.module)
    if to_file is not None:
        draw(text, Path(to_file))
    return text


def draw(text: str, path: Path) -> None:
    """Write a drawing to a file, by Graphviz unless the file has its language."""
    if path.suffix == ".dot":
        path.write_text(text)
        return
    if shutil.which("dot") is None:
        raise QdialectError(f"{path}: needs Graphviz' dot on the PATH; to_file='model.dot' and to_file=None do not")
    command = ["dot", f"-T{path.suffix[1:]}", "-o", str(path)]
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    if run.returncode:
        raise QdialectError(f"{path}: dot failed: {run.stderr.strip().partition(chr(10))[0]}")
