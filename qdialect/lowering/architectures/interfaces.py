"""How the inputs and outputs of a network travel: as the channels of its architecture, or in words of packed bits.

A word holds as many elements of a pixel as fit: element i of a word in its bits [i * b, (i + 1) * b), zeros above the
last. Words come in row-major order. On an AXI4-Stream (`axis`) a word is whole bytes, all of which TKEEP counts, and
TLAST marks the last of a sample; in memory (`m_axi`) it has a power of two of bits, and a sample begins at the address
in the port's register. A function of its own takes words apart into the channel of an input, and another one puts them
together: processes, or parts of the one pipeline that the network is, where it takes a sample no sooner than the ports.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Protocol, TypeAlias

from xdsl.dialects.func import FuncOp as NetworkFunc
from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import array, beat, function, local, variable
from qdialect.dialects.hlscpp.directives import interface, memory_interface, unrolled
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import BIT, ArrayType, ChannelType, IntType, PacketType, StreamType
from qdialect.dialects.hlscpp.values import Memory, Packets, Stream, Value, constant, index
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.network import results_of
from qdialect.errors import QdialectError, suggestion
from qdialect.lowering.architectures.line_buffer import fill, where
from qdialect.lowering.architectures.pixels import write
from qdialect.lowering.architectures.tasks import describe
from qdialect.lowering.parts.elements import array_of, partitioned
from qdialect.lowering.parts.nests import axes, flatten, nest

INTERFACES = ("ports", "axis", "m_axi")
"""As the architecture has them, in packets of an AXI4-Stream, or in memory."""

CONTROLS = ("ap_ctrl_hs", "ap_ctrl_chain", "ap_ctrl_none", "s_axilite")
"""How a block is started (UG1399, "Block-Level Control Protocols")."""

Declared: TypeAlias = Callable[..., AbstractContextManager[tuple[FuncOp, tuple[Any, ...]]]]
"""How a function is begun: as `function` does."""

WIDEST: Mapping[str, int] = {"axis": 4096, "m_axi": 512}
"""Bits of a word: the widest port, and the widest that the vendor's tool makes of a memory by itself (UG1399)."""


@dataclass(frozen=True)
class Layout:
    """How a value lies in words."""

    shape: Sequence[int]
    """That of the array of its elements."""
    lanes: int
    """Elements of a word, along the last axis."""
    width: int
    """Bits of a word."""

    @staticmethod
    def of(value: SSAValue, kind: str, beat_lanes: int | None = None) -> Layout:
        """The layout for an interface, in words that lie in beats of so many elements.

        Raises QdialectError if an element is wider than a word.
        """
        type_ = array_of(value.type)
        bits, most = type_.element_type.bits, beat_lanes or type_.get_shape()[-1]
        fitting = min(WIDEST[kind] // bits, most)
        if fitting == 0:
            raise QdialectError(f"'{value.name_hint}': {bits} bits are more than the {WIDEST[kind]} of {kind}")
        lanes = next(n for n in range(fitting, 0, -1) if most % n == 0)
        width = -(-lanes * bits // 8) * 8
        return Layout(type_.get_shape(), lanes, width if kind == "axis" else 1 << (width - 1).bit_length())

    def __str__(self) -> str:
        return f"{math.prod(self.words)} words of {self.width} bits with {self.lanes} elements each"

    @property
    def words(self) -> Sequence[int]:
        """The shape in words."""
        *outer, last = self.shape
        return (*outer, last // self.lanes)

    @property
    def word(self) -> IntType:
        return IntType(self.width, signed=False)


class HasChannels(Protocol):
    """An architecture."""

    def type_of(self, value: SSAValue) -> ChannelType: ...


@dataclass(frozen=True)
class Interface:
    """How values come in and go out, and how a sample is started."""

    kind: str = "ports"
    control: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (("interface", self.kind, INTERFACES), ("control", self.control, (*CONTROLS, None))):
            if value not in known:
                names = [each for each in known if each is not None]
                raise QdialectError(f"{name} {value!r} is not supported{suggestion(str(value), names)}")
        if self.kind == "m_axi" and self.control not in (None, "s_axilite"):
            raise QdialectError(f"m_axi has its addresses in registers: control is s_axilite, not {self.control}")

    @property
    def is_packed(self) -> bool:
        """Whether values travel in words, and not as the architecture has them."""
        return self.kind != "ports"

    def layouts(self, function: NetworkFunc, architecture: HasChannels) -> Sequence[Layout | None]:
        """How the inputs, then the outputs of a network lie in words; None where they do not."""
        values = [*function.args, *results_of(function)]
        return [self.layout_of(v, architecture.type_of(v)) if self.is_packed else None for v in values]

    def block(self) -> None:
        """Declare how the block is started, if not in the tool's way."""
        control = "s_axilite" if self.kind == "m_axi" else self.control
        if control is not None:
            interface(None, control)

    def layout_of(self, value: SSAValue, channel: ChannelType) -> Layout:
        """How a value with a channel of this type lies in words. Raises QdialectError as `Layout.of` does."""
        return Layout.of(value, self.kind, channel.lanes if isinstance(channel, StreamType) else None)

    def type_of(self, value: SSAValue, channel: ChannelType) -> PacketType | ArrayType:
        """The type of the port of a value."""
        layout = self.layout_of(value, channel)
        return PacketType(layout.width) if self.kind == "axis" else array(layout.word, math.prod(layout.words))

    def port(self, parameter: Packets | Memory) -> None:
        """Declare the protocol of a port."""
        if isinstance(parameter, Memory):
            memory_interface(parameter, identifier(parameter.ssa.name_hint or "memory"))
        else:
            interface(parameter, self.kind)

    def keeps_pace(self, layouts: Sequence[Layout], interval: int) -> bool:
        """Whether streams of these words pass a sample within so many cycles."""
        return self.kind == "axis" and all(math.prod(layout.words) <= interval for layout in layouts)

    def entry(self, value: SSAValue, channel: ChannelType, name: str, declared: Declared = function) -> FuncOp:
        """A function that takes the words of a port apart: port, then channel."""
        words = PortWords.of(self.layout_of(value, channel), channel)
        arguments = [("port", self.type_of(value, channel)), ("x", channel)]
        with declared(name, *arguments, comment=f"{describe(value)}, from {words.layout}") as (op, (port, x)):
            held = words.register()
            with words.each() as word:
                number = taken(port, word)
                target: Memory = held or (beat("next", channel.beat) if isinstance(channel, StreamType) else x)
                with unrolled(words.layout.lanes, "lane") as lane:
                    target[words.place(word, lane)] = number.bits(lane * words.element.bits, words.element)
                if isinstance(x, Stream):
                    with where(word.ends()):
                        x.write(target) if held is None else write(target, x)
        return op

    def exit(self, value: SSAValue, channel: ChannelType, name: str, declared: Declared = function) -> FuncOp:
        """A function that puts the words of a port together: channel, then port."""
        words = PortWords.of(self.layout_of(value, channel), channel)
        arguments = [("x", channel), ("port", self.type_of(value, channel))]
        with declared(name, *arguments, comment=f"{describe(value)}, to {words.layout}") as (op, (x, port)):
            held = words.register()
            with words.each() as word:
                if held is not None:
                    with where(word.begins()):
                        fill(held, (), x)
                source: Memory = held or (x.read("next") if isinstance(x, Stream) else x)
                number = variable("word", words.layout.word, 0)
                with unrolled(words.layout.lanes, "lane") as lane:
                    bits = source[words.place(word, lane)].bits(0, IntType(words.element.bits, signed=False))
                    number.set(number.get() | bits.cast(words.layout.word) << lane * words.element.bits)
                give(port, word, number.get())
        return op


@dataclass(frozen=True)
class PortWord:
    """One of the words of a sample, by counters."""

    at: Sequence[Value]
    counts: Sequence[int]
    """How many values each of `at` has; the last are the parts of a beat."""

    @property
    def index(self) -> Value:
        return flatten(self.at, self.counts)

    def begins(self) -> list[Value]:
        """Whether it is the first of its beat."""
        return [self.at[-1].eq(0)] * (self.counts[-1] > 1)

    def ends(self) -> list[Value]:
        """Whether it is the last of its beat."""
        return [self.at[-1].eq(self.counts[-1] - 1)] * (self.counts[-1] > 1)

    def is_last(self) -> Value:
        """Whether it is the last of the sample."""
        ends = [i.eq(n - 1) for i, n in zip(self.at, self.counts, strict=True) if n > 1]
        return reduce(and_, ends) if ends else constant(1, BIT)


@dataclass(frozen=True)
class PortWords:
    """The words of a value beside its channel."""

    layout: Layout
    element: IntType
    counts: Sequence[int]
    """Positions, words of an array's last axis or beats of a stream, and the parts of a beat."""
    beat: ArrayType | None

    @staticmethod
    def of(layout: Layout, channel: ChannelType) -> PortWords:
        *outer, last = layout.shape
        if isinstance(channel, StreamType):
            counts = (*outer, last // channel.lanes, channel.lanes // layout.lanes)
            return PortWords(layout, channel.element_type, counts, channel.beat)
        assert not isinstance(channel, PacketType)
        return PortWords(layout, channel.element_type, (*outer, last // layout.lanes, 1), None)

    def register(self) -> Memory | None:
        """Of a beat that is wider than a word."""
        return None if self.beat is None or self.counts[-1] == 1 else partitioned(local("held", self.beat))

    @contextmanager
    def each(self) -> Generator[PortWord]:
        """A pipeline over the words of a sample."""
        names = [*axes(len(self.counts) - 1), "part"]
        with nest(self.counts[:-1] if self.counts[-1] == 1 else self.counts, names, style="flp") as at:
            yield PortWord([*at, index(0)][: len(self.counts)], self.counts)

    def place(self, word: PortWord, lane: Value) -> tuple[Value, ...]:
        """Where an element of a word lies in a beat, or in an array."""
        *position, number, part = word.at
        return (part * self.layout.lanes + lane,) if self.beat else (*position, number * self.layout.lanes + lane)


def taken(port: Packets | Memory, word: PortWord) -> Value:
    """A word of a port."""
    return port.receive("word") if isinstance(port, Packets) else port[word.index].named("word")


def give(port: Packets | Memory, word: PortWord, number: Value) -> None:
    """A word to a port."""
    if isinstance(port, Packets):
        port.send(number, word.is_last())
    else:
        port[word.index] = number
