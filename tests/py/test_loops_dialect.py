"""The `hlscpp` dialect: round trips, growth rules, every verifier message, effects, and the builder."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, MemRefType, ModuleOp, UnrealizedConversionCastOp, i8
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination
from xdsl.transforms.dead_code_elimination import DeadCodeElimination
from xdsl.utils.exceptions import ParseError, VerifyException

from qdialect.loops import builder as b
from qdialect.loops import directives
from qdialect.loops.dialect import Hlscpp
from qdialect.loops.expressions import AddOp, AndOp, MulOp, NegOp, OrOp, SubOp, XorOp
from qdialect.loops.memory import LoadOp, RomOp
from qdialect.loops.types import INDEX, IntType

OPS = Path(__file__).parents[1] / "lit" / "hlscpp" / "ops.mlir"

ALIASES = """
!s4 = !hlscpp.int<4, signed>
!s8 = !hlscpp.int<8, signed>
!u5 = !hlscpp.int<5, unsigned>
!bit = !hlscpp.int<1, unsigned>
"""

CALLEES = """
hlscpp.func @copy(%x : memref<4x!s8>, %y : memref<4x!s8>) {
  hlscpp.for %i = 0 to 4 {
    %v = hlscpp.load %x[%i] : memref<4x!s8>
    hlscpp.store %v, %y[%i] : memref<4x!s8>
  }
}
"""


def context() -> Context:
    ctx = Context()
    ctx.load_dialect(Builtin)
    ctx.load_dialect(Hlscpp)
    return ctx


def parse(text: str) -> ModuleOp:
    return Parser(context(), text).parse_module()


def top(body: str) -> str:
    """A module whose top function has two arrays and a few values at hand."""
    return f"""{ALIASES}
    hlscpp.func @net(%x : memref<4x!s8>, %y : memref<4x!s8>) top {{
      %i2 = hlscpp.constant 2 : index
      %s4 = hlscpp.constant 3 : !s4
      %s8 = hlscpp.constant 3 : !s8
      %u5 = hlscpp.constant 3 : !u5
      {body}
    }}"""


def plain(body: str) -> str:
    """A module whose function is not the top one and holds nothing but `body`."""
    return f"{ALIASES}{CALLEES}hlscpp.func @f(%x : memref<4x!s8>, %y : memref<4x!s8>) {{\n{body}\n}}"


@pytest.mark.parametrize("generic", [False, True])
def test_round_trip(generic: bool) -> None:
    module = parse(OPS.read_text())
    module.verify()
    stream = StringIO()
    Printer(stream, print_generic_format=generic).print_op(module)
    again = parse(stream.getvalue())
    again.verify()
    assert again.is_structurally_equivalent(module)
    assert str(again) == str(module)
    assert ('"hlscpp.' in stream.getvalue()) == generic


def test_every_operation_is_in_the_round_trip() -> None:
    assert {op.name for op in Hlscpp.operations} == set(re.findall(r"(hlscpp\.\w+)[ \n]", OPS.read_text())) | {
        "hlscpp.local"
    }


def test_locals_round_trip() -> None:
    module = parse(top("%a = hlscpp.local : memref<2x3x!s4>\n %v = hlscpp.local : memref<!s8> {note}"))
    assert parse(str(module)).is_structurally_equivalent(module)


@pytest.mark.parametrize(
    ("low", "high", "width", "signed"),
    [
        (0, 0, 1, False),
        (0, 1, 1, False),
        (0, 255, 8, False),
        (-1, 0, 2, True),
        (-128, 127, 8, True),
        (-129, 0, 9, True),
        (-1, 255, 9, True),
        (-5, -3, 4, True),
        (-(2**70), 1, 71, True),
    ],
)
def test_narrowest_type(low: int, high: int, width: int, signed: bool) -> None:
    assert IntType.of_range(low, high) == IntType(width, signed)


@pytest.mark.parametrize(("width", "signed"), [(0, False), (1, True), (1025, False)])
def test_illegal_widths(width: int, signed: bool) -> None:
    with pytest.raises(VerifyException, match=r"signed hlscpp.int has [12] to 1024 bits, got"):
        IntType(width, signed)


def test_results_hold_every_value_and_no_more_than_ap_int_has() -> None:
    types = [IntType(3), IntType(5), IntType(3, False), IntType(5, False), IntType(1, False)]
    for lhs in types:
        for rhs in types:
            corners = [(x, y) for x in (lhs.minimum, lhs.maximum) for y in (rhs.minimum, rhs.maximum)]
            for op, results in (
                (AddOp, [x + y for x, y in corners]),
                (SubOp, [x - y for x, y in corners]),
                (MulOp, [x * y for x, y in corners]),
                (AndOp, [x & y for x, y in corners]),
                (OrOp, [x | y for x, y in corners]),
                (XorOp, [x ^ y for x, y in corners]),
            ):
                result = op.infer(lhs, rhs)
                assert isinstance(result, IntType)
                assert result.minimum <= min(results) <= max(results) <= result.maximum
        negated = NegOp.infer(lhs)
        assert isinstance(negated, IntType)
        assert negated.minimum <= -lhs.maximum <= -lhs.minimum <= negated.maximum


def streams(body: str) -> str:
    """A module whose top function has two streams at hand."""
    return f"""{ALIASES}
    !s = !hlscpp.stream<4 of !s8>
    hlscpp.func @drain(%s : !s) {{
      %b = hlscpp.read %s : !s
    }}
    hlscpp.func @net(%s : !s, %t : !s) top {{
      {body}
    }}"""


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
    "8 does not fit !hlscpp.int<4, signed> or a 64-bit literal": top("%r = hlscpp.constant 8 : !s4"),
    "18446744073709551616 does not fit": top("%r = hlscpp.constant 18446744073709551616 : !hlscpp.int<70, unsigned>"),
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


def test_unused_values_and_arrays_are_dead_and_equal_expressions_are_one() -> None:
    module = parse(
        top("""
        %dead = hlscpp.local : memref<4x!s8>
        %rom = hlscpp.rom dense<0> : tensor<4xi8> as memref<4x!s8>
        %v = hlscpp.load %x[%i2] : memref<4x!s8>
        %a = hlscpp.mul %v, %v : (!s8, !s8) -> !hlscpp.int<16, signed>
        %b = hlscpp.mul %v, %v : (!s8, !s8) -> !hlscpp.int<16, signed>
        %c = hlscpp.cast %a : (!hlscpp.int<16, signed>) -> !s8
        %d = hlscpp.cast %b : (!hlscpp.int<16, signed>) -> !s8
        hlscpp.store %c, %y[%i2] : memref<4x!s8>
        hlscpp.store %d, %y[%i2] : memref<4x!s8>
        """)
    )
    CommonSubexpressionElimination().apply(context(), module)
    DeadCodeElimination().apply(context(), module)
    names = [op.name.removeprefix("hlscpp.") for op in module.walk()]
    assert names == ["builtin.module", "func", "constant", "load", "mul", "cast", "store", "store"]


# --- Builder ------------------------------------------------------------------------------------------------


def test_builder_writes_the_algebra() -> None:
    module = ModuleOp([])
    s8, acc_type = IntType(8), IntType(12)
    with ImplicitBuilder(module.body):
        with b.function("fc1", ("x", b.array(s8, 4)), ("y", b.array(s8, 2)), comment="dense") as (f, (x, y)):
            w = b.rom("fc1/kernel:0", np.array([[1, -2, 3, 4], [-1, 2, -3, 0]]), IntType(4))
            directives.array_partition(w, "cyclic", dim=2, factor=2)
            with b.loop("OUT", 2, name="j") as j:
                directives.pipeline()
                acc = b.variable("acc", acc_type, 0)
                with b.loop("IN", 4, name="i") as i:
                    directives.unroll()
                    acc.set((acc.get() + x[i] * w[j, i]).cast(acc_type))
                with b.when(j.ne(0)):
                    y[j - 1] = (acc.get() >> 4).cast(s8)
        with b.function("net", ("x", b.array(s8, 4)), ("y", b.array(s8, 2)), top=True) as (_, (x, y)):
            directives.interface(x, "ap_memory")
            directives.interface(None, "ap_ctrl_hs")
            directives.dataflow()
            b.call(f, x, y)
    module.verify()
    expected = parse("""
      !s8 = !hlscpp.int<8, signed>
      !s12 = !hlscpp.int<12, signed>
      !w = memref<2x4x!hlscpp.int<4, signed>>
      hlscpp.func @fc1(%x : memref<4x!s8>, %y : memref<2x!s8>) comment "dense" {
        %fc1_kernel.0 = hlscpp.rom dense<[[1, -2, 3, 4], [-1, 2, -3, 0]]> : tensor<2x4xi8> as !w
        hlscpp.array_partition %fc1_kernel.0 kind = cyclic, factor = 2, dim = 2 : !w
        hlscpp.for %j = 0 to 2 label "OUT" {
          hlscpp.pipeline ii = 1
          %acc = hlscpp.local : memref<!s12>
          %0 = hlscpp.constant 0 : !s12
          hlscpp.store %0, %acc[] : memref<!s12>
          hlscpp.for %i = 0 to 4 label "IN" {
            hlscpp.unroll
            %1 = hlscpp.load %acc[] : memref<!s12>
            %2 = hlscpp.load %x[%i] : memref<4x!s8>
            %3 = hlscpp.load %fc1_kernel.0[%j, %i] : !w
            %4 = hlscpp.mul %2, %3 : (!s8, !hlscpp.int<4, signed>) -> !s12
            %5 = hlscpp.add %1, %4 : (!s12, !s12) -> !hlscpp.int<13, signed>
            %6 = hlscpp.cast %5 : (!hlscpp.int<13, signed>) -> !s12
            hlscpp.store %6, %acc[] : memref<!s12>
          }
          %7 = hlscpp.constant 0 : index
          %8 = hlscpp.cmp ne %j, %7 : (index, index) -> !hlscpp.int<1, unsigned>
          hlscpp.if %8 {
            %9 = hlscpp.load %acc[] : memref<!s12>
            %10 = hlscpp.constant 4 : index
            %11 = hlscpp.shr %9, %10 : (!s12, index) -> !s12
            %12 = hlscpp.cast %11 : (!s12) -> !s8
            %13 = hlscpp.constant 1 : index
            %14 = hlscpp.sub %j, %13 : (index, index) -> index
            hlscpp.store %12, %y[%14] : memref<2x!s8>
          }
        }
      }
      hlscpp.func @net(%x : memref<4x!s8>, %y : memref<2x!s8>) top {
        hlscpp.interface %x mode = ap_memory : memref<4x!s8>
        hlscpp.interface mode = ap_ctrl_hs
        hlscpp.dataflow
        hlscpp.call @fc1(%x, %y) : memref<4x!s8>, memref<2x!s8>
      }
    """)
    assert str(module) == str(expected)


def test_builder_takes_any_argument_names() -> None:
    s8 = IntType(8)
    names = ("name", "top", "comment", "self", "top")
    with b.function("f", *((name, b.array(s8)) for name in names)) as (f, arrays):
        assert [array.ssa.name_hint for array in arrays] == list(names)
    assert f.top is None
    assert f.comment is None


def test_index_arithmetic_without_effect_leaves_no_operation() -> None:
    with b.function("f") as (f, _), b.loop(None, 4) as i:
        zero, one = b.index(0), b.index(1)
        assert all(value is i for value in (i + 0, 0 + i, i - 0, i * 1, 1 * i, i + zero, zero + i, i * one, one * i))
        assert (i + 0).named("row").ssa.name_hint is None
        with directives.unrolled(1, "k") as k:
            row = i * 2 + k * 3
        with directives.unrolled(2, "k") as k:
            row = row + k
    names = [op.name.removeprefix("hlscpp.") for op in f.walk()]
    assert names == ["func", "for", *["constant"] * 4, "mul", "constant", "for", "unroll", "add"]


def test_builder_operators() -> None:
    u4 = IntType(4, signed=False)
    with b.function("f", ("x", b.array(u4, 4))) as (_, (x,)):
        v = x[0]
        types = {
            (1 + v).type: IntType(5, False),
            (3 - v).type: IntType(5),
            (-2 * v).type: IntType(6),
            (v & 1).type: u4,
            (1 | v).type: u4,
            (v ^ -1).type: IntType(5),
            (~v).type: u4,
            (-v).type: IntType(5),
            (v << 2).type: u4,
            (v >> (v & 3)).type: u4,
            v.bit(3).type: IntType(1, False),
            (v < 3).type: IntType(1, False),
            (v <= 3).type: IntType(1, False),
            (v > 3).type: IntType(1, False),
            (v >= 3).type: IntType(1, False),
            v.eq(3).type: IntType(1, False),
            b.popcount(v).type: IntType(3, False),
            b.select(v.ne(3), v, b.constant(7, u4)).type: u4,
            (2 * b.index(1) + 1 - 1).type: INDEX,
            (b.index(np.int64(3)) < 4).type: IntType(1, False),
            v.cast(IntType(6)).type: IntType(6),
        }
        assert v.cast(u4) is v
        assert v.named("first value").ssa.name_hint == "first_value"
        with pytest.raises(TypeError, match="not known in Python"):
            assert v > 3
    assert all(type == expected for type, expected in types.items())


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (np.array([0.5]), "a ROM holds integers, got 1 of float64"),
        (np.array([], np.int8), "a ROM holds integers, got 0 of int8"),
        (np.array([8]), "codes from 8 to 8 do not fit !hlscpp.int<4, signed>"),
    ],
)
def test_rom_refuses(codes: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        b.rom("w", codes, IntType(4))


def test_rom_keeps_64_bit_words() -> None:
    words = np.array([[0, 2**64 - 1], [2**63, 1]], np.uint64)
    op = RomOp.from_array(words, IntType(64, signed=False))
    op.verify()
    assert (op.values() == words).all()
    with pytest.raises(ValueError, match="at most 64 bits per element"):
        RomOp.from_array(words, IntType(65, signed=False))


def test_array_type_of_another_value() -> None:
    other = UnrealizedConversionCastOp(operands=[()], result_types=[[MemRefType(i8, [4])]])
    with pytest.raises(VerifyException, match=r"expected a memref of hlscpp.int, got memref<4xi8>"):
        LoadOp(other.results[0])
