"""What an operation of unrolled code takes: look-up tables by the bits that vary, mean over its copies.

A table has six inputs, so that gates and choices that only another one reads are in its table; an addition has a table
for each bit from the first that both terms have, which takes up the choice that gives one of them.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.bits import CountOp
from qdialect.dialects.hlscpp.expressions import (
    AddOp,
    BitwiseOp,
    CastOp,
    CmpOp,
    MulOp,
    NegOp,
    NotOp,
    OrOp,
    PopcountOp,
    SelectOp,
    ShiftOp,
    ShlOp,
    SubOp,
)
from qdialect.dialects.hlscpp.indices import is_replicated
from qdialect.dialects.hlscpp.memory import LoadOp, RomOp
from qdialect.dialects.hlscpp.storage_pragmas import ArrayPartitionOp, ArrayReshapeOp
from qdialect.dialects.hlscpp.streams import ReadOp, ReceiveOp
from qdialect.dialects.hlscpp.types import INDEX, IntType, array_type
from qdialect.estimates import cost_model
from qdialect.estimates.cost_model import FREE, Cost
from qdialect.estimates.known_bits import Copies, count_ones, varying_bits
from qdialect.lowering.rtl.counters import popcount
from qdialect.lowering.rtl.netlist import Kind, Netlist, needed
from qdialect.lowering.rtl.words import LUT_INPUTS

if TYPE_CHECKING:
    from qdialect.estimates.datapath import Datapath

STREAM_CYCLES = 1
"""A beat is in a register when it has been read, and in the queue a cycle after it is complete."""

LOGIC = (BitwiseOp, NotOp, SelectOp)


def width(value: SSAValue) -> int:
    return value.type.bits if isinstance(value.type, IntType) else 0


def result_width(op: Operation) -> int:
    """Bits that are kept of a result: those of the cast that alone uses it, if it is narrower."""
    result = op.results[0]
    uses = [use.operation for use in result.uses]
    if len(uses) == 1 and isinstance(uses[0], CastOp):
        return min(width(result), width(uses[0].result) or width(result))
    return width(result)


def split_dimensions(array: SSAValue) -> set[int]:
    """The dimensions, counted from 0, along which the elements of an array are apart: in banks or in one word."""
    split: set[int] = set()
    for use in array.uses:
        if isinstance(use.operation, ArrayPartitionOp | ArrayReshapeOp) and use.operation.kind.data == "complete":
            dim = use.operation.dim.data
            split |= set(range(len(array_type(array).get_shape()))) if dim == 0 else {dim - 1}
    return split


def cost_of(op: Operation, path: Datapath) -> Cost:
    """The cost of an operation in a datapath whose result varies."""
    if all(operand.type == INDEX for operand in op.operands):
        return FREE  # counters and addresses
    match op:
        case ReadOp() | ReceiveOp():
            return Cost(cycles=STREAM_CYCLES)
        case LoadOp():
            return load(op, path)
        case AddOp() | SubOp() | NegOp():
            return addition(op, path)
        case MulOp():
            return product(op, path)
        case CmpOp():
            return comparison(op, path)
        case BitwiseOp() | SelectOp() | NotOp():
            return choice(op, path)
        case ShiftOp() if not path.is_fixed(op.rhs):
            return shift(op, path)
        case PopcountOp():
            return counting(varying_bits(path.bits_of(op.operand), width(op.operand)))
        case CountOp():
            return counting(sum(not path.is_fixed(bit) for bit in op.bits))
        case _:
            return FREE


def mean(copies: Copies) -> float:
    return float(np.mean(copies))


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


def inputs(value: SSAValue, path: Datapath) -> float:
    """How many inputs of a table a bit of a value takes: none if it is fixed, those of the gates that are in it."""
    if path.is_fixed(value):
        return 0
    op = source(value)
    return gate_inputs(op, path) if op is not None and is_inside(op, path) else 1


def gate_inputs(op: Operation, path: Datapath) -> float:
    sides = [inputs(operand, path) for operand in op.operands]
    if isinstance(op, SelectOp) and path.is_fixed(op.condition):
        return max(sides)
    return sum(sides)


def is_inside(op: Operation, path: Datapath) -> bool:
    """Whether gates are in the table of what reads them."""
    if not isinstance(op, LOGIC) or gate_inputs(op, path) >= LUT_INPUTS:
        return False
    match reader(op):
        case BitwiseOp() | NotOp() | SelectOp():
            return True
        case AddOp(lhs=lhs, rhs=rhs) | SubOp(lhs=lhs, rhs=rhs):
            return source(rhs) is op or not isinstance(source(rhs), LOGIC) or source(lhs) is None
        case _:
            return False


def choice(op: Operation, path: Datapath) -> Cost:
    """Gates and choices of two, bit by bit."""
    known = [path.bits_of(operand) for operand in op.operands]
    if isinstance(op, BitwiseOp) and (is_placement(op, path) or not np.any(known[0].possible & known[1].possible)):
        return FREE  # words side by side
    count = gate_inputs(op, path)
    if count <= 1 or is_inside(op, path):
        return FREE
    bits = mean(varying_bits(path.bits_of(op.results[0]), result_width(op)))
    return cost_model.gates(bits, count)


def is_placement(op: BitwiseOp, path: Datapath) -> bool:
    """Whether it puts bits at a fixed place of a word: `word | (bit << 5)`."""
    shifts = [operand.owner for operand in op.operands if isinstance(operand.owner, ShlOp)]
    return isinstance(op, OrOp) and any(path.is_fixed(s.rhs) and isinstance(s.lhs.owner, CastOp) for s in shifts)


def addition(op: AddOp | SubOp | NegOp, path: Datapath) -> Cost:
    """A carry chain: a table for each bit that both terms have, sign included, and none to pass on or invert one."""
    if any(is_hit(operand, path) for operand in op.operands):
        return cost_model.position()
    if isinstance(op, NegOp):
        return cost_model.adder(0, 0, result_width(op))
    terms = [path.bits_of(operand).varying for operand in op.operands]
    wide = min(result_width(op), max(map(significant, op.operands)))
    both = count_ones(terms[0] & terms[1] & (1 << wide) - 1)
    return cost_model.adder(mean(both), mean(both > 0), result_width(op))


def significant(value: SSAValue) -> int:
    """The bits of a number before it is cast to a wider type."""
    bits = width(value)
    while isinstance(value.owner, CastOp):
        value = value.owner.operand
        bits = min(bits, width(value) or bits)
    return bits


def is_hit(value: SSAValue, path: Datapath) -> bool:
    """Whether a value is the comparison of another one with a constant."""
    op = source(value)
    return isinstance(op, CmpOp) and any(map(path.is_fixed, op.operands))


def product(op: MulOp, path: Datapath) -> Cost:
    sides = [path.bits_of(operand) for operand in op.operands]
    fixed = [bool(np.all(side.is_constant)) for side in sides]
    if not any(fixed):
        return cost_model.multiplier(width(op.lhs), width(op.rhs))
    at = fixed.index(True)
    return cost_model.constant_multiplier(width(op.operands[1 - at]), np.atleast_1d(sides[at].value).ravel().tolist())


def comparison(op: CmpOp, path: Datapath) -> Cost:
    """With a constant as many bits as decide, of an order those above its low zeros."""
    sides = [path.bits_of(operand) for operand in op.operands]
    wide = max(map(width, op.operands))
    constant = next((side for side in sides if np.all(side.is_constant)), None)
    if constant is None:
        return cost_model.comparison(wide)
    (other,) = (side for side in sides if side is not constant)
    bits = varying_bits(other, wide)
    if op.predicate.data in ("lt", "le", "gt", "ge"):
        after = (op.predicate.data in ("gt", "le")) == (constant is sides[1])
        bound = constant.value + int(after)
        bits = varying_bits(other, wide) - count_ones(np.maximum((bound & -bound) - 1, 0) & other.varying)
        bits = np.where(bound == 0, 1, bits)
    return cost_model.constant_comparison(mean(np.ceil((np.maximum(bits, 1) - 1) / (LUT_INPUTS - 1))), wide)


def shift(op: ShiftOp, path: Datapath) -> Cost:
    """By an amount that is known at run time only."""
    places = mean(varying_bits(path.bits_of(op.rhs), width(op.rhs)))
    bits = mean(varying_bits(path.bits_of(op.result), result_width(op)))
    if path.is_fixed(op.lhs):
        return cost_model.gates(bits, places)
    return cost_model.shift(bits, 1 << math.ceil(places))


@cache
def counter_tables(bits: int) -> int:
    """Tables of a count: one for each bit that a counter of up to six bits gives, and those of the last addition."""
    net = Netlist("count", LUT_INPUTS)
    total = popcount(net, [net.input(str(i), 1, 0, 1) for i in range(bits)])
    return sum(wire.width for wire in needed([total]) if wire.kind in (Kind.COUNT, Kind.ADD))


def counting(bits: Copies) -> Cost:
    counts = np.atleast_1d(bits).ravel().tolist()
    return cost_model.count_ones(mean([counter_tables(n) if n > 1 else 0 for n in counts]), max(counts))


def load(op: LoadOp, path: Datapath) -> Cost:
    """An element by an index that is known at run time only: a multiplexer of registers, a table, a memory."""
    shape, split = array_type(op.memref).get_shape(), split_dimensions(op.memref)
    varying = [dim for dim, index in enumerate(op.indices) if not path.is_fixed(index)]
    banks = math.prod(shape[dim] for dim in varying if dim in split)
    bits = op.element_type.bits
    if isinstance(rom := op.memref.owner, RomOp):
        reached = [min(shape[dim], reachable(path, op.indices[dim])) for dim in varying]
        words = math.prod(reached)
        return cost_model.lookup(bits, words) if banks > 1 or (words > 1 and is_replicated(rom)) else FREE
    return cost_model.multiplexer(bits, banks) if banks > 1 else FREE


def reachable(path: Datapath, index: SSAValue) -> int:
    """How many values an index may have."""
    op = source(index)
    bits = width(op.results[0]) if op is not None and op.results else 0
    known = path.bits_of(index)
    return 1 << int(np.max(varying_bits(known, bits or 31)))
