"""The pragmas of the `hlscpp` dialect about loops, functions and ports: operations in the block that they govern.

Names, options and placement rules are those of AMD UG1399, "HLS Pragmas". After the array it is about, if
any, a pragma lists its options:

    hlscpp.array_partition %w kind = cyclic, dim = 2, factor = 4 : memref<16x64x!hlscpp.int<6, signed>>

Verifiers check values and place, and raise `VerifyException`. `storage_pragmas` has those about arrays and streams.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Collection
from typing import ClassVar, Literal, Self

from xdsl.dialects.builtin import IntAttr, MemRefType, StringAttr, UnitAttr
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue
from xdsl.irdl import BaseAttr, IRDLOperation, irdl_op_definition, opt_operand_def, opt_prop_def, prop_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.types import PacketType, StreamType

FUNCTION, LOOP = "hlscpp.func", "hlscpp.for"

ARRAY_PORTS = (
    *("ap_memory", "bram", "ap_fifo", "axis", "m_axi", "s_axilite"),
    *("ap_none", "ap_stable", "ap_vld", "ap_ack", "ap_hs", "ap_ovld"),
)

STREAM_PORTS = ("axis", "ap_fifo")

BLOCK_PORTS = ("ap_ctrl_none", "ap_ctrl_hs", "ap_ctrl_chain", "s_axilite")

PIPELINE_STYLES = ("stp", "flp", "frp")


class Pragma(IRDLOperation, ABC):
    """Base of the pragmas: common syntax and the blocks they may stand in."""

    PLACES: ClassVar[tuple[str, ...]] = (FUNCTION, LOOP)
    """Operations whose body may hold the pragma."""

    SINGLE: ClassVar[bool] = True
    """Whether a block holds at most one pragma of the kind."""

    def __init__(self, *operands: SSAValue | None, **options: int | str | bool | None):
        """Integer and word options by name; a flag such as `off` is present when true."""
        given = {
            name: self._attribute(value) for name, value in options.items() if value is not None and value is not False
        }
        super().__init__(operands=operands, properties=given)

    @staticmethod
    def _attribute(value: int | str | Literal[True]) -> Attribute:
        match value:
            case True:
                return UnitAttr()
            case int():
                return IntAttr(value)
            case str():
                return StringAttr(value)

    def options(self) -> dict[str, int | str | None]:
        """The options given, in the order of their definition; the value of a flag is `None`."""
        values: dict[str, int | str | None] = {}
        for name in self.get_irdl_definition().properties:
            match self.properties.get(name):
                case IntAttr(data=value) | StringAttr(data=value):
                    values[name] = value
                case UnitAttr():
                    values[name] = None
                case _:
                    pass
        return values

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        definition = cls.get_irdl_definition()
        memref = parser.parse_optional_unresolved_operand() if definition.operands else None
        names = definition.properties
        properties: dict[str, Attribute] = {}
        name = parser.parse_optional_keyword_in(names)
        while name is not None:
            value: int | str | Literal[True] = True
            if parser.parse_optional_punctuation("="):
                number = parser.parse_optional_integer(allow_boolean=False)
                value = parser.parse_identifier() if number is None else number
            properties[name] = cls._attribute(value)
            name = parser.parse_keyword_in(names) if parser.parse_optional_punctuation(",") else None
        operands: list[SSAValue] = []
        if memref is not None:
            parser.parse_punctuation(":")
            operands.append(parser.resolve_operand(memref, parser.parse_type()))
        attributes = parser.parse_optional_attr_dict()
        return cls.create(operands=operands, properties=properties, attributes=attributes)

    def print(self, printer: Printer) -> None:
        for operand in self.operands:
            printer.print_string(" ")
            printer.print_ssa_value(operand)
        for position, (name, value) in enumerate(self.options().items()):
            printer.print_string(", " if position else " ")
            printer.print_string(name if value is None else f"{name} = {value}")
        for operand in self.operands:
            printer.print_string(" : ")
            printer.print_attribute(operand.type)
        printer.print_op_attributes(self.attributes)

    def verify_(self) -> None:
        parent, block = self.parent_op(), self.parent_block()
        if parent is None or block is None:
            return
        if parent.name not in self.PLACES:
            raise VerifyException(f"{self.name} belongs in {' or '.join(self.PLACES)}, not in {parent.name}")
        if self.SINGLE and any(op is not self and isinstance(op, type(self)) for op in block.ops):
            raise VerifyException(f"{self.name} given twice in one block")

    def verify_word(self, value: StringAttr, words: Collection[str]) -> None:
        if value.data not in words:
            raise VerifyException(f"{self.name} knows {', '.join(words)}, not '{value.data}'")

    def verify_at_least(self, value: IntAttr | None, least: int, option: str) -> None:
        if value is not None and value.data < least:
            raise VerifyException(f"{self.name} {option} is at least {least}, got {value.data}")


def is_top(op: Operation | None) -> bool:
    return op is not None and op.name == FUNCTION and "top" in op.properties


@irdl_op_definition
class PipelineOp(Pragma):
    """Start a loop iteration or function call every `ii` cycles; all loops beneath are unrolled.

    The style `flp` flushes: iterations in flight finish even while the next one waits for its input.
    """

    name = "hlscpp.pipeline"
    ii = prop_def(IntAttr)
    style = opt_prop_def(StringAttr)

    def __init__(self, ii: int, style: str | None = None):
        super().__init__(ii=ii, style=style)

    def verify_(self) -> None:
        super().verify_()
        self.verify_at_least(self.ii, 1, "ii")
        if self.style is not None:
            self.verify_word(self.style, PIPELINE_STYLES)
        if (block := self.parent_block()) is None:
            return
        for op in block.walk():
            if isinstance(op, DataflowOp) and op.parent is block:
                raise VerifyException("hlscpp.pipeline and hlscpp.dataflow exclude each other in one block")
            if op.parent is not block and (
                isinstance(op, PipelineOp | DataflowOp | LoopFlattenOp)
                or (isinstance(op, UnrollOp) and op.factor is not None)
            ):
                raise VerifyException(f"{op.name} beneath hlscpp.pipeline, which unrolls all loops beneath it")


@irdl_op_definition
class UnrollOp(Pragma):
    """Copy the loop's body `factor` times, or once per iteration without a factor."""

    name = "hlscpp.unroll"
    PLACES: ClassVar = (LOOP,)
    factor = opt_prop_def(IntAttr)

    def __init__(self, factor: int | None = None):
        super().__init__(factor=factor)

    def verify_(self) -> None:
        super().verify_()
        self.verify_at_least(self.factor, 2, "factor")


@irdl_op_definition
class LoopFlattenOp(Pragma):
    """Merge the nested loops into one, or keep them apart if `off`."""

    name = "hlscpp.loop_flatten"
    PLACES: ClassVar = (LOOP,)
    off = opt_prop_def(UnitAttr)

    def __init__(self, off: bool = False):
        super().__init__(off=off)


@irdl_op_definition
class InlineOp(Pragma):
    """Inline the function into its callers, or keep it as a module of its own if `off`."""

    name = "hlscpp.inline"
    PLACES: ClassVar = (FUNCTION,)
    off = opt_prop_def(UnitAttr)

    def __init__(self, off: bool = False):
        super().__init__(off=off)


@irdl_op_definition
class DataflowOp(Pragma):
    """Run the calls of the block as concurrent processes; `structure.verify_processes` checks their form."""

    name = "hlscpp.dataflow"


@irdl_op_definition
class InterfaceOp(Pragma):
    """The port protocol of an argument of the top function, or else of its `return` port.

    A memory (`m_axi`) has an `offset` in a register, a `bundle` of its own, and as `depth` the words of a sample.
    """

    name = "hlscpp.interface"
    PLACES: ClassVar = (FUNCTION,)
    SINGLE: ClassVar = False
    memref = opt_operand_def(BaseAttr(MemRefType) | BaseAttr(StreamType) | BaseAttr(PacketType))
    mode = prop_def(StringAttr)
    offset = opt_prop_def(StringAttr)
    bundle = opt_prop_def(StringAttr)
    depth = opt_prop_def(IntAttr)

    def __init__(
        self,
        memref: SSAValue | None,
        mode: str,
        offset: str | None = None,
        bundle: str | None = None,
        depth: int | None = None,
    ):
        super().__init__(memref, mode=mode, offset=offset, bundle=bundle, depth=depth)

    def verify_(self) -> None:
        super().verify_()
        self.verify_word(self.mode, self._modes())
        if self.mode.data != "m_axi" and (self.offset or self.bundle or self.depth):
            raise VerifyException(f"{self.name} has an offset, a bundle and a depth for m_axi alone")
        if self.memref is None:
            if (parent := self.parent_op()) is not None and not is_top(parent):
                raise VerifyException(f"{self.name} of the return port belongs in the top function")
        elif isinstance(self.memref, BlockArgument) and not is_top(self.memref.block.parent_op()):
            raise VerifyException(f"{self.name} belongs in the top function")
        elif not isinstance(self.memref, BlockArgument):
            raise VerifyException(f"{self.name} is about an argument of the top function")

    def _modes(self) -> Collection[str]:
        if self.memref is None:
            return BLOCK_PORTS
        if isinstance(self.memref.type, PacketType):
            return ("axis",)
        return STREAM_PORTS if isinstance(self.memref.type, StreamType) else ARRAY_PORTS
