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
from qdialect.dialects.hlscpp.types import INDEX, array_type
from qdialect.estimates import cost_model
from qdialect.estimates.cost_model import FREE, Cost
from qdialect.estimates.gates import (
    LOGIC,
    deciding_bits,
    gate_inputs,
    is_inside,
    is_of_extreme,
    is_small,
    is_within_gates,
    reader,
    result_width,
    source,
    terms_of_chain,
    width,
)
from qdialect.estimates.known_bits import Copies, Known, count_ones, is_zero, low_bits, varying_bits
from qdialect.lowering.rtl.counters import popcount
from qdialect.lowering.rtl.netlist import Kind, Netlist, needed
from qdialect.lowering.rtl.words import LUT_INPUTS

if TYPE_CHECKING:
    from qdialect.estimates.datapath import Datapath

STREAM_CYCLES = 1
"""A beat is in a register when it has been read, and in the queue a cycle after it is complete."""


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
    if is_small(op, path):
        return FREE
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
    return float(np.mean(copies) if isinstance(copies, np.ndarray) else copies)


def choice(op: Operation, path: Datapath) -> Cost:
    """Gates and choices of two, bit by bit."""
    known = [path.bits_of(operand) for operand in op.operands]
    if isinstance(op, BitwiseOp) and (is_placement(op, path) or is_zero(known[0].possible & known[1].possible)):
        return FREE  # words side by side
    if isinstance(op, SelectOp) and is_of_extreme(op, path):
        return FREE
    count = sum(gate_inputs(op, path).values())
    if count <= 1 or is_inside(op, path):
        return FREE
    varying = path.bits_of(op.results[0])
    if isinstance(op, SelectOp):
        varying = Known(0, varying.varying & undecided(op, path))
    bits = mean(varying_bits(varying, result_width(op)))
    if isinstance(op, BitwiseOp) and (gates := terms_of_chain(op) - 1) > 0:
        return cost_model.gates(bits * math.ceil(gates / (LUT_INPUTS - 1)) / gates, 2)
    return cost_model.gates(bits, count)


def undecided(op: SelectOp, path: Datapath) -> Copies:
    """The bits of a choice that are not the condition itself, nor those of one side with a few more."""
    bits = path.bits_of(op.lhs).varying | path.bits_of(op.rhs).varying
    more = op.lhs.owner
    if isinstance(more, OrOp) and op.rhs in more.operands:
        bits = bits & path.bits_of(more.rhs if more.lhs is op.rhs else more.lhs).possible
    return bits


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
    wide = min(result_width(op), max(map(significant, op.operands)))
    terms = [low_bits(path.bits_of(operand).magnitude, wide) for operand in op.operands]
    both = count_ones(terms[0] & terms[1])
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
    fixed = [is_zero(side.varying) for side in sides]
    if not any(fixed):
        return cost_model.multiplier(width(op.lhs), width(op.rhs))
    at = fixed.index(True)
    return cost_model.constant_multiplier(width(op.operands[1 - at]), np.atleast_1d(sides[at].value).ravel().tolist())


def comparison(op: CmpOp, path: Datapath) -> Cost:
    wide = max(map(width, op.operands))
    if not any(map(path.is_fixed, op.operands)):
        return cost_model.comparison(wide)
    if is_within_gates(op, path):
        return FREE
    return cost_model.constant_comparison(mean(row_of_tables(deciding_bits(op, path))), wide)


def row_of_tables(bits: Copies) -> Copies:
    """How many tables take so many inputs, each one more from the table before it."""
    return np.ceil((np.maximum(bits, 1) - 1) / (LUT_INPUTS - 1))


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
    return cost_model.count_ones(float(np.mean([counter_tables(n) if n > 1 else 0 for n in counts])), max(counts))


def load(op: LoadOp, path: Datapath) -> Cost:
    """An element by an index that is known at run time only: a multiplexer of registers, a table, a memory."""
    shape, split = array_type(op.memref).get_shape(), split_dimensions(op.memref)
    varying = [dim for dim, index in enumerate(op.indices) if not path.is_fixed(index)]
    banks = math.prod(shape[dim] for dim in varying if dim in split)
    bits = op.element_type.bits
    if isinstance(rom := op.memref.owner, RomOp):
        reached = [min(shape[dim], reachable(path, op.indices[dim])) for dim in varying]
        words = math.prod(reached)
        if words < 1 << LUT_INPUTS and isinstance(reader(op), LOGIC):
            return FREE  # a part of the tables of what reads it
        if words < 1 << LUT_INPUTS - 1 and isinstance(reader(op), CmpOp | AddOp | SubOp):
            return FREE  # those of a carry chain have two outputs, of five inputs
        return cost_model.lookup(bits, words) if banks > 1 or (words > 1 and is_replicated(rom)) else FREE
    return cost_model.multiplexer(bits, banks) if banks > 1 else FREE


def reachable(path: Datapath, index: SSAValue) -> int:
    """How many values an index may have."""
    op = source(index)
    bits = width(op.results[0]) if op is not None and op.results else 0
    known = path.bits_of(index)
    return 1 << int(np.max(varying_bits(known, bits or 31)))
