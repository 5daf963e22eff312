"""The C++ printer: which values are statements of their own, and where they stand."""

from __future__ import annotations

import numpy as np
from printed import S8, body, kernel

from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp import directives
from qdialect.dialects.hlscpp.types import IntType


def test_values_have_names_when_used_twice_or_named() -> None:
    def write(x: b.Array, y: b.Array) -> None:
        product = x[0] * x[1]
        limit = b.constant(-5, IntType(16)).named("limit")
        flag = product < limit
        y[0] = b.select(flag, product, limit)
        y[1] = b.select(flag, limit, product)
        y[2] = (x[2] - x[3]).named("difference").cast(IntType(16))

    assert (
        body(write, x=b.array(S8, 4), y=b.array(IntType(16), 3))
        == """\
    const ap_int<16> t = x[0] * x[1];
    const ap_int<16> limit = -5;
    const ap_uint<1> t_1 = t < limit;
    y[0] = t_1 ? t : limit;
    y[1] = t_1 ? limit : t;
    const ap_int<9> difference = x[2] - x[3];
    y[2] = difference;
"""
    )


OVERWRITTEN = """\
#include "net.h"

static void zero(ap_int<8> x[4]) {
    x[0] = 0;
}

static void clear(ap_int<8> x[4]) {
    ap_int<8> hidden[4];
    const ap_int<8> t = hidden[0];
    zero(hidden);
    x[0] = t;
}

void net(ap_int<8> x[4]) {
    const ap_int<8> t = x[0];
    const ap_int<8> t_1 = x[2];
    x[0] = x[1];
    x[1] = t;
    const ap_int<8> t_2 = x[3];
    for (int i = 0; i < 2; i++) {
        x[i] = 0;
    }
    x[2] = t_2 + t_1;
    clear(x);
}
"""


def test_loads_stay_before_the_stores_that_change_them() -> None:
    def write(x: b.Array) -> None:
        first, second, third = x[0], x[1], x[2]
        x[0] = second
        x[1] = first
        kept = x[3] + third
        with b.loop(None, 2) as i:
            x[i] = 0
        x[2] = kept.cast(S8)
        b.call("clear", x)

    def clear(x: b.Array) -> None:
        hidden = b.local("hidden", b.array(S8, 4))
        before = hidden[0]
        b.call("zero", hidden)
        x[0] = before

    def build() -> None:
        with b.function("net", ("x", b.array(S8, 4)), top=True) as (_, (x,)):
            write(x)
        with b.function("clear", ("x", b.array(S8, 4))) as (_, (x,)):
            clear(x)
        with b.function("zero", ("x", b.array(S8, 4))) as (_, (x,)):
            x[0] = 0

    assert kernel(build).source == OVERWRITTEN


def test_values_stay_outside_of_the_loops_that_use_them() -> None:
    def write(x: b.Array, y: b.Array) -> None:
        total = x[0] + x[1]
        with b.loop(None, 2) as i:
            y[i] = total

    assert (
        body(write, x=b.array(S8, 2), y=b.array(IntType(9), 2))
        == """\
    const ap_int<9> t = x[0] + x[1];
    for (int i = 0; i < 2; i++) {
        y[i] = t;
    }
"""
    )


def test_variables_are_declared_by_their_first_store_where_one_comes_first() -> None:
    def write(x: b.Array, y: b.Array) -> None:
        direct = b.variable("direct", S8, x[0])
        late = b.variable("late", S8)
        with b.when(direct.get() < 0):
            late.set(1)
        with b.when(direct.get() >= 0):
            late.set(2)
        y[0] = late.get()

    assert (
        body(write, x=b.array(S8, 1), y=b.array(S8, 1))
        == """\
    ap_int<8> direct = x[0];
    ap_int<8> late;
    if (direct < 0) {
        late = 1;
    }
    if (direct >= 0) {
        late = 2;
    }
    y[0] = late;
"""
    )


def test_scalar_arguments_are_values_or_references() -> None:
    def build() -> None:
        with b.function("net", ("x", b.array(S8)), ("y", b.array(S8)), top=True) as (_, (x, y)):
            y[()] = x[()]

    assert kernel(build).source.splitlines()[2:4] == ["void net(const ap_int<8> x, ap_int<8> &y) {", "    y = x;"]


def test_nothing_unused_is_printed() -> None:
    def write(x: b.Array) -> None:
        w = b.rom("w", np.arange(4), S8)
        directives.array_partition(w, dim=0)
        b.local("buffer", b.array(S8, 4))
        (x[0] * w[1] + 1).named("unused")

    assert body(write, x=b.array(S8, 1)) == ""
