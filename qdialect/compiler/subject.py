"""What is compiled, whatever front end reads it: the imported network, its settings, and the conversion of the model's
arrays to the network's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.compiler.configuration import Configuration, NetworkLayers
from qdialect.errors import QdialectError
from qdialect.frontends.building.input_types import InputTypes
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph as read_keras
from qdialect.frontends.models import is_onnx
from qdialect.frontends.qonnx.importer import import_graph as import_onnx_graph
from qdialect.frontends.qonnx.reading.files import read_graph as read_onnx
from qdialect.numerics.arrays import Array
from qdialect.numerics.float32 import Roundings

ArrayMap: TypeAlias = Callable[[Sequence[Array]], Sequence[Array]]


def unchanged(arrays: Sequence[Array]) -> Sequence[Array]:
    return arrays


@dataclass(frozen=True)
class Subject:
    """An imported network.

    roundings: constants that the reference computes, for enclosures.
    given, expected: inputs and recorded outputs of the model as the network has them.
    """

    module: ModuleOp
    settings: Configuration
    roundings: Mapping[SSAValue, Roundings]
    given: ArrayMap = unchanged
    expected: ArrayMap = unchanged


def subject_of(model: Any, configuration: Configuration, input_type: InputTypes = None) -> Subject:
    """Import a Keras model or a model file with the settings for it.

    Raises QdialectError for what cannot be imported, for settings of other networks, and for input types given twice.
    """
    if is_onnx(model):
        graph = read_onnx(Path(model))
        settings = configuration.named_in(NetworkLayers(graph.classes, list(graph.inputs)))
        imported = import_onnx_graph(graph, _input_types(settings, input_type))
        return Subject(imported.module, settings, imported.roundings, imported.given, imported.expected)
    keras = read_keras(read_source(model))
    settings = configuration.named_in(NetworkLayers.of_graph(keras))
    module, roundings = import_with_roundings(keras, _input_types(settings, input_type))
    return Subject(module, settings, roundings)


def _input_types(settings: Configuration, input_type: InputTypes) -> InputTypes:
    """What inputs are rounded to, by the settings or by the argument."""
    if input_type is not None and settings.input_types:
        raise QdialectError("the type of inputs is given twice: as input_type, and as Precision in the configuration")
    return settings.input_types if input_type is None else input_type
