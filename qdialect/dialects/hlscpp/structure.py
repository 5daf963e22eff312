"""Control and functions: loops, conditions, functions, calls, and the form of dataflow regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from xdsl.dialects.builtin import (
    FlatSymbolRefAttrConstr,
    IntAttr,
    MemRefType,
    StringAttr,
    SymbolNameConstraint,
    SymbolRefAttr,
    UnitAttr,
)
from xdsl.ir import Attribute, Block, BlockArgument, Operation, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    irdl_to_attr_constraint,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsolatedFromAbove, NoTerminator, RecursiveMemoryEffect, SymbolOpInterface, SymbolTable
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.base import HlsOp
from qdialect.dialects.hlscpp.bounds import verify_counter
from qdialect.dialects.hlscpp.memory import LocalOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.pragmas import DataflowOp, Pragma
from qdialect.dialects.hlscpp.streams import FifoOp, ReadOp, ReceiveOp, SendOp, WriteOp
from qdialect.dialects.hlscpp.types import BIT, INDEX, ChannelType, verify_argument_type


@irdl_op_definition
class ForOp(HlsOp):
    """`hlscpp.for %i = 0 to 16 label "OUT" {...}`: `%i` counts up by one, the upper bound excluded.

    The label, if any, names the loop in the C++ text and in synthesis reports.
    """

    name = "hlscpp.for"
    lower = prop_def(IntAttr)
    upper = prop_def(IntAttr)
    label = opt_prop_def(StringAttr)
    body = region_def("single_block")
    traits = traits_def(RecursiveMemoryEffect(), NoTerminator())

    def __init__(self, lower: int, upper: int, label: str | None = None, body: Region | None = None):
        super().__init__(
            properties={
                "lower": IntAttr(lower),
                "upper": IntAttr(upper),
                "label": None if label is None else StringAttr(label),
            },
            regions=[Region(Block(arg_types=[INDEX])) if body is None else body],
        )

    @property
    def counter(self) -> BlockArgument:
        return self.body.block.args[0]

    def verify_(self) -> None:
        if self.body.block.arg_types != (INDEX,):
            raise VerifyException(f"{self.name} has one index as block argument")
        if not self.lower.data < self.upper.data:
            raise VerifyException(f"{self.name} from {self.lower.data} to {self.upper.data} never runs")
        verify_counter(self, self.counter, self.lower.data, self.upper.data - 1)
        verify_processes(self.body.block)

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        counter = parser.parse_argument(expect_type=False).resolve(INDEX)
        parser.parse_punctuation("=")
        lower = parser.parse_integer(allow_boolean=False)
        parser.parse_keyword("to")
        upper = parser.parse_integer(allow_boolean=False)
        label = parser.parse_str_literal() if parser.parse_optional_keyword("label") else None
        return cls(lower, upper, label, parser.parse_region([counter]))

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.counter)
        printer.print_string(f" = {self.lower.data} to {self.upper.data} ")
        if self.label is not None:
            printer.print_string("label ")
            printer.print_string_literal(self.label.data)
            printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


@irdl_op_definition
class IfOp(HlsOp):
    """`hlscpp.if %condition {...}`: the body runs if the bit is one."""

    name = "hlscpp.if"
    condition = operand_def(BIT)
    body = region_def("single_block")
    traits = traits_def(RecursiveMemoryEffect(), NoTerminator())

    def __init__(self, condition: SSAValue | Operation, body: Region | None = None):
        super().__init__(operands=[condition], regions=[Region(Block()) if body is None else body])

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        condition = parser.parse_unresolved_operand()
        return cls(parser.resolve_operand(condition, BIT), parser.parse_region([]))

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.condition)
        printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


@irdl_op_definition
class FuncOp(HlsOp):
    """A function without results: `hlscpp.func @f(%x: memref<...>, %y: memref<...>) top comment "..." {...}`.

    It works on the arrays and streams of its caller, which never overlap. `top` marks the function to synthesize; the
    comment is printed above the C++ function.
    """

    name = "hlscpp.func"
    sym_name = prop_def(SymbolNameConstraint())
    top = opt_prop_def(UnitAttr)
    comment = opt_prop_def(StringAttr)
    body = region_def("single_block")
    traits = traits_def(IsolatedFromAbove(), SymbolOpInterface(), NoTerminator())

    def __init__(
        self,
        name: str,
        arguments: Sequence[ChannelType] | Region,
        top: bool = False,
        comment: str | None = None,
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "top": UnitAttr() if top else None,
                "comment": None if comment is None else StringAttr(comment),
            },
            regions=[arguments if isinstance(arguments, Region) else Region(Block(arg_types=arguments))],
        )

    @property
    def args(self) -> Sequence[BlockArgument]:
        return self.body.block.args

    def callees(self) -> Sequence[FuncOp]:
        """The functions called in the body, each once, in the order of the first calls."""
        return list(dict.fromkeys(call.function() for call in self.walk() if isinstance(call, CallOp)))

    def verify_(self) -> None:
        for type in self.body.block.arg_types:
            verify_argument_type(type)
        verify_processes(self.body.block)

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        name = parser.parse_symbol_name().data
        arguments = parser.parse_comma_separated_list(parser.Delimiter.PAREN, parser.parse_argument)
        top = parser.parse_optional_keyword("top") is not None
        comment = parser.parse_str_literal() if parser.parse_optional_keyword("comment") else None
        return cls(name, parser.parse_region(arguments), top, comment)

    def print_form(self, printer: Printer) -> None:
        printer.print_symbol_name(self.sym_name.data)
        with printer.in_parens():
            printer.print_list(self.args, printer.print_block_argument)
        printer.print_string(" ")
        if self.top is not None:
            printer.print_string("top ")
        if self.comment is not None:
            printer.print_string("comment ")
            printer.print_string_literal(self.comment.data)
            printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


@irdl_op_definition
class CallOp(HlsOp):
    """`hlscpp.call @fc1(%x, %y) : memref<...>, memref<...>`: calls a function other than the top.

    An array or stream is passed once at most, so that no two parameters overlap; constant arrays stay in their
    function. There is no recursion.
    """

    name = "hlscpp.call"
    callee = prop_def(FlatSymbolRefAttrConstr)
    arguments = var_operand_def(irdl_to_attr_constraint(ChannelType))

    def __init__(self, callee: str, arguments: Sequence[SSAValue | Operation]):
        super().__init__(operands=[arguments], properties={"callee": SymbolRefAttr(callee)})

    def function(self) -> FuncOp:
        """The called function. Raises `VerifyException` if the symbol does not name one."""
        if not isinstance(callee := SymbolTable.lookup_symbol(self, self.callee), FuncOp):
            raise VerifyException(f"{self.name}: there is no hlscpp.func {self.callee}")
        return callee

    def verify_(self) -> None:
        callee = self.function()
        if callee.top is not None:
            raise VerifyException(f"{self.name}: {self.callee} is the top function")
        if callee.body.block.arg_types != tuple(self.arguments.types):
            raise VerifyException(
                f"{self.name}: {self.callee} takes ({', '.join(map(str, callee.body.block.arg_types))}), "
                f"not ({', '.join(map(str, self.arguments.types))})"
            )
        if len(set(self.arguments)) < len(self.arguments):
            raise VerifyException(f"{self.name}: an array or stream is passed to {self.callee} twice")
        if any(isinstance(argument.owner, RomOp) for argument in self.arguments):
            raise VerifyException(f"{self.name}: a constant array is passed to {self.callee}")
        reached = list(callee.callees())
        for function in reached:
            reached += (other for other in function.callees() if other not in reached)
        if callee in reached:
            raise VerifyException(f"{self.name}: {self.callee} is recursive")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        callee = parser.parse_symbol_name().data
        operands = parser.parse_comma_separated_list(parser.Delimiter.PAREN, parser.parse_unresolved_operand)
        types = list[Attribute]()
        position = parser.pos
        if operands:
            parser.parse_punctuation(":")
            types = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_type)
        return cls(callee, parser.resolve_operands(operands, types, position))

    def print_form(self, printer: Printer) -> None:
        printer.print_symbol_name(self.callee.string_value())
        with printer.in_parens():
            printer.print_list(self.arguments, printer.print_ssa_value)
        if self.arguments:
            printer.print_string(" : ")
            printer.print_list(self.arguments.types, printer.print_attribute)


def writes(op: Operation, memref: SSAValue) -> bool:
    """Whether `op` itself or an operation in its body may store to the array or stream `memref`."""
    match op:
        case StoreOp():
            return op.memref is memref
        case WriteOp() | SendOp():
            return op.stream is memref
        case CallOp():
            return any(
                argument is memref and is_written(parameter)
                for argument, parameter in zip(op.arguments, op.function().args, strict=True)
            )
        case _:
            return any(writes(inner, memref) for region in op.regions for inner in region.block.ops)


def is_written(memref: SSAValue) -> bool:
    """Whether any operation stores to `memref`, directly or in a function that it is passed to."""
    return any(writes(use.operation, memref) for use in memref.uses)


def is_read(stream: SSAValue) -> bool:
    """Whether any operation reads from `stream`, directly or in a function that it is passed to."""
    return any(
        isinstance(op := use.operation, ReadOp | ReceiveOp)
        or (isinstance(op, CallOp) and is_read(op.function().args[use.index]))
        for use in stream.uses
    )


def verify_processes(block: Block) -> None:
    """Raise `VerifyException` unless a block with `hlscpp.dataflow` is made of processes in canonical form.

    That is (UG1399, "Canonical Forms"): declarations and calls only; each local array or stream has one process that
    writes it and one later process that reads it; an argument that is written, or is a stream, belongs to one process.
    """
    if not any(isinstance(op, DataflowOp) for op in block.ops):
        return
    calls = list[CallOp]()
    for op in block.ops:
        if isinstance(op, CallOp):
            calls.append(op)
        elif not isinstance(op, LocalOp | FifoOp | Pragma):
            raise VerifyException(f"{op.name} in a dataflow region of declarations, hlscpp.call and pragmas")
    for memref in dict.fromkeys(argument for call in calls for argument in call.arguments):
        writers = [writes(call, memref) for call in calls if memref in call.arguments]
        if isinstance(memref.owner, LocalOp | FifoOp):
            if writers != [True, False]:
                raise VerifyException("a local of a dataflow region has one writing and one later reading process")
        elif len(writers) > 1 and (any(writers) or not isinstance(memref.type, MemRefType)):
            raise VerifyException("an argument written in a dataflow region, or a stream, belongs to one process")
