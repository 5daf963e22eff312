"""Insertion of operations into a network, with the owner of the operation that they serve and names for their
values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.owner import hand_on
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat


@dataclass(frozen=True)
class Emitter:
    """Inserts operations before `end`, one after the other; they belong to the owner of `owner`, and their values are
    called `<name>_<suffix>`."""

    end: Operation
    owner: Operation
    name: str

    def emit(self, op: Operation, suffix: str) -> SSAValue:
        Rewriter.insert_op(op, InsertPoint.before(self.end))
        hand_on(self.owner, [op])
        op.results[0].name_hint = f"{self.name}_{suffix}"
        return op.results[0]

    def constant(self, codes: IntArray, lsb: int, suffix: str) -> SSAValue:
        """Codes in the smallest type of step 2**lsb that holds them."""
        return self.emit(ConstantOp(codes, FixedFormat.holding(int(codes.min()), int(codes.max()), lsb)), suffix)

    def table(self, x: SSAValue, codes: IntArray, lsb: int, suffix: str, first: int = 0) -> SSAValue:
        """The entry of `codes`, of step 2**lsb, for each code of `x` from `first` on."""
        return self.emit(LookupOp(x, self.constant(codes[np.newaxis], lsb, f"{suffix}_table"), first), suffix)
