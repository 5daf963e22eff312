"""Comparisons, whose results are bits, and functions of bits: logic, selection, signs."""

from __future__ import annotations

from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import MaximumOp
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, SubOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.layers.operations.registry import as_value, computes, numbers, quantized, rank_of
from qdialect.numerics.formats import FixedFormat

INTEGERS = ("int32", "int64")
BIT = FixedFormat(1, 1, signed=False)


def reaches(b: Builder, x: Any, y: Any, least: int) -> SSAValue:
    """The bit x - y >= `least` steps of the difference: 0 for >=, 1 for >."""
    rank = rank_of(x, y)
    x, y = (quantized(b, v) if isinstance(v, SSAValue) else numbers(b, v, rank) for v in (x, y))
    difference = b.emit(SubOp(x, y), "difference")
    level = b.constant(
        np.array([[least]]), FixedFormat.holding(least, least, exact_format_of(difference.type).lsb), "level"
    )
    shape = shape_of(difference)
    column = difference if shape else b.emit(ReshapeOp(difference, (1,)), "column")
    bit = b.emit(ThresholdOp(column, level, None, BIT), "" if shape else "bit")
    return bit if shape else b.emit(ReshapeOp(bit, shape))


@computes("greater", "__gt__")
def greater(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return reaches(b, x, y, 1)


@computes("greater_equal", "__ge__")
def greater_equal(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return reaches(b, x, y, 0)


@computes("less", "__lt__")
def less(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return reaches(b, y, x, 1)


@computes("less_equal", "__le__")
def less_equal(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return reaches(b, y, x, 0)


@computes("equal", "eq", "__eq__")
def equal(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return b.emit(MulOp(greater_equal(b, x, y), less_equal(b, x, y)))


@computes("not_equal", "ne", "__ne__")
def not_equal(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return b.emit(MaximumOp(greater(b, x, y), less(b, x, y)))


def bits(x: SSAValue) -> SSAValue:
    """Raises QdialectError for a tensor that is no result of a comparison."""
    if format_of(x.type) != BIT:
        raise QdialectError("expected bits, the results of a comparison such as x > 0")
    return x


@computes("cast")
def cast(b: Builder, x: SSAValue, dtype: Any, name: Any = None) -> SSAValue:
    """Of bits and integers to numbers of any type, of numbers to float32."""
    kind = str(dtype)
    if kind == "bool":
        return bits(x)
    fmt = format_of(x.type)
    if kind in INTEGERS and (fmt is None or fmt.lsb < 0):
        raise QdialectError(f"dtype {kind} truncates, which is supported for integers only; use tf.floor or tf.round")
    if kind not in (*INTEGERS, "float32"):
        raise QdialectError(f"dtype {kind} is not supported, only float32")
    return x


@computes("logical_not")
def logical_not(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    """1 - x, and never below zero."""
    return b.emit(ReluOp(b.emit(SubOp(b.constant(np.ones(1, np.int64), BIT, "one"), bits(x)), "difference")))


@computes("logical_and")
def logical_and(b: Builder, x: SSAValue, y: SSAValue, name: Any = None) -> SSAValue:
    return b.emit(MulOp(bits(x), bits(y)))


@computes("logical_or")
def logical_or(b: Builder, x: SSAValue, y: SSAValue, name: Any = None) -> SSAValue:
    return b.emit(MaximumOp(bits(x), bits(y)))


@computes("where", "where_v2")
def where(
    b: Builder, condition: SSAValue, x: Any = None, y: Any = None, name: Any = None, x1: Any = None, x2: Any = None
) -> SSAValue:
    """condition * x + (1 - condition) * y: one of the products is zero."""
    x, y = (x1 if x is None else x), (x2 if y is None else y)
    rank = rank_of(condition, x, y)
    terms: list[SSAValue] = []
    for value, bit, suffix in ((x, bits(condition), "chosen"), (y, None, "otherwise")):
        value = as_value(b, value, rank)
        constant = constant_of(value)
        if constant is None or constant.any():
            terms.append(b.emit(MulOp(value, logical_not(b, condition) if bit is None else bit), suffix))
    if not terms:
        return b.emit(SubOp(condition, condition))
    return terms[0] if len(terms) == 1 else b.emit(AddOp(*terms))


@computes("sign")
def sign(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    """-1, 0 or 1."""
    return b.emit(SubOp(greater(b, x, 0), less(b, x, 0)))
