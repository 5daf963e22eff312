"""lower-to-rtl: turn the integer level into netlists of words (`hw`, `comb`), without registers.

A layer is a module, with the element-wise operations after it; what only moves elements is wires of the top module,
which has the network's name. Every word has the bits that its proven range needs. A layer of many positions has a
module for one of them, with an instance for each.

`products` says how sums of products with constant weights are computed: `tree` (one tree of additions per output, by
signed digits), `pairs` (common pairs of terms are added once), `differences` (the same in what columns differ by from
others), `graph` (graphs of the package da4ml), `auto` (shared counts or counters for bits; for words pairs in sums one
addition deeper than trees, or differences, whichever is cheaper by an estimate of look-up tables, of which an addition
more in a row must save one in two hundred). `depth` is how many additions in a row a sum may take more than a balanced
tree of its terms, of counts how many after the counts; -1 is any number.

`architecture` is `parallel`, where all positions are computed at once, or `stream`: one pixel comes in a tick, and a
window is delays of the stream. Then the network's module, `..._core`, has the inputs `tick` and `start`, the mark of a
sample's first pixel, and the outputs `valid` and `tick_out`; `rtl.stream` has its numbers of ticks. Modules with a
state are external: their text is the printer's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.network import keras_name, network
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.lowering.rtl.design import hierarchy_of
from qdialect.lowering.rtl.emission import operations_of
from qdialect.lowering.rtl.matrices.choice import STRATEGIES
from qdialect.lowering.rtl.matrices.search import ANY_DEPTH
from qdialect.lowering.rtl.streams.design import stream_design_of
from qdialect.validation.equivalence import expect_codes_in_tables

ARCHITECTURES = {"parallel": hierarchy_of, "stream": stream_design_of}


@dataclass(frozen=True)
class LowerToRtl(ModulePass):
    """Replace the network function by `hw` modules, the network's last."""

    name = "lower-to-rtl"

    products: str = "auto"
    depth: int = ANY_DEPTH
    architecture: str = "parallel"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.products not in STRATEGIES:
            raise QdialectError(f"products '{self.products}' is not one of {', '.join(STRATEGIES)}")
        if self.architecture not in ARCHITECTURES:
            raise QdialectError(f"architecture '{self.architecture}' is not one of {', '.join(ARCHITECTURES)}")
        if self.depth < ANY_DEPTH:
            raise QdialectError(f"depth {self.depth} is not -1, for any, or a number of additions")
        function = network(op)
        for argument in function.args:
            if format_of(argument.type) is None:
                raise QdialectError(f"input '{keras_name(argument)}' is float; run quantize-interface first")
        expect_codes_in_tables(op)
        strategy = partial(STRATEGIES[self.products], depth=self.depth)
        design = ARCHITECTURES[self.architecture](op, lambda _: strategy)
        op.body.block.add_ops(operations_of(design))
        function.detach()
        function.erase()
