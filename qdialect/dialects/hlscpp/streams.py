"""Streams: queues of beats between the processes of a dataflow region."""

from __future__ import annotations

from typing import Self

from xdsl.ir import Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, result_def, traits_def
from xdsl.parser import Parser, UnresolvedOperand
from xdsl.printer import Printer
from xdsl.traits import MemoryReadEffect, MemoryWriteEffect
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.base import HlsOp
from qdialect.dialects.hlscpp.memory import DeclarationOp
from qdialect.dialects.hlscpp.types import (
    BIT,
    ArrayType,
    IntType,
    PacketType,
    StreamType,
    stream_type,
    verify_array_type,
)


@irdl_op_definition
class FifoOp(DeclarationOp):
    """`%s = hlscpp.fifo : !hlscpp.stream<...>`: an empty stream from one process to another."""

    name = "hlscpp.fifo"
    stream = result_def(StreamType)


@irdl_op_definition
class BeatOp(DeclarationOp):
    """`%b = hlscpp.beat : memref<16x!hlscpp.int<6, signed>>`: a beat to be filled and written."""

    name = "hlscpp.beat"
    memref = result_def(ArrayType)

    def verify_(self) -> None:
        verify_array_type(self.memref.type)


@irdl_op_definition
class ReadOp(HlsOp):
    """`%b = hlscpp.read %s : !hlscpp.stream<...>`: the next beat, for which the process waits."""

    name = "hlscpp.read"
    stream = operand_def(StreamType)
    beat = result_def(ArrayType)
    traits = traits_def(MemoryReadEffect(), MemoryWriteEffect())

    def __init__(self, stream: SSAValue | Operation):
        value = SSAValue.get(stream)
        super().__init__(operands=[value], result_types=[stream_type(value).beat])

    def verify_(self) -> None:
        if self.beat.type != (expected := stream_type(self.stream).beat):
            raise VerifyException(f"{self.name} of {self.stream.type} gives {expected}, not {self.beat.type}")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        stream = parser.parse_unresolved_operand()
        parser.parse_punctuation(":")
        return cls(parser.resolve_operand(stream, parser.parse_type()))

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.stream)
        printer.print_string(" : ")
        printer.print_attribute(self.stream.type)


@irdl_op_definition
class WriteOp(HlsOp):
    """`hlscpp.write %b, %s : !hlscpp.stream<...>`: a filled beat to the end of the stream."""

    name = "hlscpp.write"
    beat = operand_def(ArrayType)
    stream = operand_def(StreamType)
    traits = traits_def(MemoryReadEffect(), MemoryWriteEffect())

    def __init__(self, beat: SSAValue | Operation, stream: SSAValue | Operation):
        super().__init__(operands=[beat, stream])

    def verify_(self) -> None:
        if self.beat.type != (expected := stream_type(self.stream).beat):
            raise VerifyException(f"{self.name} into {self.stream.type} takes {expected}, not {self.beat.type}")
        if not isinstance(self.beat.owner, BeatOp | ReadOp):
            raise VerifyException(f"{self.name} takes an hlscpp.beat or what hlscpp.read gave")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        beat = parser.parse_unresolved_operand()
        parser.parse_punctuation(",")
        stream = parser.parse_unresolved_operand()
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, StreamType):
            parser.raise_error("expected a hlscpp.stream")
        return cls(parser.resolve_operand(beat, type.beat), parser.resolve_operand(stream, type))

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.beat)
        printer.print_string(", ")
        printer.print_ssa_value(self.stream)
        printer.print_string(" : ")
        printer.print_attribute(self.stream.type)


@irdl_op_definition
class ReceiveOp(HlsOp):
    """`%w = hlscpp.receive %s : !hlscpp.packets<784>`: the next word of an AXI4-Stream port."""

    name = "hlscpp.receive"
    stream = operand_def(PacketType)
    word = result_def(IntType)
    traits = traits_def(MemoryReadEffect(), MemoryWriteEffect())

    def __init__(self, stream: SSAValue | Operation):
        value = SSAValue.get(stream, type=PacketType)
        super().__init__(operands=[value], result_types=[value.type.word])

    def verify_(self) -> None:
        assert isinstance(self.stream.type, PacketType)
        if self.word.type != (expected := self.stream.type.word):
            raise VerifyException(f"{self.name} from {self.stream.type} gives {expected}, not {self.word.type}")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        stream = parser.parse_unresolved_operand()
        parser.parse_punctuation(":")
        return cls(parser.resolve_operand(stream, parser.parse_type()))

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.stream)
        printer.print_string(" : ")
        printer.print_attribute(self.stream.type)


@irdl_op_definition
class SendOp(HlsOp):
    """`hlscpp.send %w, %last, %s : !hlscpp.packets<784>`: a word to an AXI4-Stream port, %last with a sample's last."""

    name = "hlscpp.send"
    word = operand_def(IntType)
    last = operand_def(BIT)
    stream = operand_def(PacketType)
    traits = traits_def(MemoryReadEffect(), MemoryWriteEffect())

    def __init__(self, word: SSAValue | Operation, last: SSAValue | Operation, stream: SSAValue | Operation):
        super().__init__(operands=[word, last, stream])

    def verify_(self) -> None:
        assert isinstance(self.stream.type, PacketType)
        if self.word.type != (expected := self.stream.type.word):
            raise VerifyException(f"{self.name} into {self.stream.type} takes {expected}, not {self.word.type}")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        word, last, stream = (_operand(parser, final) for final in (False, False, True))
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, PacketType):
            parser.raise_error("expected hlscpp.packets")
        resolved = parser.resolve_operands([word, last, stream], [type.word, BIT, type], parser.pos)
        return cls(*resolved)

    def print_form(self, printer: Printer) -> None:
        printer.print_list(self.operands, printer.print_ssa_value)
        printer.print_string(" : ")
        printer.print_attribute(self.stream.type)


def _operand(parser: Parser, final: bool) -> UnresolvedOperand:
    operand = parser.parse_unresolved_operand()
    if not final:
        parser.parse_punctuation(",")
    return operand
