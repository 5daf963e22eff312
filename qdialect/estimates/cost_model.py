"""The cost of one operation on an UltraScale+ device, by the widths of its operands.

Sources of the figures:
- An adder takes one LUT per bit: sums of adder widths predict synthesized networks within 13 % (da4ml's model).
- A multiplier in LUTs takes 1.2 LUTs per pair of bits and one per bit: 18 x 18 bits, 365 to 411 LUTs (Vivado's
  multiplier core, and Vivado HLS in hls4ml's issue 99); 5 x 5 bits, 40 (yosys). Vivado HLS takes a DSP where the
  product is wider than 18 bits: operands of 9 bits use none (Coelho et al. 2021, figure 4).
- A LUT6 holds a table of 64 bits, a 4:1 multiplexer, two 2:1 multiplexers, or the comparison of two bits.
- A DSP48E2 multiplies 27 x 18 bits signed (UG579); a BRAM18 is 1 x 16384 to 36 x 512 bits (UG573).
- Delays are of one level of logic with its net, 0.5 ns, and of carry chains, 0.02 ns a bit (DS923, rounded up).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

LEVEL_NS = 0.5

CARRY_NS = 0.02

DSP_CYCLES = 3

LUT_BITS = 64

BRAM_SHAPES = ((1, 16384), (2, 8192), (4, 4096), (9, 2048), (18, 1024), (36, 512))
"""Bits x words of one BRAM18."""

SMALLEST_BRAM = 1024
"""Bits of a memory from which it goes to block RAM."""


@dataclass(frozen=True)
class Resources:
    """Operators, and what they take on the device; a fraction where constants differ between copies."""

    multipliers: float = 0
    adders: float = 0
    lut: float = 0
    ff: float = 0
    dsp: float = 0
    bram18: float = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            self.multipliers + other.multipliers,
            self.adders + other.adders,
            self.lut + other.lut,
            self.ff + other.ff,
            self.dsp + other.dsp,
            self.bram18 + other.bram18,
        )

    def __mul__(self, copies: float) -> Resources:
        return Resources(*(getattr(self, f.name) * copies for f in fields(self)))


@dataclass(frozen=True)
class Cost:
    """Resources of an operation, and its delay in ns; `cycles` of them are registers inside of it."""

    resources: Resources = Resources()
    delay: float = 0
    cycles: int = 0


FREE = Cost()


def adder(tables: float, made: float, bits: int) -> Cost:
    """With a result of so many bits; `made` is the part of the copies in which there is one."""
    return Cost(Resources(adders=made, lut=tables), LEVEL_NS + CARRY_NS * bits)


def position() -> Cost:
    """One threshold more in a count of those that are reached."""
    return Cost(Resources(lut=1 / 3), LEVEL_NS / 2)


def comparison(bits: int) -> Cost:
    """Of two variables: a carry chain, or one table."""
    if 2 * bits <= 6:
        return Cost(Resources(lut=1), LEVEL_NS)
    return Cost(Resources(lut=bits), LEVEL_NS + CARRY_NS * bits)


def constant_comparison(tables: float, bits: int) -> Cost:
    """With a constant: a row of tables."""
    return Cost(Resources(lut=tables), LEVEL_NS * min(1, tables) + CARRY_NS * bits)


def gates(bits: float, inputs: float) -> Cost:
    """Functions of so many inputs for each of the bits."""
    levels = max(1, (inputs - 1) / 5)
    return Cost(Resources(lut=bits * levels), LEVEL_NS * math.ceil(levels))


def multiplexer(bits: int, inputs: int) -> Cost:
    """One of `inputs` words of `bits` bits."""
    return Cost(Resources(lut=bits * math.ceil((inputs - 1) / 3)), LEVEL_NS * math.ceil(math.log(max(inputs, 2), 4)))


def shift(bits: float, amounts: int) -> Cost:
    """By a variable amount, one of `amounts`: stages of 4:1 multiplexers."""
    stages = math.ceil(math.log(max(amounts, 2), 4))
    return Cost(Resources(lut=bits * stages), LEVEL_NS * stages)


def count_ones(tables: float, bits: int) -> Cost:
    """A tree of counters, six bits a level."""
    return Cost(Resources(lut=tables), LEVEL_NS * (1 + math.ceil(math.log2(max(bits, 2)))))


def multiplier(a: int, b: int) -> Cost:
    """Of two variables."""
    if min(a, b) == 1:
        return gates(max(a, b), 2)
    if a + b <= 18:
        tables = math.ceil(1.2 * a * b) + a + b
        return Cost(Resources(multipliers=1, lut=tables), LEVEL_NS * math.ceil(math.log2(a + b)))
    narrow, wide = sorted((a, b))
    return Cost(Resources(multipliers=1, dsp=math.ceil(narrow / 18) * math.ceil(wide / 27)), 0, DSP_CYCLES)


def constant_multiplier(bits: int, constants: Sequence[int]) -> Cost:
    """By a constant in each copy, the mean of them: an adder for each non-zero signed digit but the first."""
    digits = [signed_digits(constant) for constant in constants]
    adders = sum(max(d - 1, 0) for d in digits) / len(digits)
    width = bits + max(map(abs, constants)).bit_length()
    return Cost(
        Resources(adders=adders, lut=adders * width),
        (LEVEL_NS + CARRY_NS * width) * math.ceil(math.log2(max(*digits, 1))),
    )


def lookup(bits: int, words: int) -> Cost:
    """A constant table in LUTs, and the multiplexers that choose one of them."""
    tables = math.ceil(words / LUT_BITS)
    levels = math.ceil(math.log(tables, 4))
    return Cost(Resources(lut=bits * (tables + (tables - 1) / 3)), LEVEL_NS * (1 + levels))


def memory(bits: int, words: int) -> Resources:
    """A memory with a word read in each cycle: LUTs when it is small, otherwise block RAM."""
    if bits * words <= SMALLEST_BRAM:
        return Resources(lut=bits * math.ceil(words / LUT_BITS))
    return Resources(bram18=min(math.ceil(bits / width) * math.ceil(words / depth) for width, depth in BRAM_SHAPES))


def fifo(bits: int, depth: int) -> Resources:
    """A queue: shift registers of 32 bits in LUTs when it is small, otherwise block RAM."""
    if bits * depth <= SMALLEST_BRAM:
        return Resources(lut=bits * math.ceil(depth / 32), ff=bits)
    return memory(bits, depth)


def signed_digits(value: int) -> int:
    """Non-zero digits of the canonical signed-digit form of an integer: those of value XOR 3 * value."""
    return (abs(value) ^ 3 * abs(value)).bit_count()
