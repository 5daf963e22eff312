"""Netlists of sums are proved linear for all inputs, in every strategy; a wrong bit is noticed, or changes a basis."""

from __future__ import annotations

import numpy as np
import pytest
from netlists import design, simulated, spoil
from xdsl.dialects import comb, hw
from xdsl.dialects.builtin import ArrayAttr, IntegerType, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.backends.rtl.files import RtlDesign
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.types import tensor
from qdialect.lowering.rtl.emission import port
from qdialect.numerics.formats import FixedFormat, TernaryFormat
from qdialect.proof.linear_sums import WordRange, is_linear

WORDS, BITS = FixedFormat(3, 3, signed=True), FixedFormat(1, 1, signed=False)


def dense(inputs: FixedFormat, size: int) -> tuple[ModuleOp, np.ndarray]:
    """A dense layer of words, or of bits with ternary weights."""
    weights = TernaryFormat() if inputs is BITS else FixedFormat(5, 5, signed=True)
    codes = np.random.default_rng(0).choice(np.array(weights.codes(), np.int64), (size, 4))
    block = Block(arg_types=[tensor((size,), inputs)])
    block.add_op(kernel := ConstantOp(codes, weights))
    block.add_op(sums := DenseOp(block.args[0], kernel.result))
    block.add_op(ReturnOp(sums.result))
    return ModuleOp([FuncOp("net", ([block.args[0].type], [sums.result.type]), Region(block))]), codes


def proved(made: RtlDesign, rtl: ModuleOp) -> bool:
    ends = [[WordRange(p.bits, p.format.min_code, p.format.max_code)] * p.size for p in (*made.inputs, *made.outputs)]
    return is_linear(rtl, ends[:1], ends[1:])


def right_on_a_basis(made: RtlDesign, rtl: ModuleOp, codes: np.ndarray) -> bool:
    low, high = made.inputs[0].format.min_code, made.inputs[0].format.max_code
    unit = np.eye(len(codes), dtype=np.int64)
    x = np.concatenate([low * unit, high * unit, 0 * unit[:1]])
    return bool((simulated(RtlDesign(made.module, made.inputs, made.outputs, rtl), [x])[0] == x @ codes).all())


CASES = [
    *((WORDS, 6, name) for name in ("tree", "pairs", "differences", "auto", "auto depth=0")),
    *((BITS, 40, name) for name in ("tree", "pairs", "auto", "auto depth=0")),
]


@pytest.mark.parametrize(("inputs", "size", "products"), CASES)
def test_sums_are_linear(inputs: FixedFormat, size: int, products: str) -> None:
    module, codes = dense(inputs, size)
    made = design(module, f"lower-to-rtl{{products={products}}}")
    assert proved(made, made.rtl)
    assert right_on_a_basis(made, made.rtl, codes)


@pytest.mark.parametrize(("inputs", "size"), [(WORDS, 4), (BITS, 14)])
def test_a_wrong_bit_is_noticed(inputs: FixedFormat, size: int) -> None:
    module, codes = dense(inputs, size)
    made = design(module)
    spoiled = 0
    for number, op in enumerate(made.rtl.walk()):
        if isinstance(op, comb.AddOp | comb.SubOp | comb.XorOp | comb.AndOp | comb.MuxOp):
            changed = made.rtl.clone()
            spoil(list(changed.walk())[number])
            assert not (proved(made, changed) and right_on_a_basis(made, changed, codes))
            spoiled += 1
    assert spoiled > 10


def test_a_word_that_wraps_around_is_not_linear() -> None:
    two = IntegerType(2)
    block = Block(arg_types=[two, two])
    block.add_op(total := comb.AddOp([*block.args]))
    block.add_op(hw.OutputOp([total.result]))
    ports = [port(name, two, hw.Direction.INPUT) for name in "ab"] + [port("y", two, hw.Direction.OUTPUT)]
    rtl = ModuleOp([hw.HWModuleOp(StringAttr("net"), hw.ModuleType(ArrayAttr(ports)), Region(block))])
    for most, linear in ((1, True), (3, False)):
        assert is_linear(rtl, [[WordRange(2, 0, most)]] * 2, [[WordRange(2, 0, 3)]]) is linear
