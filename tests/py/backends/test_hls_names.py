"""The C++ printer: constant arrays, names, and which functions are printed."""

from __future__ import annotations

import numpy as np
import pytest
from printed import S8, U8, body, kernel, text
from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.hls.text.printer import print_source
from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp.types import IntType
from qdialect.errors import QdialectError


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


def test_names_are_legal_cpp_identifiers() -> None:
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

static void conv2d_int(const ap_int<8> int_1[2], ap_int<8> a_b[2], ap_int<8> n_OUT[2]) {
    static const signed char w[2] = {1, 2};
    OUT: for (int i = 0; i < 2; i++) {
        BIAS_1: for (int n_ap_int = 0; n_ap_int < 2; n_ap_int++) {
            const ap_int<8> w_1 = w[n_ap_int];
            a_b[n_ap_int] = int_1[i];
            n_OUT[n_ap_int] = w_1;
        }
    }
    OUT_1: for (int i = 0; i < 2; i++) {
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
    with pytest.raises(QdialectError, match="is marked top, found 0"):
        print_source(ModuleOp([]), inline_roms=True)
