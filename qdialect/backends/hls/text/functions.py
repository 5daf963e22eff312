"""C++ functions: their signatures, statements and pragmas, in the order of the operations."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from qdialect.backends.hls.text.expressions import ExpressionPrinter
from qdialect.backends.hls.text.lines import COLUMNS, broken, comment
from qdialect.backends.hls.text.names import Names, legal
from qdialect.backends.hls.text.spelling import (
    beat_type,
    c_type,
    declarator,
    packet_of,
    rom_head,
    rom_rows,
    stream_of,
    sum_type,
)
from qdialect.dialects.hlscpp.memory import LocalOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.pragmas import InterfaceOp, Pragma
from qdialect.dialects.hlscpp.storage_pragmas import DependenceOp
from qdialect.dialects.hlscpp.streams import BeatOp, FifoOp, ReadOp, ReceiveOp, SendOp, WriteOp
from qdialect.dialects.hlscpp.structure import CallOp, ForOp, FuncOp, IfOp, is_written
from qdialect.dialects.hlscpp.types import PacketType, StreamType, array_type, stream_type

STACK_BYTES = 1 << 16
"""What the arrays of a function take of the stack in simulation at most: with those of its callees far less than the
megabytes that threads have."""


@dataclass
class FunctionPrinter:
    """Prints one function."""

    names: Names
    """The identifiers that the function sees."""
    symbols: dict[str, str]
    """C++ names of the functions."""
    weights: dict[str, str] | None
    """Where constant arrays go, or `None` to print them in place."""
    expressions: ExpressionPrinter
    lines: list[str] = field(default_factory=list[str])
    indent: str = ""
    labels: dict[Operation, str] = field(default_factory=dict[Operation, str])
    beats: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    off_stack: bool = False
    """Whether arrays are static in simulation, a copy for each thread."""

    def print(self, function: FuncOp) -> tuple[str, str]:
        """The signature without a semicolon, and the definition."""
        parameters = ", ".join(self.parameter(argument) for argument in function.args)
        signature = f"void {self.symbols[function.sym_name.data]}({parameters})"
        for op in function.walk():
            if isinstance(op, ForOp) and op.label is not None:
                self.labels[op] = self.names.unique(legal(op.label.data))
        if function.comment is not None:
            self.lines += comment(function.comment.data)
        self.expressions.plan.add(function.body.block)
        self.off_stack = sum(_bytes(op) for op in function.walk() if isinstance(op, LocalOp)) > STACK_BYTES
        with self.braces(signature if function.top else f"static {signature}"):
            self.block(function.body.block)
        return signature, "\n".join(self.lines) + "\n"

    def parameter(self, argument: BlockArgument) -> str:
        if isinstance(argument.type, StreamType):
            return f"{stream_of(argument.type)} &{self.name(argument, 'arg')}"
        if isinstance(argument.type, PacketType):
            return f"hls::stream<{packet_of(argument.type)}> &{self.name(argument, 'arg')}"
        type = array_type(argument)
        text = declarator(type, self.name(argument, "arg"))
        if not is_written(argument):
            return f"const {text}"
        return text if type.get_shape() else text.replace(" ", " &")

    def name(self, value: SSAValue, default: str) -> str:
        """Give `value` an identifier after its name hint."""
        name = self.names.add(value.name_hint or default)
        self.expressions.identifiers[value] = name
        return name

    def beat(self, value: SSAValue) -> str:
        """Give a beat an identifier; its elements are those of the field `d`."""
        name = self.beats[value] = self.names.add(value.name_hint or "beat")
        self.expressions.identifiers[value] = f"{name}.d"
        return name

    def line(self, text: str) -> None:
        self.lines += broken(text, self.indent)

    @contextmanager
    def braces(self, head: str) -> Generator[None]:
        self.line(f"{head} {{")
        self.indent += "    "
        yield
        self.indent = self.indent[4:]
        self.line("}")

    @contextmanager
    def scope(self) -> Generator[None]:
        """Names added within are not seen after it."""
        outside = self.names
        self.names = outside.nested()
        yield
        self.names = outside

    def block(self, block: Block) -> None:
        plan = self.expressions.plan
        with self.scope():
            for op in block.ops:
                if op not in plan.dead and op not in plan.inlined:
                    self.statement(op)

    def statement(self, op: Operation) -> None:
        match op:
            case Pragma():
                self.pragma(op)
            case LocalOp():
                if self.off_stack and op.memref.type.get_shape():
                    self.lines += ["#ifndef __SYNTHESIS__", f"{self.indent}static thread_local", "#endif"]
                self.line(f"{declarator(op.memref.type, self.name(op.memref, 'local'))};")
            case RomOp():
                self.rom(op)
            case FifoOp():
                self.line(f"{stream_of(op.stream.type)} {self.name(op.stream, 'stream')};")
            case BeatOp():
                users = (use.operation for use in op.memref.uses)
                stream = next(user.stream for user in users if isinstance(user, WriteOp))
                self.line(f"{beat_type(stream_type(stream))} {self.beat(op.memref)};")
            case ReadOp():
                read = f"{self.expressions.identifiers[op.stream]}.read();"
                self.line(
                    f"const {beat_type(stream_type(op.stream))} {self.beat(op.beat)} = {read}" if op.beat.uses else read
                )
            case WriteOp():
                self.line(f"{self.expressions.identifiers[op.stream]}.write({self.beats[op.beat]});")
            case ReceiveOp():
                read = f"{self.expressions.identifiers[op.stream]}.read().data;"
                self.line(f"const {c_type(op.word.type)} {self.name(op.word, 'word')} = {read}")
            case SendOp():
                self.send(op)
            case StoreOp() if op in self.expressions.plan.declaring:
                self.variable(op)
            case StoreOp():
                self.line(f"{self.expressions.assignment(op)};")
            case CallOp():
                arguments = ", ".join(self.expressions.identifiers[argument] for argument in op.arguments)
                self.line(f"{self.symbols[op.callee.string_value()]}({arguments});")
            case IfOp():
                with self.braces(f"if ({self.expressions.expression(op.condition).text})"):
                    self.block(op.body.block)
            case ForOp():
                self.loop(op)
            case _:
                # The name comes last: the value itself must not be found by it.
                text = self.expressions.initialiser(op)
                self.line(f"const {c_type(op.results[0].type)} {self.name(op.results[0], 't')} = {text};")

    def variable(self, op: StoreOp) -> None:
        """A variable with its first value."""
        type_ = array_type(op.memref).element_type
        spelled = sum_type(type_) if op.memref.owner in self.expressions.plan.sums else c_type(type_)
        self.line(f"{spelled} {self.name(op.memref, 'local')} = {self.expressions.assigned(op.value)};")

    def send(self, op: SendOp) -> None:
        """A word with its side channels: all of its bytes count."""
        type_ = op.stream.type
        assert isinstance(type_, PacketType)
        packet = self.names.add("packet")
        self.line(f"{packet_of(type_)} {packet};")
        self.line(f"{packet}.data = {self.expressions.assigned(op.word)};")
        self.line(f"{packet}.keep = ~ap_uint<{type_.width.data // 8}>(0);")
        self.line(f"{packet}.strb = ~ap_uint<{type_.width.data // 8}>(0);")
        self.line(f"{packet}.last = {self.expressions.assigned(op.last)};")
        self.line(f"{self.expressions.identifiers[op.stream]}.write({packet});")

    def loop(self, op: ForOp) -> None:
        with self.scope():
            free = (letter for letter in "ijklmn" if letter not in self.names.taken)
            counter = self.name(op.counter, next(free, "i"))
            label = f"{self.labels[op]}: " if op in self.labels else ""
            bounds = f"int {counter} = {op.lower.data}; {counter} < {op.upper.data}; {counter}++"
            with self.braces(f"{label}for ({bounds})"):
                self.block(op.body.block)

    def pragma(self, op: Pragma) -> None:
        if any(operand.owner in self.expressions.plan.dead for operand in op.operands):
            return
        identifiers, spelling = self.expressions.identifiers, {"ii": "II", "kind": "type"}
        words = [
            spelling.get(key, key) if value is None else f"{spelling.get(key, key)}={value}"
            for key, value in op.options().items()
        ]
        if isinstance(op, DependenceOp):
            words = ["type=inter", "direction=raw", *words, "dependent=true"]
        if isinstance(op, InterfaceOp):
            words.append(f"port={identifiers[op.memref] if op.memref else 'return'}")
        else:
            words[:0] = (f"variable={identifiers[operand]}" for operand in op.operands)
        self.lines.append(" ".join(["#pragma HLS", op.name.removeprefix("hlscpp.").upper(), *words]))

    def rom(self, op: RomOp) -> None:
        values, type = op.values(), op.memref.type
        name = self.name(op.memref, "rom")
        head = rom_head(values, type, name)
        if self.weights is None:
            rows = list(rom_rows(values, type.element_type, self.indent + "    "))
            short = f"{self.indent}{head}{rows[0].strip()}}};"
            if values.ndim == 1 and len(rows) == 1 and len(short) <= COLUMNS:
                self.lines.append(short)
                return
        else:
            path = f"weights/{Names(set(map(_stem, self.weights))).add(name)}.inc"
            self.weights[path] = "\n".join(rom_rows(values, type.element_type, "")) + "\n"
            rows = [f'#include "{path}"']
        self.line(head)
        self.lines += rows
        self.line("};")


def _bytes(op: LocalOp) -> int:
    """What an array takes in simulation, where elements are words of 64 bits."""
    type = op.memref.type
    return math.prod(type.get_shape()) * 8 * -(-type.element_type.bits // 64)


def _stem(path: str) -> str:
    return path.removeprefix("weights/").removesuffix(".inc")
