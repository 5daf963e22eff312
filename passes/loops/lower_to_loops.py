"""lower-to-loops: turn the integer level into functions of loop nests on integers.

One function per task (a layer with the element-wise steps after it), and a top function that calls them as processes
of a dataflow region. A value is a channel from the task that computes it to the one that reads it; a value with
several readers goes through a process that clones it. In the architecture `parallel` channels are arrays, split into
registers, in `stream` they are streams of pixels. A network that `pipeline-network` has made one pipeline has no
processes in `parallel`: the tasks are unrolled in the top function, and any number of them reads an array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp as NetworkFunc
from xdsl.ir import BlockArgument, SSAValue
from xdsl.passes import ModulePass

from qdialect.dialects.hlscpp.builder import call, function
from qdialect.dialects.hlscpp.directives import dataflow, pipeline
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import ChannelType
from qdialect.dialects.hlscpp.values import Memory, Stream
from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.errors import QdialectError
from qdialect.lowering.architectures.architectures import Architecture, architecture_of
from qdialect.lowering.architectures.interfaces import Interface
from qdialect.lowering.architectures.pipelined import Pipelined
from qdialect.lowering.architectures.tasks import Task, describe, erase_unused, tasks_of
from qdialect.lowering.parts.constant_layout import lay_out_constants
from qdialect.validation.equivalence import expect_codes_in_tables

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
    interface: str = "ports"
    control: str | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        interface = Interface(self.interface, self.control)
        function_ = network(op)
        expect_codes_in_tables(op)
        architecture = architecture_of(self.architecture, function_)
        if interface.control == "ap_ctrl_none" and not (architecture.shares or architecture.drains):
            raise QdialectError("ap_ctrl_none: processes on arrays wait for a start; one pipeline and io_stream do not")
        erase_unused(function_)
        tasks = [task for task in tasks_of(function_, architecture.packs) if architecture.is_needed(task)]
        taken = {function_.sym_name.data}
        names = [unique(task.name, taken) for task in tasks]
        with ImplicitBuilder(op.body.block):
            callees = [architecture.task(task, name) for task, name in zip(tasks, names, strict=True)]
            network_ = Connected.of(function_, architecture, dict(zip(tasks, callees, strict=True)), taken)
            if interface.is_packed:
                emit_packed(network_, interface)
            else:
                emit_top(network_, interface)
        for callee in callees:
            lay_out_constants(callee)
        function_.detach()
        function_.erase()


@dataclass(frozen=True)
class Connected:
    """The tasks of a network, and how their values get from one to the other."""

    function: NetworkFunc
    architecture: Architecture
    callees: Mapping[Task, FuncOp]
    taken: set[str]
    """Names of functions."""
    readers: Mapping[SSAValue, list[Reader]]
    clones: Mapping[SSAValue, FuncOp]

    @staticmethod
    def of(
        function_: NetworkFunc, architecture: Architecture, callees: Mapping[Task, FuncOp], taken: set[str]
    ) -> Connected:
        """Declares the processes that clone values."""
        results, produced = results_of(function_), [*function_.args, *(task.result for task in callees)]
        readers = {value: readers_of(value, [*callees], results, architecture) for value in produced}
        clones = {
            value: architecture.clone(
                value, len(own_copies(each, architecture)), unique(f"clone_{value.name_hint or 'value'}", taken)
            )
            for value, each in readers.items()
            if needs_clone(value, each, architecture)
        }
        return Connected(function_, architecture, callees, taken, readers, clones)

    @property
    def inputs(self) -> Sequence[SSAValue]:
        return self.function.args

    @property
    def results(self) -> Sequence[SSAValue]:
        return results_of(self.function)

    @property
    def names(self) -> Sequence[str]:
        """Those of inputs, then of outputs."""
        return [*argument_names(self.function), *output_names(self.function)]

    @property
    def types(self) -> Sequence[ChannelType]:
        """The types of their channels."""
        return [self.architecture.type_of(v) for v in (*self.inputs, *self.results)]

    def connect(self, channels: Sequence[Channel]) -> None:
        """Call the tasks, between the channels of inputs and outputs."""
        outs = channels[len(self.inputs) :]

        def channel(reader: Reader) -> Channel:
            return outs[reader.to] if isinstance(reader.to, int) else declared(reader.value)

        def declared(value: SSAValue) -> Channel:
            name = value.name_hint or "value"
            return self.architecture.channel(f"{name}_out" if name in self.taken else name, value)

        written: dict[SSAValue, Channel] = dict(zip(self.inputs, channels, strict=False))
        read: dict[Reader, Channel] = {}
        copies = {value: own_copies(each, self.architecture) for value, each in self.readers.items()}
        for value, readers in self.readers.items():
            if value not in written:
                written[value] = declared(value) if value in self.clones else channel(readers[0])
            own = copies[value] if value in self.clones else ()
            read |= {reader: channel(reader) if reader in own else written[value] for reader in readers}

        def pass_on(value: SSAValue) -> None:
            if value in self.clones:
                call(self.clones[value], written[value], *(read[reader] for reader in copies[value]))

        for value in self.inputs:
            pass_on(value)
        for task, callee in self.callees.items():
            call(callee, *(read[Reader(task, v)] for v in task.inputs), written[task.result])
            pass_on(task.result)


def emit_top(network_: Connected, interface: Interface) -> None:
    """The function that connects the tasks, with a port for the channel of each input and output."""
    architecture, arguments = network_.architecture, zip(network_.names, network_.types, strict=True)
    name, comment = network_.function.sym_name.data, _comment(network_.function)
    with function(name, *arguments, top=True, comment=comment) as (_, parameters):
        for i, parameter in enumerate(parameters):
            architecture.port(parameter, i >= len(network_.inputs))
        interface.block()
        architecture.region()
        network_.connect(parameters)


def pipeline_with_ports(network_: Connected, interface: Interface) -> Pipelined | None:
    """The architecture of a network that is one pipeline together with its ports, which keep pace with it."""
    architecture, values = network_.architecture, [*network_.inputs, *network_.results]
    if not isinstance(architecture, Pipelined):
        return None
    layouts = [interface.layout_of(value, architecture.type_of(value)) for value in values]
    return architecture if interface.keeps_pace(layouts, architecture.interval) else None


def emit_packed(network_: Connected, interface: Interface) -> None:
    """The same with ports of words, and a function for each that takes them apart or puts them together: a part of the
    network's pipeline where it takes samples no faster than the ports, otherwise a process."""
    architecture, names, types, taken = network_.architecture, network_.names, network_.types, network_.taken
    name, comment = network_.function.sym_name.data, _comment(network_.function)
    values, count = [*network_.inputs, *network_.results], len(network_.inputs)
    each = list(zip(values, types, names, strict=True))
    whole = pipeline_with_ports(network_, interface)
    declared = function if whole is None else whole.function
    entries = [
        interface.entry(value, type_, unique(f"read_{port}", taken), declared) for value, type_, port in each[:count]
    ]
    exits = [
        interface.exit(value, type_, unique(f"write_{port}", taken), declared) for value, type_, port in each[count:]
    ]
    inner = None
    if architecture.shares and whole is None:
        arguments = zip(names, types, strict=True)
        with function(unique(f"{name}_network", taken), *arguments, comment=comment) as (inner, parameters):
            architecture.region()
            network_.connect(parameters)
    ports = [(port, interface.type_of(value, type_)) for value, type_, port in each]
    with function(name, *ports, top=True, comment=comment) as (_, parameters):
        for parameter in parameters:
            interface.port(parameter)
        interface.block()
        if whole is None:
            dataflow()
        else:
            pipeline(ii=whole.interval, style="flp")  # a sample comes out whether or not another one follows
        channels = [architecture.channel(f"{port}_elements", value) for value, _, port in each]
        for entry, port, channel in zip(entries, parameters, channels, strict=False):
            call(entry, port, channel)
        if inner is None:
            network_.connect(channels)
        else:
            call(inner, *channels)
        for exit_, port, channel in zip(exits, parameters[count:], channels[count:], strict=True):
            call(exit_, channel, port)


def _comment(function_: NetworkFunc) -> str:
    lines = [f"in:  {describe(argument)}" for argument in function_.args]
    return "\n".join([function_.sym_name.data, *lines, *(f"out: {describe(v)}" for v in results_of(function_))])
