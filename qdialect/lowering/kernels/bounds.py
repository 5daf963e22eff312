"""Scalar forms of comparisons: the larger or smaller of two values, and the leaky relu."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.dialects.hlscpp.builder import select
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Value
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.parts.elements import Arrays, Scalar, code_type, number, shifted
from qdialect.lowering.parts.tables import reader
from qdialect.numerics.intervals import Interval


def bound(op: MaximumOp | MinimumOp, arrays: Arrays) -> Scalar:
    """Both values in the finer step and in a type that holds either."""
    read = reader(op.rhs, arrays)
    a, b = (Interval.of(exact_format_of(v.type)) for v in (op.lhs, op.rhs))
    left, right = a.aligned(b)
    either = IntType.of_range(min(left.low, right.low), max(left.high, right.high))

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        p = shifted(number(x, op.lhs), a.lsb - left.lsb).cast(either).named(f"{op.result.name_hint}_in")
        q = shifted(number(read(at), op.rhs), b.lsb - right.lsb).cast(either)
        return select(p > q if isinstance(op, MaximumOp) else p < q, p, q).cast(code_type(op.result))

    return scalar


def leaky_relu(op: LeakyReluOp, arrays: Arrays) -> Scalar:
    """The operand or its shifted self, in the finer step."""
    exponent = op.slope_exponent.value.data

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        a = number(x, op.operand).named(f"{op.result.name_hint}_in")
        above, below = shifted(a, max(-exponent, 0)), shifted(a, max(exponent, 0))
        wide = above.type if exponent < 0 else below.type
        assert isinstance(wide, IntType)
        return select(a > 0, above.cast(wide), below.cast(wide)).cast(code_type(op.result))

    return scalar
