"""Sums, products, bounds and roundings, element by element."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact, merged
from qdialect.frontends.building.functions import FLOAT32_BITS
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.keras.layers.operations.registry import computes, float_array, quantized, rank_of
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.intervals import Interval
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding


def binary(b: Builder, op: type[BinaryOp], x: Any, y: Any) -> SSAValue:
    """`op` on two tensors, or on a tensor and a number or an array of them."""
    if isinstance(x, SSAValue) and isinstance(y, SSAValue):
        return b.emit(op(*merged(b, (x, y))))
    rank = rank_of(x, y)
    value = constant_for(b, op, x, y, rank) if isinstance(x, SSAValue) else constant_for(b, op, y, x, rank)
    return b.emit(op(x, value) if isinstance(x, SSAValue) else op(value, y))


def constant_for(b: Builder, op: type[BinaryOp], x: SSAValue, values: Any, rank: int) -> SSAValue:
    """The other operand: exact, or a float32 where Keras' float32 result rounds."""
    fmt = format_of(x.type)
    if fmt is not None:
        dyadic = exact_weights(float_array(values, rank), "the constant")
        if op.combine(Interval.of(fmt), Interval.of(dyadic.format)).format.bits <= FLOAT32_BITS:
            return b.constant(dyadic.data, dyadic.format, "number")
    return b.constant(float_array(values, rank), None, "number")


@computes("add")
def add(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, AddOp, x, y)


@computes("add_n")
def add_n(b: Builder, inputs: Any, name: Any = None) -> SSAValue:
    return reduce(lambda total, x: binary(b, AddOp, total, x), inputs if isinstance(inputs, list) else [inputs])


@computes("bias_add")
def bias_add(b: Builder, value: SSAValue, bias: Any, data_format: Any = None, name: Any = None) -> SSAValue:
    if data_format not in (None, "NHWC"):
        raise QdialectError(f"data_format={data_format} is not supported, only channels last")
    return binary(b, AddOp, value, bias)


@computes("subtract", "sub")
def subtract(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, SubOp, x, y)


@computes("multiply", "mul")
def multiply(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    x, y = (x, y) if isinstance(x, SSAValue) else (y, x)
    shift = None if isinstance(y, SSAValue) else _exponent(y)
    return binary(b, MulOp, x, y) if shift is None else b.emit(ShiftOp(exact(b, x), shift))


@computes("negative", "neg")
def negative(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    return binary(b, MulOp, x, -1)


@computes("truediv", "divide", "true_divide", "div", "div_no_nan", "divide_no_nan")
def divide(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    """By constants: f32(x * f32(1 / y)), as TensorFlow's graph computes it; exact for a power of two."""
    if isinstance(y, SSAValue) or not isinstance(x, SSAValue):
        raise QdialectError("a division by a tensor has no exact form; only one by constants is supported")
    shift = _exponent(y)
    if shift is not None:
        return b.emit(ShiftOp(exact(b, x), -shift))
    divisors = float_array(y, rank_of(x))
    if not divisors.all():
        raise QdialectError("a division by zero has no value")
    return b.emit(MulOp(x, b.constant(np.float32(1) / divisors, None, "reciprocal")))


def _exponent(value: Any) -> int | None:
    """k for the number 2**k."""
    if isinstance(value, list):
        return None
    mantissa, exponent = math.frexp(float(value))
    return exponent - 1 if mantissa == 0.5 else None


@computes("minimum")
def minimum(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, MinimumOp, x, y)


@computes("maximum")
def maximum(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, MaximumOp, x, y)


@computes("clip_by_value")
def clip_by_value(b: Builder, t: SSAValue, clip_value_min: Any, clip_value_max: Any, name: Any = None) -> SSAValue:
    """max(min(t, largest), smallest), in TensorFlow's order, which decides where the bounds cross."""
    return binary(b, MaximumOp, binary(b, MinimumOp, t, clip_value_max), clip_value_min)


@computes("clip")
def clip(b: Builder, x: SSAValue, x_min: Any, x_max: Any) -> SSAValue:
    return clip_by_value(b, x, x_min, x_max)


@computes("abs", "absolute")
def absolute(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    """max(max(x, 0), -x): the zero keeps the type without a sign."""
    return b.emit(MaximumOp(b.emit(ReluOp(x), "above"), negative(b, x)))


@computes("square")
def square(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    """The product with itself, and never below zero."""
    x = exact(b, x)
    return b.emit(ReluOp(b.emit(MulOp(x, x), "product")))


@computes("squared_difference")
def squared_difference(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return square(b, binary(b, SubOp, x, y))


@computes("pow", "power")
def power(b: Builder, x: SSAValue, y: Any, name: Any = None) -> SSAValue:
    """Integer powers that TensorFlow's graph computes as products."""
    match y:
        case 1 | 1.0:
            return x
        case 2 | 2.0:
            return square(b, x)
        case 3 | 3.0:
            return binary(b, MulOp, square(b, x), x)
        case _:
            raise QdialectError(f"exponent {y!r:.60} is not supported, only 1, 2 and 3")


@computes("floor")
def floor(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    return rounded(b, x, Rounding.FLOOR)


@computes("ceil")
def ceil(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    return negative(b, rounded(b, negative(b, x), Rounding.FLOOR))


@computes("round", "rint")
def round_half_even(b: Builder, x: SSAValue, decimals: int = 0, name: Any = None) -> SSAValue:
    if decimals:
        raise QdialectError(f"decimals={decimals} is not supported, only 0")
    return rounded(b, x, Rounding.HALF_EVEN)


@computes("floor_div", "floordiv", "floor_divide")
def floor_divide(b: Builder, x: SSAValue, y: Any, name: Any = None) -> SSAValue:
    if isinstance(y, SSAValue) or _exponent(y) is None:
        raise QdialectError("only a floor division by a power of two is exact")
    return rounded(b, divide(b, x, y), Rounding.FLOOR)


def rounded(b: Builder, x: SSAValue, rounding: Rounding) -> SSAValue:
    """To integers; the result type holds all of them, nothing saturates."""
    x = quantized(b, x)
    fmt = exact_format_of(x.type)
    if fmt.lsb >= 0:
        return x
    step = 1 << -fmt.lsb
    integers = FixedFormat.holding(fmt.min_code // step, -(-fmt.max_code // step), 0)
    return b.emit(QuantizeOp(x, RoundAttr(Round(rounding)), integers))
