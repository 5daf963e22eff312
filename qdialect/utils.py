"""For users of hls4ml: `utils.config_from_keras_model`, so that their scripts run after `import qdialect as hls4ml`."""

from __future__ import annotations

from typing import Any

from qdialect.errors import QdialectError, absent, is_a, shown, suggestion
from qdialect.frontends.keras.importer import read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.frontends.keras.model.source import Layer

GRANULARITIES = ("model", "type", "name")

AUTO = "auto"
INSTEAD = {
    "plot_model": "tf_keras.utils.plot_model draws the Keras model, 'qdialect info' lists it",
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
    precision is 'auto': the types follow from the network, exactly. Only an input layer's precision may be set,
    for networks that do not quantize their inputs. ReuseFactor and Strategy are 'auto' too, unless there is a
    `default_reuse_factor`. `default_precision` and `backend` are accepted for the sake of existing scripts: no value is
    left to a default precision.
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
    if granularity.lower() == "model":
        return config
    layers = read_graph(read_source(model)).layers
    if granularity.lower() == "type":
        config["LayerType"] = {layer.class_name: layer_config(layer) for layer in layers}
    else:
        config["LayerName"] = {layer.name: layer_config(layer) for layer in layers}
    return config


def layer_config(layer: Layer) -> dict[str, Any]:
    """A layer's settings with hls4ml's names for the types in it, none of them set."""
    parts = ("weight", "bias", "accum", "result") if layer.parameters else ("result",)
    return {"Precision": dict.fromkeys(parts, AUTO), "ReuseFactor": AUTO, "Strategy": AUTO, "Trace": False}
