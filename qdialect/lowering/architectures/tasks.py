"""Tasks: the operations that share one function, and their computation on arrays.

A task is a kernel (contraction, pooling, or an element-wise operation on arrays) with the element-wise operations
that follow it and have no other operand from outside; what it computes for one element goes straight through them,
and into words of bits where its result is packed.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from xdsl.dialects.func import FuncOp as NetworkFunc
from xdsl.dialects.func import ReturnOp
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.hlscpp.directives import unrolled
from qdialect.dialects.hlscpp.values import Memory, Value
from qdialect.dialects.qnn.float_values import expect_quantized
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.network import keras_name
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.owner import layer_of, step_of
from qdialect.dialects.qnn.schedule import channel_loops, is_graph, pe_of, steps_of
from qdialect.dialects.qnn.types import (
    BinaryType,
    BitsType,
    Po2Type,
    TernaryType,
    exact_format_of,
    format_of,
    tensor_type,
)
from qdialect.errors import QdialectError
from qdialect.lowering.kernels.adder_graphs import ADDER_GRAPHS, expect_adder_graph
from qdialect.lowering.kernels.elementwise import SCALARS
from qdialect.lowering.kernels.moves import MOVES
from qdialect.lowering.kernels.packed import COUNTS
from qdialect.lowering.kernels.packed_moves import PACKED_MOVES, PACKED_WINDOWS, write_packed
from qdialect.lowering.kernels.windows import WINDOWS, Element
from qdialect.lowering.parts.elements import Arrays, Scalar, array_of
from qdialect.lowering.parts.nests import axes, flatten, nest
from qdialect.lowering.parts.sums import KernelSum
from qdialect.lowering.parts.tables import operand, reader
from qdialect.lowering.parts.tiled_roms import tiled

KERNELS = WINDOWS | COUNTS | PACKED_WINDOWS

ALL_MOVES = MOVES | PACKED_MOVES


def writes_whole_result(op: Operation) -> bool:
    """Whether the kernel of an operation writes its result as a whole, not element by element."""
    return is_graph(op) or type(op) in ALL_MOVES


@dataclass(eq=False)
class Task:
    """Operations that become one function, first to last."""

    ops: list[Operation]
    name: str = ""
    """The layer's for the last task of a layer; for those before it, with what they begin with: `fc_pack`."""

    @property
    def result(self) -> SSAValue:
        return self.ops[-1].results[0]

    @property
    def inputs(self) -> list[SSAValue]:
        """The arrays that the task reads, in the order of first use."""
        inside = {op.results[0] for op in self.ops}
        operands = [v for op in self.ops for v in op.operands if not isinstance(v.owner, ConstantOp)]
        return list(dict.fromkeys(v for v in operands if v not in inside))

    @property
    def layer(self) -> str:
        """The layer that the first operation belongs to, and its time step if it has one."""
        layer, step = identifier(layer_of(self.ops[0])), step_of(self.ops[0])
        return layer if step is None else f"{layer}_step{step}"

    @property
    def comment(self) -> str:
        """What is computed, what goes in and out, and what the constants mean, one line each."""
        lines = [f"in:  {describe(value)}" for value in self.inputs]
        steps = " -> ".join(map(_mnemonic, self.ops))
        constants = dict.fromkeys(v for op in self.ops for v in op.operands if isinstance(v.owner, ConstantOp))
        notes = [f"{value.name_hint}: {elements(value)}" for value in constants if value.name_hint]
        return "\n".join([f"{self.name}: {steps}", *lines, f"out: {describe(self.result)}", *notes])


def describe(value: SSAValue) -> str:
    """Name, shape, bits and step of a value."""
    return f"{value.name_hint or 'value'}, {'x'.join(map(str, shape_of(value))) or '1'} of {elements(value)}"


def elements(value: SSAValue) -> str:
    """Bits and step of the elements of a value."""
    match tensor_type(value.type).element_type:
        case BitsType() as packed if packed.element == BinaryType():
            return f"{packed.count.data} packed bits, 1 is +1"
        case BitsType() as packed:
            return f"{packed.count.data} packed values, planes of bits: {', '.join(packed.planes)}"
        case BinaryType():
            return "1 bit, 1 is +1"
        case TernaryType():
            return "-1, 0 or +1"
        case Po2Type():
            fmt = exact_format_of(value.type)
            zero = " or zero" if 0 in fmt else ""
            return f"powers of two{zero}, 2^exponent * 2^{fmt.lsb}"
        case _:
            fmt = exact_format_of(value.type)
            sign = "signed" if fmt.min_code < 0 else "unsigned"
            return f"{fmt.bits} bits {sign}, step 2^{fmt.lsb}"


def erase_unused(network: NetworkFunc) -> None:
    """Erase operations that nothing reads: they need no hardware."""
    for op in reversed(list(network.body.block.ops)):
        if op.results and not any(result.uses for result in op.results):
            op.detach()
            op.erase()


def tasks_of(network: NetworkFunc, packs: bool = False) -> list[Task]:
    """The tasks of a function, in order; `packs` says whether a task also packs its result.

    Raises QdialectError for float inputs, and for operations without a hardware form, naming the value.
    """
    for argument in network.args:
        if format_of(argument.type) is None:
            raise QdialectError(f"input '{keras_name(argument)}' is float; run quantize-interface first")
    tasks: list[Task] = []
    for op in network.body.block.ops:
        if isinstance(op, ConstantOp | ReturnOp):
            continue
        expect_quantized(op)
        if tasks and _continues(tasks[-1], op, packs):
            tasks[-1].ops.append(op)
        elif type(op) in KERNELS or type(op) in SCALARS or writes_whole_result(op):
            tasks.append(Task([op]))
        else:
            name = op.results[0].name_hint if op.results else op.name
            raise QdialectError(f"'{name}': {op.name} has no hardware form; lower the network first (qopt -p default)")
    last = {task.layer: task for task in tasks}
    for task in tasks:
        task.name = task.layer if last[task.layer] is task else f"{task.layer}_{_mnemonic(task.ops[0])}"
    return tasks


def _mnemonic(op: Operation) -> str:
    return op.name.removeprefix("qnn.")


def _continues(task: Task, op: Operation, packs: bool) -> bool:
    """Whether `op` may follow in the same function: it is element-wise or packs, and nothing else uses the task's
    result.

    A word is packed while its bits are computed one by one.
    """
    result = task.result
    if writes_whole_result(task.ops[-1]) or op.operands[0] is not result or len(list(result.uses)) > 1:
        return False
    if isinstance(op, PackOp):
        first = task.ops[0]
        one_by_one = pe_of(first) is None and len(channel_loops(first, shape_of(result)[-1])) == 1
        return packs and one_by_one and math.prod(steps_of(first)) == 1
    return type(op) in SCALARS and shape_of(op.results[0]) == shape_of(result)


def argument_name(side: str, value: SSAValue) -> str:
    return f"{side}_{value.name_hint or 'value'}"


def emit_body(task: Task, arrays: Arrays, output: Memory) -> None:
    """Compute the result of a task into its array."""
    *unpacked, last = task.ops
    first = task.ops[0]
    if is_graph(first):
        expect_adder_graph(first)
        ADDER_GRAPHS[type(first)](first, operand(first.operands[0], arrays), output)
    elif move := ALL_MOVES.get(type(first)):
        move(
            first,
            *(operand(v, arrays) for v in first.operands),
            output,
        )
    elif isinstance(last, PackOp):
        element = Computation.of(Task(unpacked), arrays)
        write_packed(last.operand, output, lambda at: element(at)[1])
    else:
        _emit_elements(task, arrays, output)


def _emit_elements(task: Task, arrays: Arrays, output: Memory) -> None:
    """One output after the other, or a group at once if the task is folded."""
    *outer, channels = output.type.get_shape()
    first, *others = channel_loops(task.ops[0], channels)
    names, pe = axes(len(outer) + 1), pe_of(task.ops[0], first)
    if pe is None:
        element = Computation.of(task, arrays)
        with nest((*outer, first, *others), (*names, "m")) as counters:
            at, value = element(counters)
            output[at] = value
        return
    folded = Folded.of(task, arrays, pe)
    shape = (*outer, first // pe, *folded.counts)
    with nest(shape, (*names[:-1], "group", *folded.names)) as counters:
        position, group, steps = counters[: len(outer)], counters[len(outer)], counters[len(outer) + 1 :]
        with folded.outputs(position, group, steps) as (at, value):
            output[at] = value


@dataclass(frozen=True)
class Computation:
    """What a task computes for one element of its result: a kernel, then element-wise operations."""

    element: Element
    scalars: Sequence[Scalar]
    outer: int
    """Counters of positions come first, then those of `channel_loops`."""
    inner: Sequence[int]

    @staticmethod
    def of(task: Task, arrays: Arrays) -> Computation:
        """Declares the constants of a task."""
        first, *rest = task.ops
        if type(first) in KERNELS:
            element = KERNELS[type(first)](first, arrays)
        else:
            element, rest = reader(first.operands[0], arrays), task.ops
        *outer, channels = array_of(task.result.type).get_shape()
        scalars = [SCALARS[type(op)](op, arrays) for op in rest]
        return Computation(element, scalars, len(outer), channel_loops(first, channels))

    def __call__(self, counters: Sequence[Value]) -> tuple[tuple[Value, ...], Value]:
        """The position of the result, and the stored element there."""
        return self.finished(counters, self.element(counters))

    def finished(self, counters: Sequence[Value], value: Value) -> tuple[tuple[Value, ...], Value]:
        """The same from what the kernel computes."""
        at = (*counters[: self.outer], flatten(counters[self.outer :], self.inner))
        for scalar in self.scalars:
            value = scalar(value, at)
        return at, value


@dataclass(frozen=True)
class Folded:
    """A task of which `pe` outputs are computed at once, each perhaps in several steps."""

    computation: Computation
    pe: int
    counts: Sequence[int]
    """The steps along each axis of the products."""
    sums: Memory | None
    """What each output has come to, where there are several steps."""

    @staticmethod
    def of(task: Task, arrays: Arrays, pe: int) -> Folded:
        """Declares the constants and registers of a task."""
        computation, counts, sums = Computation.of(task, arrays), steps_of(task.ops[0]), None
        if math.prod(counts) > 1:
            kernel = computation.element
            assert isinstance(kernel, KernelSum)
            sums = kernel.registers(pe, *computation.inner[1:])
        return Folded(computation, pe, counts, sums)

    @property
    def names(self) -> Sequence[str]:
        """Those of the counters of steps."""
        return {1: ("ci",), 2: ("kr", "kc"), 3: ("kr", "kc", "ci")}.get(len(self.counts), ())

    @contextmanager
    def outputs(
        self, position: Sequence[Value], group: Value, steps: Sequence[Value], name: str = "pe"
    ) -> Generator[tuple[tuple[Value, ...], Value]]:
        """Position and stored element of each output of a group, all at once, where they are complete."""
        with ExitStack() as loops:
            lane = loops.enter_context(unrolled(self.pe, name))
            inner = [loops.enter_context(unrolled(n, "m")) for n in self.computation.inner[1:]]
            counters = [*position, tiled(group, lane, self.pe), *inner]
            if self.sums is None:
                yield self.computation(counters)
                return
            kernel = self.computation.element
            assert isinstance(kernel, KernelSum)
            with kernel.continued(self.sums, (lane, *inner), counters, steps, self.counts) as total:
                yield self.computation.finished(counters, total)
