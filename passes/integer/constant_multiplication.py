"""constant-multiplication: how multiplications by weights are computed, layer by layer.

    multiply      one multiplier per weight, or per weight that is computed at once
    csd           canonical signed digits: x*w = sum_d +-(x << e_d), one addition per digit of w that is not zero
    adder_graph   the sums of a dense layer or a window as one graph of additions, in which partial sums are shared
                  [distributed arithmetic, solved by the package da4ml]
    auto          csd where its additions take fewer look-up tables than multipliers would, otherwise multiply

With x of a bits and w of b, a multiplier in look-up tables takes about a*b of them, an addition as many as its width, a
and the digit's share of b. Products with powers of two and with values of {-1, 0, +1} need neither and stay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.attributes import Product, ProductAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import FixedType, exact_format_of, format_of, tensor_type
from qdialect.errors import QdialectError
from qdialect.numerics.signed_digits import signed_digits

STRATEGIES = {"multiply": Product.MULTIPLY, "csd": Product.SIGNED_DIGITS, "adder_graph": Product.ADDER_GRAPH}


def multiplies(op: ContractionOp) -> bool:
    """Whether an operation multiplies integers by constant weights."""
    return (
        op.product.data in STRATEGIES.values()
        and constant_of(op.kernel) is not None
        and format_of(op.operand.type) is not None
        and isinstance(tensor_type(op.kernel.type).element_type, FixedType)
    )


def cheapest(op: ContractionOp) -> Product:
    """The strategy with the fewest look-up tables; the addition of each product to its sum is left out of both
    counts."""
    codes = constant_of(op.kernel)
    assert codes is not None
    x, w = exact_format_of(op.operand.type).bits, exact_format_of(op.kernel.type).bits
    digits = np.count_nonzero(signed_digits(codes), axis=-1)
    additions = int((digits - 1).clip(0).sum()) * (x + w // 2)
    return Product.SIGNED_DIGITS if additions < np.count_nonzero(codes) * x * w else Product.MULTIPLY


MAX_GRAPH = 4096
"""Weights of the largest graph: da4ml takes seconds for so many, and its time grows with their square."""


def check_graph(name: str, op: ContractionOp) -> None:
    """Raise QdialectError for a layer that cannot be computed as a graph of additions."""
    weights = math.prod(shape_of(op.kernel))
    if isinstance(op, DepthwiseConv2DOp):
        raise QdialectError(f"layer '{name}': depthwise convolutions have no graph of additions; use strategy csd")
    if weights > MAX_GRAPH:
        raise QdialectError(f"layer '{name}': {weights} weights, more than {MAX_GRAPH} in a graph; use strategy csd")


@dataclass(frozen=True)
class ConstantMultiplication(ModulePass):
    """Choose `strategy` for `layers`, by default for all that multiply."""

    name = "constant-multiplication"

    strategy: str = "auto"
    layers: tuple[str, ...] = ()

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.strategy not in (*STRATEGIES, "auto"):
            raise QdialectError(f"strategy '{self.strategy}' is not one of {', '.join((*STRATEGIES, 'auto'))}")
        found = {layer_of(c): c for c in network(op).walk() if isinstance(c, ContractionOp) and multiplies(c)}
        for name in self.layers:
            if name not in found:
                raise QdialectError(f"layer '{name}' does not multiply by constants; {', '.join(found) or 'none'} do")
        for name, contraction in found.items():
            if not self.layers or name in self.layers:
                product = cheapest(contraction) if self.strategy == "auto" else STRATEGIES[self.strategy]
                if product is Product.ADDER_GRAPH:
                    check_graph(name, contraction)
                contraction.product = ProductAttr(product)
