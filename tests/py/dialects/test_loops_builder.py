"""The builder of the loop level: it writes the algebra, and nothing that has no effect."""

from __future__ import annotations

import re

import numpy as np
import pytest
from loops_text import parse
from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import MemRefType, ModuleOp, UnrealizedConversionCastOp, i8
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp import directives
from qdialect.dialects.hlscpp.memory import LoadOp, RomOp
from qdialect.dialects.hlscpp.types import INDEX, IntType

DENSE = """
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
"""


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
    assert str(module) == str(parse(DENSE))


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
