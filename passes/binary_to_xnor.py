"""binary-to-xnor: products with -1 and +1 need no multiplier.

Both sides binary, N products: with s = popcount(xnor(x, w)) agreements the N - s others count -1, so

    sum_i x_i * w_i  =  s - (N - s)  =  2*s - N

Activations and weights become packed bits: along the inputs of a dense layer, the channels of a convolution. With
one side binary or ternary and the other multi-bit, each product is an addition, a subtraction or nothing: the
contraction is marked `add_sub`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from qdialect.dialect.attributes import Product, ProductAttr
from qdialect.dialect.base import shape_of
from qdialect.dialect.constant import ConstantOp, constant_of
from qdialect.dialect.contractions import ContractionOp, Conv2DOp, DenseOp
from qdialect.dialect.elementwise import AddOp, ShiftOp
from qdialect.dialect.geometry import taps_inside, values_of
from qdialect.dialect.packed import PackOp, PopcountConv2DOp, PopcountDenseOp, PopcountOp
from qdialect.dialect.padding import PadOp
from qdialect.dialect.types import BinaryType, BitsType, TernaryType, tensor_type
from qdialect.dialect.weights import pack_words
from qdialect.interpreter.simulate import network
from qdialect.numerics.formats import FixedFormat


def element(type_: Attribute) -> Attribute:
    return tensor_type(type_).element_type


@dataclass
class DenseToPopcount(RewritePattern):
    """Binary times binary: 2 * popcount(xnor) - N on packed bits."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: DenseOp, rewriter: PatternRewriter) -> None:
        weights = constant_of(op.kernel)
        if weights is None or {element(op.operand.type), element(op.kernel.type)} != {BinaryType()}:
            return
        inputs = shape_of(op.kernel)[0]
        packed = PackOp(op.operand)
        kernel = ConstantOp(pack_words(weights.T > 0), BitsType(inputs), op.kernel.name_hint)
        agreements = PopcountDenseOp(packed.result, kernel.result)
        rewriter.replace(op, affine(op, [packed, kernel], agreements, np.array([inputs])))


def affine(
    op: ContractionOp, before: list[Operation], agreements: PopcountOp, bits: NDArray[np.int64]
) -> list[Operation]:
    """2 * s - N after a count of agreements s; N is one number, or one per position of the result."""
    name = op.result.name_hint or "binary"
    doubled = ShiftOp(agreements.result, 1)
    minus_n = ConstantOp(-bits, FixedFormat.holding(-int(bits.max()), -int(bits.min()), 0), f"{name}_minus_n")
    total = AddOp(doubled.result, minus_n.result)
    before[0].results[0].name_hint = f"{name}_bits"
    agreements.result.name_hint = f"{name}_agreements"
    doubled.result.name_hint = f"{name}_doubled"
    total.result.name_hint = op.result.name_hint
    return [*before, agreements, doubled, minus_n, total]


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
    """The same for windows. Zero padding before the convolution becomes positions that do not count, so that N is the
    number of bits inside the image, and differs at its edges."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: Conv2DOp, rewriter: PatternRewriter) -> None:
        weights = constant_of(op.kernel)
        source, low, high = without_padding(op.operand)
        if weights is None or {element(source.type), element(op.kernel.type)} != {BinaryType()}:
            return
        rows, columns, channels, _ = weights.shape
        strides, dilations = values_of(op.strides), values_of(op.dilations)
        packed = PackOp(source)
        kernel = ConstantOp(pack_words(weights.swapaxes(2, 3) > 0), BitsType(channels), op.kernel.name_hint)
        agreements = PopcountConv2DOp(packed.result, kernel.result, strides, dilations, low, high)
        inside = [
            taps_inside(*axis)
            for axis in zip(shape_of(source)[:2], (rows, columns), strides, dilations, low, high, strict=True)
        ]
        bits = channels * np.multiply.outer(*map(np.array, inside))[:, :, np.newaxis]
        rewriter.replace(op, affine(op, [packed, kernel], agreements, bits if any((*low, *high)) else bits[:1, :1, 0]))


@dataclass
class ContractionToAddSub(RewritePattern):
    """One side in {-1, 0, +1}: add, subtract or skip the other."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ContractionOp, rewriter: PatternRewriter) -> None:
        sides = (element(op.operand.type), element(op.kernel.type))
        if op.product.data is Product.MULTIPLY and any(isinstance(s, BinaryType | TernaryType) for s in sides):
            op.product = ProductAttr(Product.ADD_SUB)
            rewriter.notify_op_modified(op)


@dataclass(frozen=True)
class BinaryToXnor(ModulePass):
    """Binary dense layers and convolutions to XNOR-popcount, others with a binary or ternary side to add/subtract."""

    name = "binary-to-xnor"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier(
            [DenseToPopcount(), ConvToPopcount(), ContractionToAddSub()], dce_enabled=True
        )
        PatternRewriteWalker(patterns).rewrite_module(op)
        network(op).update_function_type()
