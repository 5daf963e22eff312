"""Ranges of sums and differences of dependent values, from linear forms over their common sources.

    x - x is 0, 3x - x is 2x; intervals alone would say [low - high, high - low] and [3 low - high, 3 high - low].

If the operands of a sum are linear in the same values r, the roots, then so is the sum: s = b + sum_i c_i r_i, and

    low = b + sum_i min(c_i r_i.low, c_i r_i.high)        high likewise

The interpreter finds b from roots that are all zero, and c_i from unit vectors; where every operation is element-wise,
all c at once from ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, SubOp
from qdialect.dialects.qnn.traits import Bilinear, Elementwise, Linear
from qdialect.dialects.qnn.types import format_of
from qdialect.numerics import exact

if TYPE_CHECKING:
    from qdialect.analysis.code_range import Range
from qdialect.numerics.arrays import Array

LARGEST = 1 << 18
"""Coefficients of a form; larger ones are left to intervals."""


def is_linear(op: Operation) -> bool:
    """Whether an operation on integers is linear in its non-constant operands."""
    if format_of(op.results[0].type) is None:
        return False
    scaled = op.has_trait(Bilinear) and constant_of(op.operands[1]) is not None
    return scaled or op.has_trait(Linear)


def variables(op: Operation) -> list[SSAValue]:
    return [operand for operand in op.operands if constant_of(operand) is None]


class Cone:
    """The linear operations that lead to a value, in order, and the roots that they begin with."""

    def __init__(self, value: SSAValue):
        self.value = value
        self.ops: dict[Operation, None] = {}
        self.roots: dict[SSAValue, None] = {}
        self._visit(value)

    def _visit(self, value: SSAValue) -> None:
        op = value.owner
        if not isinstance(op, Operation) or not is_linear(op):
            self.roots[value] = None
        elif op not in self.ops:
            for operand in variables(op):
                self._visit(operand)
            self.ops[op] = None

    @property
    def is_elementwise(self) -> bool:
        """Whether an element depends on one element of each root, its own or the one that broadcasts to it."""
        return all(op.has_trait(Elementwise) for op in self.ops)

    def at(self, roots: Mapping[SSAValue, Array], interpreter: Interpreter) -> Array:
        """The codes of the value for a batch of those of the roots."""
        values = dict(roots)
        for op in self.ops:
            codes = (values[v] if (c := constant_of(v)) is None else c[np.newaxis] for v in op.operands)
            (values[op.results[0]],) = interpreter.run_op(op, tuple(codes))
        return values[self.value]


def share_roots(op: Operation) -> bool:
    """Whether `op` adds or subtracts values that are linear functions of common values."""
    if not isinstance(op, AddOp | SubOp) or not is_linear(op) or len(variables(op)) < 2:
        return False
    left, right = (Cone(operand).roots.keys() for operand in op.operands)
    return not left.isdisjoint(right)


def range_of_form(
    value: SSAValue, known: Mapping[SSAValue, Range], interpreter: Interpreter
) -> tuple[Array, Array] | None:
    """Lowest and highest code of each element; None if the form has too many coefficients."""
    cone = Cone(value)
    elementwise = cone.is_elementwise
    if not elementwise and sum(known[r].low.size for r in cone.roots) * math.prod(shape_of(value)) > LARGEST:
        return None
    zeros = {root: np.zeros((1, *shape_of(root)), np.int64) for root in cone.roots}
    constant = cone.at(zeros, interpreter)[0]
    low = high = constant
    for root in cone.roots:
        shape, n = shape_of(root), known[root].low.size
        units = np.ones((1, *shape), np.int64) if elementwise else np.eye(n, dtype=np.int64).reshape(n, *shape)
        coefficients = exact.add(cone.at({**zeros, root: units}, interpreter), -constant)
        ends = [
            exact.multiply(coefficients, end if elementwise else end.reshape(n, *[1] * constant.ndim))
            for end in (known[root].low, known[root].high)
        ]
        low = exact.add(low, exact.total(np.minimum(*ends)))
        high = exact.add(high, exact.total(np.maximum(*ends)))
    return low, high
