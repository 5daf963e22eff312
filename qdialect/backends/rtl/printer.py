"""Modules of `hw`, `comb` and `seq` as SystemVerilog: one declaration a line, wiring in place.

Constants and parts of words are printed where they are used; every other value has a line of its own, in the order of
the IR, so that equal IR gives equal text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xdsl.dialects import comb, hw, seq
from xdsl.dialects.builtin import DictionaryAttr, IntegerAttr, IntegerType, ModuleOp, StringAttr
from xdsl.ir import BlockArgument, Operation, SSAValue

from qdialect.backends.projects.files import templates_of
from qdialect.backends.rtl.usage import unread_bits, width_of
from qdialect.errors import QdialectError
from qdialect.lowering.rtl.attributes import PRIMITIVE

OPERATORS: dict[type[Operation], str] = {
    comb.AddOp: " + ",
    comb.AndOp: " & ",
    comb.MulOp: " * ",
    comb.OrOp: " | ",
    comb.SubOp: " - ",
    comb.XorOp: " ^ ",
}
COMPARISONS = {0: "==", 1: "!=", 6: "<", 7: "<=", 8: ">", 9: ">="}
"""Predicates of words without sign."""
IN_PLACE = {hw.ConstantOp, comb.ExtractOp, comb.ReplicateOp}
"""Operations are told apart by their class itself: an instance check of theirs takes as long as a line."""


def print_verilog(module: ModuleOp) -> dict[str, str]:
    """The text of each module by its name.

    Raises QdialectError for operations that have no text.
    """
    found: dict[str, str] = {}
    for op in module.body.ops:
        match op:
            case hw.HWModuleOp():
                found[op.sym_name.data] = ModulePrinter(op).text()
            case hw.HWModuleExternOp():
                found[op.sym_name.data] = primitive_text(op)
            case _:
                pass
    return found


def primitive_text(op: hw.HWModuleExternOp) -> str:
    """The text of a module with a state, a template of its kind. Raises QdialectError where there is none."""
    facts = op.attributes.get(PRIMITIVE)
    if not isinstance(facts, DictionaryAttr):
        raise QdialectError(f"module '{op.sym_name.data}' has no text: it is external")
    kind = facts.data["kind"]
    assert isinstance(kind, StringAttr)
    numbers = {name: number.value.data for name, number in facts.data.items() if isinstance(number, IntegerAttr)}
    return (
        templates_of("qdialect.backends.rtl")
        .get_template(f"primitives/{kind.data}.sv.j2")
        .render(name=op.sym_name.data, **numbers)
    )


class ModulePrinter:
    """The text of one module."""

    def __init__(self, module: hw.HWModuleOp):
        self.module = module
        self.names: dict[SSAValue, str] = {}
        self.registers: list[str] = []

    def text(self) -> str:
        ports, block = self.module.module_type.ports.data, self.module.body.block
        inputs = [port for port in ports if port.dir.data is hw.Direction.INPUT]
        outputs = [port.port_name.data for port in ports if port.dir.data is hw.Direction.OUTPUT]
        for port, argument in zip(inputs, block.args, strict=True):
            self.names[argument] = port.port_name.data
        body = [line for op in block.ops if type(op) is not hw.OutputOp for line in self.statement(op)]
        end = block.last_op
        assert isinstance(end, hw.OutputOp)
        results = [
            f"assign {name} = {self.expression(value)};" for name, value in zip(outputs, end.operands, strict=True)
        ]
        lines = [
            f"module {self.module.sym_name.data} (",
            *self.ports(block.args, end.operands, outputs),
            ");",
            *(f"  {line}" for line in [*body, *self.clocked(), *results]),
            "endmodule",
        ]
        return "\n".join(lines) + "\n"

    def ports(self, inputs: Sequence[BlockArgument], results: Sequence[SSAValue], names: Sequence[str]) -> list[str]:
        declared = [declaration(f"input wire {span(value)}", self.names[value], value) for value in inputs]
        declared += [f"output wire {span(value)}{name}" for value, name in zip(results, names, strict=True)]
        return [f"  {line}{',' * (i + 1 < len(declared))}" for i, line in enumerate(declared)]

    def clocked(self) -> Iterator[str]:
        if self.registers:
            yield "always @(posedge clk) begin"
            yield from (f"  {line}" for line in self.registers)
            yield "end"

    def statement(self, op: Operation) -> Iterator[str]:
        """The lines of an operation that is not printed in place."""
        if type(op) in IN_PLACE:
            return
        (value,) = op.results
        self.names[value] = name = f"n{len(self.names)}"
        if type(op) is hw.InstanceOp:
            yield declaration(f"wire {span(value)}", name, value) + ";"
            ports = zip([*op.arg_names.data, *op.result_names.data], [*op.operands, value], strict=True)
            connected = ", ".join(f".{port.data}({self.expression(x)})" for port, x in ports)
            yield f"{op.module_name.string_value()} {op.instance_name.data} ({connected});"
        elif type(op) is seq.CompRegOp:
            yield declaration(f"reg {span(value)}", name, value) + ";"
            source = self.expression(op.input)
            if op.reset is not None and op.reset_value is not None:
                source = f"{self.expression(op.reset)} ? {self.expression(op.reset_value)} : {source}"
            self.registers.append(f"{name} <= {source};")
        else:
            yield declaration(f"wire {span(value)}", name, value, f" = {self.computed(op)}") + ";"

    def computed(self, op: Operation) -> str:
        """The expression of an operation."""
        operands = [self.expression(x) for x in op.operands]
        if (sign := OPERATORS.get(type(op))) is not None:
            return sign.join(operands)
        match op:
            case comb.ConcatOp():
                return f"{{{', '.join(operands)}}}"
            case comb.MuxOp():
                return "{} ? {} : {}".format(*operands)
            case comb.ICmpOp() if op.predicate.value.data in COMPARISONS:
                return f"{operands[0]} {COMPARISONS[op.predicate.value.data]} {operands[1]}"
            case _:
                raise QdialectError(f"module '{self.module.sym_name.data}': {op.name} has no SystemVerilog text")

    def expression(self, value: SSAValue) -> str:
        """A value where it is used."""
        op = value.owner
        if type(op) not in IN_PLACE:
            return self.names[value]
        match op:
            case hw.ConstantOp():
                width = width_of(value)
                return f"{width}'d{op.value.value.data & ((1 << width) - 1)}"
            case comb.ExtractOp() if width_of(op.input) == width_of(value):
                return self.expression(op.input)
            case comb.ExtractOp():
                low, high = op.low_bit.value.data, op.low_bit.value.data + width_of(value) - 1
                return f"{self.named(op.input)}[{high}:{low}]" if high > low else f"{self.named(op.input)}[{low}]"
            case comb.ReplicateOp():
                return f"{{{width_of(value)}{{{self.expression(op.input)}}}}}"
            case _:
                raise AssertionError("all operations in place are above")

    def named(self, value: SSAValue) -> str:
        """The name of a word of which parts are taken."""
        if value not in self.names:
            raise QdialectError(f"module '{self.module.sym_name.data}': a part of a value that has no name")
        return self.names[value]


def span(value: SSAValue) -> str:
    """The range of a declaration."""
    return f"[{width - 1}:0] " if isinstance(value.type, IntegerType) and (width := width_of(value)) > 1 else ""


def declaration(kind: str, name: str, value: SSAValue, initial: str = "") -> str:
    """A declaration; a word of which bits are dropped on purpose says so to verilator."""
    text = f"{kind}{name}{initial}"
    if not unread_bits(value):
        return text
    return f"/* verilator lint_off UNUSEDSIGNAL */ {text} /* verilator lint_on UNUSEDSIGNAL */"
