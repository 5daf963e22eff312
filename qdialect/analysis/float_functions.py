"""Float operations that depend on one quantized value, element by element, and the quantizer after them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, OpResult, SSAValue

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.attributes import NearestPo2Attr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import BinaryOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.traits import Elementwise, Rising
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.arrays import Float32Array, IntArray
from qdialect.numerics.exact import holding, nearest_reals
from qdialect.numerics.float32 import RSQRT_ULPS, BatchNormFormula
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.numerics.quantizers import NearestPo2, QuantizerFunction
from qdialect.numerics.round_each import RoundEach

LOG_NUDGE = 2.0**-18  # relative distance from a tie within which TensorFlow's float32 logarithms may decide otherwise

StepFunction = Callable[[IntArray], IntArray]


@dataclass(frozen=True)
class FloatFunction:
    """Float operations, in order, that compute `value` from `source` alone."""

    source: SSAValue
    ops: list[Operation]
    value: SSAValue

    @property
    def monotone(self) -> bool:
        """Whether every channel rises throughout or falls throughout, whatever the range."""
        return self._monotone(self.value)

    def _monotone(self, value: SSAValue) -> bool:
        if value is self.source or self._rises(value):
            return True
        varying = [operand for operand in _op(value).operands if constant_of(operand) is None]
        op = _op(value)
        if len(varying) != 1 or _bends(op) or not (isinstance(op, BinaryOp) or varying[0] is op.operands[0]):
            return False
        return self._monotone(varying[0])

    def _rises(self, value: SSAValue) -> bool:
        """Whether a value is known to rise with the source, not just to be monotone."""
        if value is self.source or constant_of(value) is not None:
            return True
        op = _op(value)
        return (op.has_trait(Rising) or (isinstance(op, FunctionOp) and not _bends(op))) and all(
            map(self._rises, op.operands)
        )

    @property
    def shared(self) -> bool:
        """Whether all channels have the same function."""
        constants = (constant_of(operand) for op in self.ops for operand in op.operands)
        return all(constant is None or constant.size == 1 for constant in constants)

    @property
    def deterministic(self) -> bool:
        """Whether TensorFlow's result does not depend on where an element lies in a tensor."""
        return not any(isinstance(op, FunctionOp) and op.function.data.error for op in self.ops)

    def bounds(self, source: Range) -> tuple[IntArray, IntArray]:
        """The lowest and highest code per channel; over all channels where they share the function."""
        return channel_ends(source, self.shared)

    def results(self, interpreter: Interpreter, codes: IntArray) -> Float32Array:
        """The values for codes [rows, channels] of the source, or [rows, elements]."""
        shape, count = shape_of(self.source), codes.shape[-1]
        sample = shape if count == math.prod(shape) else (*[1] * (len(shape) - 1), count)
        values = {self.source: codes.reshape(-1, *sample)}

        def value_of(operand: SSAValue) -> IntArray:
            constant = constant_of(operand)
            return values[operand] if constant is None else constant[np.newaxis]

        for op in self.ops:
            (values[op.results[0]],) = interpreter.run_op(op, tuple(map(value_of, op.operands)))
        return np.broadcast_to(values[self.value].reshape(len(codes), -1), codes.shape)


@dataclass(frozen=True)
class QuantizedFunction:
    """A float function (or the identity) and the quantizer after it. Where formats vary along other axes than the last
    one, each element of a sample counts as a channel."""

    module: ModuleOp
    function: FloatFunction
    quantizer: QuantizeOp

    @property
    def of_elements(self) -> bool:
        """Whether formats vary along other axes than the last one."""
        mode = self.quantizer.mode.data
        return isinstance(mode, RoundEach) and math.prod(mode.shape[:-1]) > 1

    @property
    def mode(self) -> QuantizerFunction:
        """The quantizer's function of rows of channels."""
        mode = self.quantizer.mode.data
        if not isinstance(mode, RoundEach):
            return mode
        return (mode.of_sample(shape_of(self.quantizer.operand)) if self.of_elements else mode).mapped(np.ravel)

    @property
    def monotone(self) -> bool:
        """Whether every channel rises throughout or falls throughout, whatever the range."""
        return self.quantizer.mode.data.monotone and self.function.monotone

    def bounds(self, source: Range) -> tuple[IntArray, IntArray]:
        """The lowest and highest code per channel; over all channels where they share function and format."""
        if self.of_elements:
            return source.low.ravel(), source.high.ravel()
        return channel_ends(source, self.function.shared and formats_of(self.quantizer) == 1)

    @property
    def rises_on_stretches(self) -> bool:
        """Whether it rises or falls throughout on each stretch of the reals on which its quantizer is monotone."""
        mode = self.quantizer.mode.data
        return isinstance(mode, NearestPo2) and not mode.monotone and self.function.monotone

    def step_function(
        self,
        bn_ulps: int = 0,
        bn_formula: BatchNormFormula | None = None,
        function_side: int = 0,
        nudge: float = 0.0,
    ) -> StepFunction:
        """Codes [rows, channels] of the source to positions in the result's ordered codes; where the quantizer rises on
        stretches only, positions count on from one stretch to the next."""
        interpreter = interpreter_for(self.module, bn_ulps, bn_formula, function_side)
        result, source = exact_format_of(self.quantizer.result.type), format_of(self.quantizer.operand.type)
        mode = self.mode
        if isinstance(mode, NearestPo2):
            mode = replace(mode, nudge=nudge)

        def evaluate(codes: IntArray) -> IntArray:
            last = self.function.results(interpreter, codes)
            quantized = mode.reals(last, result) if source is None else mode.codes(last, source.lsb, result)
            positions = positions_of(result, quantized)
            if isinstance(mode, NearestPo2) and not mode.monotone:
                reals = last if source is None else nearest_reals(last, source.lsb)
                positions = positions + result.count * mode.stretch(reals, result)
            return positions

        return evaluate

    def variants(self) -> Iterator[StepFunction]:
        """The step functions that other processors, builds or positions in a tensor may compute."""
        ops = self.function.ops
        if any(isinstance(op, BatchNormOp) for op in ops):
            yield from (self.step_function(bn_ulps=u) for u in range(-RSQRT_ULPS, RSQRT_ULPS + 1) if u)
            yield from (self.step_function(bn_formula=formula) for formula in BatchNormFormula)
        if any(isinstance(op, FunctionOp) and op.function.data.error for op in ops):
            yield from (self.step_function(function_side=side) for side in (-1, 1))
        if isinstance(self.quantizer.mode, NearestPo2Attr):
            yield from (self.step_function(nudge=nudge) for nudge in (-LOG_NUDGE, LOG_NUDGE))


def channel_ends(source: Range, shared: bool) -> tuple[IntArray, IntArray]:
    """The lowest and highest code per channel, or of all channels if they are `shared`."""
    axes = None if shared else tuple(range(source.low.ndim - 1))
    return np.atleast_1d(source.low.min(axis=axes)), np.atleast_1d(source.high.max(axis=axes))


def formats_of(quantizer: QuantizeOp) -> int:
    """How many formats a quantizer gives to elements of their own."""
    mode = quantizer.mode.data
    return mode.widths.size if isinstance(mode, RoundEach) else 1


def positions_of(fmt: Format, codes: IntArray) -> IntArray:
    """Where codes stand among all codes of a format, ascending."""
    if isinstance(fmt, FixedFormat):
        return holding(codes, fmt.count) - fmt.min_code
    return np.searchsorted(_listed(fmt), codes)


def codes_at(fmt: Format, positions: IntArray) -> IntArray:
    """The codes of a format at positions in ascending order; they begin anew after the last one."""
    places = holding(positions, fmt.count) % fmt.count
    return places + fmt.min_code if isinstance(fmt, FixedFormat) else _listed(fmt)[places]


def _listed(fmt: Format) -> IntArray:
    return holding(np.array(fmt.codes(), object), max(fmt.max_code, -fmt.min_code))


def _op(value: SSAValue) -> Operation:
    assert isinstance(value, OpResult), "float arguments are not part of a float function"
    return value.op


def _bends(op: Operation) -> bool:
    """Whether an operation may both rise and fall in its first operand."""
    return isinstance(op, FunctionOp) and not op.function.data.rising


def quantized_function(module: ModuleOp, quantizer: QuantizeOp) -> QuantizedFunction | None:
    """The quantizer and the float operations before it, as a function of one quantized value; None if there is no such
    value. A quantizer to powers of two may also follow that value directly."""
    operand = quantizer.operand
    if format_of(operand.type) is None:
        function = float_function(operand)
    else:
        powers = isinstance(quantizer.mode, NearestPo2Attr) and shape_of(operand)
        function = FloatFunction(operand, [], operand) if powers else None
    return None if function is None else QuantizedFunction(module, function, quantizer)


def float_function(value: SSAValue) -> FloatFunction | None:
    """The float operations that compute `value` from one quantized value.

    None if several values or a float argument take part, if an operation is not element-wise, or if a constant varies
    along another axis than the last.
    """
    shape = shape_of(value)
    ops: list[Operation] = []
    sources: dict[SSAValue, None] = {}

    def visit(value: SSAValue) -> bool:
        """Whether everything that `value` depends on is element-wise."""
        if (constant := constant_of(value)) is not None:
            return constant.size in (1, *constant.shape[-1:])
        if shape_of(value) != shape:
            return False
        if format_of(value.type) is not None:
            sources[value] = None
            return True
        if not isinstance(value, OpResult) or not value.op.has_trait(Elementwise):
            return False
        if value.op not in ops:
            if not all([visit(operand) for operand in value.op.operands]):
                return False
            ops.append(value.op)
        return True

    if not shape or format_of(value.type) is not None or not visit(value) or len(sources) != 1:
        return None
    return FloatFunction(next(iter(sources)), ops, value)
