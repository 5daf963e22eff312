"""Whether netlists are linear functions of their inputs, for all inputs, by polynomials of bits.

A gate is a polynomial of its operands: a + b - 2ab is XOR, ab is AND, e + c (t - e) is a choice. A word is the sum of
its bits at their weights, and an addition the sum of two words, modulo 2**width. What counters are made of cancels when
gates are put in from the last one back to the inputs [D. Ritirc, A. Biere, M. Kauers, "Column-wise verification of
multipliers using computer algebra", FMCAD 2017]. A word whose polynomial is linear and lies in its range is that
integer, so that it may be extended. A linear function is known from its values at zero and at the ends of each input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from xdsl.dialects import comb, hw
from xdsl.dialects.builtin import IntegerType, ModuleOp
from xdsl.ir import Operation, SSAValue

Polynomial: TypeAlias = dict[tuple[int, ...], int]
"""The coefficients of products of different bits, those bits from the newest to the oldest."""
WordBits: TypeAlias = tuple[int, ...]
"""From the lowest up: 0 and 1 are constants, bits that vary have numbers from 2 on, the newest the highest."""
MOST_TERMS = 4096
"""Terms of a polynomial that is given up."""


class WordRange(NamedTuple):
    """A word of the interface: its bits and the integers that it may hold."""

    width: int
    low: int
    high: int


class LinearSums:
    """The bits of netlists, and the polynomials of words, in the bits of the inputs alone where those are linear."""

    def __init__(self, inputs: Sequence[WordRange]):
        self.bits = 2
        self.gates: dict[int, Polynomial] = {}
        self.made: dict[tuple[object, ...], int] = {}
        self.polynomials: dict[WordBits, Polynomial] = {}
        self.starting: dict[int, list[WordBits]] = {}
        """The words with a polynomial, by their lowest bit."""
        self.elements: list[tuple[Polynomial, WordRange]] = []
        """The inputs: the weights of their bits, the lowest first."""
        self.owners: dict[int, int] = {}
        """The number of the element of each bit of the inputs."""
        self.inputs: list[WordBits] = []
        for number, each in enumerate(inputs):
            word = self.new_word(each.width)
            self.owners |= dict.fromkeys(word, number)
            weights: Polynomial = {(bit,): 1 << place for place, bit in enumerate(word)}
            if each.low < 0:
                weights[word[-1],] *= -1
            self.inputs.append(word)
            self.elements.append((weights, each))
            self.name(word, weights)

    def new_word(self, width: int) -> WordBits:
        """Bits of which nothing is known."""
        self.bits += width
        return tuple(range(self.bits - width, self.bits))

    def name(self, word: WordBits, polynomial: Polynomial) -> None:
        self.polynomials[word] = polynomial
        self.starting.setdefault(word[0], []).append(word)

    def gate(self, kind: type[Operation], operands: Sequence[int]) -> int:
        """The bit of a gate; equal gates are one bit."""
        key = (kind, *operands)
        if key not in self.made:
            polynomial = _of_gate(kind, [_of_bit(bit) for bit in operands])
            (self.made[key],) = self.new_word(1)
            self.gates[self.made[key]] = polynomial
        return self.made[key]

    def sum_of(self, a: WordBits, b: WordBits, sign: int) -> WordBits:
        """The word of `a + sign * b`."""
        total = self.linear(_sum(self.polynomial(a), self.polynomial(b), sign), len(a))
        word = self.new_word(len(a))
        self.name(word, total)
        return word

    def polynomial(self, word: WordBits) -> Polynomial:
        """That of a word, modulo 2**width; linear in the inputs if it is found to be."""
        if word not in self.polynomials:
            if extended := _extended_by(word):
                self.polynomial(word[:-extended])
            found: Polynomial = {}
            at = 0
            while at < len(word):
                part, end = self._part(word, at)
                found = _sum(found, part, 1 << at)
                at = end
            self.name(word, self.linear(found, len(word)))
        return self.polynomials[word]

    def _part(self, word: WordBits, at: int) -> tuple[Polynomial, int]:
        """The integer of the bits from `at` on as far as they are a known word, and where they end."""
        for known in sorted(self.starting.get(word[at], ()), key=len, reverse=True):
            size = next((i for i, (a, b) in enumerate(zip(known, word[at:], strict=False)) if a != b), None)
            size = min(len(known), len(word) - at) if size is None else size
            rest, total = word[at + size :], self.polynomials[known]
            if not rest:
                return total, len(word)
            if all(bit == known[size - 1] for bit in rest) and (held := self.held(total, size, signed=True)):
                return held, len(word)
            if held := self.held(total, size, signed=False):
                return held, at + size
        return _of_bit(word[at]), at + 1

    def linear(self, polynomial: Polynomial, width: int) -> Polynomial:
        """A polynomial modulo 2**width with all gates put in, if it becomes linear, or as it is."""
        waiting: dict[int, Polynomial] = {}
        newest: list[int] = []
        done: Polynomial = {}
        terms = [*polynomial.items()]
        while True:
            for bits, times in terms:
                bucket = done
                if bits and bits[0] in self.gates:
                    if bits[0] not in waiting:
                        heappush(newest, -bits[0])
                    bucket = waiting.setdefault(bits[0], {})
                bucket[bits] = bucket.get(bits, 0) + times
            if not newest:
                break
            gate = -heappop(newest)
            replaced = {bits: times for bits, times in waiting.pop(gate).items() if times % (1 << width)}
            terms = [
                (_product(bits[1:], more), times * factor)
                for bits, times in replaced.items()
                for more, factor in self.gates[gate].items()
            ]
            if len(terms) + sum(map(len, waiting.values())) > MOST_TERMS:
                return polynomial
        times = self._combination(done, width)
        return polynomial if times is None else self._combined(times, done.get((), 0))

    def _combination(self, polynomial: Polynomial, width: int) -> dict[int, int] | None:
        """The factors of the words of the inputs, by number, if a polynomial is their sum modulo 2**width but for its
        constant."""
        half = 1 << (width - 1)
        factors: dict[int, int] = {}
        for at in {self.owners[bit] for bit, *_ in filter(None, polynomial) if bit in self.owners}:
            lowest = next(iter(self.elements[at][0]))
            factors[at] = (polynomial.get(lowest, 0) + half) % (2 * half) - half
        rest = _sum(polynomial, self._combined(factors, polynomial.get((), 0)), -1)
        return None if any(times % (2 * half) for times in rest.values()) else factors

    def _combined(self, factors: Mapping[int, int], constant: int) -> Polynomial:
        found: Polynomial = {(): constant}
        for at, times in factors.items():
            found |= {bit: times * weight for bit, weight in self.elements[at][0].items()}
        return found

    def held(self, polynomial: Polynomial, width: int, signed: bool) -> Polynomial | None:
        """The polynomial whose value a word of so many bits holds as an integer, equal modulo 2**width, if one is."""
        factors = self._combination(polynomial, width)
        if factors is None:
            return None
        low = high = polynomial.get((), 0)
        for at, times in factors.items():
            ends = [times * end for end in self.elements[at][1][1:]]
            low, high = low + min(ends), high + max(ends)
        least = -(1 << (width - 1)) if signed else 0
        constant = polynomial.get((), 0) + (low - least) % (1 << width) + least - low
        return self._combined(factors, constant) if high - low < (1 << width) - (low - least) % (1 << width) else None


def _extended_by(word: WordBits) -> int:
    """The bits at the top of a word that zeros or copies of its sign are."""
    alike = next((i for i, bit in enumerate(reversed(word)) if bit != word[-1]), 0)
    return alike if word[-1] == 0 else max(alike - 1, 0)


def _of_bit(bit: int) -> Polynomial:
    return {(): bit} if bit < 2 else {(bit,): 1}


def _sum(a: Polynomial, b: Polynomial, times: int) -> Polynomial:
    """`a + times * b`"""
    total = dict(a)
    for bits, factor in b.items():
        total[bits] = total.get(bits, 0) + times * factor
    return total


def _product(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Of bits, whose squares they are themselves."""
    return tuple(sorted({*a, *b}, reverse=True))


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    product: Polynomial = {}
    for first, times in a.items():
        for second, factor in b.items():
            bits = _product(first, second)
            product[bits] = product.get(bits, 0) + times * factor
    return product


def _of_gate(kind: type[Operation], operands: Sequence[Polynomial]) -> Polynomial:
    if kind is comb.MuxOp:
        condition, then, otherwise = operands
        return _sum(otherwise, _times(condition, _sum(then, otherwise, -1)), 1)
    if kind is comb.AndOp:
        return reduce(_times, operands)
    both = -2 if kind is comb.XorOp else -1
    return reduce(lambda a, b: _sum(_sum(a, b, 1), _times(a, b), both), operands)


def outputs_of(
    sums: LinearSums, module: hw.HWModuleOp, known: Mapping[str, hw.HWModuleOp], inputs: Sequence[WordBits]
) -> list[WordBits]:
    """The words of the outputs of a module for those of its inputs; `known` are the modules of instances."""
    values: dict[SSAValue, WordBits] = dict(zip(module.body.block.args, inputs, strict=True))
    for op in module.body.block.ops:
        operands = [values[operand] for operand in op.operands]
        if isinstance(op, hw.OutputOp):
            return operands
        if isinstance(op, hw.InstanceOp):
            inner = outputs_of(sums, known[op.module_name.string_value()], known, operands)
            values |= zip(op.results, inner, strict=True)
        else:
            values[op.results[0]] = _computed(sums, op, operands)
    return []


def _computed(sums: LinearSums, op: Operation, operands: Sequence[WordBits]) -> WordBits:
    kind = op.results[0].type
    assert isinstance(kind, IntegerType)
    width = kind.width.data
    match op:
        case hw.ConstantOp():
            return tuple(op.value.value.data >> place & 1 for place in range(width))
        case comb.ExtractOp():
            return operands[0][op.low_bit.value.data :][:width]
        case comb.ConcatOp():
            return tuple(bit for word in reversed(operands) for bit in word)
        case comb.ReplicateOp():
            return operands[0] * (width // len(operands[0]))
        case comb.AndOp() | comb.OrOp() | comb.XorOp():
            return tuple(sums.gate(type(op), bits) for bits in zip(*operands, strict=True))
        case comb.MuxOp():
            (condition,), then, otherwise = operands
            return tuple(sums.gate(type(op), (condition, *bits)) for bits in zip(then, otherwise, strict=True))
        case comb.AddOp() if len(operands) == 2:
            return sums.sum_of(operands[0], operands[1], 1)
        case comb.SubOp():
            return sums.sum_of(operands[0], operands[1], -1)
        case _:
            return sums.new_word(width)


def is_linear(rtl: ModuleOp, inputs: Sequence[Sequence[WordRange]], outputs: Sequence[Sequence[WordRange]]) -> bool:
    """Whether every element of the outputs of the last module is proved a linear function of the elements of its
    inputs, which its word holds. `inputs` and `outputs` are the elements of each port, the lowest first."""
    known = {op.sym_name.data: op for op in rtl.body.ops if isinstance(op, hw.HWModuleOp)}
    sums = LinearSums([element for port in inputs for element in port])
    words = iter(sums.inputs)
    fed = [tuple(bit for _ in port for bit in next(words)) for port in inputs]
    results = outputs_of(sums, list(known.values())[-1], known, fed)
    for word, port in zip(results, outputs, strict=True):
        at = 0
        for width, low, _ in port:
            if sums.held(sums.polynomial(word[at : at + width]), width, signed=low < 0) is None:
                return False
            at += width
    return True
