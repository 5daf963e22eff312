"""The graph of a model: applications of layers in an order in which every input is known; nested models are inlined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import MAX_DEPTH, LayerEntry, LayerPath, entries, inner_layer
from qdialect.frontends.keras.model.nodes import Application, Reference, read_node, references
from qdialect.frontends.keras.model.pruning import masked
from qdialect.frontends.keras.model.source import QKERAS, Layer, ModelSource

Tensor = tuple[str, int, int]
"""A tensor of the graph: layer name (with the nested models around it), which application of the layer, and which of
its results."""

OPERATION_OPTIONS = ("name", "trainable", "dtype", "function")
"""Keys in the configuration of a recorded function that are not its arguments (Keras 3 keeps some arguments there)."""

MAX_CALLS = 10_000
"""Models with more applications of layers are refused; nested models multiply."""


@dataclass(frozen=True)
class Call:
    """One application of a layer."""

    layer: Layer
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    """The results up to the last one that is used."""
    options: Sequence[str] = ()
    """Keywords of the call that are not options of the layer."""


@dataclass(frozen=True)
class LayerGraph:
    name: str
    calls: Sequence[Call]
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]
    reference: str = QKERAS
    remarks: Sequence[str] = ()

    @property
    def layers(self) -> list[Layer]:
        """Each layer once, in the order of their first application."""
        return list({call.layer.name: call.layer for call in self.calls}.values())

    def tapped(self, names: Sequence[str]) -> LayerGraph:
        """The graph of the tensors `names` instead of the outputs: 'relu1', or 'relu1:1' for the second application.

        Raises QdialectError for names that are not those of one tensor.
        """
        outputs = [self._tensor(name) for name in names]
        needed = set(outputs)
        for call in reversed(self.calls):
            if not needed.isdisjoint(call.outputs):
                needed.update(call.inputs)
        calls = [call for call in self.calls if not (needed | set(self.inputs)).isdisjoint(call.outputs)]
        return LayerGraph(self.name, calls, self.inputs, outputs, self.reference, self.remarks)

    def _tensor(self, name: str) -> Tensor:
        layer, _, index = name.partition(":")
        known = [call.outputs[0] for call in self.calls if call.outputs[0][0] == layer]
        if not known:
            layers = ", ".join(dict.fromkeys(call.outputs[0][0] for call in self.calls))
            raise QdialectError(f"model '{self.name}' has no layer '{layer}' to tap; its layers are {layers}")
        chosen = [tensor for tensor in known if not index or str(tensor[1]) == index]
        if len(chosen) != 1:
            choices = ", ".join(f"'{layer}:{i}'" for _, i, _ in known)
            raise QdialectError(f"layer '{layer}' is applied {len(known)} times; tap one of {choices}")
        return chosen[0]


def read_graph(source: ModelSource) -> LayerGraph:
    """The graph of a model. Raises QdialectError for classes other than Sequential and Functional, and for broken
    graphs."""
    flattener = _Flattener(source)
    try:
        outputs = flattener.model(source.class_name, source.config, (), None, 0)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise QdialectError(f"model '{source.name}': broken architecture ({type(error).__name__}: {error})") from None
    if not outputs:
        raise QdialectError(f"model '{source.name}' has no outputs")
    inputs = [call.outputs[0] for call in flattener.calls if call.layer.class_name == "InputLayer"]
    return LayerGraph(
        source.name, flattener.calls, flattener.inputs or inputs, outputs, source.reference, source.remarks
    )


@dataclass(frozen=True)
class _Application:
    """One of `count` applications of a layer that are listed: the `index`-th of them, which references call `number`,
    and of which so many `results` are used."""

    entry: LayerEntry
    count: int
    index: int
    node: Application[Reference]
    number: int
    results: int


def _applications(layers: Sequence[LayerEntry], outputs: Sequence[Reference]) -> list[_Application]:
    """The applications in the order of their layers."""
    names = {entry.name for entry in layers}
    nodes = [(entry, i, read_node(entry, n, names)) for entry in layers for i, n in enumerate(entry.nodes)]
    used = {*outputs, *(reference for *_, node in nodes for reference in node.inputs)}
    results = {(name, i): 0 for name, i, _ in used}
    for name, i, result in used:
        results[name, i] = max(results[name, i], result + 1)
    # a nested model that was built on its own has an application, to its own inputs, that is not listed
    counts = {entry.name: len(entry.nodes) for entry in layers if entry.nodes}
    skipping = {name for name, i, _ in used if counts.get(name) == i}
    numbered = [(entry, i, node, i + (entry.name in skipping)) for entry, i, node in nodes]
    return [
        _Application(entry, len(entry.nodes), i, node, number, results.get((entry.name, number), 1))
        for entry, i, node, number in numbered
    ]


class _Flattener:
    """Collects the calls of a model and of the models inside; `feeds` are the inputs of a nested one."""

    def __init__(self, source: ModelSource):
        self.source = source
        self.calls: list[Call] = []
        self.inputs: list[Tensor] = []
        self.layers: dict[LayerPath, Layer] = {}

    def model(
        self, class_name: str, config: Any, path: LayerPath, feeds: Sequence[Tensor] | None, application: int
    ) -> list[Tensor]:
        """The tensors that the model returns in this application."""
        where = "/".join(path) or self.source.name
        if len(path) > MAX_DEPTH or len(self.calls) > MAX_CALLS:
            raise QdialectError(
                f"model '{self.source.name}' nests more than {MAX_DEPTH} models or {MAX_CALLS} layer applications"
            )
        layers = entries(config, where)
        if not layers:
            raise QdialectError(f"model '{where}' has no layers")
        match class_name:
            case "Sequential":
                return self.sequential(layers, config, path, feeds, application)
            case "Functional" | "Model":
                return self.functional(layers, config, path, feeds, application)
            case other:
                raise QdialectError(f"model '{where}': class {other} is not supported, only Sequential and Functional")

    def sequential(
        self, layers: list[LayerEntry], config: Any, path: LayerPath, feeds: Sequence[Tensor] | None, application: int
    ) -> list[Tensor]:
        """A chain; the input shape may stand on the first layer instead of an InputLayer."""
        if layers[0].class_name == "InputLayer":
            first, layers = layers[0], layers[1:]
        else:
            first = LayerEntry("InputLayer", "input", {"batch_input_shape": _input_shape(layers[0], config)}, [])
        tensors = list(feeds) if feeds is not None else [self.input(first)]
        for entry in layers:
            tensors = self.apply(entry, path, Application(tensors), application)
        return tensors

    def functional(
        self,
        layers: list[LayerEntry],
        config: Mapping[str, Any],
        path: LayerPath,
        feeds: Sequence[Tensor] | None,
        application: int,
    ) -> list[Tensor]:
        """Nodes in an order in which all inputs of a node come before it."""
        where = "/".join(path) or self.source.name
        inputs, outputs = references(config.get("input_layers")), references(config.get("output_layers"))
        known: dict[Reference, Tensor] = dict(zip(inputs, feeds or (), strict=False))
        if feeds is not None and len(feeds) != len(inputs):
            raise QdialectError(f"model '{where}' takes {len(inputs)} inputs, but is given {len(feeds)}")
        for entry in layers:
            if feeds is None and not entry.nodes and entry.class_name == "InputLayer":
                known[(entry.name, 0, 0)] = self.input(entry)
        waiting = _applications(layers, outputs)
        while waiting:
            still: list[_Application] = []
            for each in waiting:
                if known.keys() >= set(each.node.inputs):
                    inputs_ = [known[reference] for reference in each.node.inputs]
                    given = Application(inputs_, each.node.arguments, each.node.keywords)
                    tensors = self.apply(each.entry, path, given, application * each.count + each.index, each.results)
                    known |= {(each.entry.name, each.number, i): tensor for i, tensor in enumerate(tensors)}
                else:
                    still.append(each)
            if len(still) == len(waiting):
                name = still[0].entry.name
                missing = next(other for other, *_ in still[0].node.inputs if (other, *_) not in known)
                raise QdialectError(f"model '{where}': layer '{name}' needs '{missing}', which is never computed")
            waiting = still
        for name, *position in (*inputs, *outputs):
            if (name, *position) not in known:
                raise QdialectError(f"model '{where}': its input or output '{name}' is never computed")
        if feeds is None:
            self.inputs = [known[reference] for reference in inputs]
        return [known[reference] for reference in outputs]

    def input(self, entry: LayerEntry) -> Tensor:
        output = (entry.name, 0, 0)
        self.calls.append(Call(Layer(entry.class_name, entry.name, entry.config, {}), (), (output,)))
        return output

    def apply(
        self, entry: LayerEntry, path: LayerPath, node: Application[Tensor], application: int, results: int = 1
    ) -> list[Tensor]:
        """The first `results` tensors that this application of a layer gives; of a model, all."""
        inside = (*path, entry.name)
        if entry.is_model:
            return self.model(entry.class_name, entry.config, inside, node.inputs, application)
        layer = self.layer(entry, inside, node)
        options = () if entry.is_operation else node.options
        if results > MAX_CALLS:
            raise layer.error(f"its result {results - 1} is used, more than {MAX_CALLS} are not supported")
        outputs = tuple((layer.name, application, i) for i in range(results))
        self.calls.append(Call(layer, tuple(node.inputs), outputs, options))
        return list(outputs)

    def layer(self, entry: LayerEntry, path: LayerPath, node: Application[Tensor]) -> Layer:
        name, weights = "/".join(path), self.source.weights.get(path, {})
        if entry.is_operation:
            function = entry.config.get("function") or entry.class_name
            own = {key: value for key, value in entry.config.items() if key not in OPERATION_OPTIONS}
            call = {"function": function, "arguments": node.arguments, "keywords": {**own, **node.keywords}}
            return Layer("TFOpLambda", name, call, {})
        if path not in self.layers:
            if entry.class_name == "PruneLowMagnitude":
                entry, weights = inner_layer(entry), masked(weights)
                name = "/".join((*path[:-1], entry.name))
            self.layers[path] = Layer(entry.class_name, name, entry.config, weights, self.source.reference)
        return self.layers[path]


def _input_shape(first: LayerEntry, config: Any) -> Any:
    own = first.config.get("batch_input_shape") or first.config.get("batch_shape")
    if own is None and "layer" in first.config:
        return _input_shape(inner_layer(first), config)
    return own or (config.get("build_input_shape") if isinstance(config, dict) else None)
