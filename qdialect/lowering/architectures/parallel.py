"""Tasks on whole arrays: output elements are computed one after the other, and all arrays are on chip."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import function, local
from qdialect.dialects.hlscpp.directives import array_partition, dataflow, interface
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import ArrayType, PacketType, StreamType
from qdialect.dialects.hlscpp.values import Memory
from qdialect.lowering.architectures.tasks import Task, argument_name, describe, emit_body
from qdialect.lowering.kernels.moves import copy
from qdialect.lowering.parts.elements import array_of, partitioned


class Parallel:
    """The architecture `parallel`: a value is an array."""

    drains = False
    packs = True
    shares = False
    """Whether several tasks may read a channel."""

    def region(self) -> None:
        dataflow()

    def source(self, value: SSAValue) -> SSAValue:
        return value

    def is_needed(self, task: Task) -> bool:
        return True

    def writes_pixels(self, task: Task) -> bool:
        return False

    def type_of(self, value: SSAValue) -> ArrayType:
        return array_of(value.type)

    def port(self, parameter: Any, written: bool) -> None:
        interface(parameter, "ap_vld" if written else "ap_none")
        array_partition(parameter, dim=0)

    def channel(self, name: str, value: SSAValue) -> Memory:
        return partitioned(local(name, self.type_of(value)))

    @contextmanager
    def function(
        self, name: str, *arguments: tuple[str, ArrayType | StreamType | PacketType], comment: str
    ) -> Generator[tuple[FuncOp, tuple[Any, ...]]]:
        """A function of the design other than the top one."""
        with function(name, *arguments, comment=comment) as built:
            yield built

    def task(self, task: Task, name: str) -> FuncOp:
        """The function of a task: its inputs, then its result."""
        arguments = [(argument_name("in", v), self.type_of(v)) for v in task.inputs]
        arguments.append((argument_name("out", task.result), self.type_of(task.result)))
        with self.function(name, *arguments, comment=task.comment) as (op, (*inputs, output)):
            emit_body(task, dict(zip(task.inputs, inputs, strict=True)), output)
        return op

    def clone(self, value: SSAValue, copies: int, name: str) -> FuncOp:
        """A function that copies an array to others."""
        type_ = self.type_of(value)
        arguments = [("x", type_), *((f"y{i}" if copies > 1 else "y", type_) for i in range(copies))]
        with self.function(name, *arguments, comment=f"copy of {describe(value)}") as (op, (x, *outputs)):
            copy(x, *outputs)
        return op
