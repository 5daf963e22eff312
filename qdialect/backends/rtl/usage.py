"""Which bits of a word are read."""

from __future__ import annotations

from xdsl.dialects import comb
from xdsl.ir import SSAValue

from qdialect.interpreter.netlists import width_of


def unread_bits(value: SSAValue) -> int:
    """The bits that nothing reads, as a mask."""
    unread = (1 << width_of(value)) - 1
    for use in value.uses:
        op = use.operation
        if type(op) is not comb.ExtractOp:
            return 0
        unread &= ~(((1 << width_of(op.result)) - 1) << op.low_bit.value.data)
        if not unread:
            return 0
    return unread
