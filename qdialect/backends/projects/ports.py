"""The ports of a design: the values of its interface, whatever the protocol."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from qdialect.numerics.exact import IntArray
from qdialect.numerics.formats import BinaryFormat, Format, Po2Format


@dataclass(frozen=True)
class ValuePort(ABC):
    """An input or output of a design."""

    name: str
    shape: tuple[int, ...]
    bits: int
    """Those of an element as it is stored."""
    signed: bool
    format: Format

    @property
    def size(self) -> int:
        """The count of elements."""
        return math.prod(self.shape)

    @property
    def sign(self) -> str:
        return "signed" if self.signed else "unsigned"

    @property
    def meaning(self) -> str:
        """The value that stored bits stand for."""
        match self.format:
            case BinaryFormat():
                return "1 is +1, 0 is -1"
            case Po2Format(lsb, _, signed, zero):
                positive = f"0 is zero, e + 1 is 2^e * 2^{lsb}" if zero else f"e is 2^e * 2^{lsb}"
                return positive + f", -1 - e is -2^e * 2^{lsb}" * signed
            case fmt:
                return f"code * 2^{fmt.lsb}"

    @property
    @abstractmethod
    def words(self) -> int:
        """Words of a sample in data files and in the C interface."""

    @abstractmethod
    def to_words(self, codes: IntArray) -> NDArray[Any]:
        """Codes [samples, ...] as words [samples, words], of each element or sample the lowest first."""

    @abstractmethod
    def from_words(self, words: NDArray[Any]) -> IntArray:
        """The inverse of `to_words`, [samples, *shape]."""

    def manifest(self) -> dict[str, Any]:
        """What the manifest of a project says of the port."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "bits": self.bits,
            "signed": self.signed,
            "binary": isinstance(self.format, BinaryFormat),
            "power_of_two": isinstance(self.format, Po2Format),
            "step_exponent": self.format.lsb,
        }
