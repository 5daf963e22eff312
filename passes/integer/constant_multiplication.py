"""constant-multiplication: how the products of a layer are computed, layer by layer.

    multiply      one multiplier per weight, or per weight that is computed at once
    csd           canonical signed digits: x*w = sum_d +-(x << e_d), one addition per digit of w that is not zero
    tree          the digits of an output's weights in a balanced tree of additions, each at the width that it needs
    pairs         the same for all outputs, in which the pairs that most of them share are added once
    adder_graph   the same as a graph of additions [distributed arithmetic, solved by the package da4ml]
    auto          what takes the fewest look-up tables

The first two are loops over weights; they change layers that multiply, and not those whose products are shifts, signs
or popcounts. The other three are written out, all outputs of a position at once, for every kind of product but
activations that are powers of two and windows that count in part.

`auto` counts look-up tables. In a network that is one pipeline, where all outputs are computed at once, it compares
the forms that are written out, graphs where da4ml is installed, and leaves popcounts unless sharing takes fewer.
Elsewhere it compares the first two: with x of a bits and w of b, a multiplier takes about a*b tables, an addition as
many as its width, a and the digit's share of b.

A layer that is named gets its form or a message; without names, layers that cannot have it stay. Pairs that are too
many to count become trees.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.attributes import GRAPHS, Product, ProductAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.packed import PopcountOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.schedule import initiation_interval
from qdialect.errors import QdialectError
from qdialect.lowering.kernels.adder_graphs import Summed
from qdialect.lowering.kernels.product_forms import cheapest, countable, obstacle

WRITTEN = {str(product): product for product in GRAPHS}
STRATEGIES = {"multiply": Product.MULTIPLY, "csd": Product.SIGNED_DIGITS, **WRITTEN}


@dataclass(frozen=True)
class ConstantMultiplication(ModulePass):
    """Choose `strategy` for `layers`, by default for all that can have it."""

    name = "constant-multiplication"

    strategy: str = "auto"
    layers: tuple[str, ...] = ()

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.strategy not in (*STRATEGIES, "auto"):
            raise QdialectError(f"strategy '{self.strategy}' is not one of {', '.join((*STRATEGIES, 'auto'))}")
        function = network(op)
        summed = [inner for inner in function.walk() if isinstance(inner, ContractionOp | PopcountOp)]
        known = {layer_of(inner) for inner in summed}
        for name in self.layers:
            if name not in known:
                raise QdialectError(f"layer '{name}' has no products; {', '.join(sorted(known)) or 'none'} do")
        written = initiation_interval(function) is not None
        for inner in summed:
            if not self.layers or layer_of(inner) in self.layers:
                inner.product = ProductAttr(self._product(inner, written))

    def _product(self, op: Summed, written: bool) -> Product:
        """Raises QdialectError for a named layer that cannot have the form that is named."""
        if self.strategy == "auto":
            return cheapest(op, written)
        product = STRATEGIES[self.strategy]
        why = obstacle(op, product)
        if why is not None:
            if self.layers:
                raise QdialectError(f"layer '{layer_of(op)}' {why}")
            return op.product.data
        return product if product is not Product.PAIRS or countable(op) else Product.TREE
