"""Sums of products with constant weights: signs, shifts and constants go before a strategy sees the matrix.

With x_i = c_i * r_i + o_i on wires r, sum_i w_i x_i = sum_i (w_i c_i) r_i + sum_i w_i o_i. Columns that are equal up to
a sign and a power of two are computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.words import within
from qdialect.numerics.arrays import IntArray

Strategy = Callable[[Netlist, Sequence[Wire], IntArray], list[Affine]]


def products(net: Netlist, inputs: Sequence[Affine], weights: IntArray, strategy: Strategy) -> list[Affine]:
    """`inputs @ weights`, weights [inputs, outputs]."""
    codes = weights.astype(object)
    offsets = np.array([x.offset for x in inputs], object) @ codes
    rows: dict[int, IntArray] = {}
    wires: dict[int, Wire] = {}
    for x, row in zip(inputs, codes, strict=True):
        if x.wire is not None:
            wires[x.wire.number] = x.wire
            rows[x.wire.number] = rows.get(x.wire.number, 0) + row * x.coefficient
    used = [number for number in rows if np.any(rows[number] != 0)]
    matrix = np.array([rows[number] for number in used], object).reshape(len(used), weights.shape[1])
    sums = _unique(net, [wires[number] for number in used], matrix, strategy)
    return [value.plus(int(offset)) for value, offset in zip(sums, offsets, strict=True)]


def _unique(net: Netlist, wires: list[Wire], matrix: IntArray, strategy: Strategy) -> list[Affine]:
    """The products with every column once."""
    columns, found = distinct(matrix)
    if not columns.size:
        return [constant(0)] * len(found)
    values = [
        tightened(net, value, interval_of(wires, column))
        for value, column in zip(strategy(net, wires, columns), columns.T.tolist(), strict=True)
    ]
    return [constant(0) if at is None else _restored(values[at[0]], at[1], at[2]) for at in found]


def distinct(matrix: IntArray) -> tuple[IntArray, list[tuple[int, int, bool] | None]]:
    """The columns of a matrix, each once, without powers of two in common and with the sign of the first; and of each
    column the number, the shift and whether it is negative, None of zeros."""
    places: dict[tuple[int, ...], int] = {}
    found: list[tuple[int, int, bool] | None] = []
    for column in matrix.T.tolist():
        if not any(column):
            found.append(None)
            continue
        shift = min((weight & -weight).bit_length() - 1 for weight in column if weight)
        odd, opposite = (tuple(sign * weight >> shift for weight in column) for sign in (1, -1))
        found.append((places[opposite], shift, True) if opposite in places else (_place(places, odd), shift, False))
    return np.array(list(places), object).reshape(len(places), len(matrix)).T, found


def _place(places: dict[tuple[int, ...], int], column: tuple[int, ...]) -> int:
    """The number of a column, the next one if it is new."""
    return places.setdefault(column, len(places))


def interval_of(wires: Sequence[Wire], coefficients: Sequence[int]) -> tuple[int, int]:
    """Of a linear combination of independent words."""
    used = [(wire, times) for wire, times in zip(wires, coefficients, strict=True) if times]
    ends = [sorted((times * wire.low, times * wire.high)) for wire, times in used]
    return sum(low for low, _ in ends), sum(high for _, high in ends)


def tightened(net: Netlist, value: Affine, interval: tuple[int, int]) -> Affine:
    """The value on a word of its exact interval; that of a tree may be wider, where a word is in it twice."""
    if value.wire is None:
        return value
    ends = sorted((end - value.offset) // value.coefficient for end in interval)
    return replace(value, wire=within(net, value.wire, ends[0], ends[1]))


def _restored(value: Affine, shift: int, negative: bool) -> Affine:
    value = value.scaled(shift)
    return value.negated() if negative else value
