"""The C++ printer: golden text of every form, names, and kernels compiled and compared with numpy.

Programs run against the stand-in `ap_int.h` in checked mode and against the vendor's headers that da4ml ships.
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.parser import Parser

from qdialect.backends.hls.printer import Source, print_source
from qdialect.backends.hls.spelling import c_type
from qdialect.loops import builder as b
from qdialect.loops import directives
from qdialect.loops.dialect import Hlscpp
from qdialect.loops.expressions import AddOp, AndOp, MulOp, NegOp, NotOp, OrOp, ShlOp, ShrOp, SubOp, XorOp
from qdialect.loops.structure import FuncOp, is_written
from qdialect.loops.types import ArrayType, IntType, array_type

S8, U4, U8, BIT = IntType(8), IntType(4, False), IntType(8, False), IntType(1, False)


def kernel(write: Callable[[], object], inline_roms: bool = True) -> Source:
    """The text of the module that `write` builds."""
    module = ModuleOp([])
    with ImplicitBuilder(module.body):
        write()
    module.verify()
    return print_source(module, inline_roms)


def body(write: Callable[..., object], **arguments: ArrayType) -> str:
    """The lines of a top function that `write` fills, given its arrays."""

    def build() -> None:
        with b.function("top", *arguments.items(), top=True) as (_, arrays):
            write(*arrays)

    source = kernel(build).source
    return source[source.index(") {\n", source.index("\nvoid top(")) + 4 : source.rindex("}")]


def text(mlir: str) -> str:
    ctx = Context()
    ctx.load_dialect(Builtin)
    ctx.load_dialect(Hlscpp)
    module = Parser(ctx, mlir).parse_module()
    module.verify()
    return print_source(module, inline_roms=True).source


# --- Golden text --------------------------------------------------------------------------------------------


def test_project_text() -> None:
    def build() -> None:
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

    printed = kernel(build)
    assert printed.top == "net"
    assert printed.weights == {}
    assert (
        printed.header
        == """\
#ifndef NET_H
#define NET_H

#include "ap_int.h"

void net(const ap_int<8> x[4], ap_int<8> y[2]);

#endif
"""
    )
    rom = """
        {1, -2, 3, 4},
        {-1, 2, -3, 0},
"""
    source = """\
#include "net.h"

// 4 -> 2
// step 1/8
static void fc1(const ap_int<8> x[4], ap_int<8> y[2]) {
#pragma HLS INLINE off
    static const signed char fc1_kernel[2][4] = {ROM    };
#pragma HLS ARRAY_PARTITION variable=fc1_kernel type=cyclic factor=2 dim=2
#pragma HLS BIND_STORAGE variable=fc1_kernel type=rom_1p impl=lutram
    OUT: for (int j = 0; j < 2; j++) {
#pragma HLS PIPELINE II=1
        ap_int<13> acc = 0;
        IN: for (int i = 0; i < 4; i++) {
#pragma HLS UNROLL
            acc += x[i] * ap_int<4>(fc1_kernel[j][i]);
        }
        y[j] = acc >> 5;
    }
}

void net(const ap_int<8> x[4], ap_int<8> y[2]) {
#pragma HLS INTERFACE mode=ap_memory port=x
#pragma HLS INTERFACE mode=ap_ctrl_hs port=return
#pragma HLS DATAFLOW
    fc1(x, y);
}
"""
    assert printed.source == source.replace("ROM", rom)
    apart = kernel(build, inline_roms=False)
    assert apart.source == source.replace("ROM", '\n#include "weights/fc1_kernel.inc"\n')
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
    "a + ap_int<32>(-2147483648LL)": lambda a, c: a() + -(2**31),
    "a + ap_uint<31>(2147483647)": lambda a, c: a() + (2**31 - 1),
    "c | ap_uint<64>(0xfffffffffffffffeULL)": lambda a, c: c() | (2**64 - 2),
    "a + ap_int<64>(-9223372036854775807LL - 1)": lambda a, c: a() + -(2**63),
}


@pytest.mark.parametrize("expected", EXPRESSIONS)
def test_expressions(expected: str) -> None:
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

    assert (
        kernel(build).source
        == """\
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
    )


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


@pytest.mark.parametrize(
    ("codes", "element", "c"),
    [
        ([-128, 127], S8, "signed char w[2] = {-128, 127};"),
        ([0, 255], U8, "unsigned char w[2] = {0, 255};"),
        ([0, 127], U8, "signed char w[2] = {0, 127};"),
        ([-129, 255], IntType(9), "short w[2] = {-129, 255};"),
        ([0, 40000], IntType(16, False), "int w[2] = {0, 40000};"),
        ([-(2**31), 1], IntType(32), "int w[2] = {-2147483648LL, 1};"),
        ([0, 2**32 - 1], IntType(32, False), "long long w[2] = {0, 4294967295LL};"),
        ([-(2**63), -1], IntType(64), "long long w[2] = {-9223372036854775807LL - 1, -1};"),
        ([0, 2**32 - 1], IntType(36, False), "unsigned long long w[2] = {0x000000000ULL, 0x0ffffffffULL};"),
        (
            [5, 2**64 - 1],
            IntType(64, False),
            "unsigned long long w[2] = {0x0000000000000005ULL, 0xffffffffffffffffULL};",
        ),
    ],
)
def test_constant_arrays_are_of_the_smallest_c_type(codes: list[int], element: IntType, c: str) -> None:
    def write(y: b.Array) -> None:
        dtype = np.int64 if element.signed else np.uint64
        w = b.rom("w", np.array(codes, dtype), element)
        with b.loop(None, 2) as i:
            y[i] = w[i]

    assert body(write, y=b.array(element, 2)).splitlines()[0] == f"    static const {c}"


def test_constant_arrays_wrap_and_nest() -> None:
    codes = np.arange(2 * 2 * 40).reshape(2, 2, 40)

    def write(y: b.Array) -> None:
        y[0] = b.rom("w", codes, U8)[0, 0, 0]
        y[1] = b.rom("v", codes[0, 0], U8)[0]

    lines = body(write, y=b.array(U8, 2)).splitlines()
    assert max(map(len, lines)) <= 110
    listed = "".join(lines[1 : lines.index("    };")])
    assert eval(f"[{listed}]".replace("{", "[").replace("}", "]")) == codes.tolist()
    assert lines[:4] == [
        "    static const unsigned char w[2][2][40] = {",
        "        {",
        "            {",
        "                " + ", ".join(map(str, range(26))) + ",",
    ]
    assert lines[-4].startswith("        0, 1, 2, 3,")
    assert lines[-4].endswith(",")
    assert lines[-3].endswith("39")


def test_names() -> None:
    source = text("""
      !s8 = !hlscpp.int<8, signed>
      hlscpp.func @"conv2d/int"(%int : memref<2x!s8>, %a-b : memref<2x!s8>, %OUT : memref<2x!s8>) {
        %w = hlscpp.rom dense<[1, 2]> : tensor<2xi8> as memref<2x!s8>
        hlscpp.for %i = 0 to 2 label "OUT" {
          hlscpp.for %ap_int = 0 to 2 label "BIAS" {
            %0 = hlscpp.load %int[%i] : memref<2x!s8>
            %w_ = hlscpp.load %w[%ap_int] : memref<2x!s8>
            hlscpp.store %0, %a-b[%ap_int] : memref<2x!s8>
            hlscpp.store %w_, %OUT[%ap_int] : memref<2x!s8>
          }
        }
        hlscpp.for %i = 0 to 2 label "OUT" {
        }
      }
      hlscpp.func @net(%net : memref<2x!s8>, %b : memref<2x!s8>, %class : memref<2x!s8>) top {
        hlscpp.call @"conv2d/int"(%net, %b, %class) : memref<2x!s8>, memref<2x!s8>, memref<2x!s8>
      }
    """)
    assert (
        source
        == """\
#include "net.h"

static void conv2d_int(const ap_int<8> int_1[2], ap_int<8> a_b[2], ap_int<8> OUT[2]) {
    static const signed char w[2] = {1, 2};
    OUT_1: for (int i = 0; i < 2; i++) {
        BIAS_1: for (int n_ap_int = 0; n_ap_int < 2; n_ap_int++) {
            const ap_int<8> w_1 = w[n_ap_int];
            a_b[n_ap_int] = int_1[i];
            OUT[n_ap_int] = w_1;
        }
    }
    OUT_2: for (int i = 0; i < 2; i++) {
    }
}

void net(const ap_int<8> net_1[2], ap_int<8> b[2], ap_int<8> class_1[2]) {
    conv2d_int(net_1, b, class_1);
}
"""
    )


def test_weights_of_one_name_go_to_different_files() -> None:
    def build() -> None:
        for name in ("fc1", "fc2"):
            with b.function(name, ("y", b.array(S8, 1))) as (_, (y,)):
                y[0] = b.rom("kernel", np.array([len(name)]), S8)[0]
        with b.function("net", ("y", b.array(S8, 1)), ("z", b.array(S8, 1)), top=True) as (_, (y, z)):
            b.call("fc1", y)
            b.call("fc2", z)

    printed = kernel(build, inline_roms=False)
    assert printed.weights == {"weights/kernel.inc": "3\n", "weights/kernel_1.inc": "3\n"}
    assert [line for line in printed.source.splitlines() if "include" in line] == [
        '#include "net.h"',
        '#include "weights/kernel.inc"',
        '#include "weights/kernel_1.inc"',
    ]


def test_functions_out_of_reach_are_left_out_and_there_is_one_top() -> None:
    def build() -> None:
        for name in ("net", "unused"):
            with b.function(name, top=name == "net"):
                pass

    assert kernel(build).source == '#include "net.h"\n\nvoid net() {\n}\n'
    with pytest.raises(ValueError, match="is marked top, found 0"):
        print_source(ModuleOp([]), inline_roms=True)


# --- Compiled programs --------------------------------------------------------------------------------------

REPOSITORY = Path(__file__).parents[2]
STAND_IN = REPOSITORY / "qdialect" / "backends" / "hls" / "sim"
HEADERS = {
    "stand-in": (STAND_IN, "-DAPX_CHECK"),
    "stand-in, synthesis view": (STAND_IN, "-D__SYNTHESIS__"),
    "vendor": (None, "-O0"),
}
WARNINGS = "-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wno-unknown-pragmas -Wno-unused-label -Werror"


def compiler(headers: str) -> list[str]:
    directory, flag = HEADERS[headers]
    if directory is None:
        spec = find_spec("da4ml")
        assert spec is not None
        assert spec.origin is not None
        directory = Path(spec.origin).parent / "codegen" / "hls" / "source" / "ap_types" / "include"
    return ["g++", "-std=c++11", flag, *WARNINGS.split(), "-isystem", str(directory)]


def run(module: ModuleOp, headers: str, directory: Path, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Compile the module with all warnings as errors, and run its top function."""
    module.verify()
    printed = print_source(module, inline_roms=False)
    for path, content in {
        f"{printed.top}.h": printed.header,
        f"{printed.top}.cpp": printed.source,
        **printed.weights,
    }.items():
        (directory / path).parent.mkdir(exist_ok=True)
        (directory / path).write_text(content)
    top = next(op for op in module.ops if isinstance(op, FuncOp) and op.top is not None)
    main, words, results = "", list[int](), dict[str, tuple[int, ...]]()
    for argument in top.args:
        name, type = argument.name_hint, array_type(argument)
        assert name is not None
        shape, word = type.get_shape(), "long long" if type.element_type.signed else "unsigned long long"
        size, spec = int(np.prod(shape)), "%lld" if type.element_type.signed else "%llu"
        main += f"  static {c_type(type.element_type)} {name}{''.join(f'[{n}]' for n in shape)};\n"
        if not is_written(argument):
            words += inputs[name].ravel().tolist()
            main += f"  for (int i = 0; i < {size}; i++) {{\n    {word} v;\n"
            main += f'    if (std::scanf("{spec}", &v) != 1) return 1;\n'
            main += f"    (&{name}{'[0]' * len(shape)})[i] = {c_type(type.element_type)}(v);\n  }}\n"
        else:
            results[name] = shape
    main += f"  {printed.top}({', '.join(argument.name_hint or '' for argument in top.args)});\n"
    for name, shape in results.items():
        main += f"  for (int i = 0; i < {int(np.prod(shape))}; i++)\n"
        main += f'    std::printf("%lld\\n", (&{name}{"[0]" * len(shape)})[i].to_int64());\n'
    text = f'#include "{printed.top}.cpp"\n#include <cstdio>\nint main() {{\n{main}  return 0;\n}}\n'
    (directory / "main.cpp").write_text(text)
    subprocess.run([*compiler(headers), "main.cpp", "-o", "main"], cwd=directory, check=True)
    done = subprocess.run(
        [directory / "main"], input=" ".join(map(str, words)), capture_output=True, text=True, check=True
    )
    numbers = iter(map(int, done.stdout.split()))
    return {
        name: np.array(list(itertools.islice(numbers, int(np.prod(shape))))).reshape(shape)
        for name, shape in results.items()
    }


def dense(kernel: np.ndarray, bias: np.ndarray) -> None:
    """y = relu(kernel @ x + bias), saturated to 8 bits."""
    acc_type = IntType(18)
    with b.function("dense", ("x", b.array(S8, 20)), ("y", b.array(U8, 6))) as (_, (x, y)):
        w = b.rom("dense_kernel", kernel, IntType(6))
        offsets = b.rom("dense_bias", bias, IntType(12))
        directives.array_partition(w, dim=0)
        with b.loop("OUT", 6) as j:
            directives.pipeline(ii=1)
            acc = b.variable("acc", acc_type, offsets[j].cast(acc_type))
            with b.loop("IN", 20) as i:
                directives.unroll()
                acc.set((acc.get() + x[i] * w[j, i]).cast(acc_type))
            total = (acc.get() >> 2).named("total")
            positive = b.select(total > 0, total, b.constant(0, acc_type))
            y[j] = b.select(positive > 255, b.constant(255, acc_type), positive).cast(U8)


def conv(kernel: np.ndarray) -> None:
    """Two input and three output channels, 3 x 3, stride 2, zero padding of 1 on top and left."""
    acc_type = IntType(15)
    with b.function("conv", ("x", b.array(U4, 6, 6, 2)), ("y", b.array(acc_type, 3, 3, 3))) as (_, (x, y)):
        w = b.rom("conv_kernel", kernel, IntType(5))
        with b.loop("ROW", 3) as r, b.loop("COLUMN", 3) as c, b.loop("FILTER", 3) as f:
            directives.pipeline(ii=1)
            acc = b.variable("acc", acc_type, 0)
            with b.loop("KERNEL_ROW", 3) as u, b.loop("KERNEL_COLUMN", 3) as v:
                row, column = (2 * r + u - 1).named("row"), (2 * c + v - 1).named("column")
                with b.when((row >= 0) & (column >= 0)), b.loop("CHANNEL", 2) as k:
                    acc.set((acc.get() + x[row, column, k] * w[u, v, k, f]).cast(acc_type))
            y[r, c, f] = acc.get()


def binary_dense(words: np.ndarray, thresholds: np.ndarray) -> None:
    """One bit per output: no more mismatches than its threshold."""
    word, count = IntType(64, False), IntType(8, False)
    with b.function("binary_dense", ("x", b.array(word, 2)), ("y", b.array(BIT, 7))) as (_, (x, y)):
        w = b.rom("binary_kernel", words, word)
        t = b.rom("binary_thresholds", thresholds, IntType(7, False))
        with b.loop("OUT", 7) as j:
            mismatches = b.variable("mismatches", count, 0)
            with b.loop("WORD", 2) as i:
                mismatches.set((mismatches.get() + b.popcount(x[i] ^ w[j, i])).cast(count))
            y[j] = mismatches.get() <= t[j]


@pytest.mark.parametrize("headers", HEADERS)
def test_kernels_equal_numpy(headers: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(-128, 128, 20)
    kernel, bias = rng.integers(-32, 32, (6, 20)), rng.integers(-2048, 2048, 6)
    image, filters = rng.integers(0, 16, (6, 6, 2)), rng.integers(-16, 16, (3, 3, 2, 3))
    bits, weight_bits = rng.integers(0, 2, 100), rng.integers(0, 2, (7, 100))
    thresholds = rng.integers(46, 54, 7)

    def pack(signs: np.ndarray) -> np.ndarray:
        padded = np.zeros((*signs.shape[:-1], 128), np.uint8)
        padded[..., : signs.shape[-1]] = signs
        return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)

    module = ModuleOp([])
    with ImplicitBuilder(module.body):
        dense(kernel, bias)
        conv(filters)
        binary_dense(pack(weight_bits), thresholds)
        ports = {
            "x1": b.array(S8, 20), "y1": b.array(U8, 6),
            "x2": b.array(U4, 6, 6, 2), "y2": b.array(IntType(15), 3, 3, 3),
            "x3": b.array(IntType(64, False), 2), "y3": b.array(BIT, 7),
        }  # fmt: skip
        with b.function("net", *ports.items(), top=True) as (_, (x1, y1, x2, y2, x3, y3)):
            directives.dataflow()
            b.call("dense", x1, y1)
            b.call("conv", x2, y2)
            b.call("binary_dense", x3, y3)
    results = run(module, headers, tmp_path, x1=x, x2=image, x3=pack(bits))

    assert (results["y1"] == np.clip((kernel @ x + bias) >> 2, 0, 255)).all()
    padded = np.pad(image, ((1, 0), (1, 0), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))[::2, ::2]
    assert (results["y2"] == np.einsum("rckuv,uvkf->rcf", windows, filters)).all()
    assert (results["y3"] == ((bits != weight_bits).sum(axis=1) <= thresholds)).all()


S5, WIDE = IntType(5), IntType(40)
OPERATORS: list[tuple[Callable[[b.Value, b.Value], b.Value], Callable[[int, int], int]]] = [
    (lambda a, c: a + c, lambda a, c: a + c),
    (lambda a, c: a - c, lambda a, c: a - c),
    (lambda a, c: c - a, lambda a, c: c - a),
    (lambda a, c: a * c, lambda a, c: a * c),
    (lambda a, c: -a, lambda a, c: -a),
    (lambda a, c: -c, lambda a, c: -c),
    (lambda a, c: a & c, lambda a, c: a & c),
    (lambda a, c: a | c, lambda a, c: a | c),
    (lambda a, c: a ^ c, lambda a, c: a ^ c),
    (lambda a, c: ~a, lambda a, c: ~a),
    (lambda a, c: ~c, lambda a, c: 15 - c),
    (lambda a, c: a.cast(IntType(20)) << c, lambda a, c: a << c),
    (lambda a, c: a >> c, lambda a, c: a >> c),
    (lambda a, c: c >> 1, lambda a, c: c >> 1),
    (lambda a, c: a < c, lambda a, c: a < c),
    (lambda a, c: a <= c, lambda a, c: a <= c),
    (lambda a, c: a > c, lambda a, c: a > c),
    (lambda a, c: a >= c, lambda a, c: a >= c),
    (lambda a, c: a.eq(c), lambda a, c: a == c),
    (lambda a, c: a.ne(c), lambda a, c: a != c),
    (lambda a, c: (a < 3).eq(c > 4), lambda a, c: (a < 3) == (c > 4)),
    (lambda a, c: (a < 3) + (c > 4) + 1, lambda a, c: (a < 3) + (c > 4) + 1),
    (lambda a, c: ~(a < 3), lambda a, c: a >= 3),
    (lambda a, c: b.select(a < c, a + c, a - c), lambda a, c: a + c if a < c else a - c),
    (lambda a, c: b.select((a < 0) | (c < 7), a, c.cast(S5)), lambda a, c: a if a < 0 or c < 7 else c),
    (lambda a, c: b.select(a.eq(-16), b.constant(-16, S5), a), lambda a, c: a),
    (lambda a, c: b.select(a < c, a < 3, a > 3), lambda a, c: a < 3 if a < c else a > 3),
    (lambda a, c: b.select(a.bit(1), a, c.cast(S5)), lambda a, c: a if a >> 1 & 1 else c),
    (lambda a, c: b.select(a.bit(1), a.bit(2), c.bit(2)), lambda a, c: (a if a >> 1 & 1 else c) >> 2 & 1),
    (lambda a, c: a.bit(4) + (a + c).bit(0), lambda a, c: (a < 0) + (a + c & 1)),
    (lambda a, c: a.bit(0).eq(c.bit(0)), lambda a, c: (a ^ c) & 1 == 0),
    (lambda a, c: b.popcount(c), lambda a, c: c.bit_count()),
    (lambda a, c: b.popcount(c.cast(IntType(70, False)) * 3), lambda a, c: (c * 3).bit_count()),
    (lambda a, c: (a + 2**31) - 2**31, lambda a, c: a),
    (lambda a, c: (a * 1 + -(2**31)) * 2, lambda a, c: 2 * (a - 2**31)),
]


@pytest.mark.parametrize("headers", HEADERS)
def test_operators_equal_python(headers: str, tmp_path: Path) -> None:
    pairs = list(itertools.product(range(-16, 16), range(8)))
    module = ModuleOp([])
    ports = {"a": b.array(S5, len(pairs)), "c": b.array(U4, len(pairs))}
    result = b.array(WIDE, len(OPERATORS), len(pairs))
    with ImplicitBuilder(module.body), b.function("net", *ports.items(), ("y", result), top=True) as (_, (a, c, y)):
        with b.loop("PAIR", len(pairs)) as i:
            for k, (operator, _) in enumerate(OPERATORS):
                y[k, i] = operator(a[i], c[i]).cast(WIDE)
    columns = np.array(pairs)
    results = run(module, headers, tmp_path, a=columns[:, 0], c=columns[:, 1])
    expected = [[int(reference(*pair)) for pair in pairs] for _, reference in OPERATORS]
    assert results["y"].tolist() == expected


@pytest.mark.parametrize("headers", ["stand-in", "vendor"])
def test_result_types_are_those_of_ap_int(headers: str, tmp_path: Path) -> None:
    operators = {AddOp: "+", SubOp: "-", MulOp: "*", AndOp: "&", OrOp: "|", XorOp: "^"}
    types = [S5, S8, IntType(33), BIT, U8, IntType(33, False)]
    checks = list[str]()

    def check(expression: str, type: object) -> None:
        assert isinstance(type, IntType)
        checks.append(f'static_assert(std::is_same<decltype({expression}), {c_type(type)}>::value, "");')

    for lhs in types:
        value = f"std::declval<const {c_type(lhs)} &>()"
        check(f"-{value}", NegOp.infer(lhs))
        check(f"~{value}", NotOp.infer(lhs))
        check(f"{value} << 3", ShlOp.infer(lhs, U8))
        check(f"{value} >> std::declval<const ap_uint<8> &>()", ShrOp.infer(lhs, U8))
        for rhs in types:
            for op, operator in operators.items():
                check(f"{value} {operator} std::declval<const {c_type(rhs)} &>()", op.infer(lhs, rhs))
    source = "\n".join(['#include "ap_int.h"', "#include <type_traits>", "#include <utility>", *checks])
    (tmp_path / "types.cpp").write_text(source + "\n")
    subprocess.run([*compiler(headers), "-fsyntax-only", "types.cpp"], cwd=tmp_path, check=True)
