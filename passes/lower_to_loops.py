"""lower-to-loops: the integer level becomes functions with loop nests over bits.

One function per task (a layer with the element-wise steps after it), and a top function that calls them in order on
local arrays. Inner loops are unrolled and arrays fully partitioned, every output element starts one cycle after the
one before (II = 1), and the tasks overlap (dataflow) where each array has one writer and one reader.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp as NetworkFunc
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from qdialect.dialect.types import format_of
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import argument_names, keras_name, network, results_of
from qdialect.kernels.elements import array_of
from qdialect.kernels.tasks import Task, describe, emit_copy, emit_task, tasks_of
from qdialect.loops.builder import Array, call, function, local
from qdialect.loops.directives import array_partition, dataflow, interface


def unique(name: str, taken: set[str]) -> str:
    """`name`, numbered if it is taken."""
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


def readers(value: SSAValue, tasks: list[Task], results: list[SSAValue]) -> int:
    return sum(value in task.inputs for task in tasks) + results.count(value)


@dataclass(frozen=True)
class LowerToLoops(ModulePass):
    """Replace the network function by `hlscpp` functions; the network's name is that of the top function."""

    name = "lower-to-loops"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function_ = network(op)
        for argument in function_.args:
            if format_of(argument.type) is None:
                raise QdialectError(f"input '{keras_name(argument)}' is float; run quantize-interface first")
        tasks = tasks_of(function_)
        top_name = function_.sym_name.data
        taken = {top_name}
        names = [unique(task.name, taken) for task in tasks]
        with ImplicitBuilder(op.body.block):
            callees = [emit_task(task, name) for task, name in zip(tasks, names, strict=True)]
            self._emit_top(function_, tasks, [callee.sym_name.data for callee in callees], taken)
        function_.detach()
        function_.erase()

    def _emit_top(self, function_: NetworkFunc, tasks: list[Task], callees: list[str], taken: set[str]) -> None:
        results = results_of(function_)
        inputs, outputs = argument_names(function_), output_names(function_)
        direct = {v: i for i, v in enumerate(results) if readers(v, tasks, results) == 1 and v not in function_.args}
        copies = [(i, v) for i, v in enumerate(results) if v not in direct]
        copiers = {i: emit_copy(v, unique(f"copy_{outputs[i]}", taken)).sym_name.data for i, v in copies}
        types = [array_of(v.type) for v in (*function_.args, *results)]
        arguments = zip((*inputs, *outputs), types, strict=True)
        with function(function_.sym_name.data, *arguments, top=True, comment=_comment(function_)) as (_, parameters):
            arrays: dict[SSAValue, Array] = dict(zip(function_.args, parameters, strict=False))
            outs = parameters[len(inputs) :]
            for port in parameters:
                interface(port, "ap_vld" if port in outs else "ap_none")
                array_partition(port, dim=0)
            produced = [task.result for task in tasks]
            if not copies and all(readers(v, tasks, results) == 1 for v in (*function_.args, *produced)):
                dataflow()
            for value in produced:
                if value in direct:
                    arrays[value] = outs[direct[value]]
                else:
                    array_name = value.name_hint or "value"
                    if array_name in taken:
                        array_name += "_out"
                    arrays[value] = local(array_name, array_of(value.type))
                    array_partition(arrays[value], dim=0)
            for task, callee in zip(tasks, callees, strict=True):
                call(callee, *(arrays[v] for v in task.inputs), arrays[task.result])
            for i, value in copies:
                call(copiers[i], arrays[value], outs[i])


def _comment(function_: NetworkFunc) -> str:
    lines = [f"in:  {describe(argument)}" for argument in function_.args]
    return "\n".join([function_.sym_name.data, *lines, *(f"out: {describe(v)}" for v in results_of(function_))])
