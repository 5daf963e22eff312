"""Zeros around a tensor, and the same elements in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from xdsl.dialects.builtin import DenseArrayBase, TensorType, f32, i64
from xdsl.interfaces import HasCanonicalizationPatternsInterface, HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.geometry import ints, values_of
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.traits import AddsZeros, Elementwise, Linear, Moves, RowPerChannel
from qdialect.dialects.qnn.types import format_of, tensor, tensor_type
from qdialect.numerics.formats import Format, Po2Format
from qdialect.numerics.intervals import Interval


@irdl_op_definition
class PadOp(QnnOp):
    """Zeros around the operand; `low` and `high` count elements before and after, per axis.

    The result type has a zero even if the operand's has none (binary, powers of two).
    """

    name = "qnn.pad"
    operand = operand_def(TensorType)
    low = prop_def(DenseArrayBase.constr(i64))
    high = prop_def(DenseArrayBase.constr(i64))
    result = result_def(TensorType)
    traits = traits_def(Pure(), Moves(), AddsZeros(), Linear())

    def __init__(self, operand: SSAValue, low: Sequence[int], high: Sequence[int]):
        shape = tuple(n + a + b for n, a, b in zip(shape_of(operand), low, high, strict=True))
        fmt = self.result_format(operand)
        super().__init__(
            operands=[operand],
            properties={"low": ints(*low), "high": ints(*high)},
            result_types=[tensor(shape, f32 if fmt is None else fmt)],
        )

    @staticmethod
    def result_format(operand: SSAValue) -> Format | None:
        fmt = format_of(operand.type)
        if fmt is None or 0 in fmt:
            return fmt
        if isinstance(fmt, Po2Format):
            return replace(fmt, zero=True)
        return Interval.of(fmt).with_zero().format

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        low, high = values_of(self.low), values_of(self.high)
        x = shape_of(self.operand)
        if not len(low) == len(high) == len(x) or min(*low, *high, 0) < 0:
            raise VerifyException(f"padding needs {len(x)} non-negative counts on either side")
        shape = tuple(n + a + b for n, a, b in zip(x, low, high, strict=True))
        return shape, self.result_format(self.operand)


@irdl_op_definition
class ReshapeOp(QnnOp, HasFolderInterface, HasCanonicalizationPatternsInterface):
    """The same elements in the same (row-major) order in another shape."""

    name = "qnn.reshape"
    operand = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure(), Moves(), Linear())

    def __init__(self, operand: SSAValue, shape: Sequence[int]):
        fmt = format_of(operand.type)
        result = tensor(shape, f32 if fmt is None else fmt)
        super().__init__(operands=[operand], result_types=[result])

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        if math.prod(shape_of(self.operand)) != math.prod(shape_of(self.result)):
            raise VerifyException(f"{self.operand.type} and {self.result.type} differ in size")
        return shape_of(self.result), format_of(self.operand.type)

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """A reshape to the same shape. Lemma: `row-major-places`."""
        return (self.operand,) if self.operand.type == self.result.type else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (ReshapeOfReshape(), ElementwiseOfReshape())


class ReshapeOfReshape(RewritePattern):
    """Only the last shape counts. Lemma: `row-major-places`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReshapeOp, rewriter: PatternRewriter) -> None:
        inner = op.operand.owner
        if isinstance(inner, ReshapeOp):
            merged = ReshapeOp.create(operands=[inner.operand], result_types=[op.result.type])
            substitute(rewriter, op, [merged])


class ElementwiseOfReshape(RewritePattern):
    """f(reshape(x)) = reshape(f(x)) for a function of elements and the same channels: reshapes meet and cancel.

    Lemma: `functions-commute-with-places`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReshapeOp, rewriter: PatternRewriter) -> None:
        users = {use.operation for use in op.result.uses}
        function = users.pop() if len(users) == 1 else None
        if function is None or not function.has_trait(Elementwise) or op.result in function.operands[1:]:
            return
        tables = function.has_trait(RowPerChannel)
        if not tables and any(constant_of(c) is None or len(shape_of(c)) > 1 for c in function.operands[1:]):
            return
        before, after = shape_of(op.operand), shape_of(op.result)
        if before[-1:] != after[-1:]:
            return
        earlier = function.clone({op.result: op.operand})
        if isinstance(earlier, QuantizeOp) and isinstance(earlier.mode, RoundEachAttr):
            each = earlier.mode.data.of_sample(after)
            earlier.mode = RoundEachAttr(each.mapped(lambda values: values.reshape(before)))
        result = function.results[0]
        rewriter.replace_value_with_new_type(earlier.results[0], tensor(before, tensor_type(result.type).element_type))
        later = ReshapeOp.create(operands=earlier.results, result_types=[result.type])
        earlier.results[0].name_hint = f"{result.name_hint}_unshaped"
        substitute(rewriter, function, [earlier, later])
