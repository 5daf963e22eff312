"""Step functions on wires over all codes: what they give, and the forms in which they cost least."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

import numpy as np
import pytest
from rationals import rounded as exactly_rounded
from wires import Words

from qdialect.lowering.rtl import steps
from qdialect.lowering.rtl.affine import Affine, constant, of_wire
from qdialect.lowering.rtl.cost import tables_of
from qdialect.lowering.rtl.netlist import Kind, Netlist, bits_for, needed
from qdialect.numerics.quantizers import DeadZone, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding

ENDS = [(-9, 6), (0, 13), (-8, -2), (3, 6), (0, 1)]
TERMS = [(shift, negative, offset) for shift in (0, 2) for negative in (False, True) for offset in (0, 5, -8)]


def kinds(x: Affine) -> list[Kind]:
    """Of what a value needs, beside inputs and wiring."""
    wiring = (Kind.INPUT, Kind.CONSTANT, Kind.EXTRACT, Kind.CONCAT, Kind.REPLICATE)
    wires = [] if x.wire is None else needed([x.wire])
    return [wire.kind for wire in wires if wire.kind not in wiring]


def cases() -> list[tuple[Words, Affine, np.ndarray]]:
    """Terms of a wire, and their numbers."""
    found = []
    for ends in ENDS:
        for shift, negative, offset in TERMS:
            given = Words(ends)
            numbers = (-1 if negative else 1) * (given.numbers[0] << shift) + offset
            found.append((given, Affine(given.wires[0], shift, negative, offset), numbers))
    return found


def test_two_numbers_of_a_bit() -> None:
    """A distance of a power of two takes no choice."""
    given = Words((0, 1))
    (bit,), net = given.wires, given.net
    for low, high in ((0, 1), (-1, 1), (3, 11), (0, -1), (5, 2), (-7, -2)):
        value = steps.spread(net, bit, low, high)
        assert given.of(value) == [low, high]
        distance = high - low
        assert kinds(value) == ([] if distance > 0 and distance & (distance - 1) == 0 else [Kind.MUX])
        assert steps.spread(net, net.constant(1, 1), low, high) == constant(high)
        assert steps.spread(net, net.constant(0, 1), low, high) == constant(low)


def reached_codes(numbers: np.ndarray, thresholds: list[int], codes: list[int]) -> list[int]:
    return [codes[bisect_right(sorted(thresholds), n)] for n in numbers.tolist()]


def test_thresholds() -> None:
    """Also equal ones, ones beyond the interval, and in any order."""
    for given, x, numbers in cases():
        low, high = x.interval
        for thresholds in ([low + 1], [high, low - 3], [low + 2, low + 2, high + 1], [high, low, low + 1], [low, low]):
            for codes in (list(range(-2, len(thresholds) - 1)), [4, 5, 2, 7][: len(thresholds) + 1]):
                assert given.of(steps.threshold(given.net, x, thresholds, codes)) == reached_codes(
                    numbers, thresholds, codes
                )


def test_what_thresholds_cost() -> None:
    """Successive codes are the index plus a constant; one threshold within the interval is its comparison."""
    given = Words((-80, 63))
    (x,), net = given.wires, given.net
    assert kinds(steps.threshold(net, of_wire(x), [-80, 5], [7, 8, 9])) == [Kind.XOR, Kind.AT_LEAST, Kind.AT_LEAST]
    index = steps.threshold(net, of_wire(x), [2, 5, 9], [7, 8, 9, 10])
    assert (index.offset, index.negative, index.shift) == (7, False, 0)
    assert kinds(index).count(Kind.MUX) == 1
    near = steps.threshold(net, of_wire(x), [2, 5, 70], [7, 8, 9, 30])
    assert (near.offset, near.interval, kinds(near).count(Kind.MUX)) == (7, (7, 9), 1)
    assert steps.threshold(net, of_wire(x), [-81, -80, 64], [3, 4, 5, 6]) == constant(5)


def test_thresholds_of_a_narrow_word_are_a_table() -> None:
    given = Words((-64, 63))
    (x,), net = given.wires, given.net
    index = steps.threshold(net, Affine(x, 3, True, 2), [-100, 5, 90], [7, 8, 9, 10])
    assert (index.offset, set(kinds(index))) == (7, {Kind.XOR, Kind.MUX})


def test_thresholds_of_a_term_make_no_word_of_it() -> None:
    """Sign, shift and constant go into the bounds."""
    given = Words((-200, 200))
    (x,), net = given.wires, given.net
    for bounds in ([-500, 30], list(range(-700, 700, 90))):
        codes = list(range(len(bounds) + 1))
        term = Affine(x, 2, True, 3)
        assert not {Kind.ADD, Kind.SUB} & {*kinds(steps.threshold(net, term, bounds, codes))}
        numbers = 3 - 4 * given.numbers[0]
        assert given.of(steps.threshold(net, term, bounds, codes)) == reached_codes(numbers, bounds, codes)


def test_counts_of_reached_bounds() -> None:
    """Compared at once, searched or from a table: the same number."""
    for given, x, numbers in cases():
        low, high = x.interval
        rising = list(range(low + 1, high + 1, 2))
        for bounds in (rising[:2], rising[:3], rising[:4], rising):
            if not bounds:
                continue
            want = [bisect_right(bounds, n) for n in numbers.tolist()]
            for form in (steps.compare, steps.search, steps.tabulate):
                index = form(given.net, x, bounds)
                assert given.of(index) == want
                assert (index.low, index.high) == (0, len(bounds))
                assert index.width == len(bounds).bit_length()


def test_a_search_takes_one_comparison_for_each_bit() -> None:
    given = Words((-64, 63))
    (x,), net = given.wires, given.net
    bounds = list(range(-60, 60, 8))
    assert len(bounds) == 15
    muxes = [wire for wire in needed([steps.search(net, of_wire(x), bounds)]) if wire.kind is Kind.MUX]
    assert sum(tables_of(wire) > 0 for wire in muxes) == len(muxes)
    decided = [wire for wire in needed([steps.search(net, of_wire(x), bounds)]) if wire.kind is Kind.XOR]
    assert len(decided) == 4 + 1, "a difference for each bit, and the sign inverted"


def test_which_thresholds_are_searched() -> None:
    """From seven on, but where a bound takes few tables, and their number has one bit more; up to seven bits none."""
    few = [2, 3, 4, 5, 6]
    most = {8: few, 10: [*few, 8, 9, 16], 17: [*few, 8]}
    for bits in (2, 7, *most):
        for least in (0, -1 << (bits - 1)):
            x = Affine(Netlist("net").input("x", bits, least, least + (1 << bits) - 1), shift=3)
            forms = {n: steps.form_of(x, n) for n in range(2, 80)}
            if bits not in most:
                assert {*forms.values()} == {steps.tabulate}
                continue
            assert [n for n, form in forms.items() if form is steps.compare] == most[bits]
            assert {*forms.values()} == {steps.compare, steps.search}


@pytest.mark.parametrize("overflow", Overflow)
def test_every_rounding(overflow: Overflow) -> None:
    """Of every term, into two, three and four bits, with and without a rectifier before it."""
    for given, x, numbers in cases()[::5]:
        for rounding in Rounding:
            for drop, low, high in ((2, -2, 1), (1, 0, 7), (0, -4, 3), (3, 0, 1), (-1, -8, 7)):
                want = [exactly_rounded(Fraction(n) / Fraction(2) ** drop, rounding) for n in numbers.tolist()]
                mode = Round(rounding, overflow)
                value = steps.rounded(given.net, x, drop, mode, (low, high))
                assert given.of(value) == [fitted(code, low, high, overflow) for code in want]
                value = steps.rounded(given.net, x, drop, mode, (low, high), rectified=True)
                assert given.of(value) == [fitted(max(code, 0), low, high, overflow) for code in want]


def fitted(code: int, low: int, high: int, overflow: Overflow) -> int:
    if overflow is Overflow.WRAP:
        return (code - low) % (high - low + 1) + low
    return min(max(code, -high if overflow is Overflow.SATURATE_SYMMETRIC and low < 0 else low), high)


def test_what_roundings_cost() -> None:
    """Zeros below are dropped; the floor is wiring; a half goes into the constant of a sum."""
    given = Words((-9, 6))
    (x,), net = given.wires, given.net
    for rounding in Rounding:
        mode = Round(rounding)
        assert steps.whole(net, Affine(x, 2), 2, mode) == Affine(x)
        assert steps.whole(net, Affine(x, 3), 1, mode) == Affine(x, 2)
        assert steps.whole(net, Affine(x, 1, True, 3), 0, mode) == Affine(x, 1, True, 3)
        assert steps.whole(net, Affine(x), -2, mode) == Affine(x, 2)
    assert kinds(steps.whole(net, of_wire(x), 1, Round(Rounding.FLOOR))) == []
    assert kinds(steps.whole(net, Affine(x, offset=5), 1, Round(Rounding.FLOOR))) == [Kind.ADD]
    for rounding in (Rounding.HALF_UP, Rounding.HALF_DOWN):
        assert kinds(steps.whole(net, Affine(x, offset=5), 2, Round(rounding))) == [Kind.ADD]
    assert kinds(steps.whole(net, of_wire(x), 2, Round(Rounding.HALF_UP))) == [Kind.ADD]
    assert kinds(steps.whole(net, of_wire(x), 2, Round(Rounding.HALF_DOWN))) == [Kind.AT_LEAST, Kind.ADD]
    assert kinds(steps.whole(net, of_wire(x), 2, Round(Rounding.HALF_EVEN))) == [Kind.AT_LEAST, Kind.ADD]
    floor = steps.whole(net, of_wire(x), 1, Round(Rounding.FLOOR))
    assert floor.wire is not None
    assert (floor.wire.width, floor.interval) == (4, (-5, 3))
    even = steps.whole(net, of_wire(x), 2, Round(Rounding.HALF_EVEN))
    assert even.wire is not None
    assert (even.wire.width, even.interval) == (3, (-2, 2))


def test_values_between_two_codes() -> None:
    """A word of two numbers, whose rounding is one bit wide."""
    given = Words((0, 1))
    for rounding in Rounding:
        for drop in (1, 2):
            value = steps.whole(given.net, of_wire(given.wires[0]), drop, Round(rounding))
            assert given.of(value) == [exactly_rounded(Fraction(n, 1 << drop), rounding) for n in (0, 1)]


def test_wrapping() -> None:
    """The low bits; what lies within the ends stays, and zeros below need no word."""
    for given, x, numbers in cases():
        for low, high in ((-2, 1), (0, 7), (-4, 3), (0, 1), (-64, 63)):
            want = [(n - low) % (high - low + 1) + low for n in numbers.tolist()]
            value = steps.wrapped(given.net, x, low, high)
            assert given.of(value) == want
            if low <= x.interval[0] and x.interval[1] <= high:
                assert value is x
            value = steps.rectified_wrapped(given.net, x, low, high)
            assert given.of(value) == [(max(n, 0) - low) % (high - low + 1) + low for n in numbers.tolist()]
    net = Netlist("net")
    assert steps.wrapped(net, constant(9), -2, 1) == constant(1)
    x = net.input("x", 4, -8, 7)
    assert steps.wrapped(net, Affine(x, 2), 0, 3) == constant(0)
    assert steps.wrapped(net, Affine(x, 2), 0, 7).shift == 2
    assert kinds(steps.wrapped(net, Affine(x, 2), 0, 31)) == []
    assert steps.wrapped(net, Affine(x, 2), -8, 7).interval == (-8, 4)
    assert steps.wrapped(net, Affine(x, 2), 0, 15).interval == (0, 12)


def test_a_rectifier_that_wraps_compares_only_where_both_count() -> None:
    """Numbers above the highest and below zero: a choice of the bits that are left, by the sign."""
    net = Netlist("net")
    x = net.input("x", 5, -16, 15)
    assert kinds(steps.rectified_wrapped(net, of_wire(x), -4, 3)) == [Kind.XOR, Kind.MUX]
    value = steps.rectified_wrapped(net, of_wire(net.input("y", 4, 0, 15)), -4, 3)
    assert kinds(value) == []
    whole = steps.rectified_wrapped(net, of_wire(net.input("w", 5, -16, 3)), -4, 3)
    assert (whole.interval, kinds(whole)) == ((0, 3), [Kind.XOR, Kind.MUX])
    assert steps.rectified_wrapped(net, of_wire(net.input("z", 3, -4, -1)), -4, 3) == constant(0)


def test_clamping() -> None:
    """By no comparison with an end that the value does not pass, of a word without the zeros of both ends."""
    for given, x, numbers in cases():
        for low, high in ((-2, 1), (0, 8), (-4, 12), (0, 100), (-100, 100), (5, 5)):
            value = steps.clamped(given.net, x, low, high)
            assert given.of(value) == np.clip(numbers, low, high).tolist()
            assert (value is x) == (low <= x.interval[0] and x.interval[1] <= high)
    given = Words((-9, 6))
    (x,), net = given.wires, given.net
    assert steps.clamped(net, constant(9), -2, 5) == constant(5)
    assert steps.clamped(net, constant(-9), -2, 5) == constant(-2)
    assert kinds(steps.clamped(net, of_wire(x), -20, 3)) == [Kind.XOR, Kind.AT_LEAST, Kind.MUX]
    assert kinds(steps.clamped(net, of_wire(x), 0, 20)) == [Kind.XOR, Kind.MUX]
    value = steps.clamped(net, Affine(x, 2), -8, 12)
    assert (value.shift, value.interval) == (2, (-8, 12))
    value = steps.clamped(net, Affine(x, 2), -8, 13)
    assert (value.shift, value.interval) == (0, (-8, 13))
    value = steps.clamped(net, Affine(x, 2), -100, 12)
    assert (value.shift, value.interval[0]) == (2, -36)
    value = steps.clamped(net, of_wire(x), 0, 3)
    assert value.wire is not None
    assert (value.wire.width, value.interval) == (2, (0, 3))


def test_signs_and_dead_zones() -> None:
    for given, x, numbers in cases():
        value = steps.sign(given.net, x, Sign(), (-1, 1))
        assert given.of(value) == np.where(numbers >= 0, 1, -1).tolist()
        for smallest in (1, 3, 9):
            value = steps.dead_zone(given.net, x, DeadZone(float(smallest)), 0)
            assert given.of(value) == ((numbers >= smallest) * 1 - (numbers <= -smallest)).tolist()
            assert value.interval[0] >= -1
            assert value.interval[1] <= 1
    net = Netlist("net")
    for ends, want in (((5, 9), 1), ((-9, -5), -1), ((-1, 1), 0)):
        x = net.input("x", bits_for(*ends), *ends)
        assert steps.dead_zone(net, of_wire(x), DeadZone(3.0), 0) == constant(want)


def test_tables() -> None:
    """Of codes of the interval alone, beyond the table its ends."""
    for given, x, numbers in cases():
        low, high = x.interval
        for first in (low, low - 2, low + 1):
            values = [n * n % 11 - 4 for n in range(low, high)]
            want = [values[min(max(n - first, 0), len(values) - 1)] for n in numbers.tolist()]
            assert given.of(steps.lookup(given.net, x, values, first)) == want
        assert steps.lookup(given.net, x, [7] * (high - low + 1), low) == constant(7)
    assert steps.lookup(Netlist("net"), constant(4), [1, 2, 3], 3) == constant(2)
