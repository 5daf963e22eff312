"""pipeline-network: make the whole network one pipeline that takes a sample every R cycles, where it fits.

All products of a sample are laid out, and R cycles share them: R is the reuse factor that is wanted (1 by default), or
the smallest with no more than BUDGET bit products in a cycle. A remark says so, with both numbers. Products with
constants become additions that are written out, each at the width that it needs, with common pairs shared
(`constant-multiplication`), but for those that go to DSP blocks and those of a layer whose weights are too many.

The layers stay processes of their own, and a remark says why, where one of them is folded by name, where a value has
more elements than there are registers, and where the pipeline would hold more than BODY bit products. Each then takes
the largest legal reuse factor up to R, if R is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.attributes import Product, ProductAttr
from qdialect.dialects.qnn.float_values import expect_quantized
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.schedule import (
    INTERVAL,
    bit_products,
    boxes,
    element_bits,
    fold,
    is_foldable,
    is_folded,
    is_graph,
    outputs_of,
    pe_of,
    reuse_factors,
)
from qdialect.errors import QdialectError
from qdialect.lowering.architectures.tasks import erase_unused, tasks_of
from qdialect.lowering.kernels.product_forms import written_out
from qdialect.lowering.parts.elements import REGISTERS, array_of

BUDGET = 1 << 19
"""Bit products in a cycle: a bit product by a constant takes a quarter to half a LUT with its share of the sum (yosys,
exact widths), so this is up to 262,144 LUTs, two thirds of one of the three dies of the default part."""

BODY = 1 << 20
"""Bit products in one pipeline, whatever its interval: 29,127 products of 6 by 6 bits. The vendor's tool unrolls them
all; it schedules some thousand operations in minutes, and gives up on some ten thousand."""


def obstacle(function: FuncOp, layers: Sequence[Operation], work: int) -> str | None:
    """Why a network of so many bit products cannot be one pipeline."""
    if (folded := next(filter(is_folded, layers), None)) is not None:
        return f"layer '{layer_of(folded)}' is folded"
    for value in [*function.args, *(task.result for task in tasks_of(function))]:
        if (size := math.prod(array_of(value.type).get_shape())) > REGISTERS:
            return f"'{value.name_hint}' has {size:,} elements, more than the {REGISTERS:,} registers of an array"
    if work > BODY:
        return f"{work:,} bit products are more than the {BODY:,} of one pipeline"
    return None


DSP_BITS = 18
"""Bits of the widest product that the vendor's tool makes of look-up tables."""


def write_out(layer: Operation) -> None:
    """Compute a contraction by additions that are written out, where its products go to no DSP block and no pass has
    said how they are computed."""
    if not isinstance(layer, ContractionOp) or layer.product.data is Product.SIGNED_DIGITS or is_graph(layer):
        return
    wide = layer.product.data is Product.MULTIPLY and sum(map(element_bits, layer.operands)) > DSP_BITS
    if not wide and (form := written_out(layer)) is not None:
        layer.product = ProductAttr(form)


@dataclass(frozen=True)
class PipelineNetwork(ModulePass):
    """Write the interval on the network, and on its layers that all outputs and products are computed at once."""

    name = "pipeline-network"

    reuse_factor: int | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.reuse_factor is not None and self.reuse_factor < 1:
            raise QdialectError(f"reuse-factor is at least 1, not {self.reuse_factor}")
        function = network(op)
        erase_unused(function)
        for inner in function.body.block.ops:
            expect_quantized(inner)
        layers = [inner for inner in function.body.block.ops if is_foldable(inner)]
        work = sum(map(bit_products, layers))
        if (why := obstacle(function, layers, work)) is not None:
            add_remarks(function, [f"the layers are processes, not one pipeline: {why}"])
            self._reuse(layers)
            return
        wanted = self.reuse_factor or 1
        interval = max(wanted, math.ceil(work / BUDGET))
        function.attributes[INTERVAL] = IntegerAttr(interval, i64)
        for layer in layers:
            write_out(layer)
            fold(layer, pe=outputs_of(layer), simd=max(boxes(layer)))
        if interval > wanted:
            text = f"{work:,} bit products per sample, and a cycle has at most {BUDGET:,}"
            add_remarks(function, [f"a sample every {interval} cycles, not every {wanted}: {text}"])

    def _reuse(self, layers: Sequence[Operation]) -> None:
        """Fold the layers that have no schedule up to the requested reuse factor."""
        for layer in layers:
            if self.reuse_factor is not None and pe_of(layer) is None:
                legal = reuse_factors(layer)
                fold(layer, *legal[max((r for r in legal if r <= self.reuse_factor), default=min(legal))])
