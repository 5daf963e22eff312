"""Number formats: which values a quantized element can take.

Every format describes a finite set of *codes*, integers in units of `2**lsb`: the value of a code is
`code * 2**lsb`, exactly. All arithmetic of the compiler is arithmetic on codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Format(Protocol):
    """A finite set of integer codes with a common power-of-two step."""

    @property
    def lsb(self) -> int:
        """Exponent of the step: the value of a code is `code * 2**lsb`."""
        ...

    @property
    def min_code(self) -> int: ...

    @property
    def max_code(self) -> int: ...

    @property
    def bits(self) -> int:
        """Bits that one element occupies in hardware."""
        ...

    @property
    def count(self) -> int:
        """How many codes there are."""
        ...

    def codes(self) -> Sequence[int]:
        """All codes in ascending order; wide formats have more than `len` can return."""
        ...

    def __contains__(self, code: int) -> bool: ...


@dataclass(frozen=True)
class FixedFormat:
    """Fixed point in `ap_fixed` convention (UG1399): `width` bits, of which `int_bits` stand left of the binary
    point, sign included. `int_bits` may be negative or exceed `width`; the step is `2**(int_bits - width)`."""

    width: int
    int_bits: int
    signed: bool

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"a fixed-point format needs at least 1 bit, got {self.width}")

    @property
    def lsb(self) -> int:
        return self.int_bits - self.width

    @property
    def min_code(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def max_code(self) -> int:
        return (1 << (self.width - self.signed)) - 1

    @property
    def bits(self) -> int:
        return self.width

    @property
    def count(self) -> int:
        return 1 << self.width

    def holds(self, other: Format | None) -> bool:
        """Whether every value of another format is one of this."""
        finer = 0 if other is None else other.lsb - self.lsb
        if other is None or finer < 0:
            return False
        return self.min_code <= other.min_code << finer and other.max_code << finer <= self.max_code

    def codes(self) -> Sequence[int]:
        return range(self.min_code, self.max_code + 1)

    def __contains__(self, code: int) -> bool:
        return self.min_code <= code <= self.max_code

    @staticmethod
    def holding(low: int, high: int, lsb: int) -> FixedFormat:
        """The narrowest format with step `2**lsb` that holds every code in [low, high]; unsigned if it can be."""
        if low > high:
            raise ValueError(f"empty code range [{low}, {high}]")
        signed = low < 0
        width = max(high, ~low).bit_length() + 1 if signed else max(high.bit_length(), 1)
        return FixedFormat(width, width + lsb, signed)


@dataclass(frozen=True)
class BinaryFormat:
    """{-1, +1} in one bit; bit 1 stands for +1."""

    lsb: int = 0
    min_code: int = -1
    max_code: int = 1
    bits: int = 1
    count: int = 2

    def codes(self) -> Sequence[int]:
        return [-1, 1]

    def __contains__(self, code: int) -> bool:
        return code in (-1, 1)


@dataclass(frozen=True)
class TernaryFormat:
    """{-1, 0, +1} in two bits."""

    lsb: int = 0
    min_code: int = -1
    max_code: int = 1
    bits: int = 2
    count: int = 3

    def codes(self) -> Sequence[int]:
        return [-1, 0, 1]

    def __contains__(self, code: int) -> bool:
        return -1 <= code <= 1


@dataclass(frozen=True)
class Po2Format:
    """`sign * 2**e` with `min_exp <= e <= max_exp`. It has a zero only if it says so: QKeras' `quantized_po2` has
    none, padding and pruned weights bring one."""

    min_exp: int
    max_exp: int
    signed: bool
    zero: bool = False

    def __post_init__(self) -> None:
        if self.min_exp > self.max_exp:
            raise ValueError(f"empty exponent range [{self.min_exp}, {self.max_exp}]")

    @property
    def lsb(self) -> int:
        return self.min_exp

    @property
    def max_code(self) -> int:
        return 1 << (self.max_exp - self.min_exp)

    @property
    def min_code(self) -> int:
        return -self.max_code if self.signed else 1 - self.zero

    @property
    def bits(self) -> int:
        return max((self.max_exp - self.min_exp + self.zero).bit_length() + self.signed, 1)

    @property
    def count(self) -> int:
        return (self.max_exp - self.min_exp + 1) * (1 + self.signed) + self.zero

    def codes(self) -> Sequence[int]:
        positive = [1 << k for k in range(self.max_exp - self.min_exp + 1)]
        return [-c for c in reversed(positive)] * self.signed + [0] * self.zero + positive

    def __contains__(self, code: int) -> bool:
        return self.min_code <= code <= self.max_code and (abs(code).bit_count() == 1 or (self.zero and code == 0))
