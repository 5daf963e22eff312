"""Witnesses: inputs of a contraction for which one of its sums reaches an end of its range.

    highest = sum_i max(0, w_i * x_i)   attained by x_i = high_i where w_i > 0, low_i where w_i < 0
    lowest  = sum_i min(0, w_i * x_i)   with low and high exchanged

The range includes every partial sum. Where an interval of the input excludes zero, a product may have the wrong sign
whatever the input: the end is then reached by the sum of the other products alone, as hardware that adds them first
has it, and the whole sum is past it again. The kernel of the witness has zeros at the products that come later.

A witness shows that no narrower type holds the sum if the elements of the operand vary independently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Convolution2DOp, DepthwiseConv2DOp
from qdialect.numerics.arrays import IntArray

End = Literal["lowest", "highest"]

NumpyIndex = tuple[Any, ...]


@dataclass(frozen=True)
class Witness:
    """Codes of the operand, of its shape, and the kernel of the products added when the end is reached.

    `window` selects what the sum reads of the operand; `whole` says that the kernel is the contraction's own.
    """

    operand: IntArray
    kernel: IntArray
    window: NumpyIndex
    whole: bool

    @property
    def read(self) -> IntArray:
        """The codes that the sum reads."""
        return self.operand[self.window]


def window(op: ContractionOp, at: Sequence[int]) -> tuple[NumpyIndex, NumpyIndex]:
    """What the sum at position `at` of the result reads: indices of the operand and of the kernel, of equal shape."""
    *position, channel = at
    if not isinstance(op, Convolution2DOp):
        return (*position, slice(None)), (slice(None), channel)
    kernel = shape_of(op.kernel)
    rows, columns = (
        slice(i * stride, i * stride + (size - 1) * dilation + 1, dilation)
        for i, stride, dilation, size in zip(
            position, values_of(op.strides), values_of(op.dilations), kernel[:2], strict=True
        )
    )
    if isinstance(op, DepthwiseConv2DOp):
        source, multiple = divmod(channel, kernel[3])
        return (rows, columns, source), (slice(None), slice(None), source, multiple)
    return (rows, columns, slice(None)), (..., channel)


def witness(op: ContractionOp, x: Range, at: Sequence[int], end: End) -> Witness | None:
    """Codes within `x`, the range of the operand, for which the sum at position `at` of the result reaches an end of
    its range; None if the kernel is no constant."""
    codes = constant_of(op.kernel)
    if codes is None:
        return None
    read, used = window(op, at)
    signs = np.sign(codes[used])
    if end == "lowest":
        signs = -signs
    operand, kernel = x.low.copy(), codes.copy()
    operand[read] = np.where(signs > 0, x.high[read], x.low[read])
    later = signs * np.sign(operand[read]) < 0
    kernel[used] = np.where(later, 0, codes[used])
    return Witness(operand, kernel, read, not later.any())
