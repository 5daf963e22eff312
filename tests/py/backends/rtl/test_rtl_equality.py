"""Netlists of different strategies are equal for all inputs; a wrong bit is found by the solver and by simulation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from netlists import design, spoil
from xdsl.dialects import hw
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.backends.rtl.equality import Verdict, compare
from qdialect.dialects.qnn.attributes import DeadZoneAttr, RoundAttr
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import tensor
from qdialect.interpreter.netlists import run_netlists
from qdialect.lowering.rtl.emission import OPERATIONS
from qdialect.numerics.formats import BinaryFormat, FixedFormat, TernaryFormat
from qdialect.numerics.quantizers import DeadZone, Round

pytestmark = pytest.mark.skipif(shutil.which("yosys") is None, reason="yosys is not installed")
INPUTS = {"words": FixedFormat(2, 2, signed=True), "bits": BinaryFormat()}
WEIGHTS = {"words": FixedFormat(4, 4, signed=True), "bits": TernaryFormat()}


def dense(kind: str, inputs: int, outputs: int, seed: int = 0) -> ModuleOp:
    """A dense layer with a rounding after it."""
    weights = WEIGHTS[kind]
    codes = np.random.default_rng(seed).choice(np.array(weights.codes()), (inputs, outputs))
    block = Block(arg_types=[tensor((inputs,), INPUTS[kind])])
    block.add_op(kernel := ConstantOp(codes, weights))
    block.add_op(sums := DenseOp(block.args[0], kernel.result))
    block.add_op(rounded := QuantizeOp(sums.result, RoundAttr(Round()), FixedFormat(3, 4, signed=True)))
    rounded.result.name_hint = sums.result.name_hint = "fc"
    block.add_op(ReturnOp(rounded.result))
    return ModuleOp([FuncOp("net", ([block.args[0].type], [rounded.result.type]), Region(block))])


@pytest.mark.parametrize(
    ("kind", "products"),
    [
        ("words", "pairs"),
        ("words", "differences"),
        ("words", "graph"),
        ("words", "auto"),
        ("words", "auto depth=0"),
        ("bits", "auto"),
        ("bits", "auto depth=0"),
        ("bits", "pairs"),
    ],
)
def test_strategies_are_equal(kind: str, products: str) -> None:
    module = dense(kind, 4 if kind == "words" else 12, 3)
    plain, other = (design(module, f"lower-to-rtl{{products={name}}}").rtl for name in ("tree", products))
    assert compare(plain, other, "net") is Verdict.EQUAL


KINDS = {op.name for op in (*OPERATIONS.values(), hw.InstanceOp)}
"""All that netlists are made of."""


def mutants(rtl: ModuleOp) -> Iterator[tuple[str, ModuleOp]]:
    """The netlists with the lowest bit of one value wrong, for up to two values of each kind of operation."""
    seen: dict[str, int] = {}
    for number, op in enumerate(rtl.walk()):
        if op.name not in KINDS or seen.setdefault(op.name, 0) == 2:
            continue
        seen[op.name] += 1
        changed = rtl.clone()
        spoil(list(changed.walk())[number])
        yield op.name, changed


def outputs(rtl: ModuleOp, bits: int) -> np.ndarray:
    """Those for all inputs."""
    every = np.array(list(product((0, 1), repeat=bits)), np.uint8).T
    (port,) = [p.port_name.data for p in last(rtl).module_type.ports.data if p.dir.data is hw.Direction.INPUT]
    return np.concatenate(list(run_netlists(rtl, {port: every}).values()))


def last(rtl: ModuleOp) -> hw.HWModuleOp:
    return [op for op in rtl.body.ops if isinstance(op, hw.HWModuleOp)][-1]


def squares() -> ModuleOp:
    """Products of variables, and a dead zone."""
    block = Block(arg_types=[tensor((2,), FixedFormat(3, 3, signed=True))])
    block.add_op(square := MulOp(block.args[0], block.args[0]))
    block.add_op(zone := QuantizeOp(block.args[0], DeadZoneAttr(DeadZone(1.5)), TernaryFormat()))
    types = [square.result.type, zone.result.type]
    block.add_op(ReturnOp(square.result, zone.result))
    return ModuleOp([FuncOp("net", ([block.args[0].type], types), Region(block))])


NETWORKS = {
    "words": lambda: dense("words", 3, 2, seed=1),
    "bits": lambda: dense("bits", 6, 2),
    "squares": squares,
}
"""Networks of six bits."""


def netlists_of(name: str) -> ModuleOp:
    return design(NETWORKS[name](), "lower-to-rtl{products=tree}").rtl


def test_networks_have_every_kind_of_node() -> None:
    assert {op.name for name in NETWORKS for op in netlists_of(name).walk()} >= KINDS


@pytest.mark.parametrize("name", NETWORKS)
def test_a_wrong_bit_is_found_in_every_kind_of_node(name: str) -> None:
    rtl = netlists_of(name)
    right = outputs(rtl, 6)
    kinds: dict[str, set[Verdict]] = {}
    for kind, mutant in mutants(rtl):
        verdict = compare(rtl, mutant, "net")
        differs = bool((outputs(mutant, 6) != right).any())
        assert verdict is (Verdict.DIFFERENT if differs else Verdict.EQUAL)
        kinds.setdefault(kind, set()).add(verdict)
    assert all(Verdict.DIFFERENT in verdicts for verdicts in kinds.values()), kinds
