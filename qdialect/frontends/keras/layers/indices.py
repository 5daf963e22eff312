"""Which elements of the network's inputs are indices of rows, and of how many: Keras fails for others."""

from __future__ import annotations

import math

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import BlockArgument, SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import MoveOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.interpreter.simulate import interpreter_for


def record_indices(b: Builder, x: SSAValue, rows: int) -> None:
    """Remember of the elements of an input that `x` holds, moved or rounded, that they are below `rows`."""
    path = [x]
    while isinstance(path[-1].owner, MoveOp | ReshapeOp | QuantizeOp):
        path.append(path[-1].owner.operand)
    argument = path.pop()
    if not isinstance(argument, BlockArgument):
        return
    shape, interpreter = shape_of(argument), interpreter_for(ModuleOp([]))
    places = np.arange(math.prod(shape)).reshape(1, *shape) + 1  # 0 is where a move inserts zeros
    for op in (value.owner for value in reversed(path)):
        if isinstance(op, MoveOp | ReshapeOp):
            (places,) = interpreter.run_op(op, (places,))
    limits = b.index_limits.setdefault(argument, np.zeros(shape, np.int64)).reshape(-1)
    reached = np.unique(places[places > 0]) - 1
    limits[reached] = np.where(limits[reached] > 0, np.minimum(limits[reached], rows), rows)
