"""Lemmas of step functions, comparisons, quantizers and moves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import z3
from lemma import largest_of, lemma


@lemma("8 codes, 5 levels, both directions")
def steps_are_counted_thresholds() -> tuple[Any, Any]:
    """A rising function is the number of its thresholds that are reached, threshold k the first code at which it is at
    least k; of a falling one with the codes turned around."""
    codes, levels = 8, 4
    f = z3.Ints(" ".join(f"f{i}" for i in range(codes)))
    rises = z3.And(*(z3.And(a <= b, a >= 0, b <= levels) for a, b in pairwise(f)))

    def threshold(k: int) -> Any:
        found: Any = z3.IntVal(codes)
        for i in reversed(range(codes)):
            found = z3.If(f[i] >= k, z3.IntVal(i), found)
        return found

    def counted(i: int, offset: int = 0) -> Any:
        return z3.Sum([z3.If(z3.IntVal(i) >= threshold(k) + offset, 1, 0) for k in range(1, levels + 1)])

    claims = [z3.Implies(rises, z3.And(*(f[i] == counted(i, o) for i in range(codes)))) for o in (0, 1)]
    return claims[0], claims[1]


@lemma("all tables of integers")
def tables_hold_every_code() -> tuple[Any, Any]:
    """T[x - first] = f(x) where T[i] = f(first + i)."""
    f, i = z3.Function("f", z3.IntSort(), z3.IntSort()), z3.Int("i")
    first, x = z3.Ints("first x")
    table = z3.Lambda([i], f(first + i))
    return table[x - first] == f(x), table[x] == f(x)


@lemma("integers, by induction")
def kernels_of_few_levels() -> tuple[Any, Any]:
    """sum x_i (g p_i) = g sum x_i p_i for weights g p_i, p_i in {-1, 0, 1}."""
    x, p, g, before = z3.Ints("x p g before")
    sign = z3.Or(p == -1, p == 0, p == 1)
    claim = z3.Implies(sign, g * before + x * (g * p) == g * (before + x * p))
    return claim, z3.Implies(sign, before + x * (g * p) == g * (before + x * p))


@lemma("integers, steps 2^0 to 2^8")
def comparisons_move_the_binary_point() -> tuple[Any, Any]:
    """x s >= t s is x >= t for s > 0."""
    x, t = z3.Ints("x t")
    claims = [(x * s >= t * s) == (x >= t) for s in (*(1 << k for k in range(9)), -1)]
    return z3.And(*claims[:-1]), z3.And(*claims)


@lemma("integers, steps 2^0 to 2^4, both directions")
def comparisons_take_up_summands() -> tuple[Any, Any]:
    """s x + c >= t is x >= ceil((t - c) / s), and s x + c <= t is x <= floor((t - c) / s)."""
    x, c, t = z3.Ints("x c t")
    steps = [1 << k for k in range(5)]
    up = [(s * x + c >= t) == (x >= -((c - t) / s)) for s in steps]
    down = [(s * x + c <= t) == (x <= (t - c) / s) for s in steps]
    return z3.And(*up, *down), z3.And(*((s * x + c >= t) == (x >= (t - c) / s) for s in steps))


@lemma("integers, factors -6, -1, 2, 3, 7, both directions")
def comparisons_take_up_factors() -> tuple[Any, Any]:
    """f x >= t is x >= ceil(t / f) for f > 0 and x <= floor(t / f) for f < 0; with <= likewise."""
    x, t = z3.Ints("x t")
    positive = [
        claim for f in (2, 3, 7) for claim in ((f * x >= t) == (x >= -((-t) / f)), (f * x <= t) == (x <= t / f))
    ]
    negative = [claim for f in (1, 6) for claim in ((-f * x >= t) == (x <= (-t) / f), (-f * x <= t) == (x >= -(t / f)))]
    return z3.And(*positive, *negative), z3.And(*((-f * x >= t) == (x >= (-t) / f) for f in (1, 6)))


@lemma("integers")
def dead_zones_are_comparisons() -> tuple[Any, Any]:
    """The sign of x is one comparison with 0; with a dead zone of |x| < s it is two, with 1 - s and s."""
    x, s = z3.Ints("x s")
    sign = (x >= 0) == (z3.If(x >= 0, 1, 0) * 2 - 1 == 1)
    zone = z3.If(x >= s, 1, z3.If(-x >= s, -1, 0))
    counted = z3.If(x >= 1 - s, 1, 0) + z3.If(x >= s, 1, 0) - 1
    wrong = z3.If(x >= -s, 1, 0) + z3.If(x >= s, 1, 0) - 1
    return z3.And(sign, z3.Implies(s >= 1, zone == counted)), z3.Implies(s >= 1, zone == wrong)


@lemma("integers, steps 2^1 to 2^3 twice, ranges of 8 and 3 codes")
def roundings_merge() -> tuple[Any, Any]:
    """Rounding down twice is rounding down once, up likewise; clamping to a range and then to a narrower one is
    clamping to the narrower one."""
    x = z3.Int("x")
    pairs = [(1 << a, 1 << b) for a in range(1, 4) for b in range(1, 4)]
    down = [(x / a) / b == x / (a * b) for a, b in pairs]
    up = [-(((-x) / a) / b) == -((-x) / (a * b)) for a, b in pairs]
    nested = clamped(clamped(x, -4, 3), -1, 1) == clamped(x, -1, 1)
    half = [(((2 * x + a) / (2 * a)) * 2 + b) / (2 * b) == (2 * x + a * b) / (2 * a * b) for a, b in pairs]
    return z3.And(*down, *up, nested), z3.And(*half)


def clamped(x: Any, low: int, high: int) -> Any:
    return z3.If(x < low, low, z3.If(x > high, high, x))


@lemma("10 bits, saturation and wrap to 6")
def formats_that_are_the_same() -> tuple[Any, Any]:
    """A value of the format stays as it is, whatever the overflow: nothing is rounded, nothing is beyond an end."""
    x = z3.BitVec("x", 10)
    inside = z3.And(x >= -32, x <= 31)
    wrapped = z3.SignExt(4, z3.Extract(5, 0, x))
    saturated = z3.If(x < -32, z3.BitVecVal(-32, 10), z3.If(x > 31, z3.BitVecVal(31, 10), x))
    return z3.Implies(inside, z3.And(wrapped == x, saturated == x)), wrapped == saturated


@lemma("integers")
def zero_is_neutral() -> tuple[Any, Any]:
    """x + 0 = x and x - 0 = x."""
    x = z3.Int("x")
    return z3.And(x + 0 == x, x - 0 == x), 0 - x == x


@lemma("integers, axes of 1 to 6")
def row_major_places() -> tuple[Any, Any]:
    """A place is (p / n, p mod n) on a last axis of n and p again on one axis: shapes between are not seen, nor are
    slices, permutations and repetitions that leave each element in its place."""
    p = z3.Int("p")
    sizes = range(1, 7)
    return z3.And(*((p / n) * n + p % n == p for n in sizes)), z3.And(*((p / n) + p % n * n == p for n in sizes))


@lemma("all functions, all places")
def functions_commute_with_places() -> tuple[Any, Any]:
    """f(x[p(i)]) = f(x)[p(i)]; f(max(a, b)) = max(f(a), f(b)) for rising f; zeros come after where f(0) = 0."""
    integers = z3.IntSort()
    f, x, p = (z3.Function(name, integers, integers) for name in ("f", "x", "p"))
    i, a, b = z3.Ints("i a b")
    image = z3.Lambda([i], f(x(i)))
    moved = image[p(i)] == f(x(p(i)))
    rises = z3.And(z3.Implies(a <= b, f(a) <= f(b)), z3.Implies(b <= a, f(b) <= f(a)))
    largest = f(largest_of(a, b)) == largest_of(f(a), f(b))
    inside = z3.Bool("inside")
    zeros = z3.Implies(f(0) == 0, f(z3.If(inside, a, 0)) == z3.If(inside, f(a), 0))
    return z3.And(moved, z3.Implies(rises, largest), zeros), largest


@lemma("reals")
def signs_around_zeros() -> tuple[Any, Any]:
    """sign(y) = sign((sign(y) - 1) + 1) inside, and sign(0 + 1) = sign(0) outside."""
    y = z3.Real("y")

    def sign(v: Any) -> Any:
        return z3.If(v >= 0, z3.RealVal(1), z3.RealVal(-1))

    zero = z3.RealVal(0)
    return (
        z3.And(sign(sign(y) - 1 + 1) == sign(y), sign(zero + 1) == sign(zero)),
        z3.And(sign(y + 1) == sign(y), sign(zero + 1) == sign(zero)),
    )
