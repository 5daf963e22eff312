"""lower-to-loops: turn the integer level into functions of loop nests on integers.

One function per task (a layer with the element-wise steps after it), and a top function that calls them as processes
of a dataflow region. A value is a channel from the task that computes it to the one that reads it; a value with
several readers goes through a process that clones it. In the architecture `parallel` channels are arrays, split into
registers, in `stream` they are streams of pixels. A network that `pipeline-network` has made one pipeline has no
processes in `parallel`: the tasks are unrolled in the top function, and any number of them reads an array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp as NetworkFunc
from xdsl.ir import BlockArgument, SSAValue
from xdsl.passes import ModulePass

from qdialect.dialects.hlscpp.builder import call, function
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.values import Memory, Stream
from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.lowering.architectures.architectures import Architecture, architecture_of
from qdialect.lowering.architectures.tasks import Task, describe, erase_unused, tasks_of
from qdialect.lowering.parts.constant_layout import lay_out_constants

Channel: TypeAlias = Memory | Stream


def unique(name: str, taken: set[str]) -> str:
    """`name`, numbered if it is already taken."""
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate


def output_names(function_: NetworkFunc) -> list[str]:
    """One name per result: that of the returned value with `_out`."""
    taken: set[str] = set(argument_names(function_))
    return [unique(f"{value.name_hint or 'result'}_out", taken) for value in results_of(function_)]


@dataclass(frozen=True)
class Reader:
    """A task that takes `value`, or the output of that number."""

    to: Task | int
    value: SSAValue


def readers_of(source: SSAValue, tasks: list[Task], results: list[SSAValue], channels: Architecture) -> list[Reader]:
    """The readers of the channel of `source`, in order."""
    inner = [Reader(task, v) for task in tasks for v in task.inputs if channels.source(v) is source]
    return inner + [Reader(i, v) for i, v in enumerate(results) if channels.source(v) is source]


def needs_clone(value: SSAValue, readers: list[Reader], architecture: Architecture) -> bool:
    """Whether a value needs a process that clones it: a channel has one reader, or any number of tasks if they share
    it; an input cannot be an output too, and must be read to its end if it is a stream."""
    if not readers:
        return architecture.drains
    is_output = any(isinstance(reader.to, int) for reader in readers)
    if len(readers) == 1:
        return is_output and isinstance(value, BlockArgument)
    return is_output or not architecture.shares


def own_copies(readers: list[Reader], architecture: Architecture) -> list[Reader]:
    """The readers that get a copy of a cloned value: all, or the outputs alone if tasks share it."""
    return [reader for reader in readers if not architecture.shares or isinstance(reader.to, int)]


@dataclass(frozen=True)
class LowerToLoops(ModulePass):
    """Replace the network function by `hlscpp` functions; the network's name is that of the top function."""

    name = "lower-to-loops"

    architecture: str = "parallel"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function_ = network(op)
        architecture = architecture_of(self.architecture, function_)
        erase_unused(function_)
        tasks = [task for task in tasks_of(function_, architecture.packs) if architecture.is_needed(task)]
        taken = {function_.sym_name.data}
        names = [unique(task.name, taken) for task in tasks]
        with ImplicitBuilder(op.body.block):
            callees = [architecture.task(task, name) for task, name in zip(tasks, names, strict=True)]
            emit_top(function_, architecture, dict(zip(tasks, callees, strict=True)), taken)
        for callee in callees:
            lay_out_constants(callee)
        function_.detach()
        function_.erase()


def emit_top(
    function_: NetworkFunc, architecture: Architecture, callees: Mapping[Task, FuncOp], taken: set[str]
) -> None:
    """The function that connects the tasks, whose functions are `callees`."""
    results, produced = results_of(function_), [*function_.args, *(task.result for task in callees)]
    readers = {value: readers_of(value, [*callees], results, architecture) for value in produced}
    copies = {value: own_copies(readers[value], architecture) for value in produced}
    clones = {
        value: architecture.clone(value, len(copies[value]), unique(f"clone_{value.name_hint or 'value'}", taken))
        for value in produced
        if needs_clone(value, readers[value], architecture)
    }
    inputs, outputs = argument_names(function_), output_names(function_)
    types = [architecture.type_of(v) for v in (*function_.args, *results)]
    arguments = zip((*inputs, *outputs), types, strict=True)
    with function(function_.sym_name.data, *arguments, top=True, comment=_comment(function_)) as (_, parameters):
        outs = parameters[len(inputs) :]
        for parameter in parameters:
            architecture.port(parameter, parameter in outs)
        architecture.region()

        def channel(reader: Reader) -> Channel:
            return outs[reader.to] if isinstance(reader.to, int) else declared(reader.value)

        def declared(value: SSAValue) -> Channel:
            name = value.name_hint or "value"
            return architecture.channel(f"{name}_out" if name in taken else name, value)

        written: dict[SSAValue, Channel] = dict(zip(function_.args, parameters, strict=False))
        read: dict[Reader, Channel] = {}
        for value in produced:
            if value not in written:
                written[value] = declared(value) if value in clones else channel(readers[value][0])
            own = copies[value] if value in clones else ()
            read |= {reader: channel(reader) if reader in own else written[value] for reader in readers[value]}

        def pass_on(value: SSAValue) -> None:
            if value in clones:
                call(clones[value], written[value], *(read[reader] for reader in copies[value]))

        for value in function_.args:
            pass_on(value)
        for task, callee in callees.items():
            call(callee, *(read[Reader(task, v)] for v in task.inputs), written[task.result])
            pass_on(task.result)


def _comment(function_: NetworkFunc) -> str:
    lines = [f"in:  {describe(argument)}" for argument in function_.args]
    return "\n".join([function_.sym_name.data, *lines, *(f"out: {describe(v)}" for v in results_of(function_))])
