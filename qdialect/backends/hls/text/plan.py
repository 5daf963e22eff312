"""Which operations of a function become C++ statements of their own.

A value that is used once is printed where it is used, unless a store comes between; one that is used more often or
has a name becomes a `const` at its place. A variable is declared by its first store where one comes first; where all
others add to it, it is a sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.ir import Block, Operation

from qdialect.dialects.hlscpp.expressions import AddOp, CastOp, ConstantOp, SubOp
from qdialect.dialects.hlscpp.memory import LoadOp, LocalOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.pragmas import Pragma
from qdialect.dialects.hlscpp.streams import ReadOp, ReceiveOp
from qdialect.dialects.hlscpp.structure import writes


@dataclass
class Plan:
    """The operations of a block, and of those within it, that have no statement of their own."""

    dead: set[Operation] = field(default_factory=set[Operation])
    """Values and arrays that no printed operation reads."""
    inlined: set[Operation] = field(default_factory=set[Operation])
    """Values printed within the operation that uses them, and variables declared by their first store."""
    declaring: set[Operation] = field(default_factory=set[Operation])
    """These first stores."""
    sums: set[Operation] = field(default_factory=set[Operation])
    """Variables that are only added to after their first store."""

    def add(self, block: Block) -> None:
        """Plan a block, walking from uses to definitions."""
        ops = list(block.ops)
        place = {op: number for number, op in enumerate(ops)}
        for op in reversed(ops):
            for region in op.regions:
                self.add(region.block)
            if not op.results:
                continue
            result = op.results[0]
            users = [use.operation for use in result.uses if use.operation not in self.dead]
            if isinstance(op, ReadOp | ReceiveOp):
                continue
            if not any(not isinstance(user, Pragma) for user in users):
                self.dead.add(op)
            elif isinstance(op, LocalOp):
                first = next(after for after in ops[place[op] + 1 :] if any(o in users for o in after.walk()))
                if isinstance(first, StoreOp) and not first.indices:
                    self.inlined.add(op)
                    self.declaring.add(first)
                    others = [user for user in users if isinstance(user, StoreOp) and user is not first]
                    if others and all(map(adds, others)):
                        self.sums.add(op)
            elif result.name_hint is not None or isinstance(op, RomOp):
                continue
            elif isinstance(op, ConstantOp):
                self.inlined.add(op)
            elif len(users) == 1 and users[0] in place:
                # `place` of an inlined user has moved on to that of the statement that prints it.
                statement = place[users[0]]
                between = ops[place[op] + 1 : statement]
                if not isinstance(op, LoadOp) or not any(writes(o, op.memref) for o in between):
                    self.inlined.add(op)
                    place[op] = statement


def adds(store: StoreOp) -> bool:
    """Whether a store of a variable adds to its value, or subtracts from it."""
    value = store.value.owner
    if isinstance(value, CastOp):
        value = value.operand.owner
    if not isinstance(value, AddOp | SubOp):
        return False
    before = value.lhs.owner
    return isinstance(before, LoadOp) and before.memref is store.memref
