"""Interpretation of comparisons, named functions and tables."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import BinaryOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.interpreter.elementwise import expand, float32_of
from qdialect.numerics import exact
from qdialect.numerics.arrays import Array


def aligned(op: BinaryOp, args: PythonValues) -> tuple[Array, Array]:
    """Both operands in the rank of the result: codes in the finer step, or float32."""
    rank = len(shape_of(op.result))
    a, b = (expand(value, rank) for value in args)
    left, right = format_of(op.lhs.type), format_of(op.rhs.type)
    if left is None or right is None:
        return float32_of(a, op.lhs), float32_of(b, op.rhs)
    return exact.align(a, left.lsb, b, right.lsb)[:2]


@register_impls
class FunctionFunctions(InterpreterFunctions):
    """`side` = -1 or +1 moves functions to the ends of what TensorFlow may compute, for certificates."""

    def __init__(self, side: int = 0):
        self.side = side

    @impl(MaximumOp)
    def run_maximum(self, interpreter: Interpreter, op: MaximumOp, args: PythonValues) -> PythonValues:
        return (np.maximum(*aligned(op, args)),)

    @impl(MinimumOp)
    def run_minimum(self, interpreter: Interpreter, op: MinimumOp, args: PythonValues) -> PythonValues:
        return (np.minimum(*aligned(op, args)),)

    @impl(LeakyReluOp)
    def run_leaky_relu(self, interpreter: Interpreter, op: LeakyReluOp, args: PythonValues) -> PythonValues:
        (x,), exponent = args, op.slope_exponent.value.data
        if format_of(op.operand.type) is None:
            return (np.where(x > 0, x, np.ldexp(x, exponent)),)
        above, below = exact.shift_left(x, max(-exponent, 0)), exact.shift_left(x, max(exponent, 0))
        return (np.where(x > 0, above, below),)

    @impl(FunctionOp)
    def run_function(self, interpreter: Interpreter, op: FunctionOp, args: PythonValues) -> PythonValues:
        return (op.function.data(float32_of(args[0], op.operand), self.side),)

    @impl(LookupOp)
    def run_lookup(self, interpreter: Interpreter, op: LookupOp, args: PythonValues) -> PythonValues:
        x, table = args[0], args[1][0]
        first, last = op.covered
        if x.size and not first <= x.min() <= x.max() <= last:
            raise QdialectError(
                f"'{op.result.name_hint}': codes from {x.min()} to {x.max()}, and its table has those from {first} to "
                f"{last}"
            )
        index = (x - first).astype(np.int64)
        return (table[np.arange(len(table)), index] if len(table) > 1 else table[0][index],)
