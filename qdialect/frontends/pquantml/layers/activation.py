"""Handlers: activations and softmax between quantizers."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.functions import hard_tanh
from qdialect.frontends.hgq2.layers.activation import softmax_by_tables
from qdialect.frontends.keras.activations.functions import apply_function
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.pquantml.quantizers import (
    exact_input,
    input_quantized,
    output_quantized,
    quantizer_of,
    settings_of,
)
from qdialect.frontends.pquantml.registry import handles_pquantml

FUNCTIONS = ("relu", "tanh", "hard_tanh")


@handles_pquantml("PQActivation")
def activation(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """oq(f(iq(x))); a relu has a power of two before its input quantizer, which it learns."""
    name, settings = str(layer.option("activation")), settings_of(layer)
    if name not in FUNCTIONS:
        raise layer.error(f"activation '{name}' is not supported, only {', '.join(FUNCTIONS)}")
    if settings.get("use_relu_multiplier") and not settings.get("use_high_granularity_quantization") and name == "relu":
        by = int(np.rint(layer.weight("0")).item())
        x = b.emit(ShiftOp(x, by), "multiplied") if by else x
    x = input_quantized(b, layer, x)
    return output_quantized(b, layer, hard_tanh(b, x) if name == "hard_tanh" else apply_function(b, layer, x, name))


@handles_pquantml("PQSoftmax")
def softmax(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    places = ["exp_table/input", "exp_table/output", "inv_table/input", "inv_table/output"]
    for key in ("exp_in_quant_bits", "exp_out_quant_bits", "inv_in_quant_bits", "inv_out_quant_bits"):
        layer.option(key)
    stable = bool(layer.option("stable", True))
    tables = [quantizer_of(layer, f"{place}_quantizer") for place in (places if stable else places[1:])]
    axes = layer.option("axis", [-1])
    e = softmax_by_tables(b, layer, exact_input(b, layer, x), axes, tables if stable else [None, *tables])
    return output_quantized(b, layer, e)
