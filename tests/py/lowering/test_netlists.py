"""Netlists compute what the interpreter does, code by code."""

from __future__ import annotations

import numpy as np
import pytest
from chains import Network, random_network
from netlists import assert_equal, design
from trained import load_example

import qdialect
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import NearestPo2Attr, RoundAttr
from qdialect.dialects.qnn.ops.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, ReluOp
from qdialect.dialects.qnn.ops.float_steps import DivideOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.errors import QdialectError
from qdialect.lowering.rtl import pointwise
from qdialect.lowering.rtl.cost import varying
from qdialect.lowering.rtl.netlist import Kind, Netlist
from qdialect.numerics.formats import FixedFormat, Po2Format
from qdialect.numerics.quantizers import NearestPo2, Round
from qdialect.numerics.rounding import Overflow, Rounding


@pytest.mark.parametrize("seed", range(60))
def test_chains_of_operations(seed: int) -> None:
    module, _ = random_network(seed)
    assert_equal(module)


def test_digits_mlp() -> None:
    lowered = lower(qdialect.from_keras(load_example("digits_mlp").model))
    made = assert_equal(lowered, "lower-to-rtl{products=tree}")
    names = [op.sym_name.data for op in made.rtl.body.ops]
    assert names == ["fc1", "fc2", "fc3", "fc4", "logits", "digits_mlp"]


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_registers_keep_the_function(seed: int) -> None:
    """Without a clock: a register is what it is given."""
    module, _ = random_network(seed)
    assert_equal(module, "lower-to-rtl", "pipeline-registers{levels=1}")


def test_a_table_of_many_codes() -> None:
    """Of 6,145 codes, no power of two, another one for each of two channels."""
    net, rng = Network((2,), integer := FixedFormat(13, 13, False)), np.random.default_rng(0)
    net.then(MinimumOp(net.value, net.constant(np.full(2, 6144), integer)))
    table = net.constant(rng.integers(-128, 128, (2, 6145)), FixedFormat(8, 8, True))
    net.then(LookupOp(net.value, table, 0))
    assert_equal(net.module(), rows=2000)


@pytest.mark.parametrize("end", [-30, -20, -5, 7, 22, 30])
def test_values_beyond_an_end_are_the_end(end: int) -> None:
    """Those of a channel that is never within: three channels of -20 .. -5, -8 .. 7 and 7 .. 22."""
    code, bias = FixedFormat(4, 4, True), FixedFormat(6, 6, True)
    for first, then in ((MinimumOp, MaximumOp), (MaximumOp, MinimumOp)):
        net = Network((3,), code)
        net.then(AddOp(net.value, net.constant(np.array([-12, 0, 15]), bias)))
        net.then(first(net.value, net.constant(np.array([end]), bias)))
        net.then(then(net.value, net.argument))
        assert_equal(net.module())


def test_channels_that_saturate_or_are_never_positive() -> None:
    """Other operations of the layer take the constant."""
    code, bias = FixedFormat(4, 4, True), FixedFormat(6, 6, True)
    for step in (
        lambda value: ReluOp(value),
        lambda value: QuantizeOp(value, RoundAttr(Round(Rounding.FLOOR, Overflow.SATURATE)), FixedFormat(2, 2, True)),
    ):
        net = Network((3,), code)
        net.then(AddOp(net.value, net.constant(np.array([-12, 0, 15]), bias)))
        net.then(step(net.value))
        net.then(AddOp(net.value, net.argument))
        assert_equal(net.module())


def test_bits_of_words_side_by_side_and_of_repeated_bits() -> None:
    """No part of a word without a name is left: bits of {a, b} are those of a and b, each as signed as asked for."""
    net = Netlist("net")
    a, b, bit = (net.input(name, width, 0, (1 << width) - 1) for name, width in (("a", 3), ("b", 4), ("c", 1)))
    word = net.concat([a, b])
    assert net.extract(word, 1, 2).operands == (b,)
    across = net.extract(word, 2, 3, -4, 3)
    assert (across.kind, across.is_signed, [x.operands for x in across.operands]) == (Kind.CONCAT, True, [(a,), (b,)])
    repeated = net.replicate(bit, 5)
    assert net.extract(repeated, 1, 3, -1, 0).kind is Kind.REPLICATE
    assert net.extract(repeated, 1, 1) is bit
    assert net.extract(repeated, 1, 1, -1, 0).is_signed
    assert net.concat([bit]) is bit
    assert net.concat([bit], -1, 0).is_signed


def test_other_quantizers_are_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the codes of the operand's interval, of which logic holds so many."""
    net = Network((2,), FixedFormat(4, 3, True))
    net.then(QuantizeOp(net.value, NearestPo2Attr(NearestPo2()), Po2Format(-3, 2, signed=True)))
    module = net.module()
    monkeypatch.setattr(pointwise, "MAX_TABLE", 16)
    assert_equal(module, rows=100)
    monkeypatch.setattr(pointwise, "MAX_TABLE", 15)
    with pytest.raises(QdialectError, match="a table of 16 codes is too large for logic, which holds 15"):
        design(module)


def test_places_of_words_that_are_constant_cost_nothing() -> None:
    """Side by side they keep their places, the first operand's the highest."""
    net = Netlist("net")
    three, bit = net.input("x", 3, 0, 7), net.input("b", 1, 0, 1)
    assert [varying(wire) for wire in (three, bit, net.constant(5, 4))] == [0b111, 0b1, 0]
    assert varying(net.concat([bit, net.constant(2, 2), three], 0, 63)) == 0b100111
    assert varying(net.concat([net.constant(2, 2), net.concat([three, net.constant(0, 1)], 0, 14)], 0, 63)) == 0b001110


def test_float_quotients_are_no_netlist() -> None:
    net = Network((2,), FixedFormat(4, 4, signed=True))
    net.then(DivideOp(net.value, net.constant(np.array([3], np.float32), None)))
    with pytest.raises(QdialectError, match="divide of float values has no hardware form; put a quantizer after"):
        lower(net.module(), ["lower-to-rtl"])
