"""fold-into-kernels: a factor and a summand per channel go into a kernel that is rounded, at a stated distance.

    (sum_i x_i k_ic + b_c) * g_c + h_c   ~   sum_i x_i * round(k_ic g_c) + round(b_c g_c + h_c)

The kernel is rounded to the coarsest step that gives its largest weight so many bits, the bias to the step of the sum.
With |x_i| <= X the result moves by at most X * sum_i |round(k_ic g_c) - k_ic g_c| and half a step.

These are batch normalizations without a quantizer, exact products and sums so far. The pass runs before the others, on
request: `-p 'fold-into-kernels{bits=8},default'`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter, PatternRewriteWalker, RewritePattern, op_type_rewrite_pattern
from xdsl.rewriter import Rewriter

from qdialect.analysis.code_range import Range, whole_type
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, mixes_channels
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp
from qdialect.dialects.qnn.owner import hand_on, substitute
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor
from qdialect.errors import QdialectError
from qdialect.numerics import exact
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.rounding import Rounding, round_codes
from qdialect.passes import ChangesFunction


@dataclass(frozen=True)
class Numbers:
    """Constants per channel of the last axis: codes times 2**lsb."""

    codes: IntArray
    lsb: int

    @staticmethod
    def of(value: SSAValue, channels: int) -> Numbers | None:
        codes, fmt = constant_of(value), format_of(value.type)
        if codes is None or fmt is None or codes.size not in (1, channels):
            return None
        return Numbers(np.broadcast_to(codes.reshape(-1), (channels,)), fmt.lsb)

    def __mul__(self, other: Numbers) -> Numbers:
        return Numbers(exact.multiply(self.codes, other.codes), self.lsb + other.lsb)

    def __add__(self, other: Numbers) -> Numbers:
        a, b, lsb = exact.align(self.codes, self.lsb, other.codes, other.lsb)
        return Numbers(exact.add(a, b), lsb)

    def rounded(self, lsb: int) -> tuple[Numbers, IntArray]:
        """The numbers rounded to a step of 2**lsb, and how far that moves each, as reals."""
        codes = round_codes(self.codes, lsb - self.lsb, Rounding.HALF_EVEN)
        moved = Numbers(codes, lsb) + Numbers(exact.multiply(self.codes, np.array(-1)), self.lsb)
        return Numbers(codes, lsb), np.abs(np.ldexp(moved.codes.astype(np.float64), moved.lsb))

    def constant(self, name: str) -> ConstantOp:
        fmt = FixedFormat.holding(int(self.codes.min()), int(self.codes.max()), self.lsb)
        return ConstantOp(exact.holding(self.codes, exact.magnitude(self.codes)), fmt, name)


@dataclass
class FoldIntoKernel(RewritePattern):
    """Fold a factor and a summand per channel into the contraction before them and its bias.

    Lemma: `sums-take-up-affine-steps`.
    """

    module: ModuleOp
    known: dict[SSAValue, Range]
    bits: int

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AddOp, rewriter: PatternRewriter) -> None:
        channels, scaled = shape_of(op.result)[-1:], op.lhs.owner
        if not channels or not isinstance(scaled, MulOp) or format_of(op.result.type) is None:
            return
        summand, factor = Numbers.of(op.rhs, *channels), Numbers.of(scaled.rhs, *channels)
        layer, bias = without_bias(scaled.lhs.owner, *channels)
        shared = op.lhs.has_more_than_one_use() or scaled.lhs.has_more_than_one_use()
        if layer is None or summand is None or factor is None or shared:
            return
        weights = constant_of(layer.kernel)
        if weights is None:
            return
        product = Numbers(weights, exact_format_of(layer.kernel.type).lsb) * factor
        kernel, kernel_moved = product.rounded(self.step(product))
        sum_lsb = exact_format_of(layer.operand.type).lsb + kernel.lsb
        offset = summand if bias is None else bias * factor + summand
        rounded, bias_moved = offset.rounded(sum_lsb)
        name, x = op.result.name_hint, exact_format_of(layer.operand.type)
        whole = self.known.get(layer.operand) or whole_type(layer.operand)
        assert whole is not None, "operands of contractions are quantized here"
        largest = math.ldexp(max(map(abs, whole.hull)), x.lsb)
        bound = float((largest * kernel_moved.reshape(-1, *channels).sum(axis=0) + bias_moved).max())
        constants = kernel.constant(f"{name}_kernel"), rounded.constant(f"{name}_bias")
        shape, fan_in = layer.result_shape(), layer.fan_in
        result = tensor(shape, layer.result_format(layer.operand, constants[0].result, fan_in))
        folded = type(layer).create(
            operands=[layer.operand, constants[0].result], properties=layer.properties, result_types=[result]
        )
        hand_on(layer, [folded])
        total = AddOp(folded.results[0], constants[1].result)
        folded.results[0].name_hint, op.result.name_hint = f"{name}_rounded_sum", f"{name}_rounded"
        text = f"'{name}': folded into a kernel of {self.bits} bits, at most {bound:.2g} from the unrounded result"
        add_remarks(network(self.module), [text])
        substitute(rewriter, op, [*constants, folded, total])

    def step(self, weights: Numbers) -> int:
        """The exponent of the finest step in which the largest weight, with its sign, has the requested bits."""
        lsb = exact.magnitude(weights.codes).bit_length() - (self.bits - 1) + weights.lsb
        rounded, _ = weights.rounded(lsb)
        return lsb + (exact.magnitude(rounded.codes) >> (self.bits - 1) > 0)


def without_bias(op: Operation | Block, channels: int) -> tuple[ContractionOp | None, Numbers | None]:
    """The contraction that `op` is, or adds a bias to."""
    if mixes_channels(op):
        return op, None
    if isinstance(op, AddOp) and mixes_channels(op.lhs.owner) and not op.lhs.has_more_than_one_use():
        bias = Numbers.of(op.rhs, channels)
        return (None, None) if bias is None else (op.lhs.owner, bias)
    return None, None


@dataclass(frozen=True)
class FoldIntoKernels(ModulePass, ChangesFunction):
    """Fold wherever possible; what follows gets the step of the rounded sums.

    bits: of the largest weight of each folded kernel, its sign included; 2 or more.
    """

    name = "fold-into-kernels"
    bits: int

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.bits < 2:
            raise QdialectError(f"bits={self.bits}: a kernel needs 2 bits or more")
        PatternRewriteWalker(FoldIntoKernel(op, ranges(op), self.bits)).rewrite_module(op)
        for inner in network(op).body.block.ops:
            if isinstance(inner, QnnOp) and inner.operands:
                (result,), (shape, fmt) = inner.results, inner.inferred()
                if fmt is not None and fmt.lsb != exact_format_of(result.type).lsb:
                    Rewriter.replace_value_with_new_type(result, tensor(shape, fmt))
        network(op).update_function_type()
