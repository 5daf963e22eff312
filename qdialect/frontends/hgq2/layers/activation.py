"""Handlers: quantizers as layers, functions by table, and softmax as two tables."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, SubOp
from qdialect.dialects.qnn.ops.functions import MAX_TABLE, LookupOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.hgq2.layers.parts import activated, function_of
from qdialect.frontends.hgq2.quantizers import input_quantized, output_quantized, quantized, read_quantizer, rounded
from qdialect.frontends.hgq2.registry import handles_hgq, variables
from qdialect.frontends.keras.layers.operations.reductions import pooled
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.arrays import Float32Array

ONE, KERAS_EPSILON = np.float32(1), np.float32(1e-7)

Function = Callable[[Float32Array], Float32Array]


@handles_hgq("Quantizer")
def quantizer(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    return quantized(b, layer, x, layer.option("config"), "")


@handles_hgq("QUnaryFunctionLUT", "QAffinedUnaryFunctionLUT")
def unary_function(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """oq(f(iq(x))), or oq(f(iq(x) * scale + bias)) in float32: a table, once a quantizer follows the function."""
    for key in ("allow_heterogeneous_table", "allow_heterogeneous_input"):
        layer.option(key)
    x, shape = input_quantized(b, layer, x), shape_of(x)
    if layer.class_name.endswith("QAffinedUnaryFunctionLUT"):
        scale, bias = variables(layer, "scale", "bias")
        scaled = b.emit(MulOp(x, b.constant(scale, None, "scale")), "scaled")
        x = b.emit(AddOp(scaled, b.constant(bias, None, "bias")), "shifted")
    options = layer.option("oq_conf")
    quantizer = read_quantizer(layer, options, "oq") if layer.option("enable_oq", True) else None
    if quantizer is None or math.prod(quantizer.mode.shape[:-1]) == 1:
        return activated(b, layer, x)
    each = quantizer.of_samples().of_sample(shape).mapped(np.ravel)  # a table for each element
    flat = b.emit(ReshapeOp(x, (math.prod(shape),)), "flat")
    codes = rounded(b, layer, function_of(b, layer, flat), each, "oq")
    return b.emit(ReshapeOp(codes, shape), "shaped")


def tabulated(b: Builder, layer: Layer, x: SSAValue, function: Function, options: object, place: str) -> SSAValue:
    """A quantizer of a float32 function of codes, with one format for all elements."""
    quantizer = read_quantizer(layer, options, place)
    fmt = exact_format_of(x.type)
    if quantizer is None or quantizer.mode.widths.size > 1:
        raise layer.error(f"quantizer '{place}' of a table must have one format for all elements")
    if fmt.count > MAX_TABLE:
        raise layer.error(f"quantizer before '{place}': a table of {fmt.count} codes is beyond {MAX_TABLE}")
    mode = quantizer.mode.mapped(np.ravel)
    codes = np.arange(fmt.min_code, fmt.max_code + 1)
    with np.errstate(all="ignore"):
        values = function(np.ldexp(codes.astype(np.float32), fmt.lsb))
    table = mode.reals(np.nan_to_num(values, posinf=float(np.finfo(np.float32).max))[:, np.newaxis], mode.hull)
    constant = b.constant(table.T, mode.hull, f"{place.replace('/', '_')}_table")
    return b.emit(LookupOp(x, constant, fmt.min_code), place.replace("/", "_"))


@handles_hgq("QSoftmax")
def softmax(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """e * inverse(sum(e)) with e = exp(x), or exp(-(max(x) - x)) where it is `stable`: exact, by two tables."""
    axes, scaler = layer.option("axes", [-1]), np.float32(layer.number("input_scaler", 1.0))
    layer.option("allow_heterogeneous_table")
    stable = bool(layer.option("stable", True))
    x = exact(b, input_quantized(b, layer, x))
    sign = -ONE if stable else ONE
    if stable:
        x = b.emit(SubOp(pooled(b, MaxPool2DOp, x, axes, True), x), "below_largest")
        x = quantized(b, layer, x, layer.option("exp_iq_conf"), "exp_table/iq")
    layer.option("exp_iq_conf")
    e = tabulated(b, layer, x, lambda v: np.exp(sign * v * scaler), layer.option("exp_oq_conf"), "exp_table/oq")
    total = pooled(b, SumPool2DOp, e, axes, True)
    divisor = quantized(b, layer, total, layer.option("inv_iq_conf"), "inv_table/iq")
    inverse = tabulated(
        b, layer, divisor, lambda v: ONE / (v + KERAS_EPSILON), layer.option("inv_oq_conf"), "inv_table/oq"
    )
    return output_quantized(b, layer, b.emit(MulOp(e, inverse), "product"))
