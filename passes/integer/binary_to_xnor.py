"""binary-to-xnor: products of values of {-1, 0, +1} need no multiplier.

Packed into planes of bits (`qnn.pack`), s agreements among m non-zero products leave m - s that count -1:

    sum_i x_i * w_i  =  s - (m - s)  =  2*s - m

Binary activations are never zero: m is known from the weights alone, and the sum is an affine function of s, which the
thresholds after it take up. Activations with zeros (ternary, {0, 1}, zero padding) gate the count: the balance
s - (m - s) itself is counted, in two popcounts. Values are packed along the inputs of a dense layer, the channels of
a convolution, the window of a depthwise one.

With only one side of {-1, 0, +1} each product is an addition, a subtraction or nothing: marked `add_sub`.
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

from qdialect.dialects.qnn.attributes import Count, Product, ProductAttr
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, Convolution2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ShiftOp
from qdialect.dialects.qnn.ops.packed import (
    PackOp,
    PopcountConv2DOp,
    PopcountDenseOp,
    PopcountDepthwiseConv2DOp,
    PopcountOp,
)
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.storage import WORD_BITS, pack_codes
from qdialect.dialects.qnn.types import PLANES, ZERO_ONE, BinaryType, BitsType, tensor_type
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat


def packable(value: SSAValue) -> bool:
    """Whether all values are -1, 0 or +1."""
    return tensor_type(value.type).element_type in PLANES


def packed_kernel(codes: IntArray, kernel: SSAValue) -> ConstantOp:
    """The codes [..., n] of a kernel as packed vectors."""
    element = tensor_type(kernel.type).element_type
    return ConstantOp(pack_codes(codes, element), BitsType(codes.shape[-1], element), kernel.name_hint)


def choose_count(source: SSAValue, kernel: SSAValue, padded: bool) -> Count:
    """The cheapest count from which the sum follows: agreements, where all zeros are zeros of the weights."""
    sides = [tensor_type(v.type).element_type for v in (source, kernel)]
    if sides == [ZERO_ONE, ZERO_ONE] or (sides[0] == BinaryType() and not padded):
        return Count.AGREEMENTS
    return Count.BALANCE


def replace_by_count(
    op: ContractionOp, source: SSAValue, before: list[Operation], popcount: PopcountOp, rewriter: PatternRewriter
) -> None:
    """The sum of products from a count over the values of `source`."""
    name = op.result.name_hint or "binary"
    if popcount.count.data is Count.BALANCE or tensor_type(source.type).element_type == ZERO_ONE:
        substitute(rewriter, op, [*before, popcount])
        return
    _, products = popcount.bounds()
    if (products == products[0]).all():
        products = products[:1]
    doubled = ShiftOp(popcount.result, 1)
    minus_m = ConstantOp(-products, FixedFormat.holding(-int(products.max()), 0, 0), f"{name}_minus_n")
    total = AddOp(doubled.result, minus_m.result)
    popcount.result.name_hint, doubled.result.name_hint = f"{name}_agreements", f"{name}_doubled"
    substitute(rewriter, op, [*before, popcount, doubled, minus_m, total])


def packed(source: SSAValue, name: str | None) -> PackOp:
    pack = PackOp(source)
    pack.result.name_hint = f"{name or 'binary'}_bits"
    return pack


@dataclass
class DenseToPopcount(RewritePattern):
    """Count the products of a dense layer of values of {-1, 0, +1} that agree. Lemma: `signs-that-agree`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: DenseOp, rewriter: PatternRewriter) -> None:
        weights = constant_of(op.kernel)
        if weights is None or not packable(op.operand) or not packable(op.kernel):
            return
        pack, kernel = packed(op.operand, op.result.name_hint), packed_kernel(weights.T, op.kernel)
        popcount = PopcountDenseOp(pack.result, kernel.result, choose_count(op.operand, op.kernel, padded=False))
        replace_by_count(op, op.operand, [pack, kernel], popcount, rewriter)


def without_padding(value: SSAValue) -> tuple[SSAValue, tuple[int, ...], tuple[int, ...]]:
    """What stands before zeros around rows and columns, and how many there are before and after: [rows, columns]."""
    pad = value.owner
    if isinstance(pad, PadOp):
        (*low, low_channels), (*high, high_channels) = values_of(pad.low), values_of(pad.high)
        if low_channels == high_channels == 0:
            return pad.operand, tuple(low), tuple(high)
    return value, (0, 0), (0, 0)


@dataclass
class ConvToPopcount(RewritePattern):
    """The same for convolutions. Zero padding becomes positions that are not counted.

    Lemma: `signs-that-agree`. Lemma: `padding-is-a-mask`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: Convolution2DOp, rewriter: PatternRewriter) -> None:
        weights = constant_of(op.kernel)
        source, low, high = without_padding(op.operand)
        if weights is None or not packable(source) or not packable(op.kernel):
            return
        geometry = (values_of(op.strides), values_of(op.dilations), low, high)
        count = choose_count(source, op.kernel, padded=any((*low, *high)))
        if isinstance(op, Conv2DOp):
            kernel, pack = packed_kernel(weights.swapaxes(2, 3), op.kernel), packed(source, op.result.name_hint)
            popcount = PopcountConv2DOp(pack.result, kernel.result, *geometry, count=count)
            replace_by_count(op, source, [pack, kernel], popcount, rewriter)
        elif isinstance(op, DepthwiseConv2DOp) and weights.shape[1] <= WORD_BITS:
            kernel = packed_kernel(weights.transpose(2, 3, 0, 1), op.kernel)
            popcount = PopcountDepthwiseConv2DOp(source, kernel.result, *geometry, count=count)
            replace_by_count(op, source, [kernel], popcount, rewriter)


class ProductToAddSub(RewritePattern):
    """Add, subtract or skip one factor where the other is -1, 0 or +1. Lemma: `products-with-signs-are-sums`."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, ContractionOp | MulOp) or op.product.data is not Product.MULTIPLY:
            return
        if any(packable(side) for side in op.operands):
            op.product = ProductAttr(Product.ADD_SUB)
            rewriter.notify_op_modified(op)


@dataclass(frozen=True)
class BinaryToXnor(ModulePass):
    """Turn products of binary and ternary values into popcounts, and products with one such factor into additions and
    subtractions."""

    name = "binary-to-xnor"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier(
            [DenseToPopcount(), ConvToPopcount(), ProductToAddSub()], dce_enabled=True
        )
        PatternRewriteWalker(patterns).rewrite_module(op)
        network(op).update_function_type()
