"""The `hlscpp` dialect: round trips, growth rules, effects."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from loops_text import OPS, context, parse, top
from xdsl.printer import Printer
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination
from xdsl.transforms.dead_code_elimination import DeadCodeElimination
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.dialect import Hlscpp
from qdialect.dialects.hlscpp.expressions import AddOp, AndOp, MulOp, NegOp, OrOp, SubOp, XorOp
from qdialect.dialects.hlscpp.types import IntType


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


@pytest.mark.parametrize(("width", "signed"), [(0, False), (1, True), (4097, False)])
def test_illegal_widths(width: int, signed: bool) -> None:
    with pytest.raises(VerifyException, match=r"signed hlscpp.int has [12] to 4096 bits, got"):
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
