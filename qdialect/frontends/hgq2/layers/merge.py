"""Handlers: layers of several inputs, each with a quantizer of its own, and sums over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.hgq2.layers.parts import exact_input, require_exact
from qdialect.frontends.hgq2.products import dot_labels, labels_of, products_summed
from qdialect.frontends.hgq2.quantizers import output_quantized, quantized
from qdialect.frontends.hgq2.registry import handles_hgq
from qdialect.frontends.keras.layers.operations.reductions import pooled
from qdialect.frontends.keras.model.configuration import HGQ2
from qdialect.frontends.keras.model.source import Layer

MERGES: dict[str, type[BinaryOp]] = {
    "QAdd": AddOp,
    "QAveragePow2": AddOp,
    "QMaximum": MaximumOp,
    "QMinimum": MinimumOp,
    "QMultiply": MulOp,
    "QSubtract": SubOp,
}


def exact_inputs(b: Builder, layer: Layer, inputs: Sequence[SSAValue]) -> list[SSAValue]:
    """The inputs after their quantizers. Raises QdialectError where the file has another number of those."""
    options = layer.option("iq_confs")
    if not layer.option("enable_iq", True):
        return [exact(b, x) for x in inputs]
    if not isinstance(options, list) or len(options) != len(inputs):
        raise layer.error(f"it has {len(inputs)} inputs, but its file has no quantizer for each of them")
    places = [f"iq/quantizers/quantizer{f'_{i}' if i else ''}" for i in range(len(inputs))]
    return [exact(b, quantized(b, layer, *each)) for each in zip(inputs, options, places, strict=True)]


@handles_hgq(*MERGES)
def merge(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue:
    """From left to right; an average is divided by the nearest power of two."""
    kind = layer.class_name.removeprefix(HGQ2)
    result = reduce(lambda a, x: b.emit(MERGES[kind](a, x), "partial"), exact_inputs(b, layer, inputs))
    if kind == "QAveragePow2":
        result = shifted(b, result, round(math.log2(1 / len(inputs))))
    return output_quantized(b, layer, result)


def shifted(b: Builder, x: SSAValue, by: int) -> SSAValue:
    return b.emit(ShiftOp(x, by), "scaled") if by else x


@handles_hgq("QDot", "QEinsum")
def products(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue:
    """Products of the elements of several inputs, summed over axes."""
    values = [require_exact(layer, x) for x in exact_inputs(b, layer, inputs)]
    ranks = [len(shape_of(x)) + 1 for x in values]
    if layer.class_name.endswith("QEinsum"):
        labels = labels_of(str(layer.option("equation")), ranks)
    else:
        layer.expect("normalize", False)
        given = layer.option("axes", -1)
        labels = dot_labels(given if isinstance(given, list) else [given] * len(values), ranks)
    return output_quantized(b, layer, products_summed(b, values, *labels))


@handles_hgq("QSum", "QMeanPow2")
def sums(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """sum(iq(x)) * scale over axes; the scale of a mean is the power of two nearest to 1/n."""
    x = exact_input(b, layer, x)
    axes = layer.option("axes", [-1])
    kept, rank = bool(layer.option("keepdims", False)), len(shape_of(x)) + 1
    if layer.class_name.endswith("QSum"):
        scale = layer.number("scale", 1.0)
    else:
        scale = 1 / math.prod(shape_of(x)[(axis + rank) % rank - 1] for axis in axes)
    if scale <= 0 or (layer.class_name.endswith("QSum") and math.frexp(scale)[0] != 0.5):
        raise layer.error(f"scale={scale:g} is no power of two")
    total = pooled(b, SumPool2DOp, x, axes, kept)
    return output_quantized(b, layer, shifted(b, total, round(math.log2(scale))))
