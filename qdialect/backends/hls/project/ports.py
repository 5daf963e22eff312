"""The ports of an HLS design: how values of the interface are stored in C arrays and in data files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, SSAValue

from qdialect.backends.hls.text.spelling import beat_type, c_type, packet_of
from qdialect.backends.projects.ports import ValuePort
from qdialect.dialects.hlscpp.types import IntType, PacketType, StreamType
from qdialect.dialects.qnn.network import results_of
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.architectures.interfaces import Layout
from qdialect.lowering.architectures.streaming import stored_bits
from qdialect.lowering.parts.elements import from_stored, stored_type, to_stored
from qdialect.lowering.parts.nests import array_shape
from qdialect.numerics.exact import IntArray, from_words, to_words


@dataclass(frozen=True)
class HlsPort(ValuePort):
    """An argument of the top function."""

    stream: StreamType | None
    """How its elements come, in row-major order; `None` for an array."""
    layout: Layout | None
    """How they lie in words, if they do."""
    packets: bool
    """Whether words come one by one, and not from a memory."""

    @staticmethod
    def of(name: str, value: SSAValue, type: Attribute, layout: Layout | None) -> HlsPort:
        type_ = stored_type(value)
        stream = type if isinstance(type, StreamType) else None
        format_, packets = exact_format_of(value.type), isinstance(type, PacketType)
        return HlsPort(name, array_shape(value), type_.bits, type_.signed, format_, stream, layout, packets)

    @property
    def c_type(self) -> str:
        return c_type(IntType(self.bits, self.signed))

    @property
    def lanes(self) -> int:
        """Elements per beat of a stream, or in a word."""
        beats = self.stream or self.layout
        return beats.lanes if beats else self.size

    @property
    def transfers(self) -> int:
        """Beats or words of a sample."""
        return self.size // self.lanes

    @property
    def transfer_bits(self) -> int:
        """Bits of a beat or word."""
        if self.stream is not None:
            return self.lanes * stored_bits(self.stream.element_type)
        return self.bits if self.layout is None else self.layout.width

    @property
    def word_type(self) -> str:
        """The type of a word."""
        return f"ap_uint<{self.transfer_bits}>"

    @property
    def bits_type(self) -> str:
        """The type of the bits of an element."""
        return f"ap_uint<{self.bits}>"

    @property
    def packet_type(self) -> str:
        """The struct of a word with its side channels."""
        return packet_of(PacketType(self.transfer_bits)) if self.packets else ""

    @property
    def beat_type(self) -> str:
        """The struct of one beat of a stream."""
        return beat_type(self.stream) if self.stream else ""

    @property
    def words_each(self) -> int:
        """64-bit words per element in data files and in the C interface, the lowest first."""
        return -(-self.bits // 64)

    @property
    def words(self) -> int:
        """Those of all elements."""
        return self.words_each * self.size

    @property
    def is_wide(self) -> bool:
        """Whether an element exceeds `long long`."""
        return self.bits > 63

    @property
    def highest_type(self) -> str:
        """The type of the highest word of an element."""
        return f"ap_{'' if self.signed else 'u'}int<{self.bits - 64 * (self.words_each - 1)}>"

    @property
    def dims(self) -> str:
        return "".join(f"[{n}]" for n in self.shape)

    def at(self, i: str) -> str:
        """Subscripts of the `i`-th element in row-major order."""
        strides = [int(np.prod(self.shape[axis + 1 :])) for axis in range(len(self.shape))]
        return "".join(f"[{i} / {s} % {n}]" for s, n in zip(strides, self.shape, strict=True))

    def to_words(self, codes: IntArray) -> NDArray[np.int64]:
        """Codes [samples, ...] as stored, [samples, words]."""
        stored = to_stored(codes, self.format).reshape(len(codes), self.size)
        return to_words(stored, self.words_each).reshape(len(codes), self.words)

    def from_words(self, words: NDArray[np.int64]) -> IntArray:
        """The inverse of `to_words`, [samples, *shape]."""
        stored = from_words(words.reshape(len(words), self.size, self.words_each), self.signed)
        return from_stored(stored, self.format).reshape(len(words), *self.shape)

    def manifest(self) -> dict[str, Any]:
        beats = {"elements_per_beat": self.lanes, "beats": self.transfers, "bits_per_beat": self.transfer_bits}
        return super().manifest() | (beats if self.stream or self.layout else {})


def ports_of(
    function: FuncOp, names: Sequence[str], types: Sequence[Attribute], layouts: Sequence[Layout | None]
) -> tuple[Sequence[HlsPort], Sequence[HlsPort]]:
    """Input and output ports of a network function at integer level, in the order of the top function, whose arguments
    have these names and types."""
    values = [*function.args, *results_of(function)]
    ports = [HlsPort.of(*each) for each in zip(names, values, types, layouts, strict=True)]
    return ports[: len(function.args)], ports[len(function.args) :]
