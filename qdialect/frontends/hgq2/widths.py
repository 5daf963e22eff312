"""Bits of the elements of HGQ2's quantizers, for reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qdialect.frontends.hgq2.quantizers import read_quantizer
from qdialect.frontends.keras.model.configuration import HGQ2
from qdialect.frontends.keras.model.source import Layer

SINGLE = {"iq": "iq_conf", "kq": "kq_conf", "bq": "bq_conf", "oq": "oq_conf", "toq": "toq_conf", "": "config"}
"""Quantizers of a layer, and the options that describe them."""


def is_hgq2(layer: Layer) -> bool:
    return layer.class_name.startswith(HGQ2)


def options_of(layer: Layer) -> Iterator[tuple[str, Any]]:
    """Places of quantizers with their options."""
    yield from ((place, layer.config.get(key)) for place, key in SINGLE.items())
    for i, options in enumerate(layer.config.get("iq_confs") or []):
        yield f"iq/quantizers/quantizer{f'_{i}' if i else ''}", options
    for table in ("exp", "inv"):
        yield from ((f"{table}_table/{q}", layer.config.get(f"{table}_{q}_conf")) for q in ("iq", "oq"))


def widths(layer: Layer) -> dict[str, str]:
    """The least, mean and largest number of bits of the elements of each quantizer, signs included."""
    found: dict[str, str] = {}
    for place, options in options_of(layer):
        if options is not None and f"{place}/quantizer/0".lstrip("/") in layer.weights:
            quantizer = read_quantizer(layer, options, place)
            if quantizer is not None:
                bits = quantizer.mode.widths
                found[place.replace("/quantizers/quantizer", "")] = f"{bits.min()}/{bits.mean():.1f}/{bits.max()}"
    return found
