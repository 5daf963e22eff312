"""fold-batchnorm: a float function of an integer, followed by a quantizer, is a function of integers.

    quantize(f(x))  =  threshold(x, T[channel, level], direction[channel])      f monotone
                    =  lookup(x, table[channel, x - first])                     any f, few codes
    return f(x)  =  return lookup(x, f(first), f(first + 1), ...)            an output of few codes

f is whatever Keras evaluates in float32 between one quantized value and a quantizer, element by element: batch
normalization, relu, tanh, the division of an average, ... `qdialect.analysis.step_functions` finds the thresholds and
the table from the float32 function itself, chooses between them, and says which of them TensorFlow may compute
differently.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import ReturnOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint

from qdialect.analysis.code_range import Range
from qdialect.analysis.float_functions import FloatFunction, QuantizedFunction, float_function, quantized_function
from qdialect.analysis.ranges import ranges
from qdialect.analysis.step_functions import (
    MAX_STEPS,
    Staircase,
    Table,
    Thresholds,
    find_steps,
    find_values,
)
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.owner import hand_on, layer_of, substitute
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.errors import QdialectError
from qdialect.rewrites.functions_before_moves import elements_before_moves
from qdialect.rewrites.step_operations import build, build_lookup


@dataclass
class QuantizerToSteps(RewritePattern):
    """Replace float operations and the quantizer after them by thresholds or a table on their source.

    Lemma: `steps-are-counted-thresholds`. Lemma: `tables-hold-every-code`.
    """

    module: ModuleOp
    known: dict[SSAValue, Range]

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: QuantizeOp, rewriter: PatternRewriter) -> None:
        quantized = quantized_function(self.module, op)
        if quantized is None:
            return
        found = find_steps(quantized, self.known[quantized.function.source])
        if found is None:
            if quantized.monotone or quantized.rises_on_stretches:
                raise QdialectError(too_many_steps(quantized))
            return  # of more codes than are tried: it can be simulated, and has no hardware
        made = (
            self.each(found, quantized, op)
            if quantized.of_elements
            else build(found, quantized.function.source, op.result)
        )
        self.known[made[-1].results[0]] = self.known[op.result]
        add_remarks(network(self.module), remarks_on(quantized, found))
        substitute(rewriter, op, made)

    def each(
        self, found: Staircase | Table | Thresholds, quantized: QuantizedFunction, op: QuantizeOp
    ) -> list[Operation]:
        """The same for all elements in one row, each with thresholds or a table of its own."""
        known, name = self.known[op.result], op.result.name_hint
        row = ReshapeOp(quantized.function.source, (known.low.size,))
        steps = build(found, row.result, op.result)
        codes = steps[-1].results[0]
        row.result.name_hint, codes.name_hint = f"{name}_row", f"{name}_codes"
        self.known[codes] = Range(known.low.ravel(), known.high.ravel())
        return [row, *steps, ReshapeOp(codes, known.low.shape)]


@dataclass
class OutputToTable(RewritePattern):
    """Replace a float output that is a function of few codes by a table of its float32 values.

    Lemma: `tables-hold-every-code`.
    """

    module: ModuleOp
    known: dict[SSAValue, Range]

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReturnOp, rewriter: PatternRewriter) -> None:
        for index, value in enumerate(op.operands):
            before, reshapes = before_reshapes(value)
            function = float_function(before)
            found = None if function is None else find_values(function, self.known[function.source])
            if function is None or found is None:
                continue
            made = build_lookup(found, function.source, before)
            for reshape in reshapes:
                made.append(ReshapeOp(made[-1].results[0], shape_of(reshape.result)))
            made[-1].results[0].name_hint = value.name_hint
            text = f"{found}, the float32 values of the output '{value.name_hint}'"
            add_remarks(network(self.module), [remark_on(f, text) for f in function.ops if isinstance(f, BatchNormOp)])
            if not function.deterministic:
                add_remarks(network(self.module), [remark_on_last_bits(function)])
            hand_on(function.ops[-1], made)
            rewriter.insert(made, InsertPoint.before(op))
            op.operands[index] = made[-1].results[0]
            rewriter.notify_op_modified(op)


def too_many_steps(quantized: QuantizedFunction) -> str:
    """Why a monotone function has no thresholds, and what would have."""
    op, source = quantized.quantizer, quantized.function.source
    channels = math.prod(shape_of(source)) if quantized.of_elements else shape_of(source)[-1]
    channels = 1 if quantized.function.shared and not quantized.of_elements else channels
    bits = (MAX_STEPS // channels).bit_length() - 1
    return (
        f"'{layer_of(op)}': a quantizer to {exact_format_of(op.result.type).count} codes after a float32 function has "
        f"too many thresholds in {channels} channels; use at most {bits} bits"
    )


def before_reshapes(value: SSAValue) -> tuple[SSAValue, list[ReshapeOp]]:
    """The value whose elements are those of `value`, and the reshapes from it to `value`, in order."""
    reshapes: list[ReshapeOp] = []
    while isinstance(value.owner, ReshapeOp):
        reshapes.insert(0, value.owner)
        value = value.owner.operand
    return value, reshapes


def remarks_on(quantized: QuantizedFunction, found: Staircase | Table | Thresholds) -> list[str]:
    """One remark per batch normalization that `found` replaces: by what, and why."""
    match found:
        case Thresholds():
            why = "monotone"
        case Table():
            why = "cheaper than its thresholds" if quantized.monotone else "rises and falls"
        case Staircase():
            why = "rises and falls"
    channels = list(dict.fromkeys(found.uncertified))
    text = f"{found}, {why} up to the quantizer '{quantized.quantizer.result.name_hint}'"
    if channels:
        where = f"channel{'s' if len(channels) > 1 else ''} {', '.join(map(str, channels))}"
        text += f"; {len(found.uncertified)} uncertified ({where})"
    return [remark_on(op, text) for op in quantized.function.ops if isinstance(op, BatchNormOp)]


def remark_on_last_bits(function: FloatFunction) -> str:
    """The remark on an output whose last bits in TensorFlow depend on the place in the tensor."""
    names = [op.function.data for op in function.ops if isinstance(op, FunctionOp) and op.function.data.error]
    bounds = ", ".join(f"{name.name} by at most {name.error:.2g} * max(1, |result|)" for name in names)
    return f"'{function.value.name_hint}': TensorFlow's own float32 differs from the nearest: {bounds}"


def remark_on(op: BatchNormOp, text: str) -> str:
    return f"'{identifier(layer_of(op))}': {text}"


@dataclass(frozen=True)
class FoldBatchNorm(ModulePass):
    """Replace float functions before quantizers by thresholds or tables; float values without uses disappear.

    Every batch normalization is accounted for in a remark, also one that stays.
    """

    name = "fold-batchnorm"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        elements_before_moves(op)
        known = ranges(op)
        patterns = GreedyRewritePatternApplier(
            [QuantizerToSteps(op, known), OutputToTable(op, known)], dce_enabled=True
        )
        PatternRewriteWalker(patterns).rewrite_module(op)
        network(op).update_function_type()
        for left in op.walk():
            if isinstance(left, BatchNormOp):
                text = "stays float32, no element-wise path from one quantized value through it to a quantizer"
                add_remarks(network(op), [f"'{left.result.name_hint}': {text}"])
