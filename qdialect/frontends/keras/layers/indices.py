"""Which elements of the network's inputs are row indices, and of how many rows: Keras fails beyond them."""

from __future__ import annotations

import math
from typing import TypeGuard

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.traits import Moves
from qdialect.frontends.building.builder import Builder
from qdialect.interpreter.simulate import interpreter_for


def only_moves(op: Operation | Block) -> TypeGuard[QnnOp]:
    """Whether an operation only moves the elements of one operand."""
    return isinstance(op, QnnOp) and len(op.operands) == 1 and op.has_trait(Moves)


def record_indices(b: Builder, x: SSAValue, rows: int) -> None:
    """Record that the elements of an input that `x` holds, moved or rounded, are below `rows`."""
    path = [x]
    while only_moves(path[-1].owner) or isinstance(path[-1].owner, QuantizeOp):
        path.append(path[-1].owner.operands[0])
    argument = path.pop()
    if not isinstance(argument, BlockArgument):
        return
    shape, interpreter = shape_of(argument), interpreter_for(ModuleOp([]))
    places = np.arange(math.prod(shape)).reshape(1, *shape) + 1  # 0 is where a move inserts zeros
    for op in (value.owner for value in reversed(path)):
        if only_moves(op):
            (places,) = interpreter.run_op(op, (places,))
    limits = b.index_limits.setdefault(argument, np.zeros(shape, np.int64)).reshape(-1)
    reached = np.unique(places[places > 0]) - 1
    limits[reached] = np.where(limits[reached] > 0, np.minimum(limits[reached], rows), rows)
