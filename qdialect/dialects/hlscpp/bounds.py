"""Counters of loops stay within what they index."""

from __future__ import annotations

from xdsl.ir import BlockArgument, Operation
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.expressions import BitOp
from qdialect.dialects.hlscpp.memory import AccessOp
from qdialect.dialects.hlscpp.types import IntType, array_type


def verify_counter(loop: Operation, counter: BlockArgument, first: int, last: int) -> None:
    """Raise VerifyException where `counter`, which runs from `first` to `last` in `loop`, indexes an array or the bits
    of an integer beyond its end. What stands under a condition may never run there."""
    for op in (use.operation for use in counter.uses):
        for size, indexed in _indexed_by(op, counter):
            if not 0 <= first <= last < size and not _is_conditional(op, loop):
                raise VerifyException(f"{op.name} index from {first} to {last} is outside of {indexed}")


def _indexed_by(op: Operation, counter: BlockArgument) -> list[tuple[int, object]]:
    """The sizes of what `counter` indexes in an operation, with their types."""
    if isinstance(op, AccessOp):
        type = array_type(op.memref)
        return [(n, type) for index, n in zip(op.indices, type.get_shape(), strict=False) if index is counter]
    if isinstance(op, BitOp) and op.rhs is counter and isinstance(op.lhs.type, IntType):
        return [(op.lhs.type.bits, op.lhs.type)]
    return []


def _is_conditional(op: Operation, loop: Operation) -> bool:
    """Whether anything but loops stands between an operation and a loop around it."""
    parent = op.parent_op()
    while parent is not None and parent is not loop:
        if not isinstance(parent, type(loop)):
            return True
        parent = parent.parent_op()
    return False
