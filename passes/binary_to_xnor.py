"""binary-to-xnor: products with -1 and +1 need no multiplier.

Both sides binary, N products: with s = popcount(xnor(x, w)) agreements the N - s others count -1, so

    sum_i x_i * w_i  =  s - (N - s)  =  2*s - N

Activations and weights become packed bits. With one side binary or ternary and the other multi-bit, each product is
an addition, a subtraction or nothing: the contraction is marked `add_sub`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute
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
from qdialect.dialect.elementwise import AddOp, ShiftOp
from qdialect.dialect.layers import ContractionOp, DenseOp
from qdialect.dialect.packed import PackOp, PopcountDenseOp
from qdialect.dialect.types import BinaryType, BitsType, TernaryType, tensor_type
from qdialect.dialect.weights import pack_words
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
        name, inputs = op.result.name_hint or "dense", shape_of(op.kernel)[0]
        packed = PackOp(op.operand)
        kernel = ConstantOp(pack_words(weights.T > 0), BitsType(inputs), op.kernel.name_hint)
        agreements = PopcountDenseOp(packed.result, kernel.result)
        doubled = ShiftOp(agreements.result, 1)
        minus_n = ConstantOp(np.array([-inputs]), FixedFormat.holding(-inputs, -inputs, 0), f"{name}_minus_n")
        total = AddOp(doubled.result, minus_n.result)
        packed.result.name_hint = f"{name}_bits"
        agreements.result.name_hint = f"{name}_agreements"
        doubled.result.name_hint = f"{name}_doubled"
        total.result.name_hint = op.result.name_hint
        rewriter.replace(op, [packed, kernel, agreements, doubled, minus_n, total])


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
    """Binary dense layers to XNOR-popcount, other layers with a binary or ternary side to add/subtract."""

    name = "binary-to-xnor"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([DenseToPopcount(), ContractionToAddSub()])
        PatternRewriteWalker(patterns).rewrite_module(op)
