"""Cycles and resources of each function of a design, from its loops and pragmas.

A pipelined loop, and the loops around it that hold nothing else, start an iteration every II cycles: latency = depth +
II * (iterations - 1), where depth is what one iteration takes (`iterations.py`). What a pipelined function calls is a
part of its own iteration; the row of such a part has the cycles that its own logic takes, none for wires. Other loops
add an iteration after the other; functions run one after the other, in a dataflow region all at once. Processes on
streams are followed beat by beat through the queues between them (`fifos.py`). The II that a pragma asks for is taken
as met; operators are counted as often as they stand in the unrolled code, shared or not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue

from qdialect.dialects.hlscpp.indices import is_replicated
from qdialect.dialects.hlscpp.memory import LocalOp, RomOp
from qdialect.dialects.hlscpp.pragmas import DataflowOp, InlineOp, PipelineOp, UnrollOp
from qdialect.dialects.hlscpp.storage_pragmas import StreamOp
from qdialect.dialects.hlscpp.streams import FifoOp
from qdialect.dialects.hlscpp.structure import CallOp, ForOp, FuncOp, writes
from qdialect.dialects.hlscpp.types import StreamType, array_type, stream_type
from qdialect.errors import QdialectError
from qdialect.estimates import cost_model
from qdialect.estimates.cost_model import Resources
from qdialect.estimates.datapath import Facts
from qdialect.estimates.fifos import Region
from qdialect.estimates.iterations import CALL_CYCLES, iteration, nest_of, pipeline_of, wiring
from qdialect.estimates.operators import split_dimensions


@dataclass(frozen=True)
class Estimate:
    """One function: resources, cycles from start to end (latency), cycles between starts (interval)."""

    name: str
    resources: Resources
    latency: int
    interval: int


@dataclass(frozen=True)
class Timing:
    latency: int
    interval: int


@dataclass(frozen=True)
class Estimates:
    """Of a module at the loop level, for a clock period in ns; each is made when it is asked for."""

    module: ModuleOp
    clock: float

    @cached_property
    def parts(self) -> Mapping[str, Estimate]:
        """Each function that is called, by its name."""
        top, others = _functions(self.module)
        whole = next((p for f in (top, *others) if (p := pipeline_of(f.body.block)) is not None), None)
        interval = None if whole is None else whole.ii.data
        return {f.sym_name.data: self._function(f, {}, interval) for f in others}

    @cached_property
    def top(self) -> Estimate:
        """The top function with all that it calls, which is a part of its own iteration where it is a pipeline."""
        top, _ = _functions(self.module)
        return self._function(top, {} if pipeline_of(top.body.block) else self.parts)

    @cached_property
    def _facts(self) -> Facts:
        """Of the operations that a part and the whole both run."""
        return {}

    def _function(self, function: FuncOp, callees: Mapping[str, Estimate], interval: int | None = None) -> Estimate:
        """`interval` is that of the pipeline that the function is a part of."""
        block = function.body.block
        parts = [block, *(callee.body.block for callee in function.callees())] if pipeline_of(block) else [block]
        storage = sum((_storage(op, part) for part in parts for op in part.walk()), Resources())
        if interval is not None and any(isinstance(op, InlineOp) for op in block.ops):
            resources, latency = wiring(block, self.clock, self._facts)
            timing = Timing(latency, interval)
        else:
            resources, timing = self._block(block, callees)
        return Estimate(function.sym_name.data, storage + resources, timing.latency, timing.interval)

    def _block(self, block: Block, callees: Mapping[str, Estimate]) -> tuple[Resources, Timing]:
        """What is in a function or in a loop that is not unrolled."""
        pipeline = pipeline_of(block)
        if pipeline is not None or _is_straight(block):
            resources, depth = iteration(block, self.clock, self._facts)
            return resources, Timing(depth, depth if pipeline is None else pipeline.ii.data)
        if any(isinstance(op, DataflowOp) for op in block.ops):
            return _dataflow([op for op in block.ops if isinstance(op, CallOp)], callees, self.clock)
        total, cycles = Resources(), 0
        for op in block.ops:
            match op:
                case ForOp():
                    resources, timing = self._loop(op, callees)
                    cycles += timing.latency
                case CallOp():
                    callee = callees[op.callee.string_value()]
                    resources = callee.resources
                    cycles += callee.latency + CALL_CYCLES
                case _:
                    continue
            total += resources
        return total, Timing(cycles, cycles + CALL_CYCLES)

    def _loop(self, loop: ForOp, callees: Mapping[str, Estimate]) -> tuple[Resources, Timing]:
        """A loop, flattened into those that it holds alone."""
        nest = nest_of(loop)
        inner = nest[-1].body.block
        resources, body = self._block(inner, callees)
        copies = _unrolling(nest[-1])
        iterations = math.ceil(math.prod(each.upper.data - each.lower.data for each in nest) / copies)
        if pipeline_of(inner) is not None:
            latency = body.latency + body.interval * (iterations - 1)
        else:
            latency = iterations * (body.latency + CALL_CYCLES)
        return resources * copies, Timing(latency + CALL_CYCLES, latency + CALL_CYCLES)


def estimate(module: ModuleOp, clock: float) -> tuple[Estimate, Sequence[Estimate]]:
    """The top function with all that it calls, and each function called, for a clock period in ns.

    Raises QdialectError for a module that is not at the loop level.
    """
    estimates = Estimates(module, clock)
    return estimates.top, list(estimates.parts.values())


def _functions(module: ModuleOp) -> tuple[FuncOp, Sequence[FuncOp]]:
    """The top function, and those called. Raises QdialectError without a top function."""
    functions = [op for op in module.body.ops if isinstance(op, FuncOp)]
    top = next((f for f in functions if f.top is not None), None)
    if top is None:
        raise QdialectError("estimates need the loop level: lower-to-loops makes it")
    return top, [f for f in functions if f is not top]


def _is_straight(block: Block) -> bool:
    """Whether every loop of a block is unrolled, and nothing is called."""
    return all(_unrolling(op) == 0 if isinstance(op, ForOp) else not isinstance(op, CallOp) for op in block.walk())


def _unrolling(loop: ForOp) -> int:
    """How many iterations run at once: 1 without a pragma, 0 for all."""
    pragma = next((op for op in loop.body.block.ops if isinstance(op, UnrollOp)), None)
    if pragma is None:
        return 1
    return 0 if pragma.factor is None else pragma.factor.data


def _dataflow(calls: Sequence[CallOp], callees: Mapping[str, Estimate], clock: float) -> tuple[Resources, Timing]:
    """Processes on streams as they wait for each other; on arrays, which are whole before they are read, the longest
    chain from arrays written to arrays read, and the slowest process."""
    resources = sum((callees[call.callee.string_value()].resources for call in calls), Resources())
    top = calls[0].parent_op() if calls else None
    if isinstance(top, FuncOp) and has_streams(top):
        return resources, Timing(*Region(top, clock).latency_and_interval())
    ready: dict[SSAValue, int] = {}
    slowest = 1  # between samples
    for call in calls:
        process = callees[call.callee.string_value()]
        inputs = [array for array in call.arguments if not writes(call, array)]
        end = max((ready.get(array, 0) for array in inputs), default=0) + process.latency + CALL_CYCLES
        ready |= {array: end for array in call.arguments if writes(call, array)}
        slowest = max(slowest, process.interval)
    return resources, Timing(max(ready.values(), default=1), slowest)


def has_streams(region: FuncOp) -> bool:
    """Whether the processes of a region pass beats to each other, and not whole arrays."""
    queues = any(isinstance(op, FifoOp) for op in region.body.block.ops)
    return queues or any(isinstance(argument.type, StreamType) for argument in region.args)


def is_wired(function: Block) -> bool:
    """Whether the arrays of a function are wires of one pipeline, whose registers hold their elements."""
    return any(isinstance(op, PipelineOp | InlineOp) for op in function.ops)


def _storage(op: Operation, function: Block) -> Resources:
    """Registers or memory of a queue, a local array, or of a constant one that is not spread over the logic.

    Between the processes of a dataflow region an array is there twice (ping-pong).
    """
    if isinstance(op, FifoOp):
        depth = next((use.operation.depth.data for use in op.stream.uses if isinstance(use.operation, StreamOp)), 2)
        type_ = stream_type(op.stream)
        return cost_model.fifo(type_.lanes * type_.element_type.bits, depth)
    if not isinstance(op, LocalOp | RomOp):
        return Resources()
    array, split = array_type(op.memref), split_dimensions(op.memref)
    shape = array.get_shape()
    banks = math.prod(shape[dim] for dim in split)
    words = math.prod(shape) // banks
    bits = array.element_type.bits
    if isinstance(op, RomOp):
        return Resources() if words == 1 or is_replicated(op) else cost_model.memory(bits * banks, words)
    if not shape or is_wired(function):
        return Resources()
    copies = 2 if any(isinstance(other, DataflowOp) for other in function.ops) else 1
    one = Resources(ff=bits) if words == 1 else cost_model.memory(bits, words)
    return one * (banks * copies)
