"""What is in a model, layer by layer, and whether Keras' own float32 simulation of each layer is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.analysis.bit_operations import bit_operations
from qdialect.analysis.costs import report
from qdialect.compiler.design import design_from
from qdialect.compiler.pipeline import lower
from qdialect.compiler.subject import keras_graph
from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.remarks import remarks
from qdialect.dialects.qnn.types import tensor_type
from qdialect.errors import QdialectError
from qdialect.frontends.building.input_types import InputTypes
from qdialect.frontends.hgq2.registry import ebops
from qdialect.frontends.hgq2.widths import is_hgq2, widths
from qdialect.frontends.keras.importer import import_graph, input_formats
from qdialect.frontends.keras.keras_run.pinning import is_available, keras_weights
from qdialect.frontends.keras.layers.parts import off_grid
from qdialect.frontends.keras.model.graph import LayerGraph
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import Function, Quantizer, with_trainable_rule
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.reports.float32_verdicts import float32_verdicts
from qdialect.text import columns

TITLES = ("layer", "class", "output", "type", "parameters", "quantizers", "float32 in Keras")

WEIGHTS = ("kernel", "bias", "depthwise", "pointwise", "recurrent")
"""What quantizer options are named after."""


@dataclass(frozen=True)
class LayerInfo:
    """One row: a layer of the model."""

    name: str
    class_name: str
    shape: str
    type: str
    parameters: int
    quantizers: str
    verdict: str


@dataclass(frozen=True)
class ModelInfo:
    """A model's layers; remarks of the importer, and why it cannot be compiled if so."""

    name: str
    layers: Sequence[LayerInfo]
    remarks: Sequence[str]
    refused: str | None

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    def lines(self) -> list[str]:
        """The lines of a readable table."""
        rows = [
            (i.name, i.class_name, i.shape, i.type, str(i.parameters), i.quantizers, i.verdict) for i in self.layers
        ]
        lines = [f"model '{self.name}': {len(self.layers)} layers, {self.parameters} parameters", ""]
        lines += columns([TITLES, *rows])
        lines += [f"remark: {remark}" for remark in self.remarks]
        return lines if self.refused is None else [*lines, f"cannot be compiled: {self.refused}"]


def describe(model: Any, input_type: InputTypes = None) -> ModelInfo:
    """The layers of a live model or a model file, as `from_keras` takes them, or of a design.

    Raises QdialectError if the model cannot be read, or `input_type` is none; a model that can be read but not compiled
    says so in `refused`.
    """
    graph, settings = keras_graph(design_from(model, input_type=input_type))
    input_formats(graph, settings.input_types)  # of the user, not of the model: refused
    try:
        module = import_graph(graph, settings.input_types)
    except QdialectError as error:
        rows = [_row(layer, None, "-") for layer in graph.layers]
        return ModelInfo(graph.name, rows, [], str(error))
    values = _values(graph, module)
    verdicts = float32_verdicts(graph.layers, module)
    for (name, *_), head in zip(graph.outputs, heads_of(network(module)), strict=True):
        verdicts |= {name: "left to the host"} if head.is_left_to_host else {}
    rows = [_row(layer, values.get(layer.name), verdicts.get(layer.name, "exact")) for layer in graph.layers]
    if any(map(is_hgq2, graph.layers)):
        own = bit_operations(module)
        rows = [_with_widths(layer, row, own) for layer, row in zip(graph.layers, rows, strict=True)]
    texts = dict.fromkeys([*remarks(network(module)), *weights_at_ties(graph), *_uncertified(module)])
    return ModelInfo(graph.name, rows, list(texts), None)


def _row(layer: Layer, value: SSAValue | None, verdict: str) -> LayerInfo:
    shape = "x".join(map(str, shape_of(value))) if value is not None else "-"
    element = str(tensor_type(value.type).element_type).removeprefix("!qnn.") if value is not None else "-"
    return LayerInfo(layer.name, layer.class_name, shape, element, layer.parameters, _quantizers(layer), verdict)


def _with_widths(layer: Layer, row: LayerInfo, own: Mapping[str, int]) -> LayerInfo:
    """Bits of HGQ2's quantizers as min/mean/max, and effective bit operations beside what HGQ2 has recorded."""
    if not is_hgq2(layer):
        return row
    texts = [row.quantizers, *(f"{place} {bits}".strip() for place, bits in widths(layer).items())]
    trained = ebops(layer)
    if layer.name in own or trained is not None:
        texts.append(f"EBOPs {own.get(layer.name, '-')} (HGQ2: {'-' if trained is None else f'{trained:.0f}'})")
    return replace(row, quantizers=", ".join(filter(None, texts)))


def _values(graph: LayerGraph, module: ModuleOp) -> dict[str, SSAValue]:
    """The output of each layer; a layer that changes nothing has that of its input."""
    function = network(module)
    named = {value.name_hint: value for value in (*function.args, *(r for op in module.walk() for r in op.results))}
    values: dict[str, SSAValue] = {}
    for call in graph.calls:
        name = call.layer.name
        value = named.get(identifier(name)) or (values.get(call.inputs[0][0]) if call.inputs else None)
        if value is not None:
            values[name] = value
    return values


def _quantizers(layer: Layer) -> str:
    """Every quantizer option that is set, such as `kernel quantized_bits(6, alpha=1)`."""
    keys = [key for key in layer.config if key.endswith("_quantizer") or key == "activation"]
    spelled = ((key.removesuffix("_quantizer"), _spelled(layer, key)) for key in keys)
    return ", ".join(text if key == "activation" else f"{key} {text}" for key, text in spelled if text)


def _spelled(layer: Layer, key: str) -> str:
    value = layer.config[key]
    try:
        quantizer = read_quantizer(value, layer.where)
    except QdialectError:
        return str(value)
    match quantizer:
        case None | Function("linear"):
            return ""
        case Function(name):
            return name
        case _:
            return f"{quantizer.name}({', '.join(_arguments(quantizer))})"


def _arguments(quantizer: Quantizer) -> list[str]:
    """The first two options, which are always spelled out, and those that differ from QKeras' defaults."""
    options = [(f.name, getattr(quantizer, f.name), f.default) for f in fields(cast(Any, quantizer))]
    plain = [f"{value:g}" for name, value, _ in options[:2] if name in ("bits", "integer")]
    named = [f"{k}={v!r}" for k, v, default in options[len(plain) :] if default is MISSING or v != default]
    return plain + named


def weights_at_ties(graph: LayerGraph) -> list[str]:
    """Layers with weights that TensorFlow's last bits may quantize otherwise, or whose values QKeras itself rounds."""
    found: list[str] = []
    for layer in graph.layers:
        for key in WEIGHTS:
            array = layer.weights.get(key, layer.weights.get(f"{key}_kernel"))
            option = f"{key}_quantizer"
            if array is None or option not in layer.config or layer.class_name.endswith("Batchnorm"):
                continue
            quantizer = read_quantizer(layer.config[option], f"{layer.where} {option}")
            weights = quantize_weights(quantizer if key == "bias" else with_trainable_rule(quantizer), array, option)
            if weights.uncertain:
                tie = f"{layer.where}: {weights.uncertain} of {array.size} {key} weights lie at a tie"
                found.append(tie + _decided(layer.config[option], array, key != "bias", weights.values()))
            if array.any() and not weights.data.any():
                found.append(f"{layer.where}: QKeras' {key} weights are all zero under their quantizer")
            found += off_grid(layer, key, weights)
    return found


def _decided(spec: Any, w: NDArray[np.float32], trainable: bool, values: NDArray[np.float32]) -> str:
    """How TensorFlow on this machine quantizes them."""
    if not is_available():
        return "; TensorFlow and QKeras, which decide them, are not installed"
    different = int(np.count_nonzero(keras_weights(spec, w, trainable) != values))
    return f"; TensorFlow decides {f'{different} of all weights otherwise' if different else 'as here'}"


def _uncertified(module: ModuleOp) -> list[str]:
    """Thresholds on which TensorFlow's own formulas disagree; nothing for models that do not lower."""
    try:
        found = report(lower(module)).uncertified
    except QdialectError:
        return []
    return [
        f"'{name}': uncertified thresholds in channels {', '.join(map(str, dict.fromkeys(c)))}"
        for name, c in found.items()
    ]
