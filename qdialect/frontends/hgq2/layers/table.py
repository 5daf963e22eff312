"""Handlers: dense layers whose products are tables: a small float32 network for each pair of input and output."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.functions import MAX_TABLE, LookupOp
from qdialect.dialects.qnn.ops.moves import RepeatOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.hgq2.layers.parts import activated, activation_name
from qdialect.frontends.hgq2.quantizers import input_quantized, read_quantizer
from qdialect.frontends.hgq2.registry import handles_hgq
from qdialect.frontends.keras.layers.operations.reductions import pooled
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.arrays import Float32Array

FUNCTIONS: dict[str, Callable[[Float32Array], Float32Array]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, np.float32(0)),
    "tanh": lambda x: np.tanh(x),
}
"""Of the small networks."""

ENTRIES = 1 << 22
"""Of all tables of a layer."""


@handles_hgq("QDenseT")
def dense_of_tables(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """activation(sum over inputs i of toq(f_io(iq(x_i)))) for each output o: every f_io is a table of codes."""
    pairs, batch = (shape_of(x)[-1], layer.size("n_out")), len(shape_of(x)) - 1
    shape = (*shape_of(x), pairs[1])
    row = b.emit(ReshapeOp(x, (*shape[:-1], 1)), "row")
    codes = input_quantized(b, layer, b.emit(RepeatOp(row, (*[1] * (batch + 1), pairs[1])), "copies"))
    fmt, elements = exact_format_of(codes.type), math.prod(shape)
    if fmt.count > MAX_TABLE or fmt.count * elements > ENTRIES:
        raise layer.error(f"{elements} tables of {fmt.count} codes are more than {ENTRIES} entries: quantize its input")
    values = as_float32(np.ldexp(np.arange(fmt.min_code, fmt.max_code + 1).astype(np.float32), fmt.lsb))
    made = small_networks(layer, np.broadcast_to(values[:, np.newaxis, np.newaxis], (len(values), *pairs)))
    quantizer = read_quantizer(layer, layer.option("toq_conf"), "toq")
    if quantizer is None:
        raise layer.error("its tables have no quantizer 'toq'")
    every = np.broadcast_to(made.reshape(len(values), *[1] * batch, *pairs), (len(values), *shape))
    mode = quantizer.of_samples().of_sample(shape)
    tables = b.constant(mode.reals(every, mode.hull).reshape(len(values), elements).T, mode.hull, "tables")
    entries = b.emit(LookupOp(b.emit(ReshapeOp(codes, (elements,)), "flat"), tables, fmt.min_code), "products")
    b.remark(layer, "its tables are numpy's float32; entries at a tie may be others in another backend of Keras")
    terms = b.emit(ReshapeOp(entries, shape), "terms")
    return activated(b, layer, pooled(b, SumPool2DOp, terms, batch + 1, False))


def small_networks(layer: Layer, x: Float32Array) -> Float32Array:
    """f_io of values [codes, i, o]: dense layers of one input and one output each, and batch normalization."""
    hidden, biased = layer.size("n_hl", 1, 0), bool(layer.option("use_bias", True))
    layer.option("d_hl")
    name = activation_name(layer, "subnn_activation")
    if name not in FUNCTIONS:
        raise layer.error(f"subnn_activation '{name}' is not supported, only {', '.join(FUNCTIONS)}")
    normalized = bool(layer.option("batch_norm", False))
    y = x[..., np.newaxis]
    for n in range(hidden + 1):
        place = f"module/layers/einsum_dense{f'_{n}' if n else ''}"
        last = n == hidden
        y = np.einsum("bioe,ioe->bio" if last else "bioe,ioeD->bioD", y, layer.weight(f"{place}/0"))
        y = as_float32(y + layer.weight(f"{place}/1")) if biased else y
        y = y if last else FUNCTIONS[name](y)
    for key in ("bn_center", "bn_epsilon", "bn_momentum", "bn_scale", "table_idxs"):
        layer.option(key)
    return batch_normalized(layer, y) if normalized else y


def batch_normalized(layer: Layer, y: Float32Array) -> Float32Array:
    """Over the outputs, then divided by the root of the number of inputs."""
    scale, center = bool(layer.option("bn_scale", True)), bool(layer.option("bn_center", True))
    *learned, mean, variance = (layer.weight(f"bn_module/{n}") for n in range(2 + scale + center))
    gamma, beta = learned[0] if scale else np.float32(1), learned[-1] if center else np.float32(0)
    inv = np.float32(1) / np.sqrt(variance + np.float32(layer.number("bn_epsilon", 1e-3))) * gamma
    return as_float32((y * inv + (beta - mean * inv)) / np.float32(math.sqrt(y.shape[1])))
