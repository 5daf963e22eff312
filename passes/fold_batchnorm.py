"""fold-batchnorm: a float function of an integer, followed by a quantizer, is a function of integers.

    quantize(f(x))  =  threshold(x, T[channel, level], direction[channel])      f monotone
                    =  lookup(x, table[channel, x - first])                     any f, few codes

f is whatever Keras evaluates in float32 between one quantized value and a quantizer, element by element: batch
normalization, relu, tanh, the division of an average, ... `qdialect.steps` finds the thresholds and the table from
the float32 function itself, chooses between them, and says which of them TensorFlow may compute differently.
"""

from __future__ import annotations

from dataclasses import dataclass

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

from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.elementwise import QuantizeOp, ThresholdOp
from qdialect.dialect.functions import LookupOp
from qdialect.dialect.layers import MaxPool2DOp, ReshapeOp
from qdialect.dialect.types import exact_format_of, format_of
from qdialect.numerics import exact
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.ranges import Range, ranges
from qdialect.steps import Table, Thresholds, composite_before, find_steps


@dataclass
class QuantizerBeforePool(RewritePattern):
    """A monotone quantizer commutes with the maximum, and with moving elements."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        moved = op.operand.owner
        if not isinstance(moved, MaxPool2DOp | ReshapeOp) or format_of(op.operand.type) is not None:
            return
        if isinstance(moved, MaxPool2DOp) and not op.mode.data.monotone:
            return
        fmt = exact_format_of(op.result.type)
        earlier = QuantizeOp(moved.operand, op.mode, fmt)
        later = moved.clone({moved.operand: earlier.result})
        rewriter.replace_value_with_new_type(later.results[0], op.result.type)
        name = op.result.name_hint
        earlier.result.name_hint, later.results[0].name_hint = f"{name}_before_{moved.results[0].name_hint}", name
        rewriter.replace(op, [earlier, later])


@dataclass
class QuantizerToSteps(RewritePattern):
    """A quantizer after float operations becomes thresholds or a table on their source."""

    module: ModuleOp
    known: dict[SSAValue, Range]

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        composite = composite_before(self.module, op)
        found = None if composite is None else find_steps(composite, self.known[composite.source])
        if composite is None or found is None:
            return
        build = build_lookup if isinstance(found, Table) else build_threshold
        *constants, step = build(found, composite.source, op.result)
        step.results[0].name_hint = op.result.name_hint
        self.known[step.results[0]] = self.known[op.result]
        rewriter.replace(op, [*constants, step])


def build_lookup(found: Table, source: SSAValue, result: SSAValue) -> list[Operation]:
    """The table and its lookup."""
    table = ConstantOp(found.codes, exact_format_of(result.type), f"{result.name_hint}_table")
    return [table, LookupOp(source, table.result, found.first, found.uncertified)]


def build_threshold(found: Thresholds, source: SSAValue, result: SSAValue) -> list[Operation]:
    """The thresholds, their directions if any falls, and the comparison."""
    lsb, name = exact_format_of(source.type).lsb, result.name_hint
    levels, directions = found.levels, found.directions
    fmt = FixedFormat.holding(int(levels.min()), int(levels.max()), lsb)
    thresholds = ConstantOp(exact.holding(levels, fmt.max_code), fmt, f"{name}_thresholds")
    falls = [ConstantOp(directions, BinaryFormat(), f"{name}_direction")] if (directions < 0).any() else []
    step = ThresholdOp(
        source,
        thresholds.result,
        falls[0].result if falls else None,
        exact_format_of(result.type),
        found.first,
        found.uncertified,
    )
    return [thresholds, *falls, step]


@dataclass(frozen=True)
class FoldBatchNorm(ModulePass):
    """Replace float functions before quantizers by thresholds or tables; float values without uses disappear."""

    name = "fold-batchnorm"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(QuantizerBeforePool()).rewrite_module(op)
        patterns = GreedyRewritePatternApplier([QuantizerToSteps(op, ranges(op))], dce_enabled=True)
        PatternRewriteWalker(patterns).rewrite_module(op)
