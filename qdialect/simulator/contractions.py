"""Sums of products with constant kernels, on floating-point BLAS where every sum is exact there.

With x in [low, high], a sum of any of the products w_k x_k lies between the sum of the negative ones and that of the
positive ones at the ends: within these, neither order nor fused additions matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.types import format_of
from qdialect.numerics.arrays import Array
from qdialect.simulator.codes import Codes, Float, Known, Made, Maker, constant, holding, of_first

Geometry = tuple[tuple[int, ...], tuple[int, ...]]
"""Strides and dilations."""


def sums(x: Codes, kernel: Array) -> Codes | None:
    """The sums of products of x with `kernel` [products, outputs]; None where floats do not hold all of them."""
    positive = kernel.clip(0, None).sum(axis=0, dtype=np.float64).max(initial=0.0)
    negative = kernel.clip(None, 0).sum(axis=0, dtype=np.float64).min(initial=0.0)
    # a float64 holds these sums if what follows from them is within its limit
    most, least = int(positive), int(negative)
    high = most * max(x.high, 0) + least * min(x.low, 0)
    low = least * max(x.high, 0) + most * min(x.low, 0)
    dtype = holding(x.bound, high, -low, most, -least)
    return None if dtype is None else Codes(low, high, dtype)


def product(x: Codes, kernel: Array) -> tuple[Callable[[Array], Array], Codes] | None:
    """`x @ kernel` over the last axis."""
    codes = sums(x, kernel)
    if codes is None:
        return None
    weights, dtype = np.ascontiguousarray(kernel, codes.dtype), codes.dtype

    def run(values: Array) -> Array:
        flat = values.reshape(-1, len(weights)).astype(dtype, copy=False)
        return (flat @ weights).reshape(*values.shape[:-1], weights.shape[1])

    return run, codes


def known_kernel(op: DenseOp | Conv2DOp | DepthwiseConv2DOp, x: Known, kernel: Known) -> tuple[Codes, Array] | None:
    """The codes and the kernel of a contraction of codes with a constant."""
    if x is None or kernel is None or kernel.constant is None or format_of(op.result.type) is None:
        return None
    return x, constant(kernel)


def dense(op: DenseOp, x: Known, kernel: Known) -> Made | None:
    if (known := known_kernel(op, x, kernel)) is None:
        return None
    made = product(*known)
    return None if made is None else of_first(*made)


def conv2d(op: Conv2DOp, x: Known, kernel: Known) -> Made | None:
    if (known := known_kernel(op, x, kernel)) is None:
        return None
    return convolution(*known, (values_of(op.strides), values_of(op.dilations)))


def convolution(x: Codes, kernel: Array, geometry: Geometry) -> Made | None:
    """[B, H, W, C] with [KH, KW, C, F], no padding: one product of all windows."""
    rows, columns, _, filters = kernel.shape
    made = product(x, kernel.reshape(-1, filters))
    if made is None:
        return None
    run, codes = made
    if (rows, columns) == (1, 1):
        down, across = geometry[0]
        return of_first(lambda values: run(values[:, ::down, ::across]), codes)
    return of_first(lambda values: run(windows(values, (rows, columns), geometry, codes.dtype)), codes)


def windows(x: Array, taps: tuple[int, int], geometry: Geometry, dtype: Float) -> Array:
    """The windows of [B, H, W, C] one after the other, [B, rows, columns, KH * KW * C]."""
    samples, height, width, channels = x.shape
    (down, across), (apart, beside) = geometry
    rows, columns = places((height, width), taps, geometry)
    sample, row, pixel, channel = x.strides
    view = as_strided(
        x,
        (samples, rows, columns, *taps, channels),
        (sample, row * down, pixel * across, row * apart, pixel * beside, channel),
        writeable=False,
    )
    gathered = np.empty(view.shape, dtype)
    np.copyto(gathered, view)
    return gathered.reshape(samples, rows, columns, -1)


def depthwise(op: DepthwiseConv2DOp, x: Known, kernel: Known) -> Made | None:
    if (known := known_kernel(op, x, kernel)) is None:
        return None
    return depthwise_convolution(*known, (values_of(op.strides), values_of(op.dilations)))


def depthwise_convolution(x: Codes, kernel: Array, geometry: Geometry) -> Made | None:
    """[B, H, W, C] with [KH, KW, C, M] to [B, rows, columns, C * M]: a product for each tap, added up."""
    rows, columns, channels, multiples = kernel.shape
    codes = sums(x, kernel.reshape(rows * columns, -1))
    if codes is None:
        return None
    (down, across), (apart, beside) = geometry
    weights, dtype = kernel.astype(codes.dtype), codes.dtype

    def run(values: Array) -> Array:
        samples, *size, _ = values.shape
        height, width = places(size, (rows, columns), geometry)
        # numpy's loops are as fast as they are long: neighbours in a row are one run of elements
        joint = across == 1 and multiples == 1
        shape = (samples, height, width * channels) if joint else (samples, height, width, channels, multiples)
        x = values.reshape(samples, size[0], -1) if joint else values[..., np.newaxis]
        total, part = np.zeros(shape, dtype), np.empty(shape, dtype)
        for r, c in np.ndindex(rows, columns):
            down_from, across_from = r * apart, c * beside
            lines = slice(down_from, down_from + (height - 1) * down + 1, down)
            if joint:
                start = across_from * channels
                tap, weight = x[:, lines, start : start + width * channels], np.tile(weights[r, c, :, 0], width)
            else:
                tap = x[:, lines, across_from : across_from + (width - 1) * across + 1 : across]
                weight = weights[r, c]
            total += np.multiply(tap, weight, out=part)
        return total.reshape(samples, height, width, -1)

    return of_first(run, codes)


def places(size: Sequence[int], taps: tuple[int, int], geometry: Geometry) -> tuple[int, int]:
    """Rows and columns of the positions of a window."""
    strides, dilations = geometry
    height, width = ((n - (k - 1) * d - 1) // s + 1 for n, k, d, s in zip(size, taps, dilations, strides, strict=True))
    return height, width


MAKERS: Mapping[type, Maker] = {DenseOp: dense, Conv2DOp: conv2d, DepthwiseConv2DOp: depthwise}
