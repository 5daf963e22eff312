"""The ports of a design: how values of the interface lie in words of bits and in data files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.backends.projects.ports import ValuePort
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.parts.elements import from_stored, stored_type, to_stored
from qdialect.numerics.exact import IntArray

WORD = 32
"""Bits of a word of the C++ interface."""


@dataclass(frozen=True)
class RtlPort(ValuePort):
    """An input or output: the elements of a beat side by side, the first lowest."""

    beats: int = 1
    """In how many parts the elements of a sample come, in row-major order."""

    @staticmethod
    def of(name: str, value: SSAValue, beats: int = 1) -> RtlPort:
        type_ = stored_type(value)
        return RtlPort(name, shape_of(value), type_.bits, type_.signed, exact_format_of(value.type), beats)

    @property
    def width(self) -> int:
        """Bits of a beat."""
        return self.bits * self.size // self.beats

    @property
    def beat_words(self) -> int:
        """32-bit words of a beat, the lowest first."""
        return -(-self.width // WORD)

    @property
    def words(self) -> int:
        """Those of all beats."""
        return self.beat_words * self.beats

    def to_bits(self, codes: IntArray) -> NDArray[np.uint8]:
        """Codes [samples, ...] as bits [samples, all elements]."""
        stored = to_stored(codes, self.format).reshape(len(codes), self.size)
        bits = np.stack([(stored >> place & 1).astype(np.uint8) for place in range(self.bits)], axis=-1)
        return bits.reshape(len(codes), self.width * self.beats)

    def from_bits(self, bits: NDArray[np.uint8]) -> IntArray:
        """The inverse of `to_bits`, [samples, *shape]."""
        kind = np.int64 if self.bits < 63 else object
        weights = np.array([1 << place for place in range(self.bits)], kind)
        if self.signed:
            weights[-1] = -weights[-1]
        stored = bits.reshape(len(bits), self.size, self.bits).astype(kind) @ weights
        return from_stored(stored, self.format).reshape(len(bits), *self.shape)

    def to_words(self, codes: IntArray) -> NDArray[np.uint32]:
        """Codes as words of 32 bits [samples, words], the lowest first."""
        padded = np.zeros((len(codes) * self.beats, self.beat_words * WORD), np.uint8)
        padded[:, : self.width] = self.to_bits(codes).reshape(-1, self.width)
        return np.packbits(padded, axis=1, bitorder="little").view("<u4").reshape(len(codes), self.words)

    def from_words(self, words: NDArray[np.uint32]) -> IntArray:
        """The inverse of `to_words`."""
        bytes_ = np.ascontiguousarray(words.astype("<u4")).reshape(-1, self.beat_words).view(np.uint8)
        bits = np.unpackbits(bytes_, axis=1, count=self.width, bitorder="little")
        return self.from_bits(bits.reshape(len(words), self.width * self.beats))

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | ({"beats": self.beats} if self.beats > 1 else {})
