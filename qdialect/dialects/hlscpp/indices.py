"""What is known of an index: a constant of every copy of unrolled code, or the same number in all of them."""

from __future__ import annotations

from xdsl.ir import BlockArgument, Operation, SSAValue

from qdialect.dialects.hlscpp.base import Expression
from qdialect.dialects.hlscpp.expressions import ConstantOp
from qdialect.dialects.hlscpp.memory import LoadOp, RomOp
from qdialect.dialects.hlscpp.pragmas import UnrollOp
from qdialect.dialects.hlscpp.structure import ForOp


def is_unrolled(loop: Operation | None) -> bool:
    """Whether all iterations of a loop are copies of its body."""
    return isinstance(loop, ForOp) and any(isinstance(op, UnrollOp) and op.factor is None for op in loop.body.block.ops)


def is_fixed(value: SSAValue) -> bool:
    """Whether a value is a constant in every copy: computed from constants and unrolled counters."""
    if isinstance(value, BlockArgument):
        return is_unrolled(value.block.parent_op())
    op = value.owner
    return isinstance(op, ConstantOp) or (isinstance(op, Expression) and all(map(is_fixed, op.operands)))


def is_shared(value: SSAValue) -> bool:
    """Whether a value is the same in all copies of the code that uses it: computed outside of unrolled loops, or from
    such values."""
    if isinstance(value, BlockArgument):
        return not is_unrolled(value.block.parent_op())
    op = value.owner
    if isinstance(op, Expression):
        return all(map(is_shared, op.operands))
    parent = value.owner.parent_op() if isinstance(value.owner, Operation) else None
    while parent is not None and not is_unrolled(parent):
        parent = parent.parent_op()
    return parent is None


def loads_of(rom: RomOp) -> list[LoadOp]:
    """The reads of a constant array."""
    return [use.operation for use in rom.memref.uses if isinstance(use.operation, LoadOp)]


def running(load: LoadOp) -> tuple[SSAValue, ...]:
    """The indices that are known at run time only."""
    return tuple(index for index in load.indices if not is_fixed(index))


def is_replicated(rom: RomOp) -> bool:
    """Whether a constant array is read at several addresses at once, so that each read has a copy of its own."""
    addresses = {running(load) for load in loads_of(rom)}
    return len(addresses) > 1 or not all(is_shared(index) for address in addresses for index in address)
