"""Whether the layers of a model have quantizers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import namespace
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import Function
from qdialect.frontends.keras.quantizers.spellings import read_quantizer


def is_float(layer: Layer) -> bool:
    """Whether a layer, and a layer inside of it, quantizes nothing. Those of HGQ2 and PQuantML always do."""
    return not namespace(layer.class_name) and not has_quantizer(layer.config)


def has_quantizer(options: Any) -> bool:
    """Whether an option, or one of a layer among the options, is a quantizer."""
    match options:
        case Mapping():
            return any(is_quantizer(key, value) or has_quantizer(value) for key, value in options.items())
        case list() | tuple():
            return any(map(has_quantizer, options))
        case _:
            return False


def is_quantizer(option: str, value: Any) -> bool:
    if option not in ("activation", "recurrent_activation"):
        return option.endswith("_quantizer") and value is not None
    try:
        return not isinstance(read_quantizer(value, option), Function | None)
    except QdialectError:  # of an activation that the importer refuses
        return False
