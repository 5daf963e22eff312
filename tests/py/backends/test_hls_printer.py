"""The C++ printer: golden text of expressions, lines and signatures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from fuzz_ir import expect_cpp
from printed import S8, U4, body, kernel

from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp import directives
from qdialect.dialects.hlscpp.types import IntType


def build_project() -> None:
    with b.function("net", ("x", b.array(S8, 4)), ("y", b.array(S8, 2)), top=True) as (_, (x, y)):
        directives.interface(x, "ap_memory")
        directives.interface(None, "ap_ctrl_hs")
        directives.dataflow()
        b.call("fc1", x, y)
    with b.function("fc1", ("x", b.array(S8, 4)), ("y", b.array(S8, 2)), comment="4 -> 2\nstep 1/8 \\") as (
        _,
        (x, y),
    ):
        directives.inline(off=True)
        w = b.rom("fc1_kernel", np.array([[1, -2, 3, 4], [-1, 2, -3, 0]]), IntType(4))
        directives.array_partition(w, "cyclic", dim=2, factor=2)
        directives.bind_storage(w, "rom_1p", "lutram")
        with b.loop("OUT", 2, name="j") as j:
            directives.pipeline(ii=1)
            acc = b.variable("acc", IntType(13), 0)
            with b.loop("IN", 4) as i:
                directives.unroll()
                acc.set((acc.get() + x[i] * w[j, i]).cast(IntType(13)))
            y[j] = (acc.get() >> 5).cast(S8)


HEADER = """\
#ifndef QDIALECT_net_H
#define QDIALECT_net_H

#include "ap_int.h"

void net(const ap_int<8> x[4], ap_int<8> y[2]);

#endif
"""

ROM = """
        {1, -2, 3, 4},
        {-1, 2, -3, 0},
"""

SOURCE = """\
#include "net.h"

#ifndef QDIALECT_AP_INT_H
// Variables that are only added to: in the simulation's own header they wrap around where they are read.
template <int W> using sum_int = ap_int<W>;
template <int W> using sum_uint = ap_uint<W>;
#endif

// 4 -> 2
// step 1/8
static void fc1(const ap_int<8> x[4], ap_int<8> y[2]) {
#pragma HLS INLINE off
    static const signed char fc1_kernel[2][4] = {ROM    };
#pragma HLS ARRAY_PARTITION variable=fc1_kernel type=cyclic factor=2 dim=2
#pragma HLS BIND_STORAGE variable=fc1_kernel type=rom_1p impl=lutram
    OUT: for (int j = 0; j < 2; j++) {
#pragma HLS PIPELINE II=1
        sum_int<13> acc = 0;
        IN: for (int i = 0; i < 4; i++) {
#pragma HLS UNROLL
            acc += x[i] * ap_int<4>(fc1_kernel[j][i]);
        }
        y[j] = ap_int<13>(acc) >> 5;
    }
}

void net(const ap_int<8> x[4], ap_int<8> y[2]) {
#pragma HLS INTERFACE mode=ap_memory port=x
#pragma HLS INTERFACE mode=ap_ctrl_hs port=return
#pragma HLS DATAFLOW
    fc1(x, y);
}
"""


def test_project_text() -> None:
    printed = kernel(build_project)
    assert printed.top == "net"
    assert printed.weights == {}
    assert printed.header == HEADER
    assert printed.source == SOURCE.replace("ROM", ROM)
    apart = kernel(build_project, inline_roms=False)
    assert apart.source == SOURCE.replace("ROM", '\n#include "weights/fc1_kernel.inc"\n')
    assert apart.weights == {"weights/fc1_kernel.inc": "{1, -2, 3, 4},\n{-1, 2, -3, 0},\n"}


Read = Callable[[], b.Value]
EXPRESSIONS: dict[str, Callable[[Read, Read], b.Value]] = {
    "a": lambda a, c: a(),
    "a + c + ap_uint<2>(3)": lambda a, c: a() + c() + 3,
    "a + (c + ap_int<2>(-1))": lambda a, c: a() + (c() + -1),
    "a - c - (c - a)": lambda a, c: a() - c() - (c() - a()),
    "(a + c) * c * ap_uint<1>(1)": lambda a, c: (a() + c()) * c() * 1,
    "a * (c * c)": lambda a, c: a() * (c() * c()),
    "a * c - c * a": lambda a, c: a() * c() - c() * a(),
    "-(a + c) - -a": lambda a, c: -(a() + c()) - (-a()),
    "-(-a)": lambda a, c: -(-a()),  # noqa: B002
    "~(a & c) ^ ~c": lambda a, c: ~(a() & c()) ^ ~c(),
    "(a & c & c) | a": lambda a, c: (a() & c() & c()) | a(),
    "(a + c) & c": lambda a, c: (a() + c()) & c(),
    "a ^ (c ^ c)": lambda a, c: a() ^ (c() ^ c()),
    "a << 3 >> c": lambda a, c: (a() << 3) >> c(),
    "((a + c) << 1) + a": lambda a, c: ((a() + c()) << 1) + a(),
    "a + c < a * c": lambda a, c: a() + c() < a() * c(),
    "ap_uint<1>(a < c) == ap_uint<1>(c >= a)": lambda a, c: (a() < c()).eq(c() >= a()),
    "a != c && a > c": lambda a, c: a().ne(c()) & (a() > c()),
    "ap_uint<1>(a <= c) + ap_uint<1>(1)": lambda a, c: (a() <= c()) + 1,
    "a < c ? a : ap_int<8>(c)": lambda a, c: b.select(a() < c(), a(), c().cast(S8)),
    "(a < c ? a : ap_int<8>(-7)) * c": lambda a, c: b.select(a() < c(), a(), b.constant(-7, S8)) * c(),
    "a < c ? a < ap_int<8>(c) : a > c": lambda a, c: b.select(a() < c(), a() < c().cast(S8), a() > c()),
    "a < -3": lambda a, c: a() < -3,
    "a < ap_int<32>(-2147483648LL)": lambda a, c: a() < -(2**31),
    "a[7]": lambda a, c: a().bit(7),
    "(a + c)[2] ? a : ap_int<8>(-a)": lambda a, c: b.select((a() + c()).bit(2), a(), (-a()).cast(S8)),
    "ap_uint<1>(a[2]) + ap_uint<1>(c[0])": lambda a, c: a().bit(2) + c().bit(0),
    "a[1] ? ap_uint<1>(a[2]) : ap_uint<1>(c[2])": lambda a, c: b.select(a().bit(1), a().bit(2), c().bit(2)),
    "a < c ? -1 : 1": lambda a, c: b.select(a() < c(), b.constant(-1, S8), b.constant(1, S8)),
    "c & ap_uint<3>(7)": lambda a, c: (c() & 7).cast(IntType(3, False)),
    "a < c": lambda a, c: (a() < c()).cast(IntType(5, False)),
    "popcount_4(c) << 1": lambda a, c: b.popcount(c()) << 1,
    "count_2(a < c, c[0]) + a": lambda a, c: b.count([a() < c(), c().bit(0)]) + a(),
    "a + ap_int<32>(-2147483648LL)": lambda a, c: a() + -(2**31),
    "a + ap_uint<31>(2147483647)": lambda a, c: a() + (2**31 - 1),
    "c | ap_uint<64>(0xfffffffffffffffeULL)": lambda a, c: c() | (2**64 - 2),
    "a + ap_int<64>(-9223372036854775807LL - 1)": lambda a, c: a() + -(2**63),
}


@pytest.mark.parametrize("expected", EXPRESSIONS)
def test_expressions_have_no_more_parentheses_than_needed(expected: str) -> None:
    def write(a: b.Array, c: b.Array) -> None:
        value = EXPRESSIONS[expected](b.Variable(a.ssa).get, b.Variable(c.ssa).get)
        assert isinstance(value.type, IntType)
        b.variable("y", value.type, value)

    line = body(write, a=b.array(S8), c=b.array(U4)).strip()
    assert line.split(" ", 1)[1] == f"y = {expected};"


def test_compound_assignments() -> None:
    def write(x: b.Array, y: b.Array) -> None:
        word = IntType(8, False)
        total, packed = b.variable("total", S8, 1), b.variable("packed", word, 0)
        with b.loop(None, 4) as i:
            total.set((total.get() + x[i] * 3).cast(S8))
            total.set((total.get() - (x[i] < 0)).cast(S8))
            total.set((x[i] - total.get()).cast(S8))
            packed.set(packed.get() | ((x[i] > 0).cast(word) << i))
            y[i] = (y[i] + total.get()).cast(S8)
            y[i] = (y[3 - i] + b.select(x[i] < 0, x[i], total.get())).cast(S8)

    assert (
        body(write, x=b.array(S8, 4), y=b.array(S8, 4))
        == """\
    ap_int<8> total = 1;
    ap_uint<8> packed = 0;
    for (int i = 0; i < 4; i++) {
        total += x[i] * ap_uint<2>(3);
        total -= ap_uint<1>(x[i] < 0);
        total = x[i] - total;
        packed |= ap_uint<8>(x[i] > 0) << i;
        y[i] += total;
        y[i] = y[3 - i] + (x[i] < 0 ? x[i] : total);
    }
"""
    )


def test_long_lines_are_broken_where_they_read_best() -> None:
    def write(some_input: b.Array, other_input: b.Array, result: b.Array) -> None:
        with b.loop(None, 4) as i:
            terms = [some_input[i] * other_input[i] for _ in range(4)]
            sums = [(terms[0] + terms[1]) * terms[2], terms[3]]
            result[i] = b.select(some_input[i] < other_input[i], *(s.cast(IntType(60)) for s in sums))

    assert (
        body(write, some_input=b.array(S8, 4), other_input=b.array(S8, 4), result=b.array(IntType(60), 4))
        == """\
    for (int i = 0; i < 4; i++) {
        result[i] = some_input[i] < other_input[i]
                ? ap_int<60>((some_input[i] * other_input[i] + some_input[i] * other_input[i])
                        * (some_input[i] * other_input[i]))
                : ap_int<60>(some_input[i] * other_input[i]);
    }
"""
    )


def test_long_signatures_and_comments_are_broken() -> None:
    comment = "\n".join(["short", "word " * 30, "y" * 120 + " \\"])

    def build() -> None:
        arguments = [(f"a_long_name_of_an_array_{letter}", b.array(S8, 4)) for letter in "xyz"]
        with b.function("net", *arguments, top=True, comment=comment):
            pass

    source = kernel(build)
    signature = """\
void net(const ap_int<8> a_long_name_of_an_array_x[4],
        const ap_int<8> a_long_name_of_an_array_y[4],
        const ap_int<8> a_long_name_of_an_array_z[4])"""
    words = f"// {'word ' * 20}word\n//     {'word ' * 8}word"
    assert source.source == f'#include "net.h"\n\n// short\n{words}\n// {"y" * 120}\n{signature} {{\n}}\n'
    assert f"\n{signature};\n" in source.header


def test_index_expressions() -> None:
    def write(x: b.Array, y: b.Array) -> None:
        with b.loop("ROW", 1, 4) as i, b.loop(None, 3, name="tap") as k:
            row = (2 * i + k - 1).named("row")
            with b.when(row < 8):
                y[(i - 1) * 3 + (k + -1) + 1] = x[row]
            y[b.select(i.eq(2), i, 3 * k)] = x[0] << (3 - i)

    assert (
        body(write, x=b.array(S8, 8), y=b.array(S8, 9))
        == """\
    ROW: for (int i = 1; i < 4; i++) {
        for (int tap = 0; tap < 3; tap++) {
            const int row = 2 * i + tap - 1;
            if (row < 8) {
                y[(i - 1) * 3 + (tap + -1) + 1] = x[row];
            }
            y[i == 2 ? i : 3 * tap] = x[0] << (3 - i);
        }
    }
"""
    )


def test_conversions_of_elements_are_no_types() -> None:
    """`(T(U(x[i][j])) << 1)` may start with a type, that of functions of arrays: g++ stops at j."""

    def build() -> None:
        with b.function("top", ("x", b.array(S8, 2, 3)), ("y", b.array(IntType(9), 2, 3)), top=True) as (_, (x, y)):
            table = b.rom("table", np.array([[1, 0, 1]]), IntType(1, signed=False))
            with b.loop("ROWS", 2, name="i") as i, b.loop("COLUMNS", 3, name="j") as j:
                bit = (table[0, j].cast(IntType(2, signed=False)) << 1).cast(IntType(4))
                y[i, j] = (bit + (x[i, j].cast(U4).cast(S8) << 1)).cast(IntType(9))

    source = kernel(build)
    assert "(ap_uint<2>(table[0][j]) << 1)" in source.source
    assert "(ap_int<8>(static_cast<ap_uint<4>>(x[i][j])) << 1)" in source.source
    expect_cpp(source)
