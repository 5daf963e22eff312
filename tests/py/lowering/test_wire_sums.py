"""Sums of words over all their numbers: what they give, which words are added first, and with which signs."""

from __future__ import annotations

from itertools import product

from wires import Words
from xdsl.dialects import comb, hw
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Block

from qdialect.lowering.rtl import delays
from qdialect.lowering.rtl.affine import Affine, materialized, of_wire
from qdialect.lowering.rtl.counters import popcount
from qdialect.lowering.rtl.netlist import Kind, needed
from qdialect.lowering.rtl.sums import SIGN, Span, common_bits, count_of, joined_words, pair, signless_pair, total

TERMS = [(shift, negative) for shift in (0, 1, 3) for negative in (False, True)]


def additions(x: Affine) -> list[Kind]:
    assert x.wire is not None
    return [wire.kind for wire in needed([x.wire]) if wire.kind in (Kind.ADD, Kind.SUB)]


def test_pairs_of_words() -> None:
    """One addition or subtraction; of two negative words the negative of the sum."""
    for (s, less), (t, minus) in product(TERMS, repeat=2):
        for ends in (((0, 3), (-2, 5)), ((-4, 3), (1, 6))):
            given = Words(*ends)
            (a, b), (x, y), net = given.wires, given.numbers, given.net
            want = (-1 if less else 1) * (x << s) + (-1 if minus else 1) * (y << t)
            for make in (pair, signless_pair):
                value = make(net, Affine(a, s, less), Affine(b, t, minus))
                assert given.of(value) == want.tolist()
                assert value.interval == (want.min(), want.max())
                assert value.shift == min(s, t)
                assert additions(value) == [Kind.ADD if less == minus else Kind.SUB]
            assert pair(net, Affine(a, s, less), Affine(b, t, minus)).negative is (less and minus)


def test_the_word_with_zeros_below_is_subtracted() -> None:
    """Only then these bits take no tables."""
    given = Words((0, 7), (0, 7))
    (a, b), net = given.wires, given.net
    high = signless_pair(net, Affine(a, 2), Affine(b, 0, True))
    assert (high.negative, additions(high)) == (True, [Kind.SUB])
    for x, y in ((Affine(a), Affine(b, 2, True)), (Affine(a, 1), Affine(b, 1, True))):
        low = signless_pair(net, x, y)
        assert (low.negative, low.wire) == (False, pair(net, x, y).wire)
        assert signless_pair(net, y, x).wire is low.wire
    both = signless_pair(net, Affine(a, 2, True), Affine(b, 0, True))
    assert (both.negative, additions(both)) == (True, [Kind.ADD])


def test_a_known_interval_of_a_pair() -> None:
    """In units of the word that is made, of a negative sum with its ends exchanged."""
    given = Words((0, 3), (0, 3))
    (a, b), net = given.wires, given.net
    for less in (False, True):
        ends = (-8, 0) if less else (0, 8)
        value = pair(net, Affine(a, 1, less), Affine(b, 1, less), ends)
        assert value.wire is not None
        assert (value.wire.low, value.wire.high, value.wire.width, value.interval) == (0, 4, 3, ends)
    value = pair(net, Affine(a, 1), Affine(b, 1, True), (-2, 4))
    assert value.wire is not None
    assert (value.wire.low, value.wire.high, value.wire.width) == (-1, 2, 3)


def test_totals() -> None:
    """Of words, bits of one weight, constants, and with a bound on depth."""
    given = Words((0, 1), (0, 1), (0, 1), (-1, 2), (0, 1), (0, 3))
    numbers, net = given.numbers, given.net
    for shifts, less in (((0, 0, 0, 0, 0, 0), ()), ((1, 1, 1, 0, 1, 2), (0, 2, 3)), ((0, 1, 0, 1, 0, 0), (1, 5, 4))):
        signs = [-1 if i in less else 1 for i in range(6)]
        values = [Affine(w, s, i in less, 5 - i) for i, (w, s) in enumerate(zip(given.wires, shifts, strict=True))]
        want = sum(sign * (x << s) for sign, x, s in zip(signs, numbers, shifts, strict=True)) + 15
        for room in (None, 8):
            value = total(net, values, room)
            assert given.of(value) == want.tolist()
            assert room is None or value.level <= 3
    assert total(net, []) == Affine(None)
    assert total(net, [Affine(None, offset=3), Affine(None, offset=-5)]) == Affine(None, offset=-2)


def test_three_bits_of_a_weight_are_counted() -> None:
    """Two are added, as words are."""
    for bits, counted in ((2, False), (3, True)):
        given = Words(*[(0, 1)] * bits, (0, 7))
        value = total(given.net, [Affine(w, 1) for w in given.wires])
        assert (len(additions(value)) == 1) is counted
        assert len(additions(value)) == (1 if counted else bits)


def test_as_many_bits_as_the_tool_counts_at_once() -> None:
    given = Words(*[(0, 1)] * 7, counts=4)
    value = total(given.net, [Affine(w, 0, i == 5) for i, w in enumerate(given.wires)])
    counts = [wire.operands for wire in needed([value.wire] if value.wire else []) if wire.kind is Kind.COUNT]
    assert [len(bits) for bits in counts] == [4, 3]
    assert given.of(value) == (sum(given.numbers) - 2 * given.numbers[5]).tolist()


def test_bits_with_signs() -> None:
    """-b = (1 - b) - 1"""
    given = Words(*[(0, 1)] * 4)
    a, b, c, d = given.numbers
    word, less = count_of(given.net, [Affine(w, 0, i in (1, 2)) for i, w in enumerate(given.wires)])
    assert less == 2
    assert given.of(word) == (a - b - c + d + 2).tolist()


def test_words_with_few_bits_in_common_are_added_first() -> None:
    """And the last sum has no sign of its own: a difference of a word and one with zeros below stays positive."""
    given = Words((0, 15), (0, 15), (0, 15))
    a, b, c = given.wires
    value = joined_words(given.net, [of_wire(a), Affine(b, 0), Affine(c, 3)])
    assert value.wire is not None
    inner = next(wire for wire in needed([value.wire]) if wire.kind is Kind.ADD)
    assert {x.number for x in needed([inner]) if x.kind is Kind.INPUT} != {a.number, b.number}
    last = joined_words(given.net, [Affine(a, 2), Affine(b, 0, True)])
    assert (last.negative, last.interval) == (False, (-15, 60))
    assert joined_words(given.net, [Affine(a, 2, True)]) == Affine(a, 2, True)


def test_a_room_for_leaves_makes_trees_flat() -> None:
    """Of words of which a chain takes the fewest tables."""
    given = Words(*[(0, 1 << i) for i in range(4)])
    words = [Affine(w, 2 * i) for i, w in enumerate(given.wires)]
    want = sum(x << (2 * i) for i, x in enumerate(given.numbers)).tolist()
    for room, deepest in ((4, 2), (8, 3), (None, 3)):
        value = joined_words(given.net, words, room)
        assert given.of(value) == want
        assert value.level <= deepest


COMMON = [
    (Span(0, 4, False, False, 0), Span(0, 4, False, False, 0), (4, 0, 4)),
    (Span(0, 4, False, False, 2), Span(3, 9, False, False, 1), (1, 2, 9)),
    (Span(0, 4, False, False, 0), Span(4, 9, False, False, 3), (0, 3, 9)),
    (Span(0, 2, False, False, 0), Span(4, 9, False, False, 0), (0, 0, 9)),
    (Span(0, 4, True, False, 0), Span(3, 9, False, False, 0), (6, 0, 9)),
    (Span(0, 4, True, False, 0), Span(3, 9, True, False, 0), (6, 0, 9)),
    (Span(0, 4, False, False, 0), Span(3, 9, False, True, 0), (1 + SIGN, 0, 9)),
    (Span(0, 4, False, True, 0), Span(3, 9, False, True, 0), (1, 0, 9)),
    (Span(0, 4, True, True, 0), Span(3, 9, False, False, 0), (6, 0, 9)),
    (Span(2, 6, False, False, 0), Span(1, 5, True, False, 0), (4, 0, 6)),
]


def test_bits_in_common() -> None:
    for a, b, want in COMMON:
        assert common_bits(a, b) == common_bits(b, a) == want


def test_the_span_of_a_word() -> None:
    given = Words((0, 5), (-3, 2))
    a, b = given.wires
    assert Span.of(Affine(a, 2)) == Span(2, 5, False, False, 0)
    assert Span.of(Affine(b, 1, True)) == Span(1, 4, True, True, 0)
    directions = [Span.of(x).direction for x in (Affine(a), Affine(a, negative=True), Affine(b))]
    assert directions == [1, -1, 0]


LEVELS = [(comb.AddOp, 8, 1), (comb.SubOp, 8, 1), (comb.MulOp, 8, 4), (comb.MulOp, 1, 1), (comb.XorOp, 8, 0.2)]


def test_delays() -> None:
    """In levels of logic, and in ns with the carries of an addition."""
    block = Block(arg_types=[IntegerType(8), IntegerType(6), IntegerType(7), IntegerType(1)])
    byte, six, seven, bit = block.args
    of = {8: byte, 6: six, 7: seven, 1: bit}
    for kind, bits, want in LEVELS:
        op = kind.create(operands=[of[bits]] * 2, result_types=[of[bits].type])
        assert delays.levels(op) == want
        carried = kind is not comb.XorOp
        assert delays.nanoseconds(op) == want * 0.6 + carried * bits * 0.03
        assert not delays.is_wiring(op)
    for x, want, carried in ((six, 0.5, 0), (seven, 1, 7)):
        compared = comb.ICmpOp(x, x, 9)
        assert delays.levels(compared) == want
        assert delays.nanoseconds(compared) == want * 0.6 + carried * 0.03
    assert delays.levels(comb.MuxOp(bit, byte, byte)) == 0.2
    wires = [hw.ConstantOp(3, 8), comb.ConcatOp([byte, six], IntegerType(14))]
    assert [(delays.levels(op), delays.nanoseconds(op), delays.is_wiring(op)) for op in wires] == [(0, 0, True)] * 2


def test_counts_with_constants_signs_and_shifts() -> None:
    """Without a shift the counters and their one addition take a constant and a sign in."""
    for shift, negative, offset in product((0, 1, 2), (False, True), (0, 5, -3)):
        given = Words(*[(0, 1)] * 9)
        net, count = given.net, popcount(given.net, given.wires)
        alone = additions(of_wire(count))
        word = materialized(net, Affine(count, shift, negative, offset))
        assert given.of(word) == ((-1 if negative else 1) * (sum(given.numbers) << shift) + offset).tolist()
        assert len(alone) == 1
        assert shift > 0 or len(additions(of_wire(word))) <= 1
