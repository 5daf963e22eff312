"""The identities of counted products, proved by z3 for all inputs at small widths."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

z3 = pytest.importorskip("z3")

BITS = 6
SUM = 8
"""Bits in which sums of BITS values are exact."""


def popcount(word: z3.BitVecRef) -> z3.BitVecRef:
    return sum((z3.ZeroExt(SUM - 1, z3.Extract(i, i, word)) for i in range(BITS)), z3.BitVecVal(0, SUM))


def values(nonzero: z3.BitVecRef, positive: z3.BitVecRef) -> Sequence[z3.BitVecRef]:
    """The numbers that two planes stand for."""

    def bit(word: z3.BitVecRef, i: int) -> z3.BoolRef:
        return z3.Extract(i, i, word) == 1

    one, zero = z3.BitVecVal(1, SUM), z3.BitVecVal(0, SUM)
    return [z3.If(bit(nonzero, i), z3.If(bit(positive, i), one, -one), zero) for i in range(BITS)]


def proves(claim: z3.BoolRef) -> bool:
    solver = z3.Solver()
    solver.add(z3.Not(claim))
    return solver.check() == z3.unsat


def words(*names: str) -> list[z3.BitVecRef]:
    return [z3.BitVec(name, BITS) for name in names]


ALL = z3.BitVecVal(-1, BITS)


def dot(x: Sequence[z3.BitVecRef], w: Sequence[z3.BitVecRef]) -> z3.BitVecRef:
    return sum((a * b for a, b in zip(x, w, strict=True)), z3.BitVecVal(0, SUM))


def test_binary_sum_is_twice_the_agreements_less_the_products() -> None:
    x, w = words("x", "w")
    assert proves(dot(values(ALL, x), values(ALL, w)) == 2 * (BITS - popcount(x ^ w)) - BITS)
    assert not proves(dot(values(ALL, x), values(ALL, w)) == 2 * popcount(x ^ w) - BITS)


def test_zero_padding_is_a_mask() -> None:
    x, w, inside = words("x", "w", "inside")
    balance = popcount(inside) - 2 * popcount(inside & (x ^ w))
    assert proves(dot(values(inside, x), values(ALL, w)) == balance)


def test_ternary_planes_gate_the_count() -> None:
    xn, xp, wn, wp = words("xn", "xp", "wn", "wp")
    mask, differing = xn & wn, xp ^ wp
    agree, disagree = popcount(mask & ~differing), popcount(mask & differing)
    assert proves(dot(values(xn, xp), values(wn, wp)) == agree - disagree)


def test_ternary_weights_under_binary_activations() -> None:
    x, wn, wp = words("x", "wn", "wp")
    agreements = popcount(wn & ~(x ^ wp))
    assert proves(dot(values(ALL, x), values(wn, wp)) == 2 * agreements - popcount(wn))


def test_zero_one_gates_signs() -> None:
    x, w = words("x", "w")
    assert proves(dot(values(x, ALL), values(ALL, w)) == popcount(x & w) - popcount(x & ~w))
    assert proves(dot(values(x, ALL), values(w, ALL)) == popcount(x & w))


@pytest.mark.parametrize("scale", [2, 3, -1, -6])
def test_comparison_takes_up_an_affine_step(scale: int) -> None:
    """scale * s + c >= t is s >= ceil((t - c) / scale), or s <= floor for a negative scale."""
    s, c, t = z3.Ints("s c t")
    size = abs(scale)
    quotient = -((c - t) / size) if scale > 0 else (c - t) / size
    bounded = z3.And(s >= 0, s <= 64)
    compared = s >= quotient if scale > 0 else s <= quotient
    assert proves(z3.Implies(bounded, (scale * s + c >= t) == compared))


def test_product_with_a_power_of_two_is_a_shift() -> None:
    x, e = z3.BitVec("x", 6), z3.BitVec("e", 3)
    wide, amount = z3.SignExt(8, x), z3.ZeroExt(11, e)
    assert proves(wide * (z3.BitVecVal(1, 14) << amount) == wide << amount)


def test_an_input_of_a_class_stands_for_itself_in_every_output() -> None:
    """w_j * x = p_j * (s * x) where the weights are the pattern p times a sign s; summed, y_j = sum p_j c_p."""
    x, s, p = (z3.BitVec(name, SUM) for name in ("x", "s", "p"))
    signs = z3.And(*(z3.Or(v == 1, v == -1) for v in (x, s)), z3.Or(p == 1, p == 0, p == -1))
    assert proves(z3.Implies(signs, (s * p) * x == p * (s * x)))


def test_agreements_of_an_output_from_those_of_a_class() -> None:
    """[p_j s x = 1] = p_j [s x = 1] + [p_j = -1]: an input that disagrees with its class agrees with the output."""
    x, s, p = (z3.BitVec(name, SUM) for name in ("x", "s", "p"))
    one, zero = z3.BitVecVal(1, SUM), z3.BitVecVal(0, SUM)
    signs = z3.And(*(z3.Or(v == 1, v == -1) for v in (x, s)), z3.Or(p == 1, p == 0, p == -1))
    output, of_class = z3.If(p * s * x == 1, one, zero), z3.If(s * x == 1, one, zero)
    assert proves(z3.Implies(signs, output == p * of_class + z3.If(p == -1, one, zero)))
    assert not proves(z3.Implies(signs, output == p * of_class))
