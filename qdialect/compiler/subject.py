"""What is compiled, whatever front end reads it: the imported network, its settings, and the conversion of the model's
arrays to the network's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.compiler.configuration import Configuration
from qdialect.compiler.design import Design
from qdialect.compiler.layer_settings import NetworkLayers
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import is_integer_level
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import LayerGraph
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

    module: as the model has it, see `network`.
    roundings: constants that the reference computes, for enclosures.
    given, expected: inputs and recorded outputs of the model as the network has them.
    """

    module: ModuleOp
    settings: Configuration
    roundings: Mapping[SSAValue, Roundings]
    given: ArrayMap = unchanged
    expected: ArrayMap = unchanged

    @cached_property
    def network(self) -> ModuleOp:
        """What is compiled: the module, with the layers rounded that the settings round."""
        return rounded(self.module, self.settings)


def rounded(module: ModuleOp, settings: Configuration) -> ModuleOp:
    """A network with the quantizers that its settings ask for; the module itself if they ask for none.

    Raises QdialectError for a module at integer level, whose results are codes already.
    """
    passes = settings.roundings
    if not passes:
        return module
    if is_integer_level(module):
        raise QdialectError("layers and outputs are rounded before lowering: give the model, or its network IR")
    return lower(module, passes)


def subject_or_ir(design: Design) -> Subject:
    """The subject of a design whose model may be IR, with the settings for its layers. Raises QdialectError as
    `subject_of` does."""
    if not isinstance(design.model, ModuleOp):
        return subject_of(design)
    return Subject(design.model, design.settings.named_in(NetworkLayers.of_module(design.model)), {})


def subject_of(design: Design) -> Subject:
    """Import the model of a design, with the settings for it.

    Raises QdialectError for what cannot be imported, for settings of other networks, and for input types given twice.
    """
    model, configuration = design.model, design.settings
    if is_onnx(model):
        graph = read_onnx(Path(model))
        settings = configuration.named_in(NetworkLayers(graph.classes, list(graph.inputs), outputs=graph.outputs))
        imported = import_onnx_graph(graph, settings.input_types)
        return Subject(imported.module, settings, imported.roundings, imported.given, imported.expected)
    keras, settings = keras_graph(design)
    module, roundings = import_with_roundings(keras, settings.input_types)
    return Subject(module, settings, roundings)


def keras_graph(design: Design) -> tuple[LayerGraph, Configuration]:
    """The layers of a design's Keras model, with the settings for them. Raises QdialectError as `subject_of` does."""
    graph = read_keras(read_source(design.model))
    return graph, design.settings.named_in(NetworkLayers.of_graph(graph))


def returned(design: Design) -> ModuleOp:
    """The imported network of a design, and what its hardware returns of it: after the passes and with the head that
    the design asks for. Raises QdialectError as `subject_of` does, and where a pass fails."""
    subject = subject_of(design)
    passes = [*(subject.settings.passes or ()), *subject.settings.head_passes]
    if subject.settings.passes is None and passes:
        passes = ["default", *passes]
    return lower(subject.network, passes) if passes else subject.network
