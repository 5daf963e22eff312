"""Integers on wires over all their numbers: what words hold, which wires are made and which are not."""

from __future__ import annotations

from itertools import product

import numpy as np
from wires import Words

from qdialect.lowering.rtl import words
from qdialect.lowering.rtl.affine import Affine, constant, materialized, of_wire, reached, worded, zeros_below
from qdialect.lowering.rtl.netlist import Kind, Netlist, Wire, bits_for, needed

INTERVALS = [(0, 1), (0, 5), (-3, 2), (3, 6), (-1, 0), (-8, -2), (-9, 6), (-2, 1)]


def interval(x: Wire) -> tuple[int, int, int]:
    return x.width, x.low, x.high


def test_a_word_of_another_width() -> None:
    for ends in INTERVALS:
        given = Words(*[ends])
        (x,), (numbers,), net = given.wires, given.numbers, given.net
        assert words.resized(net, x, x.width) is x
        wider = words.resized(net, x, x.width + 3)
        assert interval(wider) == (x.width + 3, x.low, x.high)
        assert given.of(wider) == numbers.tolist()
        assert [part.kind for part in wider.operands if part is not x] == [
            Kind.REPLICATE if x.is_signed else Kind.CONSTANT
        ]
        for width in range(1, x.width):
            part = words.resized(net, x, width)
            assert (part.width, part.is_signed) == (width, x.is_signed)
            low = -(1 << (width - 1)) if x.is_signed else 0
            assert given.of(part) == ((numbers - low) % (1 << width) + low).tolist()
    net = Netlist("net")
    for value in (-3, 0, 5):
        for width in (4, 7):
            fixed = words.resized(net, net.constant(value), width)
            assert (*interval(fixed), fixed.is_constant) == (width, value, value, True)


def test_a_word_of_which_more_is_known() -> None:
    for ends in INTERVALS:
        for low, high in product(range(-10, 8), repeat=2):
            given = Words(ends)
            (x,), net = given.wires, given.net
            known = max(low, x.low), min(high, x.high)
            if known[0] > known[1]:
                continue
            word = words.within(net, x, low, high)
            width = bits_for(*known)
            if known[0] == known[1]:
                assert (word.is_constant, word.low) == (True, known[0])
            elif width == x.width and (known[0] < 0) == x.is_signed:
                assert word is x
            else:
                assert interval(word) == (min(width, x.width), *known)
                assert word.operands == (x,)


def test_a_word_times_a_power_of_two() -> None:
    for ends in INTERVALS:
        given = Words(ends)
        (x,), (numbers,), net = given.wires, given.numbers, given.net
        assert words.shifted(net, x, 0) is x
        for places in (1, 3):
            word = words.shifted(net, x, places)
            assert interval(word) == (x.width + places, x.low << places, x.high << places)
            assert given.of(word) == (numbers << places).tolist()


def test_two_words() -> None:
    """Exact results of both, in the smallest word of their interval."""
    for ends in product(INTERVALS, repeat=2):
        given = Words(*ends)
        (a, b), (x, y), net = given.wires, given.numbers, given.net
        for make, want in (
            (words.add, x + y),
            (words.subtract, x - y),
            (words.multiply, x * y),
        ):
            word = make(net, a, b)
            low, high = int(want.min()), int(want.max())
            assert interval(word) == (bits_for(low, high), low, high)
            assert given.of(word) == want.tolist()
        for make, want in ((words.maximum, np.maximum(x, y)), (words.minimum, np.minimum(x, y))):
            assert given.of(make(net, a, b)) == want.tolist()
        assert given.of(words.reaches(net, a, b)) == (x >= y).tolist()


def test_a_known_interval_of_a_sum() -> None:
    """The word of a sum is that of the interval which is known."""
    given = Words((0, 5), (-3, 2))
    a, b = given.wires
    for make in (words.add, words.subtract):
        assert interval(make(given.net, a, b, (0, 3))) == (2, 0, 3)
        assert interval(make(given.net, a, b, (-2, 3))) == (3, -2, 3)


def test_choices() -> None:
    given = Words((0, 1), (0, 5), (-3, 2))
    (bit, a, b), (c, x, y), net = given.wires, given.numbers, given.net
    word = words.choose(net, bit, a, b)
    assert interval(word) == (4, -3, 5)
    assert given.of(word) == np.where(c, x, y).tolist()
    assert interval(words.choose(net, bit, b, a)) == (4, -3, 5)
    assert words.choose(net, net.constant(1), a, b) is a
    assert words.choose(net, net.constant(0), a, b) is b


def test_what_needs_no_comparison() -> None:
    """Intervals that meet in one number at most, a word with itself, and bits."""
    given = Words((0, 3), (3, 6), (0, 1), (0, 1), (-1, 0), (-1, 0))
    low, high, bit, other, minus, same = given.wires
    net, count = given.net, len(given.net.wires)
    for a, b in ((low, high), (high, low)):
        assert words.maximum(net, a, b) is high
        assert words.minimum(net, a, b) is low
    assert words.maximum(net, low, low) is words.minimum(net, low, low) is low
    assert len(net.wires) == count
    assert words.maximum(net, bit, other).kind is Kind.OR
    assert words.maximum(net, minus, same).kind is Kind.MUX
    assert words.maximum(net, bit, minus) is bit
    for a in (low, high):
        assert words.maximum(net, a, bit).kind is (Kind.MUX if a is low else Kind.INPUT)


def test_the_order_of_words() -> None:
    """As unsigned numbers: the least number of a sign is 0."""
    for ends in INTERVALS:
        given = Words(ends)
        (x,), (numbers,) = given.wires, given.numbers
        word = words.ordered(given.net, x)
        assert (word is x) is (ends[0] >= 0)
        assert given.of(word) == (numbers + (1 << (x.width - 1)) * (ends[0] < 0)).tolist()


def test_a_bound() -> None:
    """Comparisons of six bits at most, of the low ones first; beyond the ends of an interval there is none."""
    for ends in [*INTERVALS, (-600, 700), (0, 200)]:
        given = Words(ends)
        (x,), (numbers,), net = given.wires, given.numbers, given.net
        for bound in range(ends[0] - 2, ends[1] + 3, 1 if ends[1] < 100 else 13):
            bit = words.at_least(net, x, bound)
            assert bit.width == 1
            assert given.of(bit) == (numbers >= bound).tolist()
            assert bit.is_constant is not (ends[0] < bound <= ends[1])
            if not bit.is_constant:
                assert given.of(words.reaches(net, x, net.constant(bound))) == (numbers >= bound).tolist()
                assert words.reaches(net, x, net.constant(bound)) is bit
            compared = [wire for wire in needed([bit]) if wire.kind is Kind.AT_LEAST]
            assert all(wire.operands[0].width <= words.LUT_INPUTS for wire in compared)


def comparisons(width: int, bound: int) -> list[int]:
    """The widths of the comparisons of a word without sign."""
    given = Words((0, (1 << width) - 1))
    bit = words.at_least(given.net, given.wires[0], bound)
    return [wire.operands[0].width for wire in needed([bit]) if wire.kind is Kind.AT_LEAST]


def test_tables_of_a_bound() -> None:
    """Zeros at the end of a bound take none, the first table compares six bits, every other one five more."""
    assert comparisons(6, 33) == [6]
    assert comparisons(7, 33) == [6, 2]
    assert comparisons(11, 33) == [6, 6]
    assert comparisons(12, 33) == [6, 6, 2]
    assert comparisons(12, 64) == [6]
    assert comparisons(12, 32) == [6, 2]
    assert comparisons(3, 4) == []  # the highest bit itself
    assert comparisons(3, 6) == [2]


def test_tables_of_values() -> None:
    for ends in INTERVALS:
        given = Words(ends)
        (x,), (numbers,), net = given.wires, given.numbers, given.net
        for values in ([3 * n * n - 7 for n in numbers.tolist()], [n % 2 for n in numbers.tolist()]):
            word = words.table(net, x, values)
            assert interval(word) == (bits_for(min(values), max(values)), min(values), max(values))
            assert given.of(word) == values
    for ends, values in (((0, 7), [1, 2] * 4), ((0, 5), [0, 0, 0, 0, 7, 7]), ((1, 2), [7, 0]), ((0, 2), [7, 7, 0])):
        given = Words(ends)
        made = needed([words.table(given.net, given.wires[0], values)])
        assert [wire.kind for wire in made].count(Kind.MUX) == 1, "equal parts are made once"


TERMS = [(shift, negative, offset) for shift in (0, 2) for negative in (False, True) for offset in (0, 5, -4, 8)]


def test_affine_values() -> None:
    for ends in INTERVALS:
        for shift, negative, offset in TERMS:
            given = Words(ends)
            (x,), (numbers,), net = given.wires, given.numbers, given.net
            value = Affine(x, shift, negative, offset)
            want = (-1 if negative else 1) * (numbers << shift) + offset
            word = materialized(net, value)
            assert interval(word) == (bits_for(*value.interval), *value.interval)
            assert given.of(word) == want.tolist()
            assert value.interval == (want.min(), want.max())
            assert given.of(value) == want.tolist()
            assert given.of(value.plus(3)) == (want + 3).tolist()
            assert given.of(value.negated()) == (-want).tolist()
            assert given.of(value.scaled(2)) == (4 * want).tolist()
            for bound in range(int(want.min()) - 1, int(want.max()) + 3):
                assert given.of(reached(net, value, bound)) == (want >= bound).tolist()


def test_words_without_the_zeros_below() -> None:
    """As many as a shift and a constant have in common."""
    given = Words((-3, 2))
    (x,), (numbers,), net = given.wires, given.numbers, given.net
    for shift, offset, places in ((0, 0, 0), (3, 0, 3), (3, 4, 2), (3, 8, 3), (2, 16, 2), (3, 1, 0), (3, -6, 1)):
        value = Affine(x, shift, offset=offset)
        assert zeros_below(value) == places
        short = worded(net, value)
        assert (short.shift, short.negative, short.offset) == (places, False, 0)
        assert given.of(short) == ((numbers << shift) + offset).tolist()


def test_words_of_which_more_is_known() -> None:
    """Ends that no number with these zeros reaches move to the next that do."""
    given = Words((-3, 2))
    (x,), net = given.wires, given.net
    short = worded(net, Affine(x, 2), (-5, 7))
    assert short.wire is not None
    assert (short.shift, *interval(short.wire)) == (2, 2, -1, 1)
    assert worded(net, Affine(x, 2), (4, 7)).interval == (4, 4)
    assert interval(materialized(net, Affine(x), (0, 9))) == (2, 0, 2)
    assert materialized(net, Affine(x), (-9, 0)) is x, "no shorter word"
    assert materialized(net, Affine(x, 1, True, 3), (5, 5)).data == 5
    assert of_wire(net.constant(-2)) == constant(-2)
    assert of_wire(x) == Affine(x)
    assert [(v.level, v.coefficient, v.interval) for v in (constant(7),)] == [(0, 0, (7, 7))]
    total = words.add(net, x, words.add(net, x, x))
    assert (Affine(total).level, Affine(x).level) == (2, 0)
    for bound, bit in ((6, 1), (7, 1), (8, 0)):
        assert (reached(net, constant(7), bound).is_constant, reached(net, constant(7), bound).data) == (True, bit)
