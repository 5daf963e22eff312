"""Interpretation of constants and element-wise operations.

A value is a numpy array with a leading batch axis (of length 1 for constants): integer codes for quantized tensors,
float32 for float tensors, 64-bit words for packed ones.
"""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics import exact, float32
from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.float32 import BatchNormFormula


def expand(value: Array, rank: int) -> Array:
    """Insert axes of length 1 after the batch axis until the sample has `rank` axes, as numpy broadcasts each
    sample."""
    missing = rank - (value.ndim - 1)
    return value.reshape(value.shape[0], *[1] * missing, *value.shape[1:])


def float32_of(value: Array, source: SSAValue) -> Array:
    """The value of `source` as float32; codes are converted with one rounding."""
    fmt = format_of(source.type)
    return value if fmt is None else float32.from_codes(value, fmt.lsb)


def count_reached(x: IntArray, thresholds: IntArray) -> IntArray:
    """Per element the number of `thresholds` [channels or 1, levels] that `x` [..., channels] reaches."""
    ordered = np.sort(thresholds, axis=1)
    if len(ordered) == 1:
        return np.searchsorted(ordered[0], x, side="right")
    counts = [np.searchsorted(row, x[..., channel], side="right") for channel, row in enumerate(ordered)]
    return np.stack(counts, axis=-1)


@register_impls
class ElementwiseFunctions(InterpreterFunctions):
    """`bn_ulps` perturbs batch normalization's reciprocal square root and `bn_formula` replaces its formula, for
    certificates of thresholds."""

    def __init__(self, bn_ulps: int = 0, bn_formula: BatchNormFormula | None = None):
        self.bn_ulps = bn_ulps
        self.bn_formula = bn_formula

    @impl(ConstantOp)
    def run_constant(self, interpreter: Interpreter, op: ConstantOp, args: PythonValues) -> PythonValues:
        return (op.data[np.newaxis],)

    @impl(QuantizeOp)
    def run_quantize(self, interpreter: Interpreter, op: QuantizeOp, args: PythonValues) -> PythonValues:
        source, result = format_of(op.operand.type), exact_format_of(op.result.type)
        function = op.mode.data
        return (function.reals(args[0], result) if source is None else function.codes(args[0], source.lsb, result),)

    @impl(SubOp)
    def run_sub(self, interpreter: Interpreter, op: SubOp, args: PythonValues) -> PythonValues:
        return self._sum(op, (args[0], -args[1]))

    @impl(AddOp)
    def run_add(self, interpreter: Interpreter, op: AddOp, args: PythonValues) -> PythonValues:
        return self._sum(op, args)

    @staticmethod
    def _sum(op: AddOp | SubOp, args: PythonValues) -> PythonValues:
        rank = len(shape_of(op.result))
        a, b = (expand(value, rank) for value in args)
        result, left, right = (format_of(v.type) for v in (op.result, op.lhs, op.rhs))
        if result is None:
            return (float32_of(a, op.lhs) + float32_of(b, op.rhs),)
        assert left is not None
        assert right is not None
        a, b, _ = exact.align(a, left.lsb, b, right.lsb)
        return (exact.add(a, b),)

    @impl(MulOp)
    def run_mul(self, interpreter: Interpreter, op: MulOp, args: PythonValues) -> PythonValues:
        rank = len(shape_of(op.result))
        a, b = (expand(value, rank) for value in args)
        if format_of(op.result.type) is None:
            return (float32_of(a, op.lhs) * float32_of(b, op.rhs),)
        return (exact.multiply(a, b),)

    @impl(ShiftOp)
    def run_shift(self, interpreter: Interpreter, op: ShiftOp, args: PythonValues) -> PythonValues:
        (x,) = args
        if format_of(op.result.type) is None:
            return (np.ldexp(x, op.by.value.data),)
        return (x,)

    @impl(ReluOp)
    def run_relu(self, interpreter: Interpreter, op: ReluOp, args: PythonValues) -> PythonValues:
        return (np.maximum(args[0], args[0].dtype.type(0) if args[0].dtype != object else 0),)

    @impl(BatchNormOp)
    def run_batch_norm(self, interpreter: Interpreter, op: BatchNormOp, args: PythonValues) -> PythonValues:
        x, *parameters = args
        gamma, beta, mean, variance = (p[0] for p in parameters)
        formula = self.bn_formula or op.formula.data
        x = float32_of(x, op.operand)
        epsilon = op.epsilon.value.data
        return (float32.batch_norm(x, gamma, beta, mean, variance, epsilon, formula, self.bn_ulps),)

    @impl(DivideOp)
    def run_divide(self, interpreter: Interpreter, op: DivideOp, args: PythonValues) -> PythonValues:
        fmt, divisor = format_of(op.operand.type), expand(args[1], len(shape_of(op.operand)))
        if fmt is None:
            return (args[0] / divisor,)
        # rounding to float64 first is innocuous for quotients of integers up to 24 bits, in whatever common multiple
        return ((exact.nearest_reals(args[0], fmt.lsb) / divisor).astype(np.float32),)

    @impl(ThresholdOp)
    def run_threshold(self, interpreter: Interpreter, op: ThresholdOp, args: PythonValues) -> PythonValues:
        x, thresholds = args[0], args[1][0]
        if op.direction is not None:
            direction = args[2][0]
            x, thresholds = exact.multiply(x, direction), exact.multiply(thresholds, direction[:, np.newaxis])
        first = op.first.value.data
        reached = exact_format_of(op.result.type).codes()[first : first + thresholds.shape[1] + 1]
        codes = np.array(reached, object)
        table = exact.holding(codes, exact.magnitude(codes))
        return (table[count_reached(x, thresholds)],)
