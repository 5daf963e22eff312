"""Handlers: dense layers, products by einsum equation, and batch normalization fused into either."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.frontends.building.builder import Builder, as_float32
from qdialect.frontends.hgq2.einsum import Equation, contracted
from qdialect.frontends.hgq2.layers.parts import activated, batch_norm_factor, biased, exact_input
from qdialect.frontends.hgq2.quantizers import weight_quantized
from qdialect.frontends.hgq2.registry import handles_hgq, variables
from qdialect.frontends.keras.model.source import Layer, without_leading_ones
from qdialect.numerics.arrays import Float32Array

ONE = np.float32(1)
KERAS_EPSILON = 1e-7
"""`keras.config.epsilon()`, which QEinsumDenseBatchnorm takes in place of its option."""


def product(
    b: Builder, layer: Layer, x: SSAValue, equation: Equation, kernel: Float32Array, bias: Float32Array | None
) -> SSAValue:
    """activation(einsum(iq(x), kq(kernel)) + bq(bias))"""
    weights = weight_quantized(layer, kernel, "kq").values()
    sums = contracted(b, exact_input(b, layer, x), weights, equation)
    offset = None if bias is None else weight_quantized(layer, bias, "bq")
    return activated(b, layer, biased(b, sums, offset))


def last_axis(x: SSAValue) -> Equation:
    """A dense layer on the last axis."""
    return Equation.parsed("...i,io->...o", len(shape_of(x)) + 1)


@handles_hgq("QDense")
def dense(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    has_bias = bool(layer.option("use_bias", True))
    kernel, *bias = variables(layer, "kernel", *["bias"] * has_bias)
    layer.option("bq_conf")
    check_units(layer, kernel)
    return product(b, layer, x, last_axis(x), kernel, bias[0] if has_bias else None)


def check_units(layer: Layer, kernel: Float32Array) -> None:
    if kernel.shape[-1] != layer.size("units"):
        raise layer.error(f"units={layer.option('units')}, but its kernel has shape {list(kernel.shape)}")


@handles_hgq("QBatchNormDense")
def batch_norm_dense(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """kq(scale * kernel) over the inputs, bq(bias - mean . kernel), in float32 as HGQ2 fuses them."""
    scale = bool(layer.option("scale", True))
    layer.option("use_bias")
    kernel, bias, *gamma, mean, variance = variables(
        layer, "kernel", "bias", *["bn_gamma"] * scale, "moving_mean", "moving_variance"
    )
    check_units(layer, kernel)
    skip(layer, "bn_gamma_initializer", "bn_gamma_regularizer", "bn_gamma_constraint")
    factor = batch_norm_factor(gamma[0] if gamma else ONE, variance, layer.number("epsilon", 1e-3))
    fused, offset = as_float32(factor[:, np.newaxis] * kernel), as_float32(bias - np.dot(mean, kernel))
    return product(b, layer, x, last_axis(x), fused, offset)


def skip(layer: Layer, *keys: str) -> None:
    """Options that act in training only."""
    for key in keys:
        layer.option(key)


def equation_of(layer: Layer, x: SSAValue) -> Equation:
    layer.option("output_shape")
    return Equation.parsed(str(layer.option("equation")), len(shape_of(x)) + 1)


@handles_hgq("QEinsumDense")
def einsum_dense(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    axes = layer.option("bias_axes")
    kernel, *bias = variables(layer, "kernel", *["bias"] * (axes is not None))
    layer.option("bq_conf")
    return product(b, layer, x, equation_of(layer, x), kernel, bias[0] if bias else None)


@handles_hgq("QEinsumDenseBatchnorm")
def einsum_dense_batch_norm(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """kq(kernel * scale) and bq(bias - mean * scale) with scale = gamma / sqrt(variance + 1e-7), in float32."""
    scale = bool(layer.option("scale", True))
    kernel, bias, *gamma, mean, variance = variables(
        layer, "kernel", "bias", *["gamma"] * scale, "moving_mean", "moving_variance"
    )
    equation = equation_of(layer, x)
    axes = normalized_axes(layer, equation)
    skip(layer, "bias_axes", "center", "epsilon")
    factor = batch_norm_factor(gamma[0] if gamma else ONE, variance, KERAS_EPSILON)
    over_kernel = factor.reshape([n if c in axes else 1 for c, n in zip(equation.kernel, kernel.shape, strict=True)])
    sizes = dict(zip(equation.kernel, kernel.shape, strict=True))
    offset = without_leading_ones((-mean * factor).reshape([sizes[c] if c in axes else 1 for c in equation.output]))
    return product(b, layer, x, equation, as_float32(kernel * over_kernel), as_float32(bias + offset))


def normalized_axes(layer: Layer, equation: Equation) -> str:
    """The labels along which gamma, mean and variance count. Raises QdialectError where the kernel lacks one."""
    given = layer.option("normalize_axes") or layer.option("bias_axes") or ""
    if any(c not in equation.kernel for c in given):
        raise layer.error(f"normalizes over axes '{given}', which its kernel '{equation.kernel}' does not have")
    return given
