"""size-accumulators: every sum gets the narrowest type that provably holds it.

From the types alone a dot product of n terms needs ceil(log2 n) bits more than a product. From the actual weights
and the intervals of the inputs (`qdialect.ranges`) the interval of every partial sum is known, and

    width = bits of [low, high],  unsigned where low >= 0

Values that are only moved (reshape, pooling, padding, shifted binary points) follow their operands. The types of
quantizers and thresholds say what they saturate to, and stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from qdialect.dialect.bounds import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialect.contractions import ContractionOp
from qdialect.dialect.elementwise import BinaryOp, ReluOp, ShiftOp
from qdialect.dialect.moves import ConcatOp, MoveOp
from qdialect.dialect.packed import PopcountOp
from qdialect.dialect.padding import PadOp, ReshapeOp
from qdialect.dialect.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialect.types import exact_format_of, format_of, tensor
from qdialect.interpreter.simulate import network
from qdialect.numerics.formats import FixedFormat
from qdialect.ranges import Range, ranges

SUMS = (BinaryOp, ContractionOp, SumPool2DOp, PopcountOp, ReluOp, LeakyReluOp, MaximumOp, MinimumOp)
MOVES = (ConcatOp, MaxPool2DOp, MoveOp, PadOp, ReshapeOp, ShiftOp)


def sized_type(op: Operation, known: Range | None) -> Attribute | None:
    """The type that `op`'s result gets; None where it stays."""
    if isinstance(op, SUMS) and known is not None and format_of(op.result.type) is not None:
        narrow = FixedFormat.holding(*known.hull, exact_format_of(op.result.type).lsb)
        return tensor(op.result.type.get_shape(), narrow)
    if isinstance(op, MOVES):
        shape, fmt = op.inferred()
        return op.result.type if fmt is None else tensor(shape, fmt)
    return None


@dataclass(frozen=True)
class SizeAccumulators(ModulePass):
    """Narrow the result types of sums, products and counts to their proven ranges."""

    name = "size-accumulators"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        known = ranges(op)
        for inner in function.body.block.ops:
            if not inner.results:
                continue
            type_ = sized_type(inner, known.get(inner.results[0]))
            if type_ is not None and type_ != inner.results[0].type:
                Rewriter.replace_value_with_new_type(inner.results[0], type_)
        function.update_function_type()
