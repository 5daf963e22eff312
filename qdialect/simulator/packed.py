"""Packed values are not packed here: counts of bits are sums of products, and these are faster.

Of P products that are not zero and have the sum S, (P + S) / 2 agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from qdialect.dialects.qnn.attributes import Count
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.packed import (
    PackOp,
    PopcountConv2DOp,
    PopcountDenseOp,
    PopcountDepthwiseConv2DOp,
    PopcountOp,
)
from qdialect.dialects.qnn.storage import unpack_codes
from qdialect.dialects.qnn.types import BinaryType, packed_type
from qdialect.interpreter.layers import pad
from qdialect.numerics.arrays import Array
from qdialect.simulator.codes import Codes, Known, Made, Maker, like, of_first
from qdialect.simulator.contractions import convolution, depthwise_convolution, product

Linear = Callable[[Codes, Array], Made | None]
"""Makes the sums of products of activations with a kernel."""


def pack(op: PackOp, x: Known) -> Made | None:
    return None if x is None else of_first(lambda values: values, like(x))


def kernel_of(op: PopcountOp) -> Array | None:
    """The weights of an operation with a constant kernel [..., outputs, values], as numbers."""
    words = constant_of(op.kernel)
    return None if words is None else unpack_codes(words, packed_type(op.kernel.type)).astype(np.float32)


def counted(op: PopcountOp, x: Codes, weights: Array, linear: Linear) -> Made | None:
    """The sum of products, or how many of them agree."""
    sums = linear(x, weights)
    if sums is None or op.count.data is Count.BALANCE:
        return sums
    ones = replace(x, low=0, high=1)
    products = linear(ones, np.abs(weights))
    if products is None or products.codes is None or sums.codes is None:
        return None
    signed, nonzero = sums.run, products.run
    half = np.float32(0.5)
    codes = replace(sums.codes, low=0, high=products.codes.high)
    if op.operand_element == BinaryType():
        return of_first(shifted_by(signed, nonzero), codes)
    return of_first(lambda values: (signed(values) + nonzero(np.abs(values))) * half, codes)


def shifted_by(signed: Callable[[Array], Array], nonzero: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Agreements of values without zeros: the products that are not zero are the same for every sample."""
    half, known = np.float32(0.5), list[Array]()

    def run(values: Array) -> Array:
        if not known:
            known.append(nonzero(np.ones_like(values[:1])) * half)
        y = signed(values)
        np.multiply(y, half, out=y)
        return np.add(y, known[0], out=y)

    return run


def dense(op: PopcountDenseOp, x: Known, kernel: Known) -> Made | None:
    weights = kernel_of(op)
    if x is None or weights is None:
        return None

    def linear(codes: Codes, matrix: Array) -> Made | None:
        made = product(codes, matrix)
        return None if made is None else of_first(*made)

    return counted(op, x, weights.T, linear)


def conv2d(op: PopcountConv2DOp, x: Known, kernel: Known) -> Made | None:
    weights = kernel_of(op)
    if x is None or weights is None:
        return None
    strides, dilations, low, high = op.geometry()
    return counted(op, x, np.moveaxis(weights, -1, -2), padded(convolution, low, high, (strides, dilations)))


def depthwise(op: PopcountDepthwiseConv2DOp, x: Known, kernel: Known) -> Made | None:
    words = constant_of(op.kernel)
    if x is None or words is None:
        return None
    weights = unpack_codes(words, packed_type(op.kernel.type)).transpose(2, 3, 0, 1).astype(np.float32)
    strides, dilations, low, high = op.geometry()
    return counted(op, x, weights, padded(depthwise_convolution, low, high, (strides, dilations)))


def padded(
    convolve: Callable[..., Made | None],
    low: tuple[int, ...],
    high: tuple[int, ...],
    geometry: tuple[tuple[int, ...], tuple[int, ...]],
) -> Linear:
    """A convolution of values with zeros around them, whose products count nothing."""
    around = ((0, 0), *zip(low, high, strict=True), (0, 0))

    def linear(codes: Codes, kernel: Array) -> Made | None:
        made = convolve(codes.hull(0), kernel, geometry)
        if made is None or not (any(low) or any(high)):
            return made
        return of_first(lambda values: made.run(pad(values, around, 0)), made.codes)

    return linear


MAKERS: Mapping[type, Maker] = {
    PackOp: pack,
    PopcountDenseOp: dense,
    PopcountConv2DOp: conv2d,
    PopcountDepthwiseConv2DOp: depthwise,
}
