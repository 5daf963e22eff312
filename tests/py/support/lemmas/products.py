"""Lemmas of products, their sums and scales.

Sums of n terms are proved by induction: the step from a sum s to s + x w.
"""

from __future__ import annotations

from typing import Any

import z3
from lemma import largest_of, lemma

BITS, SUM = 6, 8
"""Values of a packed word, and bits in which their sums are exact."""


def popcount(word: Any) -> Any:
    return sum((z3.ZeroExt(SUM - 1, z3.Extract(i, i, word)) for i in range(BITS)), z3.BitVecVal(0, SUM))


def values(nonzero: Any, positive: Any) -> list[Any]:
    """The numbers that two planes stand for."""
    one, zero = z3.BitVecVal(1, SUM), z3.BitVecVal(0, SUM)

    def bit(word: Any, i: int) -> Any:
        return z3.Extract(i, i, word) == 1

    return [z3.If(bit(nonzero, i), z3.If(bit(positive, i), one, -one), zero) for i in range(BITS)]


def dot(x: list[Any], w: list[Any]) -> Any:
    return sum((a * b for a, b in zip(x, w, strict=True)), z3.BitVecVal(0, SUM))


def words(*names: str) -> list[Any]:
    return [z3.BitVec(name, BITS) for name in names]


ALL = z3.BitVecVal(-1, BITS)


@lemma(f"{BITS} products")
def signs_that_agree() -> tuple[Any, Any]:
    """sum x_i w_i = 2 s - n for signs, s of n of which agree; n' of n that are not zero for ternary ones."""
    x, w, xn, wn = words("x", "w", "xn", "wn")
    binary = dot(values(ALL, x), values(ALL, w)) == 2 * (BITS - popcount(x ^ w)) - BITS
    mask, differing = xn & wn, x ^ w
    agree, disagree = popcount(mask & ~differing), popcount(mask & differing)
    ternary = dot(values(xn, x), values(wn, w)) == agree - disagree
    return z3.And(binary, ternary), dot(values(ALL, x), values(ALL, w)) == 2 * popcount(x ^ w) - BITS


@lemma(f"{BITS} products")
def padding_is_a_mask() -> tuple[Any, Any]:
    """Zeros around an image are products that are not counted."""
    x, w, inside = words("x", "w", "inside")
    padded, signs = values(inside, x), values(ALL, w)
    balance = popcount(inside) - 2 * popcount(inside & (x ^ w))
    return dot(padded, signs) == balance, dot(padded, signs) == BITS - 2 * popcount(inside & (x ^ w))


@lemma("8 bits")
def products_with_signs_are_sums() -> tuple[Any, Any]:
    """x w is x, -x or 0 for w in {1, -1, 0}."""
    x, w = z3.BitVecs("x w", 8)
    chosen = z3.If(w == 1, x, z3.If(w == 0, z3.BitVecVal(0, 8), -x))
    digit = z3.Or(w == 1, w == 0, w == -1)
    return z3.Implies(digit, x * w == chosen), x * w == chosen


@lemma(f"{BITS} values")
def packed_moves() -> tuple[Any, Any]:
    """The largest of ternary values packed: positive where one is, not zero where one is positive or none is zero; the
    bits of vectors one after the other are those of the vectors."""
    xn, xp, yn, yp = words("xn", "xp", "yn", "yp")
    positive = (xn & xp) | (yn & yp)
    nonzero = positive | (xn & yn)
    pairs = zip(values(xn, xp), values(yn, yp), values(nonzero, positive), strict=True)
    largest = z3.And(*(largest_of(a, b) == c for a, b, c in pairs))
    joined = z3.Concat(yp, xp)
    places = z3.And(
        *(z3.Extract(i, i, joined) == z3.Extract(i % BITS, i % BITS, (xp, yp)[i // BITS]) for i in range(2 * BITS))
    )
    binary = zip(values(ALL, xp), values(ALL, yp), values(ALL, xp & yp), strict=True)
    return z3.And(largest, places), z3.And(*(largest_of(a, b) == c for a, b, c in binary))


@lemma("6 bits, 8 exponents, both signs")
def products_with_powers_are_shifts() -> tuple[Any, Any]:
    """x (+-2^e) = +-(x << e)."""
    x, e = z3.BitVec("x", 6), z3.BitVec("e", 3)
    wide, amount = z3.SignExt(8, x), z3.ZeroExt(11, e)
    power = z3.BitVecVal(1, 14) << amount
    return z3.And(wide * power == wide << amount, wide * -power == -(wide << amount)), wide * -power == wide << amount


@lemma("reals")
def scales_move_the_binary_point() -> tuple[Any, Any]:
    """A code c in steps l times a power s is the code c in steps l s; and c l s = (c (l s r)) / r, whatever r is not
    0."""
    c, step, s, r = z3.Reals("c l s r")
    moved = z3.And(c * step * s == c * (step * s), z3.Implies(r != 0, c * step * s * r / r == c * (step * s)))
    return moved, c * step + s == c * (step * s)


@lemma("14 bits, exponents to 3 each")
def shifts_add() -> tuple[Any, Any]:
    """(x << a) << b = x << (a + b); a shift by 0 is nothing."""
    x, a, b = z3.BitVec("x", 14), z3.ZeroExt(12, z3.BitVec("a", 2)), z3.ZeroExt(12, z3.BitVec("b", 2))
    return z3.And((x << a) << b == x << (a + b), x << 0 == x), (x << a) << b == x << (a * b)


@lemma("integers, by induction")
def scales_leave_sums() -> tuple[Any, Any]:
    """sum (s x_i) w_i = s sum x_i w_i = sum x_i (s w_i); and max(s a, s b) = s max(a, b) for s > 0."""
    x, w, s, before = z3.Ints("x w s before")
    step = z3.And(s * before + s * x * w == s * (before + x * w), s * before + x * (s * w) == s * (before + x * w))
    a, b = z3.Ints("a b")
    scaled = [largest_of(k * a, k * b) == k * largest_of(a, b) for k in (1, 2, 3, 8, -1)]
    return z3.And(step, *scaled[:-1]), z3.And(step, *scaled)


@lemma("integers, by induction")
def sums_take_up_affine_steps() -> tuple[Any, Any]:
    """(sum x_i k_i + b) g + h = sum x_i (k_i g) + (b g + h)."""
    x, k, g, h, b, before, after = z3.Ints("x k g h b before after")
    known = before * g == after
    step = z3.Implies(known, (before + x * k) * g == after + x * (k * g))
    end = z3.Implies(known, (before + b) * g + h == after + (b * g + h))
    return z3.And(step, end), z3.Implies(known, (before + x * k) * g == after + x * k)
