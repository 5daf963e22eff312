"""PQuantML's quantizers: those of HGQ2, or fixed ones whose formats are variables k, i, f of the layer.

Modes are those of the layer's `config`, one for data and one for parameters. Once the final compression is applied,
stored weights are the numbers that the layer computes with, without those that are pruned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.building.weights import QuantizedWeights, exact_weights
from qdialect.frontends.hgq2.layers.parts import require_exact
from qdialect.frontends.hgq2.quantizers import (
    Quantizer,
    modes_of,
    read_quantizer,
    rounded,
    stored_formats,
    widths_of,
)
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.arrays import Float32Array
from qdialect.numerics.round_each import RoundEach

PARAMETERS = ("weight_quantizer", "bias_quantizer")


def settings_of(layer: Layer) -> Mapping[str, Any]:
    """The quantization parameters of its configuration."""
    config = layer.option("config")
    settings = config.get("quantization_parameters") if isinstance(config, Mapping) else None
    if not isinstance(settings, Mapping):
        raise layer.error("its configuration has no quantization_parameters")
    return settings


def quantizer_of(layer: Layer, place: str) -> Quantizer | None:
    """The quantizer whose variables the layer has under `place`; None where quantization is switched off.

    Raises QdialectError for modes that are unknown, and for formats that the file lacks.
    """
    settings = settings_of(layer)
    if not settings.get("enable_quantization", True):
        return None
    of_data = place not in PARAMETERS
    modes = {
        "round_mode": settings.get("round_mode"),
        "overflow_mode": settings.get("overflow_mode_data" if of_data else "overflow_mode_parameters"),
    }
    if settings.get("use_high_granularity_quantization"):
        options = {"config": {"q_type": "kif", "is_weight": not of_data, **modes}}
        return read_quantizer(layer, options, f"{place}/quantizer")
    k, i, f = (np.atleast_1d(values) for values in stored_formats(layer, place, ("k", "i", "f")))
    if of_data:  # one format for all elements of all samples
        k, i, f = (values[np.newaxis] for values in (k, i, f))
    return Quantizer(RoundEach(*modes_of(layer, f"quantizer '{place}'", modes), -f, widths_of(k, i, f), k), False)


def quantized(b: Builder, layer: Layer, x: SSAValue, place: str, by_default: bool) -> SSAValue:
    """`x` as the input or output quantizer gives it, if the layer has that."""
    if not layer.option(f"quantize_{place}", by_default):
        return x
    quantizer = quantizer_of(layer, f"{place}_quantizer")
    return x if quantizer is None else rounded(b, layer, x, quantizer.of_samples(), f"{place}_quantizer")


def input_quantized(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    return quantized(b, layer, x, "input", True)


def output_quantized(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    return quantized(b, layer, x, "output", False)


def exact_input(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The input after its quantizer, in fixed point. Raises QdialectError where nothing has quantized it."""
    return require_exact(layer, exact(b, input_quantized(b, layer, x)))


def parameters(layer: Layer, values: Float32Array, place: str) -> QuantizedWeights:
    """Weights as the layer computes with them. Raises QdialectError for those that are still to be pruned."""
    where = f"{layer.where} {place}"
    if layer.option("final_compression_done", False):
        return exact_weights(values, where)
    config = layer.option("config")
    pruning = config.get("pruning_parameters") if isinstance(config, Mapping) else {}
    if layer.option("enable_pruning", isinstance(pruning, Mapping) and pruning.get("enable_pruning", True)):
        raise layer.error("its weights are not pruned yet: save the model after pquant.apply_final_compression(model)")
    quantizer = quantizer_of(layer, f"{place}_quantizer")
    return exact_weights(values, where) if quantizer is None else quantizer.weights(values, where)
