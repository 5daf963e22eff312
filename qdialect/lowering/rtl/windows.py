"""Operations on windows: at one position, from the values under the window, the channels of the result.

A window is an array of codes [rows, columns, channels]; of a packed value the last axis is that of the packed elements.
None stands for an element that does not count, beyond the edge of a pooling or of a popcount.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation

from qdialect.dialects.qnn.attributes import Count
from qdialect.dialects.qnn.geometry import values_of, windows
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed import PopcountConv2DOp, PopcountDenseOp, PopcountDepthwiseConv2DOp, PopcountOp
from qdialect.dialects.qnn.ops.packed_moves import PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.storage import unpack_codes
from qdialect.dialects.qnn.types import BitsType, exact_format_of, packed_type, tensor, tensor_type
from qdialect.lowering.rtl import words
from qdialect.lowering.rtl.affine import Affine, constant, materialized, of_wire, reached
from qdialect.lowering.rtl.matrices.linear import Strategy, products
from qdialect.lowering.rtl.netlist import Netlist
from qdialect.lowering.rtl.pointwise import parameter_of
from qdialect.lowering.rtl.sums import total
from qdialect.numerics.arrays import IntArray

WindowElements: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Geometry:
    """Where a window lies, all as [rows, columns]; `low` and `high` count positions beyond the edges."""

    taps: Sequence[int] = (1, 1)
    strides: Sequence[int] = (1, 1)
    dilations: Sequence[int] = (1, 1)
    low: Sequence[int] = (0, 0)
    high: Sequence[int] = (0, 0)

    def positions(self, image: Sequence[int]) -> tuple[int, int]:
        """Rows and columns of the result over an image [rows, columns]."""
        rows, columns = (
            windows(image[a] + self.low[a] + self.high[a], self.taps[a], self.strides[a], self.dilations[a])
            for a in (0, 1)
        )
        return rows, columns

    def window(self, image: WindowElements, row: int, column: int) -> WindowElements:
        """The part of an image [rows, columns, channels] under the window at one position, None beyond the edges."""
        at = [
            [place * s - low + tap * d for tap in range(taps)]
            for place, s, low, taps, d in zip(
                (row, column), self.strides, self.low, self.taps, self.dilations, strict=True
            )
        ]
        result = np.full((*self.taps, image.shape[2]), None, object)
        for (i, r), (j, c) in product(enumerate(at[0]), enumerate(at[1])):
            if 0 <= r < image.shape[0] and 0 <= c < image.shape[1]:
                result[i, j] = image[r, c]
        return result


def geometry_of(op: Operation) -> Geometry:
    """That of an operation of `WINDOWS`."""
    match op:
        case Conv2DOp() | DepthwiseConv2DOp():
            return Geometry(shape_of(op.kernel)[:2], values_of(op.strides), values_of(op.dilations))
        case PopcountConv2DOp() | PopcountDepthwiseConv2DOp():
            taps, _ = op.window(op.operand, op.kernel)
            return Geometry(taps, *op.geometry())
        case MaxPool2DOp() | SumPool2DOp() | PackedMaxPool2DOp():
            pool, strides, low, high = op.geometry()
            return Geometry(pool, strides, low=low, high=high)
        case _:
            return Geometry()


def dense(net: Netlist, op: DenseOp | Conv2DOp, window: WindowElements, strategy: Strategy) -> list[Affine]:
    weights = parameter_of(op, op.kernel)
    return products(net, list(window.flat), weights.reshape(-1, weights.shape[-1]), strategy)


def depthwise(net: Netlist, op: DepthwiseConv2DOp, window: WindowElements, strategy: Strategy) -> list[Affine]:
    weights = parameter_of(op, op.kernel)
    taps = math.prod(weights.shape[:2])
    return [
        value
        for channel in range(weights.shape[2])
        for value in products(net, list(window[:, :, channel].flat), weights[:, :, channel].reshape(taps, -1), strategy)
    ]


def popcount_kernel(op: PopcountOp) -> IntArray:
    """The weights of {-1, 0, +1} as an array [rows, columns, channels, outputs], of a depthwise operation those of each
    channel."""
    codes = unpack_codes(parameter_of(op, op.kernel), packed_type(op.kernel.type))
    match op:
        case PopcountConv2DOp():
            return codes.transpose(0, 1, 3, 2)
        case PopcountDepthwiseConv2DOp():
            return codes.transpose(2, 3, 0, 1)
        case _:
            return codes.T[np.newaxis, np.newaxis]


def popcount(net: Netlist, op: PopcountOp, window: WindowElements, strategy: Strategy) -> list[Affine]:
    weights = popcount_kernel(op)
    if not isinstance(op, PopcountDepthwiseConv2DOp):
        return count(net, op, list(window.flat), weights.reshape(-1, weights.shape[-1]), strategy)
    taps = math.prod(weights.shape[:2])
    return [
        value
        for channel in range(weights.shape[2])
        for value in count(
            net, op, list(window[:, :, channel].flat), weights[:, :, channel].reshape(taps, -1), strategy
        )
    ]


def count(
    net: Netlist, op: PopcountOp, values: list[Affine | None], weights: IntArray, strategy: Strategy
) -> list[Affine]:
    """Products that are +1, or these minus those that are -1; elements that do not count are left out."""
    inside = [i for i, value in enumerate(values) if value is not None]
    present, weights = [value for value in values if value is not None], weights[inside]
    if op.count.data is Count.BALANCE:
        return products(net, present, weights, strategy)
    positive, negative = ([sign_bit(net, value) for value in side] for side in (present, map(Affine.negated, present)))
    split = np.concatenate([weights == 1, weights == -1]).astype(np.int64)
    return products(net, positive + negative, split, strategy)


def sign_bit(net: Netlist, x: Affine) -> Affine:
    """1 where a value of {-1, 0, +1} is +1."""
    low, high = x.interval
    if (low, high) == (0, 1):
        return x
    if x.wire is not None and (low, high) == (-1, 1) and (x.wire.low, x.wire.high) == (0, 1):
        return Affine(x.wire, negative=x.negative, offset=int(x.negative))
    bit = reached(net, x, 1)
    return constant(bit.data) if bit.is_constant else Affine(bit)


def max_pool(
    net: Netlist, op: MaxPool2DOp | PackedMaxPool2DOp, window: WindowElements, strategy: Strategy
) -> list[Affine]:
    """Elements that are words of the same meaning are compared as words; beyond the edges alone is the least code."""
    least = constant(least_code(op))
    return [largest(net, taps) if taps else least for taps in by_channel(window)]


def least_code(op: MaxPool2DOp | PackedMaxPool2DOp) -> int:
    """The least code of an element."""
    element = tensor_type(op.operand.type).element_type
    kind = element.element if isinstance(element, BitsType) else element
    return exact_format_of(tensor((1,), kind)).min_code


def largest(net: Netlist, values: Sequence[Affine]) -> Affine:
    first = values[0]
    meanings = {(x.shift, x.negative, x.offset) for x in values}
    alike = len(meanings) == 1 and not first.negative and all(x.wire is not None for x in values)
    row = [x.wire if alike and x.wire is not None else materialized(net, x) for x in values]
    while len(row) > 1:
        pairs = [words.maximum(net, a, b) for a, b in zip(row[::2], row[1::2], strict=False)]
        row = pairs + row[2 * len(pairs) :]
    return replace(first, wire=row[0]) if alike else of_wire(row[0])


def sum_pool(net: Netlist, op: SumPool2DOp, window: WindowElements, strategy: Strategy) -> list[Affine]:
    return [total(net, taps) for taps in by_channel(window)]


def by_channel(window: WindowElements) -> list[list[Affine]]:
    """The elements of each channel that are counted."""
    return [[x for x in window[:, :, channel].flat if x is not None] for channel in range(window.shape[2])]


WINDOWS: dict[type[Operation], Callable[[Netlist, Any, WindowElements, Strategy], list[Affine]]] = {
    Conv2DOp: dense,
    DenseOp: dense,
    DepthwiseConv2DOp: depthwise,
    MaxPool2DOp: max_pool,
    PackedMaxPool2DOp: max_pool,
    PopcountConv2DOp: popcount,
    PopcountDenseOp: popcount,
    PopcountDepthwiseConv2DOp: popcount,
    SumPool2DOp: sum_pool,
}
"""What computes the channels of a result from the window under it."""
