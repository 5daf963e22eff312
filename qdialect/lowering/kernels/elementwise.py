"""Scalar forms of the element-wise operations, to be appended to the kernel that computes their operand.

Each declares its constants when it is called, before the loops, and returns a function from the stored first operand
and the position to the stored result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.ir import Operation

from qdialect.dialects.hlscpp.builder import select
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Value, constant
from qdialect.dialects.qnn.attributes import DeadZoneAttr, Product, RoundAttr, RoundEachAttr, SignAttr
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import PLANES, exact_format_of, is_po2, tensor_type
from qdialect.errors import QdialectError
from qdialect.lowering.kernels.bounds import bound, leaky_relu
from qdialect.lowering.kernels.element_formats import rounded_each
from qdialect.lowering.kernels.products import product_type, signed_by
from qdialect.lowering.kernels.steps import lookup, no_table, threshold
from qdialect.lowering.parts.elements import Arrays, Scalar, code_type, int_type, number, power, scaled, shifted
from qdialect.lowering.parts.tables import power_reader, reader
from qdialect.numerics.formats import Format
from qdialect.numerics.quantizers import DeadZone, Round
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds, round_codes


def add(op: AddOp | SubOp, arrays: Arrays) -> Scalar:
    """The sum or difference, both operands shifted to the finer step."""
    read = reader(op.rhs, arrays)
    left, right = (exact_format_of(v.type).lsb for v in (op.lhs, op.rhs))
    fine = min(left, right)

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        a, b = shifted(number(x, op.lhs), left - fine), shifted(number(read(at), op.rhs), right - fine)
        return (a - b if isinstance(op, SubOp) else a + b).cast(code_type(op.result))

    return scalar


def mul(op: MulOp, arrays: Arrays) -> Scalar:
    if op.product.data is Product.SHIFT:
        return mul_by_shift(op, arrays)
    if op.product.data is Product.ADD_SUB:
        return mul_by_sign(op, arrays)
    read = reader(op.rhs, arrays)
    return lambda x, at: (number(x, op.lhs) * number(read(at), op.rhs)).cast(code_type(op.result))


def mul_by_sign(op: MulOp, arrays: Arrays) -> Scalar:
    """One factor is -1, 0 or +1: the other, its negative, or 0."""
    read, wide, name = reader(op.rhs, arrays), product_type(op.lhs, op.rhs), op.result.name_hint
    signs_left = tensor_type(op.lhs.type).element_type in PLANES

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        if signs_left:
            product = signed_by(x, op.lhs, number(read(at), op.rhs).cast(wide).named(f"{name}_w"))
        else:
            product = signed_by(read(at), op.rhs, number(x, op.lhs).cast(wide).named(f"{name}_in"))
        return product.cast(code_type(op.result))

    return scalar


def mul_by_shift(op: MulOp, arrays: Arrays) -> Scalar:
    """A power of two on either side, broadcast: shift the other by its exponent, counted from the type's smallest, and
    negate by sign."""
    wide, result = product_type(op.lhs, op.rhs), code_type(op.result)
    if is_po2(op.rhs):
        read_power = power_reader(op.rhs, arrays)
        return lambda x, at: scaled(number(x, op.lhs), read_power(at), wide).cast(result)
    read = reader(op.rhs, arrays)
    return lambda x, at: scaled(number(read(at), op.rhs), power(x, op.lhs), wide).cast(result)


def shift(op: ShiftOp, arrays: Arrays) -> Scalar:
    """The codes stay; only the step changes."""
    if is_po2(op.result):
        return lambda x, at: x
    return lambda x, at: number(x, op.operand).cast(code_type(op.result))


def relu(op: ReluOp, arrays: Arrays) -> Scalar:
    result = code_type(op.result)

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        a = number(x, op.operand).named(f"{op.result.name_hint}_in")
        return clamped(a, 0, None).cast(result)

    return scalar


def clamped(a: Value, low: int | None, high: int | None) -> Value:
    """`a`, or the bound that it exceeds, in the type of `a`."""
    assert isinstance(a.type, IntType)
    result = a
    if low is not None:
        result = select(a < low, constant(low, a.type), result)
    if high is not None:
        result = select(a > high, constant(high, a.type), result)
    return result


def quantize(op: QuantizeOp, arrays: Arrays) -> Scalar:
    match op.mode:
        case SignAttr():
            return lambda x, at: number(x, op.operand) >= 0
        case DeadZoneAttr(data=zone):
            return lambda x, at: dead_zone(op, zone, number(x, op.operand).named(f"{op.result.name_hint}_in"))
        case RoundEachAttr(data=mode):
            return rounded_each(op, mode)
        case RoundAttr(data=mode):
            return lambda x, at: rounded(op, mode, number(x, op.operand).named(f"{op.result.name_hint}_in"))
        case mode:
            raise QdialectError(f"'{op.result.name_hint}': {mode} of integers has no hardware form yet")


def dead_zone(op: QuantizeOp, zone: DeadZone, a: Value) -> Value:
    """-1, 0 or +1 by comparison with the smallest code that reaches the threshold."""
    smallest = zone.smallest_code(exact_format_of(op.operand.type).lsb)
    type_ = int_type(exact_format_of(op.result.type))
    below = select(a <= -smallest, constant(-1, type_), constant(0, type_))
    return select(a >= smallest, constant(1, type_), below)


def rounded(op: QuantizeOp, mode: Round, a: Value) -> Value:
    """Round away the low bits, then clamp, or drop the high bits, where the operand's range exceeds the result's."""
    source, result = exact_format_of(op.operand.type), exact_format_of(op.result.type)
    drop = result.lsb - source.lsb
    first, last = (
        int(c) for c in round_codes(np.array([source.min_code, source.max_code], object), drop, mode.rounding)
    )
    q = round_bits(a, drop, mode.rounding).cast(IntType.of_range(first, last))
    low, high = clamp_bounds(result.min_code, result.max_code, mode.overflow)
    type_ = int_type(result)
    if low <= first and last <= high:
        return q.cast(type_)
    q = q.named(f"{op.result.name_hint}_rounded")
    if mode.overflow is Overflow.WRAP:
        return low_bits(q, result)
    return clamped(q, low if first < low else None, high if last > high else None).cast(type_)


def low_bits(q: Value, result: Format) -> Value:
    """The low bits of `q` as a code of `result`; the sign of two's complement is {b} - 2 * {b} = ({b} ^ 1) - 1 of its
    highest bit b."""
    bits = (q & (1 << result.bits) - 1).cast(IntType(result.bits, signed=False))
    sign = 1 << result.bits - 1
    return ((bits ^ sign) - sign).cast(int_type(result)) if result.min_code < 0 else bits


def round_bits(a: Value, drop: int, rounding: Rounding) -> Value:
    """`a / 2**drop` rounded, with integers only; the sums grow by a bit, so nothing wraps."""
    assert isinstance(a.type, IntType)
    if drop <= 0:
        return shifted(a, -drop)
    half, below_one = 1 << (drop - 1), (1 << drop) - 1
    match rounding:
        case Rounding.FLOOR:
            return a >> drop
        case Rounding.CEIL:
            return (a + below_one) >> drop
        case Rounding.ZERO:
            return (a + if_negative(a, below_one, 0)) >> drop
        case Rounding.AWAY:
            return (a + if_negative(a, 0, below_one)) >> drop
        case Rounding.HALF_EVEN:
            odd = a.bit(drop) if drop < a.type.bits else a < 0
            return (a + odd + (half - 1) if half > 1 else a + odd) >> drop
        case Rounding.HALF_AWAY:
            return (a + half - (a < 0)) >> drop
        case Rounding.HALF_ZERO:
            return (a + (half - 1) + (a < 0)) >> drop
        case Rounding.HALF_UP:
            return (a + half) >> drop
        case Rounding.HALF_DOWN:
            return (a + (half - 1)) >> drop


def if_negative(a: Value, negative: int, other: int) -> Value:
    """One of two numbers, by the sign of `a`."""
    type_ = IntType.of_range(min(negative, other), max(negative, other))
    return select(a < 0, constant(negative, type_), constant(other, type_))


SCALARS: dict[type[Operation], Callable[..., Scalar]] = {
    AddOp: add,
    LeakyReluOp: leaky_relu,
    FunctionOp: no_table,
    LookupOp: lookup,
    MaximumOp: bound,
    MinimumOp: bound,
    MulOp: mul,
    QuantizeOp: quantize,
    ReluOp: relu,
    ShiftOp: shift,
    SubOp: add,
    ThresholdOp: threshold,
}
