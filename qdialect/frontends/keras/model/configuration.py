"""The configuration of a model as plain data: its layers, as any version of Keras spells them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qdialect.errors import QdialectError, shown
from qdialect.frontends.keras.plug_ins import LAYERS, plug_in_names
from qdialect.numerics.limits import MAX_CONFIGURATION

LayerPath = tuple[str, ...]
"""Names of the nested models around a layer, and its own."""

MODEL_CLASSES = frozenset(("Functional", "Model", "Sequential"))

HGQ2 = "hgq>"
"""Before the names of HGQ2's classes, as it registers them: some are those of QKeras' classes."""

PQUANTML = "pquant>"
"""Before the names of PQuantML's classes, which it registers under two prefixes."""

NAMESPACES = {"hgq": HGQ2, "hgq2": HGQ2, "PQuant": PQUANTML, "PQuantML": PQUANTML, "pquant": PQUANTML}
"""What stands before the names of classes, by their registered prefix and by the package of their module."""

PACKAGES = {"larq": "Larq"}
"""Packages whose layers have another prefix or module than the name that they are known by."""

READ = {
    *("", "Custom", "Keras", "QKeras", "TFOptimization", "__main__", "builtins", "keras", "keras_core", *NAMESPACES),
    *("qkeras", "tensorflow", "tensorflow_model_optimization", "tf_keras"),
}
"""Prefixes of `registered_name` and packages of modules: of layers that are read, and of anybody's own classes."""

ADVICE = "layers of Keras, QKeras, qkeras-v3, HGQ2, PQuantML and of plug-ins are read"
MAX_DEPTH = 16
"""Models nested deeper than this are refused."""


@dataclass(frozen=True)
class LayerEntry:
    """One layer as a model's configuration lists it."""

    class_name: str
    name: str
    config: Any
    nodes: list[Any]
    """How the layer is applied (`inbound_nodes`), as written."""
    module: str = ""

    @property
    def is_model(self) -> bool:
        return self.class_name in MODEL_CLASSES

    @property
    def is_operation(self) -> bool:
        """A function call that Keras recorded as a layer: TFOpLambda of tf_keras, Operation of Keras 3.

        In HDF5, Keras 3 leaves the modules out; layers then have the option `trainable`, functions do not.
        """
        if namespace(self.class_name):
            return False
        if self.module or self.class_name in ("TFOpLambda", "SlicingOpLambda"):
            return self.class_name in ("TFOpLambda", "SlicingOpLambda") or ".ops." in f".{self.module}."
        return any(isinstance(node, dict) for node in self.nodes) and "trainable" not in self.config


def parse_model(text: str | bytes, where: str) -> tuple[str, Any]:
    """Class name and configuration from a model's JSON.

    Raises QdialectError if it is not JSON, or not that of a Keras model.
    """
    if len(text) > MAX_CONFIGURATION:
        raise QdialectError(f"{where}: its configuration has {len(text)} bytes, more than {MAX_CONFIGURATION}")
    try:
        model = json.loads(text)
    except (ValueError, RecursionError):
        raise QdialectError(f"{where}: its configuration is not JSON that can be read") from None
    if not isinstance(model, dict) or not isinstance(model.get("class_name"), str) or "config" not in model:
        raise QdialectError(f"{where}: its configuration is not that of a Keras model (no class_name and config)")
    return model["class_name"].rpartition(">")[2], model["config"]


def model_name(config: Any, default: str) -> str:
    name = config.get("name") if isinstance(config, dict) else None
    return name if isinstance(name, str) else default


def entries(config: Any, where: str) -> list[LayerEntry]:
    """The layers of a model; old Sequential configurations are a bare list of them.

    Raises QdialectError for layers without class name, configuration or name, and for two of one name.
    """
    layers = config if isinstance(config, list) else config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list):
        raise QdialectError(f"model '{where}' lists no layers")
    found = [_entry(layer, where) for layer in layers]
    for name, count in Counter(entry.name for entry in found).items():
        if count > 1:
            raise QdialectError(f"model '{where}': {count} layers are called '{name}'; give each a name of its own")
    return found


def _entry(layer: Any, where: str) -> LayerEntry:
    match layer:
        case {"class_name": str(class_name), "config": dict() | list() as config}:
            name = layer.get("name") or model_name(config, "")
            if name and isinstance(name, str):
                _check_package(layer, name, class_name)
                nodes, module = layer.get("inbound_nodes"), str(layer.get("module") or "")
                return LayerEntry(
                    qualified(layer, class_name), name, config, nodes if isinstance(nodes, list) else [], module
                )
        case _:
            pass
    raise QdialectError(f"model '{where}': a layer lacks its class_name, config or name: {shown(layer)}")


def qualified(layer: Mapping[str, Any], class_name: str) -> str:
    """A layer's class name, behind that of its package where this has classes with the names of QKeras' classes."""
    registered = str(layer.get("registered_name") or class_name).partition(">")[0]
    package = str(layer.get("module") or "").partition(".")[0]
    return NAMESPACES.get(registered, NAMESPACES.get(package, "")) + class_name.rpartition(">")[2]


def namespace(class_name: str) -> str:
    """Of a class as this compiler calls it; "" for those of Keras and QKeras."""
    return next((prefix for prefix in (HGQ2, PQUANTML) if class_name.startswith(prefix)), "")


def _check_package(layer: Mapping[str, Any], name: str, class_name: str) -> None:
    """Raise QdialectError for layers of other packages, whose classes may have the names of QKeras' classes."""
    registered = str(layer.get("registered_name") or class_name)
    for package in (registered.rpartition(">")[0], str(layer.get("module") or "").partition(".")[0]):
        if package not in READ and package not in plug_in_names(LAYERS):
            raise QdialectError(
                f"layer '{name}' ({class_name.rpartition('>')[2]}): a layer of {PACKAGES.get(package, package)}, which "
                f"may compute otherwise than QKeras; {ADVICE}, and graphs that its package exports as QONNX"
            )


def leaves(config: Any, where: str, path: LayerPath = ()) -> Iterator[tuple[LayerPath, LayerEntry]]:
    """All layers that are not models, through nested models.

    Raises QdialectError for models nested deeper than MAX_DEPTH.
    """
    if len(path) > MAX_DEPTH:
        raise QdialectError(f"model '{path[0]}' nests more than {MAX_DEPTH} models")
    for entry in entries(config, "/".join(path) or where):
        if entry.is_model:
            yield from leaves(entry.config, where, (*path, entry.name))
        else:
            yield (*path, entry.name), entry


def inner_layer(entry: LayerEntry, key: str = "layer") -> LayerEntry:
    """The layer inside a wrapper such as TimeDistributed or PruneLowMagnitude.

    Raises QdialectError if there is none.
    """
    return _entry(entry.config.get(key), entry.name)
