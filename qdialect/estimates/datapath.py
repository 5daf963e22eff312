"""The hardware of straight-line code: operators, registers, and when each value arrives.

Loops under a pipeline are unrolled and functions dissolve, so a body is run once in a model of time: each value has an
arrival in ns after the start, each array the arrival of its last store. A loop of n iterations that accumulates is a
balanced tree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.ir import Block, Operation, SSAValue

from qdialect.dialects.hlscpp.expressions import (
    AddOp,
    BitwiseOp,
    CastOp,
    CmpOp,
    ConstantOp,
    MulOp,
    NegOp,
    OrOp,
    PopcountOp,
    SelectOp,
    ShiftOp,
    ShlOp,
    SubOp,
)
from qdialect.dialects.hlscpp.indices import is_replicated
from qdialect.dialects.hlscpp.memory import LoadOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.storage_pragmas import ArrayPartitionOp, ArrayReshapeOp
from qdialect.dialects.hlscpp.streams import ReadOp, ReceiveOp, SendOp, WriteOp
from qdialect.dialects.hlscpp.structure import CallOp, ForOp, IfOp, writes
from qdialect.dialects.hlscpp.types import INDEX, IntType, array_type
from qdialect.estimates import cost_model
from qdialect.estimates.cost_model import FREE, Cost, Resources

STREAM_CYCLES = 1
"""A beat is in a register when it has been read, and in the queue a cycle after it is complete."""


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


@dataclass
class Datapath:
    """The hardware of a block under a pipeline (or run once), with a clock of `clock` ns.

    fixed: values that are constants in every copy of the unrolled code.
    arrivals: of values and of the last store to an array, ns.
    """

    clock: float
    fixed: set[SSAValue] = field(default_factory=set[SSAValue])
    arrivals: dict[SSAValue, float] = field(default_factory=dict[SSAValue, float])

    def run(self, block: Block, start: float = 0) -> Resources:
        """The resources of a block that starts at `start` ns; advances the arrivals."""
        total = Resources()
        for op in block.ops:
            total += self._operation(op, start)
        return total

    @property
    def end(self) -> float:
        """When the last value has arrived, ns."""
        return max(self.arrivals.values(), default=0)

    def _operation(self, op: Operation, start: float) -> Resources:
        match op:
            case ForOp():
                return self._loop(op, start)
            case IfOp():
                return self.run(op.body.block, max(start, self._arrival(op.condition)))
            case CallOp():
                return self._call(op, start)
            case StoreOp():
                self.arrivals[op.memref] = max(self._arrival(op.memref), self._arrival(op.value), start)
                return Resources()
            case WriteOp() | SendOp():
                written = op.beat if isinstance(op, WriteOp) else op.word
                self.arrivals[op.stream] = self._registered(max(start, self._arrival(written)), STREAM_CYCLES)
                return Resources()
            case _ if not op.results or isinstance(op, RomOp):
                return Resources()
            case _:
                return self._value(op, start)

    def _value(self, op: Operation, start: float) -> Resources:
        result = op.results[0]
        if self._is_fixed(op):
            self.fixed.add(result)
            self.arrivals[result] = start
            return Resources()
        cost = self._cost(op)
        first = max([start, *map(self._arrival, op.operands)])
        if cost.cycles:
            first = self._registered(first, cost.cycles)
        self.arrivals[result] = first + cost.delay
        # A clock edge falls into an operation with the probability delay / clock; its result is then registered.
        edges = cost.cycles + cost.delay / self.clock
        return cost.resources + Resources(ff=edges * result_width(op))

    def _registered(self, arrival: float, cycles: int) -> float:
        """When a value that arrives then leaves the last of so many registers."""
        return (math.ceil(arrival / self.clock) + cycles) * self.clock

    def _loop(self, op: ForOp, start: float) -> Resources:
        """All iterations at once: the body twice in the model of time gives what an iteration adds to the next."""
        count = op.upper.data - op.lower.data
        self.fixed.add(op.counter)
        body = self.run(op.body.block, start)
        carried = {op.memref for op in op.body.walk() if isinstance(op, StoreOp)}
        after_one = {memref: self.arrivals[memref] for memref in carried}
        if count > 1:
            self.run(op.body.block, start)
            for memref in carried:
                step = self.arrivals[memref] - after_one[memref]
                self.arrivals[memref] = after_one[memref] + step * math.ceil(math.log2(count))
        return body * count

    def _call(self, op: CallOp, start: float) -> Resources:
        """The resources of a called function, between the arrays that it is given."""
        function = op.function()
        for argument, parameter in zip(op.arguments, function.args, strict=True):
            self.arrivals[parameter] = self._arrival(argument)
        total = self.run(function.body.block, start)
        for argument, parameter in zip(op.arguments, function.args, strict=True):
            if writes(op, argument):
                self.arrivals[argument] = self.arrivals[parameter]
        return total

    def _arrival(self, value: SSAValue) -> float:
        return self.arrivals.get(value, 0)

    def _is_fixed(self, op: Operation) -> bool:
        """Whether the result is a constant in every copy: computed from constants, unrolled counters and elements of
        ROMs."""
        if isinstance(op, ConstantOp):
            return True
        if isinstance(op, LoadOp):
            return isinstance(op.memref.owner, RomOp) and self.fixed.issuperset(op.indices)
        return self.fixed.issuperset(op.operands)

    def _cost(self, op: Operation) -> Cost:
        if all(operand.type == INDEX for operand in op.operands):
            return FREE  # counters and addresses
        bits = result_width(op)
        match op:
            case ReadOp() | ReceiveOp():
                return Cost(cycles=STREAM_CYCLES)
            case LoadOp():
                return self._load(op)
            case AddOp() | SubOp() | NegOp():
                return cost_model.adder(bits)
            case MulOp():
                return self._product(op)
            case CmpOp():
                return cost_model.comparison(max(width(op.lhs), width(op.rhs)))
            case BitwiseOp():
                absorbed = not self.fixed.isdisjoint(op.operands)
                return FREE if absorbed or self._is_placement(op) else cost_model.bitwise(bits)
            case ShiftOp():
                return FREE if op.rhs in self.fixed else cost_model.shift(bits, min(1 << width(op.rhs), bits))
            case SelectOp():
                return FREE if op.condition in self.fixed else cost_model.multiplexer(bits, 2)
            case PopcountOp():
                return cost_model.count_ones(width(op.operand))
            case _:
                return FREE

    def _is_placement(self, op: BitwiseOp) -> bool:
        """Whether it puts bits at a fixed place of a word, which is wiring: `word | (bit << 5)`."""
        shifted = [v.owner for v in op.operands if isinstance(v.owner, ShlOp) and v.owner.rhs in self.fixed]
        return isinstance(op, OrOp) and any(isinstance(shift.lhs.owner, CastOp) for shift in shifted)

    def _product(self, op: MulOp) -> Cost:
        factors = [op.lhs, op.rhs]
        constant = next((v for v in factors if v in self.fixed), None)
        if constant is None:
            return cost_model.multiplier(width(op.lhs), width(op.rhs))
        (other,) = (v for v in factors if v is not constant) if op.lhs is not op.rhs else (op.lhs,)
        return cost_model.constant_multiplier(width(other), constant_values(constant))

    def _load(self, op: LoadOp) -> Cost:
        """An element by an index that is known at run time only: a multiplexer of registers, a table, a memory."""
        shape, split = array_type(op.memref).get_shape(), split_dimensions(op.memref)
        varying = [dim for dim, index in enumerate(op.indices) if index not in self.fixed]
        banks = math.prod(shape[dim] for dim in varying if dim in split)
        bits = op.element_type.bits
        if isinstance(rom := op.memref.owner, RomOp):
            words = math.prod(shape[dim] for dim in varying)
            return cost_model.lookup(bits, words) if banks > 1 or (words > 1 and is_replicated(rom)) else FREE
        return cost_model.multiplexer(bits, banks) if banks > 1 else FREE


def constant_values(value: SSAValue) -> Sequence[int]:
    """The values that a fixed value has in the copies of the code; 1 where they are counters."""
    match value.owner:
        case ConstantOp() as op:
            return [op.value.data]
        case CastOp() as op:
            return constant_values(op.operand)
        case LoadOp() as op if isinstance(op.memref.owner, RomOp):
            return [int(code) for code in op.memref.owner.values().flat]
        case _:
            return [1]
