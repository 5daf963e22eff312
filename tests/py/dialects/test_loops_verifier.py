"""Every message of the verifiers and the parser of the `hlscpp` dialect."""

from __future__ import annotations

import re

import pytest
from loops_text import parse, plain, streams, top
from xdsl.utils.exceptions import ParseError, VerifyException

WIDE = "(!s8, !u5) -> !s8"
INVALID = {
    # expressions
    "add of !hlscpp.int<8, signed> and !hlscpp.int<5, unsigned> is !hlscpp.int<9, signed>, not": top(
        f"%r = hlscpp.add %s8, %u5 : {WIDE}"
    ),
    "hlscpp.mul does not take !hlscpp.int<8, signed> and index": top("%r = hlscpp.mul %s8, %i2 : (!s8, index) -> !s8"),
    "hlscpp.and does not take index and index": top("%r = hlscpp.and %i2, %i2 : (index, index) -> index"),
    "hlscpp.shl takes an index or an unsigned amount, not !hlscpp.int<4, signed>": top(
        "%r = hlscpp.shl %s8, %s4 : (!s8, !s4) -> !s8"
    ),
    "hlscpp.shr does not take index": top("%r = hlscpp.shr %i2, %i2 : (index, index) -> index"),
    "hlscpp.bit takes an integer and an index, not !hlscpp.int<8, signed> and !hlscpp.int<5, unsigned>": top(
        "%r = hlscpp.bit %s8, %u5 : (!s8, !u5) -> !bit"
    ),
    "hlscpp.bit 4 is outside of !hlscpp.int<4, signed>": top(
        "%k = hlscpp.constant 4 : index\n %r = hlscpp.bit %s4, %k : (!s4, index) -> !bit"
    ),
    "hlscpp.bit of !hlscpp.int<4, signed> and index is !hlscpp.int<1, unsigned>, not !hlscpp.int<4": top(
        "%r = hlscpp.bit %s4, %i2 : (!s4, index) -> !s4"
    ),
    "hlscpp.popcount counts the bits of an unsigned integer, not !hlscpp.int<8, signed>": top(
        "%r = hlscpp.popcount %s8 : (!s8) -> !s4"
    ),
    "hlscpp.count takes two bits or more, not !hlscpp.int<1, unsigned>": top(
        "%c = hlscpp.cmp lt %s8, %s4 : (!s8, !s4) -> !bit\n%r = hlscpp.count %c : (!bit) -> !bit"
    ),
    "hlscpp.cmp does not take index and !hlscpp.int<8, signed>": top(
        "%r = hlscpp.cmp eq %i2, %s8 : (index, !s8) -> !bit"
    ),
    "hlscpp.cmp is one of eq, ne, lt, le, gt, ge, not about": top(
        '%r = "hlscpp.cmp"(%s8, %s8) <{predicate = "about"}> : (!s8, !s8) -> !bit'
    ),
    "hlscpp.select chooses between values of one type": top(
        "%c = hlscpp.cmp lt %s8, %s4 : (!s8, !s4) -> !bit\n%r = hlscpp.select %c, %s8, %s4 : (!bit, !s8, !s4) -> !s8"
    ),
    "hlscpp.cast to an index takes unsigned integers to 31 bits, not !hlscpp.int<8, signed>": top(
        "%r = hlscpp.cast %s8 : (!s8) -> index"
    ),
    "8 does not fit !hlscpp.int<4, signed>": top("%r = hlscpp.constant 8 : !s4"),
    "18446744073709551616 does not fit": top("%r = hlscpp.constant 18446744073709551616 : !hlscpp.int<64, unsigned>"),
    "2147483648 does not fit index": top("%r = hlscpp.constant 2147483648 : index"),
    # memory
    "hlscpp.load needs 1 indices into memref<4x!hlscpp.int<8, signed>>": top(
        "%r = hlscpp.load %x[%i2, %i2] : memref<4x!s8>"
    ),
    "hlscpp.load index 4 is outside of memref<4x!hlscpp.int<8, signed>>": top(
        "%k = hlscpp.constant 4 : index\n %r = hlscpp.load %x[%k] : memref<4x!s8>"
    ),
    "hlscpp.load from memref<4x!hlscpp.int<8, signed>> does not give !hlscpp.int<4, signed>": top(
        '%r = "hlscpp.load"(%x, %i2) : (memref<4x!s8>, index) -> !s4'
    ),
    "hlscpp.store of !hlscpp.int<4, signed> into memref<4x!hlscpp.int<8, signed>> needs a cast": top(
        '"hlscpp.store"(%s4, %y, %i2) : (!s4, memref<4x!s8>, index) -> ()'
    ),
    "hlscpp.store into a constant array": top(
        "%w = hlscpp.rom dense<0> : tensor<4xi8> as memref<4x!s8>\n hlscpp.store %s8, %w[%i2] : memref<4x!s8>"
    ),
    "hlscpp.rom stores i8, i16, i32 or i64, not i5": top("%w = hlscpp.rom dense<0> : tensor<4xi5> as memref<4x!s4>"),
    "hlscpp.rom of tensor<4xi8> as memref<2x!hlscpp.int<4, signed>>: the shapes differ": top(
        "%w = hlscpp.rom dense<0> : tensor<4xi8> as memref<2x!s4>"
    ),
    "hlscpp.rom is an array: use hlscpp.constant": top("%w = hlscpp.rom dense<0> : tensor<i8> as memref<!s4>"),
    "hlscpp.rom values from -9 to 1 do not fit !hlscpp.int<4, signed>": top(
        "%w = hlscpp.rom dense<[1, -9]> : tensor<2xi8> as memref<2x!s4>"
    ),
    "hlscpp.rom values from 2 to 255 do not fit !hlscpp.int<5, unsigned>": top(
        "%w = hlscpp.rom dense<[2, -1]> : tensor<2xi8> as memref<2x!u5>"
    ),
    "constant shape, plain layout, got memref<?x!hlscpp.int": top("%a = hlscpp.local : memref<?x!s8>"),
    "plain layout, got memref<4x!hlscpp.int<8, signed>, 1 : i8>": top("%a = hlscpp.local : memref<4x!s8, 1 : i8>"),
    # control
    "hlscpp.for from 2 to 2 never runs": top("hlscpp.for %i = 2 to 2 {}"),
    "hlscpp.for has one index as block argument": top(
        '"hlscpp.for"() <{lower = #builtin.int<0>, upper = #builtin.int<1>}> ({^bb0(%i : !s8):}) : () -> ()'
    ),
    "there is no hlscpp.func @nobody": plain("hlscpp.call @nobody()"),
    "@net is the top function": top("") + "hlscpp.func @f() { hlscpp.call @net() }",
    "@copy takes (memref<4x!hlscpp.int<8, signed>>, memref<4x!hlscpp.int<8, signed>>), not ()": plain(
        "hlscpp.call @copy()"
    ),
    "an array or stream is passed to @copy twice": plain("hlscpp.call @copy(%x, %x) : memref<4x!s8>, memref<4x!s8>"),
    "a constant array is passed to @copy": plain(
        "%w = hlscpp.rom dense<0> : tensor<4xi8> as memref<4x!s8>\n"
        "hlscpp.call @copy(%w, %y) : memref<4x!s8>, memref<4x!s8>"
    ),
    "@ping is recursive": """
        hlscpp.func @f() { hlscpp.call @ping() }
        hlscpp.func @ping() { hlscpp.call @pong() }
        hlscpp.func @pong() { hlscpp.call @ping() }
    """,
    # pragmas
    "hlscpp.unroll belongs in hlscpp.for, not in hlscpp.func": plain("hlscpp.unroll"),
    "hlscpp.inline belongs in hlscpp.func, not in hlscpp.for": plain("hlscpp.for %i = 0 to 2 { hlscpp.inline }"),
    "hlscpp.pipeline belongs in hlscpp.func or hlscpp.for, not in builtin.module": "hlscpp.pipeline ii = 1",
    "hlscpp.pipeline given twice in one block": plain("hlscpp.pipeline ii = 1\n hlscpp.pipeline ii = 2"),
    "hlscpp.pipeline ii is at least 1, got 0": plain("hlscpp.pipeline ii = 0"),
    "hlscpp.pipeline and hlscpp.dataflow exclude each other": plain("hlscpp.pipeline ii = 1\n hlscpp.dataflow"),
    "hlscpp.pipeline beneath hlscpp.pipeline": plain(
        "hlscpp.pipeline ii = 1\n hlscpp.for %i = 0 to 2 { hlscpp.pipeline ii = 1 }"
    ),
    "hlscpp.unroll beneath hlscpp.pipeline": plain(
        "hlscpp.pipeline ii = 1\n hlscpp.for %i = 0 to 4 { hlscpp.unroll factor = 2 }"
    ),
    "hlscpp.unroll factor is at least 2, got 1": plain("hlscpp.for %i = 0 to 4 { hlscpp.unroll factor = 1 }"),
    "hlscpp.interface belongs in the top function": plain("hlscpp.interface %x mode = ap_memory : memref<4x!s8>"),
    "hlscpp.interface of the return port belongs in the top function": plain("hlscpp.interface mode = ap_ctrl_hs"),
    "hlscpp.interface is about an argument of the top function": top(
        "%a = hlscpp.local : memref<4x!s8>\n hlscpp.interface %a mode = ap_memory : memref<4x!s8>"
    ),
    "hlscpp.interface knows ap_memory, bram,": top("hlscpp.interface %x mode = ap_ctrl_hs : memref<4x!s8>"),
    "hlscpp.interface knows ap_ctrl_none,": top("hlscpp.interface mode = ap_memory"),
    "hlscpp.array_partition knows complete, block, cyclic, not 'half'": plain(
        "hlscpp.array_partition %x kind = half, dim = 1 : memref<4x!s8>"
    ),
    "hlscpp.array_partition dim 2 is not a dimension of memref<4x!hlscpp.int<8, signed>>": plain(
        "hlscpp.array_partition %x kind = complete, dim = 2 : memref<4x!s8>"
    ),
    "hlscpp.array_partition dim 0 is not a dimension of memref<!hlscpp.int<8, signed>>": plain(
        "%v = hlscpp.local : memref<!s8>\nhlscpp.array_partition %v kind = complete, dim = 0 : memref<!s8>"
    ),
    "hlscpp.array_partition takes a factor for block and cyclic, none for complete": plain(
        "hlscpp.array_partition %x kind = complete, factor = 2, dim = 1 : memref<4x!s8>"
    ),
    "hlscpp.array_reshape takes a factor for block and cyclic, none for complete": plain(
        "hlscpp.array_reshape %x kind = cyclic, dim = 1 : memref<4x!s8>"
    ),
    "hlscpp.array_reshape factor is at least 2, got 1": plain(
        "hlscpp.array_reshape %x kind = block, factor = 1, dim = 1 : memref<4x!s8>"
    ),
    "hlscpp.array_partition factor 3 does not divide the size 4": plain(
        "hlscpp.array_partition %x kind = cyclic, factor = 3, dim = 0 : memref<4x!s8>"
    ),
    "hlscpp.array_partition splits a dimension that hlscpp.array_reshape splits": plain(
        "hlscpp.array_partition %x kind = complete, dim = 0 : memref<4x!s8>\n"
        "hlscpp.array_reshape %x kind = complete, dim = 1 : memref<4x!s8>"
    ),
    "hlscpp.bind_storage is not for arguments of the top function": top(
        "hlscpp.bind_storage %x type = ram_1p, impl = auto : memref<4x!s8>"
    ),
    "hlscpp.bind_storage knows fifo, ram_1p,": plain(
        "%a = hlscpp.local : memref<4x!s8>\n hlscpp.bind_storage %a type = rom_1p, impl = auto : memref<4x!s8>"
    ),
    "hlscpp.bind_storage knows rom_1p, rom_2p, rom_np, not 'ram_1p'": plain(
        "%w = hlscpp.rom dense<0> : tensor<4xi8> as memref<4x!s8>\n"
        "hlscpp.bind_storage %w type = ram_1p, impl = auto : memref<4x!s8>"
    ),
    "hlscpp.bind_storage knows auto, bram,": plain(
        "%a = hlscpp.local : memref<4x!s8>\n hlscpp.bind_storage %a type = ram_1p, impl = dsp : memref<4x!s8>"
    ),
    # dataflow
    "hlscpp.for in a dataflow region": plain("hlscpp.dataflow\n hlscpp.for %i = 0 to 2 {}"),
    "a local of a dataflow region has one writing and one later reading process": plain(
        "hlscpp.dataflow\n %a = hlscpp.local : memref<4x!s8>\n"
        "hlscpp.call @copy(%a, %y) : memref<4x!s8>, memref<4x!s8>\n"
        "hlscpp.call @copy(%x, %a) : memref<4x!s8>, memref<4x!s8>"
    ),
    "an argument written in a dataflow region, or a stream, belongs to one process": plain(
        "hlscpp.dataflow\n %a = hlscpp.local : memref<4x!s8>\n"
        "hlscpp.call @copy(%x, %y) : memref<4x!s8>, memref<4x!s8>\n"
        "hlscpp.call @copy(%y, %a) : memref<4x!s8>, memref<4x!s8>\n"
        "hlscpp.call @copy(%a, %x) : memref<4x!s8>, memref<4x!s8>"
    ),
    # streams
    "hlscpp.write takes an hlscpp.beat or what hlscpp.read gave": streams(
        "%a = hlscpp.local : memref<4x!s8>\n hlscpp.write %a, %t : !s"
    ),
    "hlscpp.read of !hlscpp.stream<4 of !hlscpp.int<8, signed>> gives memref<4x!hlscpp.int<8": streams(
        '%b = "hlscpp.read"(%s) : (!s) -> memref<2x!s8>'
    ),
    "into !hlscpp.stream<4 of !hlscpp.int<8, signed>> takes memref<4x!hlscpp.int<8, signed>>, not": streams(
        '%b = hlscpp.beat : memref<2x!s8>\n "hlscpp.write"(%b, %t) : (memref<2x!s8>, !s) -> ()'
    ),
    "hlscpp.stream depth is at least 1, got 0": streams("%f = hlscpp.fifo : !s\n hlscpp.stream %f depth = 0 : !s"),
    "hlscpp.stream is about a local stream, not an argument": streams("hlscpp.stream %s depth = 2 : !s"),
    "hlscpp.stream given twice for one stream": streams(
        "%f = hlscpp.fifo : !s\n hlscpp.stream %f depth = 2 : !s\n hlscpp.stream %f depth = 3 : !s"
    ),
    "hlscpp.interface knows axis, ap_fifo, not 'ap_vld'": streams("hlscpp.interface %s mode = ap_vld : !s"),
    "hlscpp.pipeline knows stp, flp, frp, not": plain("hlscpp.pipeline ii = 1, style = fast"),
    "or a stream, belongs to one process": streams(
        "hlscpp.dataflow\n hlscpp.call @drain(%s) : !s\n hlscpp.call @drain(%s) : !s"
    ),
}


@pytest.mark.parametrize("message", INVALID)
def test_verifier_errors(message: str) -> None:
    with pytest.raises(VerifyException, match=re.escape(message)):
        parse(INVALID[message]).verify()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (top("%r = hlscpp.cmp about %s8, %s8 : (!s8, !s8) -> !bit"), "Expected one of"),
        (top("hlscpp.store %s4, %y[%i2] : memref<4x!s8>"), "operand is used with type"),
        (top("%r = hlscpp.load %x[%i2] : memref<4xi8>"), "expected a memref of hlscpp.int"),
        (top("hlscpp.interface mode = ap_ctrl_hs, ports = 2"), "Expected"),
        ("!t = !hlscpp.int<4, plain>", "Expected one of"),
    ],
)
def test_syntax_errors(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        parse(text)
