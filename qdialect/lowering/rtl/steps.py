"""Step functions of one value on wires: thresholds, rounding with saturation, signs, tables."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from qdialect.lowering.rtl.affine import Affine, constant, materialized, of_wire, reached, turning, worded, zeros_below
from qdialect.lowering.rtl.netlist import Kind, Netlist, Wire, bits_for
from qdialect.lowering.rtl.words import LUT_INPUTS, at_least, choose, ordered, resized, table
from qdialect.numerics.quantizers import DeadZone, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds, round_codes

TABLED = 7
"""Of words up to so many bits a table takes no more look-up tables than two comparisons."""
SEARCH_LEVELS = 7
"""From so many thresholds on they are searched where that takes fewer tables."""


def spread(net: Netlist, bit: Wire, low: int, high: int) -> Affine:
    """`low` where the bit is zero, `high` where it is one."""
    if bit.is_constant:
        return constant(high if bit.data else low)
    step = high - low
    if step & (step - 1) == 0:
        return Affine(bit, step.bit_length() - 1, offset=low)
    return of_wire(choose(net, bit, net.constant(high), net.constant(low)))


def threshold(net: Netlist, x: Affine, thresholds: Sequence[int], codes: Sequence[int]) -> Affine:
    """`codes[number of thresholds that x reaches]`"""
    low, high = x.interval
    rising = sorted(thresholds)
    below = sum(bound <= low for bound in rising)
    bounds = [bound for bound in rising if low < bound <= high]
    codes = codes[below : below + len(bounds) + 1]
    if len(bounds) < 2:
        return constant(codes[0]) if not bounds else spread(net, reached(net, x, bounds[0]), codes[0], codes[1])
    index = form_of(x, len(bounds))(net, x, bounds)
    if all(b - a == 1 for a, b in pairwise(codes)):
        return Affine(index, offset=codes[0])
    return of_wire(table(net, index, codes))


def compare(net: Netlist, x: Affine, bounds: Sequence[int]) -> Wire:
    """How many of the rising bounds are reached, all compared at once: each bit of the number is a choice among those
    comparisons that the higher bits leave."""
    hits = [reached(net, x, bound) for bound in bounds]
    places = len(hits).bit_length()
    zero = net.constant(0, 1)
    hits += [zero] * ((1 << places) - 1 - len(hits))
    bits: list[Wire] = []
    for place in reversed(range(places)):
        row = hits[(1 << place) - 1 :: 2 << place]
        for bit in reversed(bits):
            row = [net.mux(bit, then, otherwise, 0, 1) for otherwise, then in zip(row[::2], row[1::2], strict=True)]
        bits.append(row[0])
    return net.concat(bits, 0, len(bounds))


def search(net: Netlist, x: Affine, bounds: Sequence[int]) -> Wire:
    """The same from the highest bit of the number down: one comparison of the wire, with a bound that the bits so far
    choose."""
    assert x.wire is not None, "bounds inside the interval of a variable"
    places, beyond = len(bounds).bit_length(), x.interval[1] + 1
    rows = [turning(x, bound) for bound in (*bounds, *[beyond] * ((1 << places) - 1 - len(bounds)))]
    low = min(x.wire.low, 0)
    width = bits_for(low, max(x.wire.high, *rows))
    unsigned = ordered(net, resized(net, x.wire, width))
    bits: list[Wire] = []
    for place in reversed(range(places)):
        codes = [code + ((1 << (width - 1)) if low < 0 else 0) for code in rows[(1 << place) - 1 :: 2 << place]]
        bound = resized(net, table(net, net.concat(bits), codes), width) if bits else net.constant(codes[0], width)
        hit = _bitwise_at_least(net, unsigned, bound)
        bits.append(net.invert(hit) if x.negative else hit)
    return net.concat(bits, 0, len(bounds))


def _bitwise_at_least(net: Netlist, x: Wire, bound: Wire) -> Wire:
    """`x >= bound` without sign, from the lowest bit up: where two bits differ that of x decides."""
    differ = net.gate(Kind.XOR, x, bound)
    result = net.constant(1, 1)
    for place in range(x.width):
        result = net.mux(net.bit(differ, place), net.bit(x, place), result, 0, 1)
    return result


def tabulate(net: Netlist, x: Affine, bounds: Sequence[int]) -> Wire:
    """The same from a table."""
    return materialized(net, tabled(net, x, partial(bisect_right, bounds)))


def form_of(x: Affine, levels: int) -> Callable[[Netlist, Affine, Sequence[int]], Wire]:
    """What takes the fewest tables of six inputs: a comparison with a constant takes one for five bits, with one of
    2**k for 5 - k."""
    assert x.wire is not None, "bounds inside the interval of a variable"
    width = x.wire.width
    if width <= TABLED:
        return tabulate
    searched = sum(-(-width // max(LUT_INPUTS - 1 - place, 1)) for place in range(levels.bit_length()))
    return search if levels >= SEARCH_LEVELS and 4 * searched < 3 * levels * -(-width // (LUT_INPUTS - 1)) else compare


def rounded(net: Netlist, x: Affine, drop: int, mode: Round, ends: tuple[int, int], rectified: bool = False) -> Affine:
    """`x / 2**drop` rounded as `mode` says, then fitted into its part of the result's codes `ends`.

    `rectified`: of max(x, 0). Every rounding is monotone and leaves 0, so the rounded value is rectified: its sign is
    there, and it has fewer bits.
    """
    low, high = clamp_bounds(*ends, mode.overflow)
    value = whole(net, x, drop, mode)
    if mode.overflow is not Overflow.WRAP:
        return clamped(net, value, max(low, 0) if rectified else low, high)
    return rectified_wrapped(net, value, low, high) if rectified else wrapped(net, value, low, high)


def whole(net: Netlist, x: Affine, drop: int, mode: Round) -> Affine:
    """`x / 2**drop` rounded as `mode` says."""
    if drop <= 0:
        return x.scaled(-drop)
    if x.wire is None:
        return constant(_round_constant(x.offset, drop, mode))
    if not (x.offset or x.negative) and x.shift >= drop:
        return Affine(x.wire, x.shift - drop)
    half = 1 << (drop - 1)
    if mode.rounding is Rounding.HALF_UP or (mode.rounding is Rounding.HALF_DOWN and x.offset):  # a sum of constants
        x, mode = x.plus(half - (mode.rounding is Rounding.HALF_DOWN)), Round(Rounding.FLOOR)
    word = materialized(net, x)
    word = resized(net, word, max(word.width, drop + 1 + word.is_signed))
    floor = net.extract(word, drop, word.width - drop, word.low >> drop, word.high >> drop)
    if mode.rounding is Rounding.FLOOR:
        return of_wire(floor)
    up = rounds_up(net, word, drop, mode.rounding)
    interval = (_round_constant(word.low, drop, mode), _round_constant(word.high, drop, mode))
    width = bits_for(*interval)
    return of_wire(net.add(resized(net, floor, width), resized(net, up, width), *interval))


def wrapped(net: Netlist, x: Affine, low: int, high: int) -> Affine:
    """The low bits of `x` as a code in [low, high], which are all of its word."""
    least, most = x.interval
    if low <= least and most <= high:
        return x
    if x.wire is None:
        return constant((x.offset - low) % (high - low + 1) + low)
    width, shift = bits_for(low, high), zeros_below(x)
    if shift >= width:
        return constant(0)
    wire = worded(net, x).wire
    assert wire is not None, "a variable that does not lie within the ends"
    word = resized(net, wire, max(wire.width, width - shift))
    return Affine(net.extract(word, 0, width - shift, low >> shift, high >> shift), shift)


def rectified_wrapped(net: Netlist, x: Affine, low: int, high: int) -> Affine:
    """`wrapped` of max(x, 0): zero where `x` is negative."""
    x = worded(net, x)
    if x.interval[1] <= high:
        return clamped(net, x, 0, high)
    fitted = wrapped(net, x, low, high)
    if fitted.wire is None:
        return fitted
    return Affine(choose(net, reached(net, x, 0), fitted.wire, net.constant(0)), fitted.shift)


def rounds_up(net: Netlist, word: Wire, drop: int, rounding: Rounding) -> Wire:
    """The bit of "the next code above", from the `drop` bits that are lost and one that decides."""
    remainder, zero = net.extract(word, 0, drop), net.constant(0, 1)
    negative = net.bit(word, word.width - 1) if word.is_signed else zero
    if rounding.is_directed:
        towards = {Rounding.ZERO: negative, Rounding.AWAY: net.invert(negative)}.get(rounding, net.constant(1, 1))
        return net.gate(Kind.AND, at_least(net, remainder, 1), towards)
    ties = {
        Rounding.HALF_EVEN: net.bit(word, drop),
        Rounding.HALF_AWAY: net.invert(negative),
        Rounding.HALF_ZERO: negative,
        Rounding.HALF_UP: net.constant(1, 1),
        Rounding.HALF_DOWN: zero,
    }
    return at_least(net, net.concat([remainder, ties[rounding]]), (1 << drop) + 1)  # >= {half, 1}


def _round_constant(value: int, drop: int, mode: Round) -> int:
    return int(round_codes(np.array([value], object), drop, mode.rounding)[0])


def clamped(net: Netlist, x: Affine, low: int, high: int) -> Affine:
    """`x` in [low, high]."""
    least, most = ends = tuple(min(max(end, low), high) for end in x.interval)
    if ends == x.interval:
        return x
    if least == most:
        return constant(least)
    places = zeros_below(x)
    if places and least % (1 << places) == most % (1 << places) == 0:
        part = Affine(x.wire, x.shift - places, x.negative, x.offset >> places)
        return clamped(net, part, least >> places, most >> places).scaled(places)
    word = materialized(net, x)
    over, inside = at_least(net, word, high + 1), at_least(net, word, low)
    width = bits_for(least, most)
    value = net.extract(word, 0, width, least, most) if width < word.width else word
    if not over.is_constant:
        value = choose(net, over, net.constant(high), value)
    if not inside.is_constant:
        value = choose(net, inside, value, net.constant(low))
    return of_wire(value)


def sign(net: Netlist, x: Affine, mode: Sign, ends: tuple[int, int]) -> Affine:
    """The larger of the result's codes from zero on, the smaller below."""
    return spread(net, reached(net, x, 0), *ends)


def dead_zone(net: Netlist, x: Affine, mode: DeadZone, lsb: int) -> Affine:
    """-1, 0 or +1: in two's complement {is negative, is not zero}."""
    smallest = mode.smallest_code(lsb)
    above, below = reached(net, x, smallest), reached(net, x.negated(), smallest)
    if above.is_constant or below.is_constant:
        return spread(net, above, 0, 1) if below.is_constant and not below.data else _edge(net, above, below)
    return of_wire(net.concat([below, net.gate(Kind.OR, above, below)], -1, 1))


def _edge(net: Netlist, above: Wire, below: Wire) -> Affine:
    """A dead zone of which one side alone varies, or neither."""
    if above.is_constant and above.data:
        return constant(1)
    return spread(net, below, 0, -1) if not below.is_constant else constant(-int(below.data))


def lookup(net: Netlist, x: Affine, values: Sequence[int], first: int) -> Affine:
    """`values[x - first]`; codes of the interval beyond the table do not occur, and have its ends."""
    return tabled(net, x, lambda code: values[min(max(code - first, 0), len(values) - 1)])


def tabled(net: Netlist, x: Affine, value: Callable[[int], int]) -> Affine:
    """`value(x)`"""
    low, high = x.interval
    if x.wire is None:
        return constant(value(low))
    values = [value(code) for code in range(low, high + 1, abs(x.coefficient))]
    if x.negative:
        values.reverse()
    return constant(values[0]) if len(set(values)) == 1 else of_wire(table(net, x.wire, values))
