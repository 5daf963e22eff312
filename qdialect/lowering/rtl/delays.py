"""Delays of operations of netlists: in levels of logic, and in ns on a 7-series device.

An addition or a subtraction is one level. Gates of one-bit counters meet in look-up tables of six inputs, about five of
them in a row; comparisons with constants of up to six bits are a table each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from xdsl.dialects import comb, hw
from xdsl.ir import Operation

from qdialect.interpreter.netlists import width_of

WIRING = (hw.ConstantOp, comb.ExtractOp, comb.ConcatOp, comb.ReplicateOp)
"""Operations without delay."""
TABLE_INPUTS = 6
GATES_IN_A_ROW = 5
TABLE_NS, CARRY_NS = 0.6, 0.03
"""A look-up table with its wire, and one bit of a carry chain."""
Delay: TypeAlias = Callable[[Operation], float]


def levels(op: Operation) -> float:
    """Levels of logic."""
    match op:
        case comb.AddOp() | comb.SubOp():
            return 1
        case comb.ICmpOp():
            return 0.5 if width_of(op.operands[0]) <= TABLE_INPUTS else 1
        case comb.MulOp():
            return max(width_of(op.operands[0]).bit_length(), 1)
        case comb.MuxOp() | comb.AndOp() | comb.OrOp() | comb.XorOp():
            return 1 / GATES_IN_A_ROW
        case _:
            return 0


def nanoseconds(op: Operation) -> float:
    """An estimate before placement."""
    carried = width_of(op.operands[0]) if isinstance(op, comb.AddOp | comb.SubOp | comb.MulOp) else 0
    if isinstance(op, comb.ICmpOp) and width_of(op.operands[0]) > TABLE_INPUTS:
        carried = width_of(op.operands[0])
    return levels(op) * TABLE_NS + carried * CARRY_NS


def is_wiring(op: Operation) -> bool:
    return isinstance(op, WIRING)
