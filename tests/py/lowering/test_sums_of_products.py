"""Sums of products under a bound on depth, and the counts that take constants in."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest
from wires import value_of

from qdialect.errors import QdialectError
from qdialect.lowering.rtl.affine import Affine, materialized, of_wire
from qdialect.lowering.rtl.cost import levels, tables
from qdialect.lowering.rtl.counters import popcount
from qdialect.lowering.rtl.matrices import choice, differences, pairs, popcounts, trees
from qdialect.lowering.rtl.matrices.linear import products
from qdialect.lowering.rtl.matrices.search import Occurrences, PairSearch
from qdialect.lowering.rtl.netlist import ADDITIONS, Kind, Netlist, needed
from qdialect.lowering.rtl.sums import Span, Summand, signless_pair


def drawn(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-31, 32, (9, 7)) * (rng.random((9, 7)) < 0.8)
    codes[:, 6] = -2 * codes[:, 1]
    return codes


@pytest.mark.parametrize("strategy", [pairs.multiply, trees.multiply])
@pytest.mark.parametrize("depth", [0, 1, -1])
def test_no_sum_is_deeper_than_the_bound(strategy, depth: int) -> None:
    codes = drawn(0)
    net = Netlist("net")
    words = [net.input(f"x{i}", 4, 0, 15) for i in range(9)]
    sums = products(net, [*map(of_wire, words)], codes, partial(strategy, depth=depth))
    tree = products(net, [*map(of_wire, words)], codes, partial(trees.multiply, depth=0))
    assert levels(tree) == 5, "up to 32 digits in a column"
    if depth >= 0:
        assert levels(sums) <= levels(tree) + depth
    x = np.random.default_rng(1).integers(0, 16, (20, 9))
    for row in x.tolist():
        fed = {word.number: value for word, value in zip(words, row, strict=True)}
        got = [value_of(v.wire, fed) * v.coefficient + v.offset if v.wire else v.offset for v in sums]
        assert got == (np.array(row) @ codes).tolist()


def test_a_bound_costs_tables() -> None:
    """In columns of one sum, which a chain of shared pairs makes cheaper than trees do."""
    codes = np.array([[1] * 12] * 12) - np.tril(np.ones((12, 12), int), -1)
    cost, deepest = {}, {}
    for depth in (0, 8):
        net = Netlist("net")
        words = [net.input(f"x{i}", 4, 0, 15) for i in range(12)]
        values = pairs.multiply(net, words, codes.astype(object), depth)
        cost[depth], deepest[depth] = tables(values), levels(values)
    assert cost[8] < cost[0]
    assert deepest[0] == 4 < deepest[8]


def test_differences_have_no_bound() -> None:
    net = Netlist("net")
    with pytest.raises(QdialectError, match="no bound on depth: choose products=pairs"):
        differences.multiply(net, [net.input("x", 2, 0, 3)], np.array([[1]], object), 0)


@pytest.mark.parametrize("seed", range(4))
def test_counts_of_pairs_stay_those_of_a_fresh_count(seed: int) -> None:
    codes = drawn(seed)
    search = PairSearch(codes.astype(object), [Span(0, 4, False, False, 0)] * 9)
    for number, key in enumerate(search.pairs()):
        if not search.add(key, Span(number % 3, 6, number % 2 == 1, False, 0)):
            break  # what stands twice in terms that overlap is left alone, its count is zero
        terms, n = search.terms, search.terms.nodes
        fresh = Occurrences.of(terms.signs[:, :n, terms.places : 2 * terms.places])
        older = np.tril_indices(n)
        np.testing.assert_array_equal(terms.counts[older], fresh.counts[older])
    assert number > 5


def test_the_word_of_a_pair_is_that_of_its_netlist() -> None:
    """Of whatever signs, shifts and ends."""
    every = ((0, 9, 0, 1), (0, 9, -3, 4), (-5, 2, -1, 6), (2, 3, -9, -1))
    for signs, shifts, ends in product(product((False, True), repeat=2), ((0, 0), (0, 3), (2, 1)), every):
        net = Netlist("net")
        wires = net.input("x", 5, *ends[:2]), net.input("y", 5, *ends[2:])
        a, b = (Affine(wire, *facts) for wire, *facts in zip(wires, shifts, signs, strict=True))
        pair = signless_pair(net, a, b)
        assert Summand.of(a).plus(Summand.of(b)) == Summand.of(pair)
        assert Summand.of(pair).span == Span.of(pair)


@pytest.mark.parametrize("seed", range(4))
def test_additions_are_known_before_they_are_made(seed: int) -> None:
    codes = drawn(seed).astype(object)[:, :6]
    tree = list(differences.spanning_tree(codes))
    assert any(sign for *_, sign in tree)
    for known, build in (
        (lambda words: pairs.additions([*map(of_wire, words)], codes), pairs.multiply),
        (lambda words: differences.additions(words, codes, tree), differences.multiply),
    ):
        net = Netlist("net")
        words = [net.input(f"x{i}", 4, 0, 15) for i in range(9)]
        made = needed([value.wire for value in build(net, words, codes) if value.wire])
        assert known(words) == sum(wire.kind in ADDITIONS for wire in made)


@pytest.mark.parametrize("offset", [-9, -4, 0, 3, 8])
@pytest.mark.parametrize("negative", [False, True])
def test_a_count_takes_a_constant_in(offset: int, negative: bool) -> None:
    net = Netlist("net")
    bits = [net.input(f"x{i}", 1, 0, 1) for i in range(8)]
    counted = Affine(popcount(net, bits), 0, negative, offset)
    word = materialized(net, counted)
    assert sum(wire.kind is Kind.ADD for wire in needed([word])) <= 1
    for values in product((0, 1), repeat=8):
        fed = {bit.number: value for bit, value in zip(bits, values, strict=True)}
        assert value_of(word, fed) == (-1 if negative else 1) * sum(values) + offset


def test_a_count_with_a_constant_is_counted_no_more() -> None:
    """A wire that holds a constant too is no count of bits: the next constant is added to the wire."""
    net = Netlist("net")
    bits = [net.input(f"x{i}", 1, 0, 1) for i in range(6)]
    first = materialized(net, Affine(popcount(net, bits), offset=3))
    word = materialized(net, Affine(first, 0, True, 1))
    for values in product((0, 1), repeat=6):
        fed = {bit.number: value for bit, value in zip(bits, values, strict=True)}
        assert value_of(word, fed) == 1 - (sum(values) + 3)


def ternary(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array([-1, 0, 1], np.int64), (64, 12))


@pytest.mark.parametrize("outputs", range(1, 6))
def test_outputs_share_counters(outputs: int) -> None:
    """Also with a constant or a sign, which the counts of all bits take in."""
    codes = ternary(0)
    net = Netlist("net")
    bits = [net.input(f"x{i}", 1, 0, 1) for i in range(64)]
    sums = popcounts.in_groups(popcounts.counts_of_bits, net, bits, codes.astype(object), outputs)
    words = [materialized(net, x) for value in sums for x in (value.plus(3), value.negated())]
    x = np.random.default_rng(1).integers(0, 2, (20, 64))
    for row in x.tolist():
        fed = {bit.number: value for bit, value in zip(bits, row, strict=True)}
        total = np.array(row) @ codes
        assert [value_of(word, fed) for word in words] == [each for y in total.tolist() for each in (y + 3, -y)]


def test_shared_counters_are_as_shallow_as_trees_and_take_fewer_tables() -> None:
    """Of ternary weights; of binary ones sums of counts take the fewest."""
    codes = ternary(0)
    cost = {}
    for strategy in (trees.multiply, popcounts.multiply):
        net = Netlist("net")
        values = strategy(net, [net.input(f"x{i}", 1, 0, 1) for i in range(64)], codes.astype(object))
        cost[strategy] = tables(values)
        assert levels(values) == 1, "what is left of the counters is added once"
    assert cost[popcounts.multiply] < 0.9 * cost[trees.multiply]
    binary = np.random.default_rng(0).choice(np.array([-1, 1], np.int64), (64, 12))
    net = Netlist("net")
    assert levels(popcounts.multiply(net, [net.input(f"x{i}", 1, 0, 1) for i in range(64)], binary.astype(object))) > 1


@pytest.mark.parametrize("strategy", [pairs.multiply, popcounts.multiply])
@pytest.mark.parametrize("inputs", [0, 2])
def test_outputs_that_no_input_reaches_are_zero(strategy, inputs: int) -> None:
    net = Netlist("zeros")
    wires = [net.input(f"x{i}", 1, 0, 1) for i in range(inputs)]
    values = strategy(net, wires, np.zeros((inputs, 3), object))
    assert [(value.wire, value.offset) for value in values] == [(None, 0)] * 3


@pytest.mark.parametrize(
    ("costs", "chosen"), [(((400, 8), (401, 4)), 1), (((400, 5), (402, 4)), 0), (((400, 4), (400, 4)), 0)]
)
def test_an_addition_in_a_row_must_save_tables(costs, chosen: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The half of a percent: of 400 tables two."""
    net, made = Netlist("net"), list[object]()
    words = [net.input(f"x{i}", 4, 0, 15) for i in range(8)]
    codes = np.random.default_rng(0).choice(np.array([-1, 1]), (8, 8)).astype(object)

    def numbered(values: object) -> int:
        if not any(values is other for other in made):
            made.append(values)
        return next(i for i, other in enumerate(made) if other is values)

    monkeypatch.setattr(choice, "tables", lambda values: costs[numbered(values)][0])
    monkeypatch.setattr(choice, "levels", lambda values: costs[numbered(values)][1])
    assert choice.auto(net, words, codes) is made[chosen]
    assert len(made) == 2


def test_a_column_is_made_from_another_where_that_takes_fewer_digits() -> None:
    """The addition of the other one counts as a digit."""
    assert list(differences.spanning_tree(np.array([[1, 1], [0, 1]], object))) == [(0, 0, 0), (1, 0, 0)]
    assert list(differences.spanning_tree(np.array([[5, 5], [0, 1]], object))) == [(0, 0, 0), (1, 0, 1)]
    assert list(differences.spanning_tree(np.array([[5, -5], [0, 1]], object))) == [(0, 0, 0), (1, 0, -1)]
