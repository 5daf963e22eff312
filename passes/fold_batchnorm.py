"""fold-batchnorm: a float function of an integer, followed by a quantizer, is a step function with integer steps.

    quantize(bn(acc))  =  threshold(acc, T[channel, level], direction[channel])

Keras evaluates batch normalization (relu, the division of an average, ...) in float32. Each of its operations is
monotone, rounding included, and so is the quantizer: per channel the composition is a monotone step function of the
accumulator's code. The step to the k-th output code is at the integer

    T_k = min { a : quantize(f(a)) >= code_k }      (max { ... <= } for a falling function: negative gamma)

found by bisection over the accumulator's proven range, evaluating the float32 function itself: solving the
real-number equation would be off by one step at about one threshold in 6,000 (measured). Where TensorFlow's formula
variants disagree at T_k or its neighbour, the threshold is listed as uncertified.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from qdialect.dialect.base import shape_of
from qdialect.dialect.constant import ConstantOp, constant_of
from qdialect.dialect.elementwise import (
    AddOp,
    BatchNormOp,
    DivideOp,
    MulOp,
    QuantizeOp,
    ReluOp,
    ShiftOp,
    ThresholdOp,
)
from qdialect.dialect.layers import MaxPool2DOp, ReshapeOp
from qdialect.dialect.types import exact_format_of, format_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics import exact
from qdialect.numerics.exact import IntArray
from qdialect.numerics.float32 import RSQRT_ULPS, BatchNormFormula
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.ranges import Range, ranges

MONOTONE = (AddOp, BatchNormOp, DivideOp, MulOp, ReluOp, ShiftOp)

StepFunction = Callable[[IntArray], IntArray]


def float_chain(quantizer: QuantizeOp) -> list[Operation]:
    """The float operations between a quantized value and `quantizer`, first to last, then the quantizer itself.

    Empty if some other value than constants per channel takes part, or the chain starts at a float argument.
    """
    chain: list[Operation] = [quantizer]
    value = quantizer.operand
    while format_of(value.type) is None:
        op = value.owner
        if not isinstance(op, MONOTONE) or not all(map(is_per_channel, op.operands[1:])):
            return []
        chain.append(op)
        value = op.operands[0]
    return chain[::-1] if len(chain) > 1 else []


def is_per_channel(value: SSAValue) -> bool:
    """A constant that varies along the last axis at most."""
    constant = constant_of(value)
    return constant is not None and constant.size == (constant.shape or (1,))[-1]


def step_function(
    chain: list[Operation], module: ModuleOp, ulps: int = 0, formula: BatchNormFormula | None = None
) -> StepFunction:
    """Codes [..., channels] of the chain's source to positions in the quantizer's ordered codes."""
    interpreter = interpreter_for(module, bn_ulps=ulps, bn_formula=formula)
    ordered = np.array(exact_format_of(chain[-1].results[0].type).codes())
    rank = len(shape_of(chain[0].operands[0]))

    def evaluate(codes: IntArray) -> IntArray:
        value = codes.reshape(-1, *[1] * (rank - 1), codes.shape[-1])
        for op in chain:
            constants = [data[np.newaxis] for data in map(constant_of, op.operands[1:]) if data is not None]
            (value,) = interpreter.run_op(op, (value, *constants))
        return np.searchsorted(ordered, value.reshape(codes.shape))

    return evaluate


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
    """A monotone step function per channel: positions from `first` on, [channels, levels] and directions."""

    levels: IntArray
    directions: IntArray
    first: int
    uncertified: list[int]


def find_thresholds(chain: list[Operation], module: ModuleOp, source: Range) -> Thresholds:
    """The thresholds of `chain` over the range of its source, channels on the last axis."""
    axes = tuple(range(source.low.ndim - 1))
    low, high = source.low.min(axis=axes), source.high.max(axis=axes)
    f = step_function(chain, module)
    ends = f(np.stack([low, high]))
    directions = np.where(ends[1] >= ends[0], 1, -1)

    def rising(g: StepFunction) -> StepFunction:
        return lambda codes: g(codes * directions)

    start, stop = np.minimum(low * directions, high * directions), np.maximum(low * directions, high * directions)
    first, last = int(ends.min()), int(ends.max())
    first = min(first, len(exact_format_of(chain[-1].results[0].type).codes()) - 2)  # constant: a level always reached
    levels = np.arange(first + 1, max(last, first + 1) + 1)
    steps = first_reaching(rising(f), start, stop, levels)

    disagree = np.zeros(steps.shape, bool)
    for variant in _variants(chain, module):
        g = rising(variant)
        at, before = steps.clip(start, stop), (steps - 1).clip(start, stop)
        disagree |= (steps <= stop) & (g(at) < levels[:, np.newaxis])
        disagree |= (steps > start) & (g(before) >= levels[:, np.newaxis])
    uncertified = sorted(int(channel) for channel in np.nonzero(disagree)[1])
    return Thresholds((steps * directions).T, directions, first, uncertified)


def _variants(chain: list[Operation], module: ModuleOp) -> list[StepFunction]:
    """The step functions that other processors or builds of TensorFlow may compute."""
    if not any(isinstance(op, BatchNormOp) for op in chain):
        return []
    moved = [step_function(chain, module, ulps=u) for u in range(-RSQRT_ULPS, RSQRT_ULPS + 1) if u]
    return moved + [step_function(chain, module, formula=formula) for formula in BatchNormFormula]


@dataclass
class QuantizerBeforePool(RewritePattern):
    """A monotone quantizer commutes with the maximum, and with moving elements."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        moved = op.operand.owner
        if not isinstance(moved, MaxPool2DOp | ReshapeOp) or format_of(op.operand.type) is not None:
            return
        fmt = exact_format_of(op.result.type)
        earlier = QuantizeOp(moved.operand, op.mode, fmt)
        later = moved.clone({moved.operand: earlier.result})
        rewriter.replace_value_with_new_type(later.results[0], op.result.type)
        name = op.result.name_hint
        earlier.result.name_hint, later.results[0].name_hint = f"{name}_before_{moved.results[0].name_hint}", name
        rewriter.replace(op, [earlier, later])


@dataclass
class QuantizerToThresholds(RewritePattern):
    """A quantizer at the end of a float chain becomes thresholds on the chain's source."""

    module: ModuleOp
    known: dict[SSAValue, Range]

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        chain = float_chain(op)
        if not chain:
            return
        source = chain[0].operands[0]
        found = find_thresholds(chain, self.module, self.known[source])
        lsb, name = exact_format_of(source.type).lsb, op.result.name_hint
        fmt = FixedFormat.holding(int(found.levels.min()), int(found.levels.max()), lsb)
        constants = [ConstantOp(exact.holding(found.levels, fmt.max_code), fmt, f"{name}_thresholds")]
        if (found.directions < 0).any():
            constants.append(ConstantOp(found.directions, BinaryFormat(), f"{name}_direction"))
        threshold = ThresholdOp(
            source,
            constants[0].result,
            constants[1].result if len(constants) > 1 else None,
            exact_format_of(op.result.type),
            found.first,
            found.uncertified,
        )
        threshold.result.name_hint = name
        rewriter.replace(op, [*constants, threshold])


@dataclass(frozen=True)
class FoldBatchNorm(ModulePass):
    """Replace float functions before quantizers by integer thresholds; float values without uses disappear."""

    name = "fold-batchnorm"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(QuantizerBeforePool()).rewrite_module(op)
        patterns = GreedyRewritePatternApplier([QuantizerToThresholds(op, ranges(op))], dce_enabled=True)
        PatternRewriteWalker(patterns).rewrite_module(op)
