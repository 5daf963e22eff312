"""Move float functions of single elements, and the quantizers after them, before operations that only move elements.

So functions meet their quantizers, and the two together depend on one value, element by element.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from qdialect.dialects.qnn.attributes import RoundEachAttr, SignAttr
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.traits import AddsZeros, Elementwise, Moves, Rising
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor, tensor_type
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import BinaryFormat, FixedFormat


def elements_before_moves(module: ModuleOp) -> None:
    """Apply both patterns below wherever they match."""
    patterns = GreedyRewritePatternApplier([ElementsBeforeMoves(module), SignBeforeZeros()])
    PatternRewriteWalker(patterns).rewrite_module(module)


@dataclass
class ElementsBeforeMoves(RewritePattern):
    """f(move(x)) = move(f(x)): float functions of single elements come before what only moves elements, so that they
    meet their quantizer.

    Lemma: `functions-commute-with-places`.
    """

    module: ModuleOp

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not op.has_trait(Elementwise) or not self._commutes(op, op.operands[0].owner):
            return
        (result,), moved = op.results, op.operands[0].owner
        assert isinstance(moved, Operation)
        earlier: dict[SSAValue, Operation] = {}
        for x in moved.operands:
            earlier[x] = op.clone({op.operands[0]: x})
            if formats_vary(op):
                earlier[x].properties["mode"] = formats_before(self.module, op, moved)
            element = tensor_type(result.type).element_type
            first = rewriter.replace_value_with_new_type(earlier[x].results[0], tensor(shape_of(x), element))
            first.name_hint = f"{result.name_hint}_before_{moved.results[0].name_hint}"
        later = moved.clone({x: function.results[0] for x, function in earlier.items()})
        rewriter.replace_value_with_new_type(later.results[0], result.type)
        substitute(rewriter, op, [*earlier.values(), later])

    def _commutes(self, op: Operation, moved: Operation | Block) -> bool:
        """Moving elements commutes with every function of them, the maximum with rising ones, zeros around or between
        them with f(0) = 0."""
        if isinstance(moved, Block) or any(format_of(x.type) is not None for x in moved.operands):
            return False
        constants = [constant_of(constant) for constant in op.operands[1:]]
        if formats_vary(op) and not is_permutation(self.module, moved):
            return False
        if isinstance(op, BatchNormOp) or any(constant is None or constant.size > 1 for constant in constants):
            return False
        match moved:
            case MaxPool2DOp():
                return op.mode.data.monotone if isinstance(op, QuantizeOp) else op.has_trait(Rising)
            case _ if moved.has_trait(AddsZeros):
                zero = np.zeros((1, *shape_of(op.operands[0])), np.float32)
                numbers = [constant[np.newaxis] for constant in constants if constant is not None]
                return not interpreter_for(self.module).run_op(op, (zero, *numbers))[0].any()
            case _:
                return moved.has_trait(Moves)


def formats_vary(op: Operation) -> bool:
    """Whether elements have formats of their own."""
    return isinstance(op, QuantizeOp) and isinstance(op.mode, RoundEachAttr) and op.mode.data.widths.size > 1


def places_of(module: ModuleOp, moved: Operation) -> IntArray:
    """For each element of the result the number of the operand's element, from 1 on; 0 for zeros."""
    (x,) = moved.operands
    numbers = np.arange(1, math.prod(shape_of(x)) + 1).reshape(1, *shape_of(x))
    (result,) = interpreter_for(module).run_op(moved, (numbers,))
    return result[0]


def is_permutation(module: ModuleOp, moved: Operation) -> bool:
    """Whether a move has each element of its operand once."""
    if not moved.has_trait(Moves) or len(moved.operands) != 1:
        return False
    places = places_of(module, moved).reshape(-1)
    return np.array_equal(np.sort(places), np.arange(1, math.prod(shape_of(moved.operands[0])) + 1))


def formats_before(module: ModuleOp, op: Operation, moved: Operation) -> RoundEachAttr:
    """The formats of elements where they are before the move."""
    assert isinstance(op, QuantizeOp)
    assert isinstance(op.mode, RoundEachAttr)
    order, shape = np.argsort(places_of(module, moved).reshape(-1)), shape_of(moved.operands[0])
    each = op.mode.data.of_sample(shape_of(op.operand))
    return RoundEachAttr(each.mapped(lambda values: values.reshape(-1)[order].reshape(shape)))


class SignBeforeZeros(RewritePattern):
    """sign(pad(y)) = sign(pad(sign(y) - 1) + 1): the sign of zero is +1, so zeros around a value are none after it.

    Lemma: `signs-around-zeros`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        zeros, name = op.operand.owner, op.result.name_hint
        if not isinstance(zeros, PadOp) or not isinstance(op.mode, SignAttr):
            return
        if format_of(zeros.operand.type) is not None:
            return
        sign = QuantizeOp(zeros.operand, op.mode, BinaryFormat())
        one = ConstantOp(np.ones(1, np.int64), FixedFormat(1, 1, signed=False), f"{name}_of_zero")
        moved = SubOp(sign.result, one.result)
        around = PadOp(moved.result, values_of(zeros.low), values_of(zeros.high))
        back = AddOp(around.result, one.result)
        for made, suffix in ((sign, "inside"), (moved, "moved"), (around, "padded"), (back, "back")):
            made.result.name_hint = f"{name}_{suffix}"
        last = QuantizeOp(back.result, op.mode, exact_format_of(op.result.type))
        substitute(rewriter, op, [sign, one, moved, around, back, last])
