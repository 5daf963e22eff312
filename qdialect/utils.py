"""For users of hls4ml: `utils.config_from_keras_model`, so that their scripts run after `import qdialect as hls4ml`."""

from __future__ import annotations

from typing import Any

from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import read_source
from qdialect.frontends.keras.model.graph import read_graph

GRANULARITIES = ("model", "type", "name")

AUTO = "auto"


def config_from_keras_model(
    model: Any, granularity: str = "name", default_reuse_factor: int | None = None, **ignored: Any
) -> dict[str, Any]:
    """The configuration that `converters.convert_from_keras_model` takes, in hls4ml's form.

    Every precision is 'auto': the types follow from the network, exactly. Only an input layer's precision may be set,
    for networks that do not quantize their inputs. ReuseFactor and Strategy are 'auto' too, unless there is a
    `default_reuse_factor`. `default_precision` and `backend` are accepted for the sake of existing scripts.
    Raises QdialectError for an unknown granularity.
    """
    if granularity not in GRANULARITIES:
        raise QdialectError(f"granularity '{granularity}' is none of {', '.join(GRANULARITIES)}")
    settings = {"Precision": AUTO, "ReuseFactor": AUTO, "Strategy": AUTO}
    config: dict[str, Any] = {"Model": {**settings, "ReuseFactor": default_reuse_factor or AUTO}}
    if granularity == "name":
        names = dict.fromkeys(call.layer.name for call in read_graph(read_source(model)).calls)
        config["LayerName"] = {name: dict(settings) for name in names}
    return config
