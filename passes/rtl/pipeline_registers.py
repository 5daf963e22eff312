"""pipeline-registers: registers between stages of logic, one sample per cycle.

`levels` is the most logic of a stage, an addition counting one; `clock` is the same as a period in ns, by an estimate
of delays. Each operation takes the earliest stage in which its operands are there and the stage has time for it, then
a later one as long as fewer bits wait in registers (`lowering/rtl/staging.py`). What is used in a later stage waits in
registers, wiring after them; registers of values have no reset.

A module takes as many cycles as it has stages, `rtl.latency`, and all its outputs leave together. The top module gets
`valid_in` and `valid_out`, which goes through as many registers that `rst` clears. With `inputs` and `outputs` there
are registers at its ports too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from xdsl.context import Context
from xdsl.dialects import hw, seq
from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, ModuleOp, StringAttr, i1, i64
from xdsl.ir import Block, Operation, Region, SSAValue, TypeAttribute
from xdsl.passes import ModulePass

from qdialect.errors import QdialectError
from qdialect.lowering.rtl.attributes import CONTROL, LATENCY
from qdialect.lowering.rtl.delays import is_wiring, levels, nanoseconds
from qdialect.lowering.rtl.emission import port
from qdialect.lowering.rtl.staging import PipelineTiming, Staging, staged

CLOCKING: dict[str, tuple[TypeAttribute, int]] = {"clk": (seq.clock, 0), "rst": (i1, 1)}
"""The types and places of the ports that registers need."""


@dataclass
class Stages:
    """A module in stages: new operations in a new block, values by their stage."""

    staging: Staging
    block: Block = field(default_factory=Block)
    clocking: dict[str, SSAValue] = field(default_factory=dict[str, SSAValue])
    """The ports `clk` and `rst`, from their first use on."""
    control: set[SSAValue] = field(default_factory=set[SSAValue])
    """Inputs whose registers are reset."""
    made: dict[tuple[SSAValue, int], SSAValue] = field(default_factory=dict[tuple[SSAValue, int], SSAValue])

    def at(self, value: SSAValue, stage: int) -> SSAValue:
        """The value in a stage, held in registers from the stage that computes it; of wiring, the operands are held."""
        found = self.made.get((value, stage))
        if found is not None:
            return found
        op = value.owner
        if isinstance(op, Operation) and is_wiring(op):
            found = self.copy(op, stage)
        else:
            assert stage > self.staging.ready[value][0], "a value is there from its stage on"
            found = self.register(self.at(value, stage - 1), value in self.control)
        self.made[value, stage] = found
        return found

    def copy(self, op: Operation, stage: int) -> SSAValue:
        """The operation in a stage."""
        operands = [self.at(operand, stage) for operand in op.operands]
        made = type(op).create(
            operands=operands,
            result_types=[result.type for result in op.results],
            properties=op.properties,
            attributes=op.attributes,
        )
        self.block.add_op(made)
        return made.results[0]

    def register(self, value: SSAValue, is_reset: bool = False) -> SSAValue:
        """The value a cycle later, after a reset zero."""
        reset = None
        if is_reset:
            reset = self.clocked("rst"), self.zero
        self.block.add_op(op := seq.CompRegOp(value, self.clocked("clk"), reset))
        return op.data

    @cached_property
    def zero(self) -> SSAValue:
        """What a reset leaves in a register."""
        self.block.add_op(op := hw.ConstantOp(0, 1))
        return op.result

    def clocked(self, name: str) -> SSAValue:
        """The clock or the reset, a port of the module from its first use on."""
        if name not in self.clocking:
            type_, place = CLOCKING[name]
            self.clocking[name] = self.block.insert_arg(type_, min(place, len(self.clocking)))
            self.clocking[name].name_hint = name
        return self.clocking[name]

    def place(self, op: Operation) -> None:
        """The operation in its stage."""
        (result,) = op.results
        self.made[result, self.staging.stages[op]] = made = self.copy(op, self.staging.stages[op])
        timing = self.staging.timing(op)
        if timing is not None:
            self.connect_clock(made.owner, timing.clocking)
            self.made[result, self.staging.ready[result][0]] = made

    def connect_clock(self, op: Operation | Block, names: Sequence[str]) -> None:
        """An instance of a module takes its clock and its reset first."""
        assert isinstance(op, hw.InstanceOp)
        op.operands = [*map(self.clocked, names), *op.operands]
        op.arg_names = ArrayAttr([*map(StringAttr, names), *op.arg_names.data])


@dataclass(frozen=True)
class PipelineRegisters(ModulePass):
    """Place registers in all modules, from those without instances up."""

    name = "pipeline-registers"

    levels: int | None = None
    clock: int | float | None = None
    inputs: bool = False
    outputs: bool = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if (self.levels is None) == (self.clock is None):
            raise QdialectError("registers are placed by levels of logic or for a clock period in ns: give one of them")
        limit = self.levels if self.levels is not None else self.clock
        if limit is None or limit <= 0:
            raise QdialectError(f"levels and clock are positive, not {limit:g}")
        modules = [inner for inner in op.body.ops if isinstance(inner, hw.HWModuleOp | hw.HWModuleExternOp)]
        if not modules:
            raise QdialectError("there are no modules to place registers in; run lower-to-rtl first")
        timings: dict[str, PipelineTiming] = {}
        for module in modules:
            if isinstance(module, hw.HWModuleExternOp):
                timings[module.sym_name.data] = clocked(module)
                continue
            staging = Staging(levels if self.levels is not None else nanoseconds, limit, timings)
            timings[module.sym_name.data] = self.pipelined(module, staging, module is modules[-1])

    def pipelined(self, module: hw.HWModuleOp, staging: Staging, is_top: bool) -> PipelineTiming:
        """Replace the body of a module by its stages."""
        block, stages = module.body.block, Stages(staging)
        named = named_inputs(module)
        for argument in block.args:
            copy = stages.block.insert_arg(argument.type, len(stages.block.args))
            copy.name_hint = argument.name_hint
            if argument.name_hint in named:
                stages.control.add(argument)
            stages.made[argument, 0] = copy
            entry = int(is_top and self.inputs)
            staging.ready[argument] = entry, 0.0
            if entry:
                stages.made[argument, 1] = stages.register(copy, argument in stages.control)
        end = block.last_op
        assert isinstance(end, hw.OutputOp)
        staged(staging, [op for op in block.ops if op is not end], end.operands)
        for op in staging.stages:
            stages.place(op)
        latency, last = staging.end(end.operands)
        if is_top and self.outputs:
            latency, last = latency + 1, 0.0
        results = [stages.at(value, latency) for value in end.operands]
        ports = list(module.module_type.ports.data)
        if is_top and latency and not named:
            results.append(validity(stages, latency))
            ports = [port("valid_in", i1, hw.Direction.INPUT), *ports, port("valid_out", i1, hw.Direction.OUTPUT)]
        stages.block.add_op(hw.OutputOp(results))
        clocking = clock_ports(stages.clocking)
        replace_body(module, stages.block, [*clocking, *ports], latency)
        names = [given.port_name.data for given in clocking]
        return PipelineTiming(latency, staging.first() if latency else last, last, names)


def replace_body(module: hw.HWModuleOp, block: Block, ports: list[hw.ModulePort], latency: int) -> None:
    """Give a module its stages."""
    parent = module.parent_block()
    assert parent is not None, "modules are part of a module"
    made = hw.HWModuleOp(module.sym_name, hw.ModuleType(ArrayAttr(ports)), Region(block))
    made.attributes.update(module.attributes)
    if latency:
        made.attributes[LATENCY] = IntegerAttr(latency, i64)
    parent.insert_op_before(made, module)
    module.detach()
    module.erase()


def validity(stages: Stages, latency: int) -> SSAValue:
    """The value that says whether the outputs belong to a sample, from the port `valid_in`."""
    for name in CLOCKING:
        stages.clocked(name)
    valid = stages.block.insert_arg(i1, len(CLOCKING))
    valid.name_hint = "valid_in"
    value: SSAValue = valid
    for _ in range(latency):
        value = stages.register(value, is_reset=True)
    return value


def clock_ports(names: Iterable[str]) -> list[hw.ModulePort]:
    """The ports of a module for its clock and its reset, in order."""
    return [port(name, CLOCKING[name][0], hw.Direction.INPUT) for name in CLOCKING if name in names]


def clocked(module: hw.HWModuleExternOp) -> PipelineTiming:
    """Give a module with a state its clock, and its reset if `start` marks what it counts from."""
    latency = module.attributes[LATENCY]
    assert isinstance(latency, IntegerAttr)
    names = ["clk", "rst"] if "start" in named_inputs(module) else ["clk"]
    module.module_type = hw.ModuleType(ArrayAttr([*clock_ports(names), *module.module_type.ports.data]))
    return PipelineTiming(latency.value.data, 0.0, 0.0, names, is_state=True)


def named_inputs(module: hw.HWModuleOp | hw.HWModuleExternOp) -> set[str]:
    """The inputs whose registers are reset."""
    found = module.attributes.get(CONTROL)
    return {name.data for name in found if isinstance(name, StringAttr)} if isinstance(found, ArrayAttr) else set()
