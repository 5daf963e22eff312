"""Packed values as columns of the values that their bits stand for, on a last axis of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import Count
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.packed import (
    PopcountConv2DOp,
    PopcountDenseOp,
    PopcountDepthwiseConv2DOp,
    PopcountOp,
)
from qdialect.dialects.qnn.storage import unpack_codes
from qdialect.dialects.qnn.types import (
    BinaryType,
    BitsType,
    TernaryType,
    exact_format_of,
    packed_type,
    tensor,
    tensor_type,
)
from qdialect.interpreter.layers import conv2d, depthwise_conv2d, matmul, pad
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import Format


def is_packed(value: SSAValue) -> bool:
    return isinstance(tensor_type(value.type).element_type, BitsType)


def packed_format(value: SSAValue) -> Format:
    """The format of the values that packed bits stand for."""
    return exact_format_of(tensor((), packed_type(value.type).element))


def element_shape(value: SSAValue) -> tuple[int, ...]:
    """The shape of a value with an axis for the elements of packed vectors."""
    return (*shape_of(value), packed_type(value.type).count.data) if is_packed(value) else shape_of(value)


def repacked(result: SSAValue, operands: Sequence[IntArray]) -> IntArray:
    """Elements one after the other that change their vectors, or are packed: in row-major order they stay."""
    joined = operands[0] if len(operands) == 1 else np.concatenate(operands, axis=-1)
    return joined.reshape(len(joined), *element_shape(result))


def popcount(op: PopcountOp, x: IntArray) -> IntArray | None:
    """Sums over products of the values that bits stand for [`tests/py/passes/test_popcount_proofs.py`]: a balance is
    their sum; agreements are half of the sum of it and of the number of non-zero products. None where that number is
    not linear, or the kernel varies."""
    words = constant_of(op.kernel)
    if words is None:
        return None
    kernel = unpack_codes(words, packed_type(op.kernel.type))
    balance = products(op, x, kernel)
    if op.count.data is Count.BALANCE:
        return balance
    if op.operand_element == TernaryType():
        return None
    nonzero = np.ones_like(x) if op.operand_element == BinaryType() else x
    return (balance + products(op, nonzero, np.abs(kernel))) // 2


def products(op: PopcountOp, x: IntArray, kernel: IntArray) -> IntArray:
    """The sums of products of elements; those in the padding are zero."""
    match op:
        case PopcountDenseOp():
            return matmul(x, kernel.T)
        case PopcountConv2DOp() | PopcountDepthwiseConv2DOp():
            strides, dilations, low, high = op.geometry()
            padded = pad(x, ((0, 0), *zip(low, high, strict=True), (0, 0)), 0)
            if isinstance(op, PopcountConv2DOp):
                return conv2d(padded, kernel.transpose(0, 1, 3, 2), strides, dilations)
            return depthwise_conv2d(padded, kernel.transpose(2, 3, 0, 1), strides, dilations)
        case _:
            raise AssertionError(op.name)
