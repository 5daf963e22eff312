"""Integers on wires: exact sums, comparisons and choices, each in the smallest word that holds its interval."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.lowering.rtl.netlist import Kind, Netlist, Wire, bits_for

LUT_INPUTS = 6
"""Inputs of a look-up table of today's devices."""


def resized(net: Netlist, x: Wire, width: int) -> Wire:
    """The integer in a word of `width` bits; a narrower word keeps the low ones."""
    if width < bits_for(x.low, x.high):
        half = 1 << (width - 1)
        return net.extract(x, 0, width, -half, half - 1) if x.is_signed else net.extract(x, 0, width)
    if width <= x.width:
        return net.extract(x, 0, width, x.low, x.high)
    if x.is_constant:
        return net.constant(x.low, width)
    missing = width - x.width
    sign = net.replicate(net.bit(x, x.width - 1), missing) if x.is_signed else net.constant(0, missing)
    return net.concat([sign, x], x.low, x.high)


def within(net: Netlist, x: Wire, low: int, high: int) -> Wire:
    """`x`, of which it is known that it lies in [low, high] too."""
    low, high = max(low, x.low), min(high, x.high)
    return net.constant(low) if low == high else net.extract(x, 0, bits_for(low, high), low, high)


def shifted(net: Netlist, x: Wire, places: int) -> Wire:
    """`x * 2**places`"""
    if places == 0:
        return x
    return net.concat([x, net.constant(0, places)], x.low << places, x.high << places)


def add(net: Netlist, a: Wire, b: Wire, interval: tuple[int, int] | None = None) -> Wire:
    """`a + b`, which `interval` holds where it is narrower than the sum of intervals."""
    low, high = interval or (a.low + b.low, a.high + b.high)
    width = bits_for(low, high)
    return net.add(resized(net, a, width), resized(net, b, width), low, high)


def subtract(net: Netlist, a: Wire, b: Wire, interval: tuple[int, int] | None = None) -> Wire:
    """`a - b`, as `add`."""
    low, high = interval or (a.low - b.high, a.high - b.low)
    width = bits_for(low, high)
    return net.sub(resized(net, a, width), resized(net, b, width), low, high)


def multiply(net: Netlist, a: Wire, b: Wire) -> Wire:
    """`a * b` of two variables."""
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    width = bits_for(min(ends), max(ends))
    return net.mul(resized(net, a, width), resized(net, b, width), min(ends), max(ends))


def choose(net: Netlist, condition: Wire, then: Wire, otherwise: Wire) -> Wire:
    """`then` where the bit `condition` is one."""
    if condition.is_constant:
        return then if condition.data else otherwise
    low, high = min(then.low, otherwise.low), max(then.high, otherwise.high)
    width = bits_for(low, high)
    return net.mux(condition, resized(net, then, width), resized(net, otherwise, width), low, high)


def ordered(net: Netlist, x: Wire) -> Wire:
    """Bits that as an unsigned number have the order of `x`: the sign of two's complement inverted."""
    return with_other_sign(net, x) if x.is_signed else x


def with_other_sign(net: Netlist, x: Wire) -> Wire:
    """The highest bit inverted."""
    sign = net.invert(net.bit(x, x.width - 1))
    return sign if x.width == 1 else net.concat([sign, net.extract(x, 0, x.width - 1)])


def at_least(net: Netlist, x: Wire, bound: int) -> Wire:
    """The bit of `x >= bound`: look-up tables one after the other, from the low bits up.

    The bits of x and of the bound meet in words of at most 6 bits with the comparison of the bits below as the last:
    {x_k .. x_j, below} >= {b_k .. b_j, 1}.
    """
    if bound <= x.low:
        return net.constant(1, 1)
    if bound > x.high:
        return net.constant(0, 1)
    word = ordered(net, x)
    code = bound + ((1 << (x.width - 1)) if x.is_signed else 0)
    start = (code & -code).bit_length() - 1
    below: Wire | None = None
    while start < x.width:
        width = min(LUT_INPUTS - (below is not None), x.width - start)
        part, limit = net.extract(word, start, width), code >> start & ((1 << width) - 1)
        if below is not None:
            part, limit = net.concat([part, below]), 2 * limit + 1
        start += LUT_INPUTS - (below is not None)
        below = _reaches(net, part, limit)
    assert below is not None, "a bound inside the interval has a bit that is one"
    return below


def _reaches(net: Netlist, word: Wire, limit: int) -> Wire:
    """`word >= limit` of a word of one look-up table."""
    if limit == (1 << word.width) - 1 and word.width == 1:
        return word
    return net.unsigned_at_least(word, net.constant(limit, word.width))


def reaches(net: Netlist, a: Wire, b: Wire) -> Wire:
    """The bit of `a >= b` of two variables."""
    if b.is_constant:
        return at_least(net, a, b.low)
    width = bits_for(min(a.low, b.low), max(a.high, b.high))
    signed = a.is_signed or b.is_signed
    words = [resized(net, x, width) for x in (a, b)]
    if signed:
        words = [with_other_sign(net, x) for x in words]
    return net.unsigned_at_least(*words)


def maximum(net: Netlist, a: Wire, b: Wire) -> Wire:
    """The larger of two integers."""
    if a.low >= b.high:
        return a
    if b.low >= a.high:
        return b
    if (a.width, b.width) == (1, 1) and not a.is_signed and not b.is_signed:
        return net.gate(Kind.OR, a, b)
    return a if a is b else choose(net, reaches(net, a, b), a, b)


def minimum(net: Netlist, a: Wire, b: Wire) -> Wire:
    """The smaller of two integers."""
    if a.high <= b.low:
        return a
    if b.high <= a.low:
        return b
    return a if a is b else choose(net, reaches(net, a, b), b, a)


def table(net: Netlist, x: Wire, values: Sequence[int]) -> Wire:
    """`values[x - x.low]`: choices by the bits of x, from the highest down; equal parts of the table are made once."""
    low, high = min(values), max(values)
    width = bits_for(low, high)
    word = ordered(net, x)
    first = x.low + (1 << (x.width - 1)) if x.is_signed else x.low
    filled = [values[0]] * first + list(values)
    filled += [values[-1]] * ((1 << x.width) - len(filled))
    row = [net.constant(v, width) for v in filled]
    for place in range(x.width):
        bit = net.bit(word, place)
        row = [net.mux(bit, then, otherwise, low, high) for otherwise, then in zip(row[::2], row[1::2], strict=True)]
    return row[0]
