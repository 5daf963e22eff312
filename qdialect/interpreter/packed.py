"""Interpretation of packed values, on the words that hardware has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_

import numpy as np
from numpy.typing import NDArray
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from qdialect.dialects.qnn.attributes import Count
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.packed import (
    PackOp,
    PopcountConv2DOp,
    PopcountDenseOp,
    PopcountDepthwiseConv2DOp,
    PopcountOp,
)
from qdialect.dialects.qnn.storage import pack_codes, unpack_codes
from qdialect.dialects.qnn.types import packed_type, tensor_type
from qdialect.interpreter.layers import depthwise_conv2d, pad
from qdialect.numerics.arrays import IntArray

Words = NDArray[np.uint64]


def disagreements(x: Mapping[str, Words], w: Mapping[str, Words]) -> tuple[Words | None, Words | None]:
    """Which bits are non-zero products (None: all), and which of these have different signs (None: none).

    Bits beyond the last value are zero in both.
    """
    nonzero = [planes["nonzero"] for planes in (x, w) if "nonzero" in planes]
    positive = [planes["positive"] for planes in (x, w) if "positive" in planes]
    mask = reduce(and_, nonzero) if nonzero else None
    if not positive:
        return mask, None
    differing = positive[0] ^ positive[1] if len(positive) == 2 else ~positive[0]
    return mask, differing if mask is None else differing & mask


def counted(op: PopcountOp, x: Words, w: Words) -> IntArray:
    """The count over packed vectors x and w [words, ...]: words come first, because sums over the first axis of an
    array run along its memory."""
    planes = [
        dict(zip(type_.planes, np.split(words, len(type_.planes)), strict=True))
        for words, type_ in ((x, packed_type(op.operand.type)), (w, packed_type(op.kernel.type)))
    ]
    mask, differing = disagreements(*planes)
    products = packed_type(op.kernel.type).count.data if mask is None else ones(mask)
    if differing is None:
        return np.asarray(products)
    return products - ones(differing) * (2 if op.count.data is Count.BALANCE else 1)


def ones(words: Words) -> IntArray:
    """The one bits of vectors [words, ...]."""
    return np.bitwise_count(words).sum(axis=0, dtype=np.int64)


def words_first(x: Words) -> Words:
    return np.ascontiguousarray(np.moveaxis(x, -1, 0))


@register_impls
class PackedFunctions(InterpreterFunctions):
    @impl(PackOp)
    def run_pack(self, interpreter: Interpreter, op: PackOp, args: PythonValues) -> PythonValues:
        return (pack_codes(args[0], tensor_type(op.operand.type).element_type),)

    @impl(PopcountDenseOp)
    def run_popcount_dense(self, interpreter: Interpreter, op: PopcountDenseOp, args: PythonValues) -> PythonValues:
        x, kernel = words_first(args[0]), args[1][0]
        rows = kernel.reshape(*kernel.shape, *[1] * (x.ndim - 1))
        return (np.stack([counted(op, x, row) for row in rows], axis=-1),)

    @impl(PopcountConv2DOp)
    def run_popcount_conv2d(self, interpreter: Interpreter, op: PopcountConv2DOp, args: PythonValues) -> PythonValues:
        x, kernel = words_first(args[0]), words_first(args[1][0])
        strides, dilations, low, high = op.geometry()
        rows, columns, _ = shape_of(op.result)
        around = ((low[0], high[0]), (low[1], high[1]))
        words = np.pad(x, ((0, 0), (0, 0), *around))
        inside = np.pad(np.ones(x.shape[2:], np.int64), around)
        total = np.zeros((x.shape[1], rows, columns, kernel.shape[3]), np.int64)
        for kr, kc in np.ndindex(kernel.shape[1:3]):
            tap = tuple(
                slice(k * d, k * d + (n - 1) * s + 1, s)
                for k, d, n, s in zip((kr, kc), dilations, (rows, columns), strides, strict=True)
            )
            w = kernel[:, np.newaxis, np.newaxis, np.newaxis, kr, kc]
            total += counted(op, words[:, :, *tap, np.newaxis], w) * inside[*tap, np.newaxis]
        return (total,)

    @impl(PopcountDepthwiseConv2DOp)
    def run_popcount_depthwise(
        self, interpreter: Interpreter, op: PopcountDepthwiseConv2DOp, args: PythonValues
    ) -> PythonValues:
        kernel = unpack_codes(args[1][0], packed_type(op.kernel.type)).transpose(2, 3, 0, 1)
        strides, dilations, low, high = op.geometry()
        x = pad(args[0], ((0, 0), *zip(low, high, strict=True), (0, 0)), 0)
        balance = depthwise_conv2d(x, kernel, strides, dilations)
        if op.count.data is Count.BALANCE:
            return (balance,)
        return ((balance + depthwise_conv2d(np.abs(x), np.abs(kernel), strides, dilations)) // 2,)
