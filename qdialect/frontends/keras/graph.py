"""The graph of a model: its layers in an order in which every input is known, from either Keras configuration form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qdialect.errors import QdialectError
from qdialect.frontends.keras.source import Layer, ModelSource

Tensor = tuple[str, int]
"""A tensor of the graph: layer name and node index (a shared layer has several nodes)."""


@dataclass(frozen=True)
class Call:
    """One application of a layer."""

    layer: Layer
    inputs: tuple[Tensor, ...]
    output: Tensor


@dataclass(frozen=True)
class Graph:
    name: str
    calls: Sequence[Call]
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]


def read_graph(source: ModelSource) -> Graph:
    """Raises QdialectError for model classes other than Sequential and Functional, and for broken graphs."""
    readers = {"Sequential": _sequential, "Functional": _functional, "Model": _functional}
    if source.class_name not in readers:
        raise QdialectError(
            f"model '{source.name}': class {source.class_name} is not supported, only Sequential and Functional"
        )
    try:
        return readers[source.class_name](source)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise QdialectError(f"model '{source.name}': broken architecture ({type(error).__name__}: {error})") from None


def _layer(source: ModelSource, entry: Mapping[str, Any]) -> Layer:
    try:
        class_name, config = entry["class_name"], entry["config"]
        name = entry.get("name") or config["name"]
    except (KeyError, TypeError, AttributeError):
        raise QdialectError(f"model '{source.name}': a layer lacks its class_name, config or name") from None
    return Layer(class_name.rpartition(">")[2], name, config, source.weights.get(name, {}))


def _sequential(source: ModelSource) -> Graph:
    """A chain; the input shape may stand on the first layer instead of an InputLayer."""
    config = source.config
    layers = [_layer(source, entry) for entry in (config if isinstance(config, list) else config["layers"])]
    if not layers:
        raise QdialectError(f"model '{source.name}' has no layers")
    if layers[0].class_name != "InputLayer":
        shape = layers[0].config.get("batch_input_shape") or (
            config.get("build_input_shape") if isinstance(config, dict) else None
        )
        if shape is None:
            raise QdialectError(f"model '{source.name}' has no input shape: build it before saving")
        layers.insert(0, Layer("InputLayer", "input", {"batch_input_shape": shape}, {}))
    tensors = [(layer.name, 0) for layer in layers]
    calls = [Call(layer, (tensors[i - 1],) if i else (), tensors[i]) for i, layer in enumerate(layers)]
    return Graph(source.name, calls, tensors[:1], tensors[-1:])


def _functional(source: ModelSource) -> Graph:
    """Nodes in an order in which all inputs of a node come before it."""
    waiting: list[Call] = []
    for entry in source.config["layers"]:
        layer = _layer(source, entry)
        nodes = entry.get("inbound_nodes") or []
        if not nodes:
            waiting.append(Call(layer, (), (layer.name, 0)))
        for index, node in enumerate(nodes):
            waiting.append(Call(layer, tuple(_node_inputs(layer, node)), (layer.name, index)))
    calls: list[Call] = []
    known: set[Tensor] = set()
    while waiting:
        ready = [call for call in waiting if known.issuperset(call.inputs)]
        if not ready:
            raise QdialectError(f"model '{source.name}': the inputs of {waiting[0].layer.where} are never computed")
        calls += ready
        known.update(call.output for call in ready)
        waiting = [call for call in waiting if call.output not in known]
    return Graph(source.name, calls, _tensors(source, "input_layers"), _tensors(source, "output_layers"))


def _tensors(source: ModelSource, key: str) -> list[Tensor]:
    """`[["x", 0, 0], ...]`, or `["x", 0, 0]` for a single one."""
    entries = source.config[key]
    if entries and isinstance(entries[0], str):
        entries = [entries]
    return [(name, node) for name, node, _ in entries]


def _node_inputs(layer: Layer, node: Any) -> list[Tensor]:
    """Inputs of a node: nested lists [name, node, tensor, kwargs], or Keras 3 dicts of `__keras_tensor__`."""
    if isinstance(node, dict):
        if any(value is not None for key, value in node.get("kwargs", {}).items() if key != "training"):
            raise layer.error(f"call arguments {sorted(node['kwargs'])} are not supported")
        histories = _keras_tensors(node.get("args", []))
        return [(name, index) for name, index, _ in histories]
    entries = [node] if node and isinstance(node[0], str) else node
    for entry in entries:
        if len(entry) > 3 and any(value is not None for value in entry[3].values()):
            raise layer.error(f"call arguments {sorted(entry[3])} are not supported")
    return [(entry[0], entry[1]) for entry in entries]


def _keras_tensors(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value["config"]["keras_history"]] if value.get("class_name") == "__keras_tensor__" else []
    return [found for item in value for found in _keras_tensors(item)] if isinstance(value, list) else []
