"""Handlers: quantizers as layers, functions by table, and softmax as two tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

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
from qdialect.frontends.hgq2.layers.parts import activated
from qdialect.frontends.hgq2.quantizers import Quantizer as TrainedQuantizer
from qdialect.frontends.hgq2.quantizers import input_quantized, output_quantized, quantized, read_quantizer, rounded
from qdialect.frontends.hgq2.registry import handles_hgq, variables
from qdialect.frontends.keras.layers.operations.reductions import pooled
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.arrays import Float32Array, IntArray

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
    x = input_quantized(b, layer, x)
    if layer.class_name.endswith("QAffinedUnaryFunctionLUT"):
        scale, bias = variables(layer, "scale", "bias")
        scaled = b.emit(MulOp(x, b.constant(scale, None, "scale")), "scaled")
        x = b.emit(AddOp(scaled, b.constant(bias, None, "bias")), "shifted")
    return activated(b, layer, x)


def tabulated(
    b: Builder, layer: Layer, x: SSAValue, function: Function, quantizer: TrainedQuantizer | None, place: str
) -> SSAValue:
    """A quantizer of a float32 function of codes: one table, or one for each element that has a format of its own.

    Entries that a unit in the last place of the function would change are uncertified: backends of Keras differ by one,
    and TensorFlow with itself, where it divides by an estimate of the reciprocal.
    """
    fmt, shape = exact_format_of(x.type), shape_of(x)
    if quantizer is None:
        raise layer.error(f"its table has no quantizer '{place}'")
    single = quantizer.mode.widths.size == 1
    mode = (quantizer.mode if single else quantizer.of_samples().of_sample(shape)).mapped(np.ravel)
    if fmt.count * mode.widths.size > MAX_TABLE:
        raise layer.error(f"quantizer before '{place}': tables of {fmt.count} codes are beyond {MAX_TABLE} entries")
    codes = np.arange(fmt.min_code, fmt.max_code + 1)
    with np.errstate(all="ignore"):
        values = function(np.ldexp(codes.astype(np.float32), fmt.lsb))
    finite = np.nan_to_num(values, posinf=float(np.finfo(np.float32).max))[:, np.newaxis]

    def entries(numbers: Float32Array) -> IntArray:
        return mode.reals(np.broadcast_to(numbers, (len(codes), mode.widths.size)), mode.hull).T

    table = entries(finite)
    moved = [entries(np.nextafter(finite, np.float32(end))) != table for end in (-np.inf, np.inf)]
    uncertified = sorted(np.nonzero(np.logical_or(*moved))[0].tolist())
    constant = b.constant(table, mode.hull, f"{place}_table")
    if single:
        return b.emit(LookupOp(x, constant, fmt.min_code, uncertified), place)
    flat = b.emit(ReshapeOp(x, (math.prod(shape),)), "flat")
    results = b.emit(LookupOp(flat, constant, fmt.min_code, uncertified), f"{place}_flat")
    return b.emit(ReshapeOp(results, shape), place)


@handles_hgq("QSoftmax")
def softmax(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.option("allow_heterogeneous_table")
    names = ("exp_iq", "exp_oq", "inv_iq", "inv_oq")
    options = [layer.option(f"{name}_conf") for name in names]
    places = [name.replace("_", "_table/") for name in names]
    tables = [
        None if given is None else read_quantizer(layer, given, place)
        for given, place in zip(options, places, strict=True)
    ]
    x = exact(b, input_quantized(b, layer, x))
    return output_quantized(b, layer, softmax_by_tables(b, layer, x, layer.option("axes", [-1]), tables))


def softmax_by_tables(
    b: Builder, layer: Layer, x: SSAValue, axes: object, quantizers: Sequence[TrainedQuantizer | None]
) -> SSAValue:
    """e * inverse(sum(e)) with e = exp(x), or exp(-(max(x) - x)) where it is `stable`: exact, by two tables, before and
    after each of which stands a quantizer."""
    scaler, stable = np.float32(layer.number("input_scaler", 1.0)), bool(layer.option("stable", True))
    exp_iq, exp_oq, inv_iq, inv_oq = quantizers
    sign = -ONE if stable else ONE
    if stable:
        x = b.emit(SubOp(pooled(b, MaxPool2DOp, x, axes, True), x), "below_largest")
        x = x if exp_iq is None else rounded(b, layer, x, exp_iq.of_samples(), "exp_iq")
    e = tabulated(b, layer, x, lambda v: np.exp(sign * v * scaler), exp_oq, "exp_oq")
    total = pooled(b, SumPool2DOp, e, axes, True)
    divisor = total if inv_iq is None else rounded(b, layer, total, inv_iq.of_samples(), "inv_iq")
    inverse = tabulated(b, layer, divisor, lambda v: ONE / (v + KERAS_EPSILON), inv_oq, "inv_oq")
    return b.emit(MulOp(e, inverse), "product")
