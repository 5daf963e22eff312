"""Gates, choices and comparisons with constants as functions of bits: which of them one table of six inputs holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.expressions import (
    AddOp,
    BitwiseOp,
    CastOp,
    CmpOp,
    NegOp,
    NotOp,
    SelectOp,
    ShlOp,
    SubOp,
)
from qdialect.dialects.hlscpp.memory import LoadOp, StoreOp
from qdialect.dialects.hlscpp.structure import ForOp
from qdialect.dialects.hlscpp.types import IntType
from qdialect.estimates.known_bits import Copies, at_least, count_ones, varying_bits
from qdialect.lowering.rtl.words import LUT_INPUTS

if TYPE_CHECKING:
    from qdialect.estimates.datapath import Datapath

LOGIC = (BitwiseOp, NotOp, SelectOp)
FEW = LUT_INPUTS // 2
"""Bits whose functions are in the tables of an addition."""


def width(value: SSAValue) -> int:
    return value.type.bits if isinstance(value.type, IntType) else 0


def result_width(op: Operation) -> int:
    """Bits that are kept of a result: those of the cast that alone uses it, if it is narrower."""
    result = op.results[0]
    uses = [use.operation for use in result.uses]
    if len(uses) == 1 and isinstance(uses[0], CastOp):
        return min(width(result), width(uses[0].result) or width(result))
    return width(result)


def source(value: SSAValue) -> Operation | None:
    """The operation that computes a value, before it is cast."""
    while isinstance(value.owner, CastOp):
        value = value.owner.operand
    return value.owner if isinstance(value.owner, Operation) else None


def reader(op: Operation) -> Operation | None:
    """The only operation that reads a result, or its cast."""
    uses = [use.operation for use in op.results[0].uses]
    if len(uses) != 1:
        return None
    return reader(uses[0]) if isinstance(uses[0], CastOp) else uses[0]


def inputs(value: SSAValue, path: Datapath) -> dict[tuple[SSAValue, bool], int]:
    """How many inputs of a table a bit of a value takes from which values, and whether they are those of comparisons:
    none if it is fixed, those of the gates that are in it."""
    if path.is_fixed(value):
        return {}
    op = source(value)
    if isinstance(op, CmpOp) and is_within_gates(op, path):
        other = op.lhs if path.is_fixed(op.rhs) else op.rhs
        return {(other, True): int(np.max(deciding_bits(op, path)))}
    found = gate_inputs(op, path) if op is not None and is_read_with_others(op) else {(value, False): LUT_INPUTS}
    return found if sum(found.values()) < LUT_INPUTS else {(value, False): 1}


def is_of_few_bits(value: SSAValue, path: Datapath) -> bool:
    """Whether few bits decide all of a value, through gates, choices and constants."""
    roots, seen, todo = dict[SSAValue, int](), set[SSAValue](), [value]
    while todo and sum(roots.values()) <= FEW:
        value = todo.pop()
        if value in seen or path.is_fixed(value):
            continue
        seen.add(value)
        op = source(value)
        if op is not None and decides(op, path):
            todo += op.operands
        else:
            root = value if op is None else op.results[0]
            roots[root] = width(root)
    return sum(roots.values()) <= FEW


def decides(op: Operation, path: Datapath) -> bool:
    """Whether an operation is a function of few bits if its operands are."""
    return isinstance(op, (*LOGIC, CmpOp, NegOp)) or (isinstance(op, ShlOp) and path.is_fixed(op.lhs))


def is_small(op: Operation, path: Datapath) -> bool:
    """Whether a few bits decide a value that sums read, or others that they decide: it is in the tables of the sums."""
    if not decides(op, path) or not is_of_few_bits(op.results[0], path):
        return False
    reads = [use.operation for use in op.results[0].uses]
    reads += [use.operation for cast in reads if isinstance(cast, CastOp) for use in cast.result.uses]
    others = [read for read in reads if not isinstance(read, CastOp)]
    return all(isinstance(read, AddOp | SubOp) or is_small(read, path) for read in others)


def gate_inputs(op: Operation, path: Datapath) -> dict[tuple[SSAValue, bool], int]:
    sides = [inputs(operand, path) for operand in op.operands]
    if isinstance(op, SelectOp) and path.is_fixed(op.condition):
        return max(sides, key=lambda side: sum(side.values()))
    return {key: max(side.get(key, 0) for side in sides) for side in sides for key in side}


def is_inside(op: Operation, path: Datapath) -> bool:
    """Whether gates are in the table of what reads them."""
    return is_read_with_others(op) and sum(gate_inputs(op, path).values()) < LUT_INPUTS


def is_read_with_others(op: Operation) -> bool:
    """Whether what reads a gate, if it is one operation, is of tables that may take its inputs."""
    if not isinstance(op, LOGIC):
        return False
    match reader(op):
        case BitwiseOp() | NotOp() | SelectOp():
            return True
        case AddOp(lhs=lhs, rhs=rhs) | SubOp(lhs=lhs, rhs=rhs):
            return source(rhs) is op or not isinstance(source(rhs), LOGIC) or source(lhs) is None
        case _:
            return False


def deciding_bits(op: CmpOp, path: Datapath) -> Copies:
    """The bits that a comparison with a constant depends on: of an order those above the low zeros of the bound."""
    wide = max(map(width, op.operands))
    constant, other = sorted((path.bits_of(operand) for operand in op.operands), key=lambda k: bool(np.any(k.varying)))
    bits = varying_bits(other, wide)
    if op.predicate.data in ("eq", "ne"):
        return bits
    after = (op.predicate.data in ("gt", "le")) == path.is_fixed(op.rhs)
    bound = constant.value + int(after)
    return np.where(bound == 0, 1, bits - count_ones(at_least(0, (bound & -bound) - 1) & other.varying))


def is_within_gates(op: CmpOp, path: Datapath) -> bool:
    """Whether a comparison with a constant is in the tables of the gates and choices that read it."""
    if not any(map(path.is_fixed, op.operands)) or np.max(deciding_bits(op, path)) > LUT_INPUTS / 2:
        return False
    return all(isinstance(use.operation, LOGIC) for use in op.result.uses)


def is_of_extreme(op: SelectOp, path: Datapath) -> bool:
    """Whether it is the larger one of a value and the least of its type, which is the value, or the reverse."""
    fixed = [path.is_fixed(side) for side in (op.lhs, op.rhs)]
    compared = source(op.condition)
    if not isinstance(compared, CmpOp) or fixed[0] == fixed[1] or not isinstance(op.result.type, IntType):
        return False
    bound = path.bits_of((op.lhs, op.rhs)[fixed.index(True)]).value
    given = next((path.bits_of(side).value for side in compared.operands if path.is_fixed(side)), None)
    extremes = (op.result.type.minimum, op.result.type.maximum)
    return bool(np.ndim(bound) == 0 and given is not None and np.all(given == bound) and bound in extremes)


def terms_of_chain(op: BitwiseOp) -> int:
    """How many terms unrolled loops combine in a variable; 0 where an operation is no part of that."""
    loaded = [side.owner.memref for side in op.operands if isinstance(side.owner, LoadOp) and not side.owner.indices]
    store = reader(op)
    if not isinstance(store, StoreOp) or store.memref not in loaded or not isinstance(store.memref.owner, Operation):
        return 0
    terms, block = 1, op.parent_block()
    while block is not None and block is not store.memref.owner.parent_block():
        loop = block.parent_op()
        terms *= loop.upper.data - loop.lower.data if isinstance(loop, ForOp) else 1
        block = loop.parent_block() if loop is not None else None
    return terms
