"""Float functions of one integer, as a quantizer sees them: step functions of the integer's code.

Keras evaluates batch normalization, tanh, the division of an average, ... in float32; a quantizer follows. Whatever
the float operations are, if all of them together depend on one quantized value, element by element, then code in,
code out: a table over the source's codes or, where the function is monotone, the integers at which it steps

    T_k = min { a : quantize(f(a)) >= code_k }      (max { ... <= } for a falling function: negative gamma)

found by evaluating the float32 function itself: solving the real-number equation would be off by one step at about
one threshold in 6,000 (measured). Steps and entries that TensorFlow's other formulas, or the known error of its
functions, would move are listed as uncertified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, OpResult, SSAValue

from qdialect.dialect.attributes import NearestPo2Attr
from qdialect.dialect.base import shape_of
from qdialect.dialect.bounds import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialect.constant import constant_of
from qdialect.dialect.elementwise import BinaryOp, ReluOp, ShiftOp
from qdialect.dialect.float_steps import BatchNormOp, DivideOp
from qdialect.dialect.functions import MAX_TABLE, FunctionOp
from qdialect.dialect.quantize import QuantizeOp
from qdialect.dialect.types import exact_format_of, format_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.exact import IntArray, holding
from qdialect.numerics.float32 import RSQRT_ULPS, BatchNormFormula
from qdialect.numerics.formats import Format, Po2Format
from qdialect.numerics.quantizers import NearestPo2
from qdialect.ranges import Range

ELEMENTWISE = (BatchNormOp, BinaryOp, DivideOp, FunctionOp, LeakyReluOp, ReluOp, ShiftOp)
RISING = (LeakyReluOp, MaximumOp, MinimumOp, ReluOp, ShiftOp)  # in every operand
LOG_NUDGE = 2.0**-18  # relative distance from a tie within which TensorFlow's float32 logarithms may decide otherwise
COMPARED_AT_ONCE = 15  # so many thresholds are compared in parallel; of more, a table may be cheaper

StepFunction = Callable[[IntArray], IntArray]


@dataclass(frozen=True)
class Composite:
    """A quantizer and the float operations before it, in order, that depend on `source` alone."""

    module: ModuleOp
    source: SSAValue
    ops: list[Operation]
    quantizer: QuantizeOp

    @property
    def monotone(self) -> bool:
        """Does it rise or fall throughout, in every channel, whatever the range?"""
        return self.quantizer.mode.data.monotone and self.monotone_before_quantizer

    @property
    def monotone_before_quantizer(self) -> bool:
        """Does what the quantizer sees rise or fall throughout?"""
        return self._monotone(self.quantizer.operand)

    def _monotone(self, value: SSAValue) -> bool:
        if value is self.source or self._rises(value):
            return True
        varying = [operand for operand in _op(value).operands if constant_of(operand) is None]
        op = _op(value)
        if len(varying) != 1 or _bends(op) or not (isinstance(op, BinaryOp) or varying[0] is op.operands[0]):
            return False
        return self._monotone(varying[0])

    def _rises(self, value: SSAValue) -> bool:
        """Rises with the source for sure, rather than rises or falls."""
        if value is self.source or constant_of(value) is not None:
            return True
        op = _op(value)
        return (isinstance(op, RISING) or (isinstance(op, FunctionOp) and not _bends(op))) and all(
            map(self._rises, op.operands)
        )

    @property
    def shared(self) -> bool:
        """Is it the same function in every channel?"""
        constants = (constant_of(operand) for op in self.ops for operand in op.operands)
        return all(constant is None or constant.size == 1 for constant in constants)

    def bounds(self, source: Range) -> tuple[IntArray, IntArray]:
        """The lowest and highest code per channel; over all channels where they share the function."""
        axes = None if self.shared else tuple(range(source.low.ndim - 1))
        return np.atleast_1d(source.low.min(axis=axes)), np.atleast_1d(source.high.max(axis=axes))

    def steps(
        self,
        bn_ulps: int = 0,
        bn_formula: BatchNormFormula | None = None,
        function_side: int = 0,
        nudge: float = 0.0,
    ) -> StepFunction:
        """Codes [rows, channels] of the source to positions in the result's ordered codes; where the quantizer rises on
        stretches only, positions count on from one stretch to the next."""
        interpreter = interpreter_for(self.module, bn_ulps, bn_formula, function_side)
        result, rank = exact_format_of(self.quantizer.result.type), len(shape_of(self.source))
        ordered, mode = ordered_codes(result), self.quantizer.mode.data
        if isinstance(mode, NearestPo2):
            mode = replace(mode, nudge=nudge)

        def evaluate(codes: IntArray) -> IntArray:
            values = {self.source: codes.reshape(len(codes), *[1] * (rank - 1), codes.shape[-1])}

            def value_of(operand: SSAValue) -> IntArray:
                constant = constant_of(operand)
                return values[operand] if constant is None else constant[np.newaxis]

            for op in self.ops:
                (values[op.results[0]],) = interpreter.run_op(op, tuple(map(value_of, op.operands)))
            last, source = values[self.quantizer.operand], format_of(self.quantizer.operand.type)
            quantized = mode.reals(last, result) if source is None else mode.codes(last, source.lsb, result)
            positions = np.searchsorted(ordered, quantized)
            if isinstance(mode, NearestPo2) and not mode.monotone:
                reals = last if source is None else np.ldexp(last.astype(np.float64), source.lsb)
                positions = positions + len(ordered) * mode.stretch(reals, result)
            return np.broadcast_to(positions.reshape(len(codes), -1), codes.shape)

        return evaluate

    def variants(self) -> Iterator[StepFunction]:
        """The step functions that other processors, builds or positions in a tensor may compute."""
        if any(isinstance(op, BatchNormOp) for op in self.ops):
            yield from (self.steps(bn_ulps=u) for u in range(-RSQRT_ULPS, RSQRT_ULPS + 1) if u)
            yield from (self.steps(bn_formula=formula) for formula in BatchNormFormula)
        if any(isinstance(op, FunctionOp) and op.function.data.error for op in self.ops):
            yield from (self.steps(function_side=side) for side in (-1, 1))
        if isinstance(self.quantizer.mode, NearestPo2Attr):
            yield from (self.steps(nudge=nudge) for nudge in (-LOG_NUDGE, LOG_NUDGE))


def ordered_codes(fmt: Format) -> IntArray:
    """All codes of a format, ascending."""
    return holding(np.array(fmt.codes(), object), max(fmt.max_code, -fmt.min_code))


def _op(value: SSAValue) -> Operation:
    assert isinstance(value, OpResult), "float arguments are not part of a composite"
    return value.op


def _bends(op: Operation) -> bool:
    """May it rise and fall in its first operand?"""
    return isinstance(op, FunctionOp) and not op.function.data.rising


def composite_before(module: ModuleOp, quantizer: QuantizeOp) -> Composite | None:
    """What `quantizer` makes of one quantized value through float operations; powers of two also of it directly.

    None if there is no float operation, if several values or a float argument take part, if an operation is not
    element-wise, or if a constant varies along another axis than the last.
    """
    direct = format_of(quantizer.operand.type) is not None
    if direct:
        powers = isinstance(quantizer.mode, NearestPo2Attr) and shape_of(quantizer.operand)
        return Composite(module, quantizer.operand, [], quantizer) if powers else None
    shape = shape_of(quantizer.operand)
    ops: list[Operation] = []
    sources: dict[SSAValue, None] = {}

    def visit(value: SSAValue) -> bool:
        """Is everything that `value` depends on element-wise?"""
        if (constant := constant_of(value)) is not None:
            return constant.size in (1, *constant.shape[-1:])
        if shape_of(value) != shape:
            return False
        if format_of(value.type) is not None:
            sources[value] = None
            return True
        if not isinstance(value, OpResult) or not isinstance(value.op, ELEMENTWISE):
            return False
        if value.op not in ops:
            if not all([visit(operand) for operand in value.op.operands]):
                return False
            ops.append(value.op)
        return True

    if not shape or not visit(quantizer.operand) or len(sources) != 1:
        return None
    return Composite(module, next(iter(sources)), ops, quantizer)


def first_reaching(f: StepFunction, low: IntArray, high: IntArray, levels: IntArray) -> IntArray:
    """The smallest codes [levels, channels] in [low, high] with f >= level, high + 1 where there is none.

    `f` rises in every channel.
    """
    below = np.broadcast_to(low - 1, (len(levels), len(low)))
    reached = np.broadcast_to(high + 1, below.shape)
    while (reached - below > 1).any():
        middle = below + (reached - below) // 2
        yes = f(middle.clip(low, high)) >= levels[:, np.newaxis]
        open_ = reached - below > 1
        reached = np.where(open_ & yes, middle, reached)
        below = np.where(open_ & ~yes, middle, below)
    return reached


@dataclass(frozen=True)
class Thresholds:
    """A monotone step function per channel: positions from `first` on, [channels, levels] and directions. `disagree`
    [channels, levels] says where TensorFlow may step elsewhere."""

    levels: IntArray
    directions: IntArray
    first: int
    disagree: NDArray[np.bool_]

    @property
    def uncertified(self) -> list[int]:
        """The channels of such steps, once per step."""
        return sorted(int(channel) for channel in np.nonzero(self.disagree)[0])

    def __str__(self) -> str:
        count = self.levels.shape[1]
        return "one comparison per channel" if count == 1 else f"{count} thresholds per channel"


@dataclass(frozen=True)
class Table:
    """Any step function per channel: result codes [channels, codes] from the source's code `first` on."""

    codes: IntArray
    first: int
    uncertified: list[int]

    def __str__(self) -> str:
        return f"table of {self.codes.shape[1]} codes{'' if len(self.codes) == 1 else ' per channel'}"


@dataclass(frozen=True)
class Staircase:
    """A step function that rises or falls on a few stretches: how many of `thresholds` are reached is the place of the
    result in `codes`."""

    thresholds: Thresholds
    codes: IntArray

    @property
    def uncertified(self) -> list[int]:
        return self.thresholds.uncertified

    def __str__(self) -> str:
        return f"{self.thresholds}, then a table of {len(self.codes)} codes"


def find_steps(composite: Composite, source: Range) -> Thresholds | Table | Staircase | None:
    """The cheapest exact form over the range of the source: few thresholds, a table of at most 2^16 codes, or many
    thresholds, with a table after them where the quantizer rises on stretches only. None for a function before the
    quantizer that rises and falls over more codes than that."""
    low, high = composite.bounds(source)
    entries = int(high.max()) - int(low.min()) + 1
    operand, result = (exact_format_of(v.type) for v in (composite.source, composite.quantizer.result))
    tabulable = entries <= MAX_TABLE and not isinstance(operand, Po2Format)
    if not composite.monotone:
        if tabulable:
            return find_table(composite, low, high)
        return find_staircase(composite, low, high) if composite.monotone_before_quantizer else None
    found = find_thresholds(composite, low, high)
    levels = found.levels.shape[1]
    cheaper = levels > COMPARED_AT_ONCE and entries * result.bits <= 2 * levels * entries.bit_length()
    return find_table(composite, low, high) if tabulable and cheaper else found


def find_thresholds(composite: Composite, low: IntArray, high: IntArray) -> Thresholds:
    """The thresholds of a monotone composite between the codes `low` and `high` [channels]."""
    f = composite.steps()
    ends = f(np.stack([low, high]))
    directions = np.where(ends[1] >= ends[0], 1, -1)

    def rising(g: StepFunction) -> StepFunction:
        return lambda codes: g(codes * directions)

    start, stop = np.minimum(low * directions, high * directions), np.maximum(low * directions, high * directions)
    first, last = int(ends.min()), int(ends.max())
    codes = len(exact_format_of(composite.quantizer.result.type).codes())
    if composite.quantizer.mode.data.monotone:
        first = min(first, codes - 2)  # constant: a level always reached
    levels = np.arange(first + 1, max(last, first + 1) + 1)
    steps = first_reaching(rising(f), start, stop, levels)

    disagree = np.zeros(steps.shape, bool)
    for variant in composite.variants():
        g = rising(variant)
        at, before = steps.clip(start, stop), (steps - 1).clip(start, stop)
        disagree |= (steps <= stop) & (g(at) < levels[:, np.newaxis])
        disagree |= (steps > start) & (g(before) >= levels[:, np.newaxis])
    return Thresholds((steps * directions).T, directions, first, disagree.T)


def find_staircase(composite: Composite, low: IntArray, high: IntArray) -> Staircase:
    """The thresholds of the stretches; those that coincide in every channel are one."""
    found = find_thresholds(composite, low, high)
    last = np.flatnonzero(np.append((found.levels[:, 1:] != found.levels[:, :-1]).any(axis=0), True))
    disagree = np.logical_or.reduceat(found.disagree, np.append(0, last[:-1] + 1), axis=1)
    positions = found.first + np.append(0, last + 1)
    codes = ordered_codes(exact_format_of(composite.quantizer.result.type))
    thresholds = Thresholds(found.levels[:, last], found.directions, 0, disagree)
    return Staircase(thresholds, codes[positions % len(codes)])


def find_table(composite: Composite, low: IntArray, high: IntArray) -> Table:
    """The composite's result for every code from the lowest to the highest of any channel."""
    first, last = int(low.min()), int(high.max())
    codes = np.repeat(np.arange(first, last + 1)[:, np.newaxis], len(low), axis=1)
    positions = composite.steps()(codes)
    used = (codes >= low) & (codes <= high)
    disagree = np.zeros(positions.shape, bool)
    for variant in composite.variants():
        disagree |= used & (variant(codes) != positions)
    uncertified = sorted(int(channel) for channel in np.nonzero(disagree)[1])
    ordered = ordered_codes(exact_format_of(composite.quantizer.result.type))
    return Table(ordered[positions.T % len(ordered)], first, uncertified)
