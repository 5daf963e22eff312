"""Functions of one integer, tabulated: exhaustion over a proven range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.float_functions import quantized_function
from qdialect.analysis.step_functions import first_reaching
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.traits import Rising
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.round_each import RoundEach
from qdialect.proof.columns import Digest, column_bytes, digest

MAX_EXHAUSTED = 1 << 18
"""Integers of a range that are tried one by one."""
BISECTED = 1 << 14
"""Ranges of so many integers are searched for each level of a monotone function."""
MAX_LEVELS = 1 << 10
"""Levels that are searched by bisection."""
MAX_AT_ONCE = 1 << 20
"""Values that the interpreter computes at once."""


@dataclass(frozen=True, eq=False)
class Steps:
    """A function on the integers from starts[0] to `last`: values[i] from starts[i] on."""

    starts: IntArray
    values: Array
    last: int

    @staticmethod
    def of(starts: IntArray, values: Array, last: int) -> Steps:
        """Without steps between equal values."""
        kept = np.append(True, values[1:] != values[:-1])
        return Steps(starts[kept], values[kept], last)

    @cached_property
    def digest(self) -> Digest:
        kind = self.values.dtype.str if self.values.dtype.kind == "f" else "integers"
        return digest(column_bytes(self.starts), kind, column_bytes(self.values), self.last)

    def of_line(self, scale: int, offset: int, low: int, high: int) -> Steps:
        """As a function of t from low to high, where this is one of scale * t + offset."""
        if scale > 0:
            starts, values = -((offset - self.starts[1:]) // scale), self.values
        else:
            starts, values = ((self.starts[1:] - offset) // scale + 1)[::-1], self.values[::-1]
        starts = np.append(low, starts.clip(low, high + 1))
        kept = np.append(starts[1:] != starts[:-1], True) & (starts <= high)
        return Steps.of(starts[kept], values[kept], high)

    def line(self) -> tuple[int, int] | None:
        """(a, b) where the function is a * t + b on its whole range; None for others."""
        if len(self.values) == 1:
            return 0, int(self.values[0])
        if len(self.starts) != self.last - int(self.starts[0]) + 1:
            return None
        slopes = np.diff(self.values)
        a = int(slopes[0])
        return (a, int(self.values[0]) - a * int(self.starts[0])) if (slopes == a).all() else None

    def normal(self) -> tuple[int, int, Steps]:
        """(scale, offset, u) with values = scale * u + offset: u begins with 0, rises first, has no common factor."""
        offset = int(self.values[0])
        rest = self.values - offset
        scale = int(np.gcd.reduce(np.abs(rest))) * (1 if rest[1] > 0 else -1)
        return scale, offset, Steps(self.starts, rest // scale, self.last)


Lane = int


@dataclass(frozen=True)
class Unary:
    """An operation whose result depends on one varying operand, element by element: the function of each lane, which
    is a channel, or an element where constants differ from place to place."""

    source: SSAValue
    lanes: int
    evaluate: Callable[[Array], Array]
    """Values [rows, lanes] of the source to those of the result."""
    monotone: bool
    ends: tuple[IntArray, IntArray] | None
    """The least and the largest code [lanes] that the operation takes, where it does not take all of its type."""
    is_integer: bool
    """Whether results are codes."""

    def on(self, domains: dict[Lane, Array]) -> dict[Lane, Array]:
        """Results on values of each lane."""
        longest = max(len(values) for values in domains.values())
        order = list(domains)
        table = np.zeros((longest, self.lanes), np.result_type(*domains.values()))
        for lane, values in domains.items():
            if self.ends is not None:
                values = values.clip(self.ends[0][lane], self.ends[1][lane])
            table[:, lane] = np.append(values, np.repeat(values[-1:], longest - len(values)))
        rest = [lane for lane in range(self.lanes) if lane not in domains]
        table[:, rest] = table[:, order[:1]]
        rows = max(MAX_AT_ONCE // self.lanes, 1)
        parts = [self.evaluate(table[start : start + rows]) for start in range(0, longest, rows)]
        results = np.concatenate(parts)
        return {lane: results[: len(values), lane] for lane, values in domains.items()}

    def bisected(self, lane: Lane, low: int, high: int) -> Steps | None:
        """The steps of a lane between two codes, from a search for each level; None for functions that may rise and
        fall, or take more than MAX_LEVELS levels."""
        if not self.monotone or not self.is_integer:
            return None

        def f(codes: IntArray) -> IntArray:
            return self.on({lane: codes.ravel()})[lane].reshape(codes.shape)

        ends = f(np.array([low, high]))
        if int(ends.max()) - int(ends.min()) >= MAX_LEVELS:
            return None
        sign = 1 if ends[1] >= ends[0] else -1
        start, stop = sorted((low * sign, high * sign))
        levels = np.arange(int(ends.min()) + 1, int(ends.max()) + 1)
        at = first_reaching(lambda t: f(t * sign), np.array([start]), np.array([stop]), levels)[:, 0]
        starts = np.unique(np.append(start, at))
        if sign > 0:
            return Steps.of(starts, f(starts), high)
        turned = np.append(low, (1 - starts[1:])[::-1])  # f(x) changes where x falls below -start
        return Steps.of(turned, f(turned), high)


def unary(op: Operation, interpreter: Interpreter) -> Unary | None:
    """The operation as functions of one value; None where several of its operands vary, or their shapes differ."""
    varying = [i for i, operand in enumerate(op.operands) if constant_of(operand) is None]
    if len(varying) != 1:
        return None
    (place,), result = varying, op.results[0]
    source, shape = op.operands[place], shape_of(result)
    if shape_of(source) != shape:
        return None
    constants = [c for c in map(constant_of, op.operands) if c is not None]
    rows = isinstance(op, ThresholdOp | LookupOp)
    own = [mode.widths] if isinstance(op, QuantizeOp) and isinstance(mode := op.mode.data, RoundEach) else []
    whole = not (rows or all(c.size in (1, *c.shape[-1:]) for c in constants)) or any(w.size != 1 for w in own)
    lane_shape = shape if whole else (*[1] * (len(shape) - 1), *shape[-1:])

    def evaluate(values: Array) -> Array:
        given = values.reshape(len(values), *lane_shape)
        arguments = [given if (c := constant_of(v)) is None else c[np.newaxis] for v in op.operands]
        (results,) = interpreter.run_op(op, tuple(arguments))
        return np.broadcast_to(results, given.shape).reshape(values.shape)

    lanes = int(np.prod(lane_shape, dtype=int))
    return Unary(source, lanes, evaluate, _monotone(op), _table_ends(op, lanes), format_of(result.type) is not None)


def quantized(module: ModuleOp, op: QuantizeOp) -> Unary | None:
    """A quantizer with the float operations before it, as functions of the integer that they begin with; None where
    there is no such."""
    found = quantized_function(module, op)
    if found is None or isinstance(op.mode.data, RoundEach) or not shape_of(op.result):
        return None
    steps, codes = found.step_function(), np.array(exact_format_of(op.result.type).codes())
    lanes = shape_of(op.result)[-1]

    def evaluate(values: Array) -> Array:
        return codes[steps(values) % len(codes)]  # stretches of a quantizer that rises on each count on

    return Unary(found.function.source, lanes, evaluate, found.monotone, None, True)


def _monotone(op: Operation) -> bool:
    """Whether every lane rises throughout or falls throughout."""
    if isinstance(op, QuantizeOp):
        return op.mode.data.monotone
    return isinstance(op, ThresholdOp) or (op.has_trait(Rising) and len(op.operands) == 1)


def _table_ends(op: Operation, lanes: int) -> tuple[IntArray, IntArray] | None:
    if not isinstance(op, LookupOp):
        return None
    first = np.full(lanes, op.first.value.data)
    return first, first + shape_of(op.table)[1] - 1
