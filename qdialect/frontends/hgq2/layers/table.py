"""Handlers: layers whose products are tables: a small float32 network for each element of a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.functions import MAX_TABLE, LookupOp
from qdialect.dialects.qnn.ops.moves import RepeatOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.hgq2.einsum import Equation, transposed
from qdialect.frontends.hgq2.layers.dense import equation_of
from qdialect.frontends.hgq2.layers.parts import activated, activation_name, require_exact
from qdialect.frontends.hgq2.quantizers import input_quantized, read_quantizer
from qdialect.frontends.hgq2.registry import handles_hgq, variables
from qdialect.frontends.keras.layers.convolutions.conv import conv2d
from qdialect.frontends.keras.layers.operations.reductions import pooled
from qdialect.frontends.keras.layers.windows import drop_row, pair, window_of
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

BATCH_NORM = ("bn_center", "bn_epsilon", "bn_momentum", "bn_scale")


@handles_hgq("QDenseT", "QConvT1D", "QConvT2D")
def dense_of_tables(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """activation(sum over inputs i of toq(f_io(iq(x_i)))) for each output o; of a window in convolutions."""
    windows = layer.class_name.endswith("D")
    x = patches(b, layer, x) if windows else x
    batch, pairs = len(shape_of(x)) - 1, (shape_of(x)[-1], layer.size("filters" if windows else "n_out"))
    row = b.emit(ReshapeOp(x, (*shape_of(x), 1)), "row")
    copies = b.emit(RepeatOp(row, (*[1] * (batch + 1), pairs[1])), "copies")

    def made(values: Float32Array) -> Float32Array:
        y = small_networks(layer, values, pairs, bool(layer.option("use_bias", True)))
        y = normalized_pairs(layer, y) if layer.option("batch_norm", False) else y
        return y.reshape(len(values), *[1] * batch, *pairs)

    result = activated(b, layer, tables_summed(b, layer, copies, made, [batch]))
    return drop_row(b, layer, result) if layer.class_name.endswith("1D") else result


def patches(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The elements of each window one after the other: a convolution with ones."""
    for key in ("rank", "groups", "activity_regularizer"):
        layer.option(key)
    window = window_of(b, layer, require_exact(layer, exact(b, x)))
    size, channels = pair(layer, "kernel_size"), shape_of(x)[-1]
    count = math.prod(size) * channels
    ones = exact_weights(np.eye(count, dtype=np.float32).reshape(*size, channels, count), layer.where)
    return conv2d(b, window, ones)


@handles_hgq("QEinsumDenseT")
def einsum_of_tables(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """activation(sum of toq(f_k(iq(x)))) over the axes that the output lacks; k the element of the kernel."""
    equation = equation_of(layer, x)
    labels = equation.operand + equation.new
    normalized, biased = bool(layer.option("batch_norm", False)), layer.option("bias_axes") is not None
    *_, last = (name for name in layer.weights if name.startswith("module/layers/einsum_dense"))
    stored = layer.weight(f"{last.rpartition('/')[0]}/0").shape[: len(equation.kernel)]
    sizes = dict(zip(equation.operand, shape_of(x), strict=True)) | dict(zip(equation.kernel, stored, strict=True))
    presum = tuple(sizes[c] for c in labels)
    row = b.emit(ReshapeOp(x, (*shape_of(x), *[1] * len(equation.new))), "row")
    repeats = [*[1] * len(equation.operand), *(sizes[c] for c in equation.new)]
    copies = b.emit(RepeatOp(row, repeats), "copies")

    def made(values: Float32Array) -> Float32Array:
        y = small_networks(layer, values, stored, biased and not normalized)
        y = y.transpose([0, *(equation.kernel.index(c) + 1 for c in labels if c in equation.kernel)])
        y = y.reshape(len(y), *(sizes[c] if c in equation.kernel else 1 for c in labels))
        return normalized_labels(layer, y, equation, presum) if normalized else y

    layer.option("normalize_axes")
    summed = [labels.index(c) for c in equation.summed]
    terms = tables_summed(b, layer, copies, made, summed)
    kept = [c for c in labels if c not in equation.summed]
    return activated(b, layer, transposed(b, terms, [kept.index(c) for c in equation.output], "ordered"))


def tables_summed(
    b: Builder,
    layer: Layer,
    copies: SSAValue,
    networks: Callable[[Float32Array], Float32Array],
    axes: Sequence[int],
) -> SSAValue:
    """The sums over axes of a table for each element of `copies`: toq(networks(x)) for every code x of the input
    quantizer. `networks` gives [codes, ...], which broadcasts to the shape of a sample.

    Raises QdialectError for tables that are too large, or that have no quantizer.
    """
    codes, shape = input_quantized(b, layer, copies), shape_of(copies)
    fmt, elements = exact_format_of(require_exact(layer, codes).type), math.prod(shape)
    if fmt.count > MAX_TABLE or fmt.count * elements > ENTRIES:
        raise layer.error(f"{elements} tables of {fmt.count} codes are more than {ENTRIES} entries: quantize its input")
    quantizer = read_quantizer(layer, layer.option("toq_conf"), "toq")
    if quantizer is None:
        raise layer.error("its tables have no quantizer 'toq'")
    for key in (*BATCH_NORM, "d_hl", "table_idxs"):
        layer.option(key)
    values = as_float32(np.ldexp(np.arange(fmt.min_code, fmt.max_code + 1).astype(np.float32), fmt.lsb))
    every = np.broadcast_to(networks(values), (len(values), *shape))
    mode = quantizer.of_samples().of_sample(shape)
    tables = b.constant(mode.reals(every, mode.hull).reshape(len(values), elements).T, mode.hull, "tables")
    entries = b.emit(LookupOp(b.emit(ReshapeOp(codes, (elements,)), "flat"), tables, fmt.min_code), "products")
    b.remark(layer, "its tables are numpy's float32; entries at a tie may be others in another backend of Keras")
    terms = b.emit(ReshapeOp(entries, shape), "terms")
    return pooled(b, SumPool2DOp, terms, [axis + 1 for axis in axes], False)


def small_networks(layer: Layer, x: Float32Array, kernel: Sequence[int], biased: bool) -> Float32Array:
    """[codes, *kernel]: of each value, by dense layers of its own for each element of the kernel."""
    hidden, name = layer.size("n_hl", 1, 0), activation_name(layer, "subnn_activation")
    if name not in FUNCTIONS:
        raise layer.error(f"subnn_activation '{name}' is not supported, only {', '.join(FUNCTIONS)}")
    count = math.prod(kernel)
    y = np.broadcast_to(x[:, np.newaxis, np.newaxis], (len(x), count, 1))
    for n in range(hidden + 1):
        place = f"module/layers/einsum_dense{f'_{n}' if n else ''}"
        last = n == hidden
        weights = layer.weight(f"{place}/0")
        weights = weights.reshape(count, *weights.shape[len(kernel) :])
        wide = np.broadcast_to(y, (*y.shape[:2], weights.shape[1]))
        y = np.einsum("bkd,kd->bk" if last else "bkd,kdD->bkD", wide, weights)
        y = as_float32(y + layer.weight(f"{place}/1").reshape(y.shape[1:])) if biased else y
        y = y if last else FUNCTIONS[name](y)
    return y.reshape(len(x), *kernel)


def learned(layer: Layer, found: Sequence[Float32Array]) -> tuple[Float32Array, ...]:
    """gamma, beta, mean, variance: 1 and 0 for those that the layer does not learn."""
    *own, mean, variance = found
    one, zero = np.ones_like(mean), np.zeros_like(mean)
    gamma = own[0] if layer.option("bn_scale", True) else one
    return gamma, own[-1] if layer.option("bn_center", True) else zero, mean, variance


def learned_names(layer: Layer) -> list[str]:
    kept = {"gamma": layer.option("bn_scale", True), "beta": layer.option("bn_center", True)}
    return [*(name for name, has in kept.items() if has), "moving_mean", "moving_variance"]


def normalized_pairs(layer: Layer, y: Float32Array) -> Float32Array:
    """[codes, inputs, outputs] over the outputs, then divided by the root of the number of inputs."""
    stored = [layer.weight(f"bn_module/{n}") for n in range(len(learned_names(layer)))]
    gamma, beta, mean, variance = learned(layer, stored)
    inv = np.float32(1) / np.sqrt(variance + np.float32(layer.number("bn_epsilon", 1e-3))) * gamma
    return as_float32((y * inv + (beta - mean * inv)) / np.float32(math.sqrt(y.shape[1])))


def normalized_labels(layer: Layer, y: Float32Array, equation: Equation, presum: Sequence[int]) -> Float32Array:
    """[codes, ...] over the layer's `normalize_axes`, then divided by the root of the number of summed elements."""
    labels = equation.operand + equation.new
    given = layer.option("normalize_axes") or layer.option("bias_axes")
    axes = given or "".join(c for c in equation.kernel if c in equation.output)
    order = [axes.index(c) for c in labels if c in axes]
    shape = [n if c in axes else 1 for c, n in zip(labels, presum, strict=True)]
    stored = variables(layer, *learned_names(layer))
    gamma, beta, mean, variance = (values.transpose(order).reshape(shape) for values in learned(layer, stored))
    scale = as_float32(gamma / np.sqrt(variance + np.float32(layer.number("bn_epsilon", 1e-3))))
    count = math.prod(n for c, n in zip(labels, presum, strict=True) if c in equation.summed)
    return as_float32((y * scale + (-mean * scale + beta)) / np.float32(math.sqrt(count)))
