"""Products of values of {-1, 0, +1} become counts of bits: equal to the plain sums, in the interpreter and in C++."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.attributes import DeadZoneAttr, SignAttr
from qdialect.dialects.qnn.network import network as function_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed import PopcountDenseOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import tensor
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, TernaryFormat
from qdialect.numerics.quantizers import DeadZone

LEVELS: dict[str, Format] = {
    "binary": BinaryFormat(),
    "ternary": TernaryFormat(),
    "zero_one": FixedFormat(1, 1, signed=False),
}
PAIRS = list(product(LEVELS, LEVELS))
LAYERS = (("dense", 70), ("conv", 66), ("depthwise", 3))
ALL = "QDIALECT_LONG" in os.environ
"""Every kind of layer for every pair in C++, instead of one in turn."""


def network(rng: np.random.Generator, layer: str, x: Format, w: Format, n: int) -> ModuleOp:
    """One layer of random weights on [n] or [5, 4, n], padded with zeros where it is a convolution."""
    block = Block(arg_types=[tensor((n,) if layer == "dense" else (5, 4, n), x)])
    block.args[0].name_hint = "x"
    shape = {"dense": (n, 3), "conv": (3, 2, n, 3), "depthwise": (3, 2, n, 2)}[layer]
    kernel = ConstantOp(rng.choice(w.codes(), shape), w, "kernel")
    ops: list[Operation] = [kernel]
    source = block.args[0]
    if layer != "dense":
        pad = PadOp(source, (1, 0, 0), (1, 1, 0))
        ops, source = [kernel, pad], pad.result
    match layer:
        case "dense":
            op: ContractionOp = DenseOp(source, kernel.result)
        case "conv":
            op = Conv2DOp(source, kernel.result, (2, 1))
        case _:
            op = DepthwiseConv2DOp(source, kernel.result, (1, 2))
    op.result.name_hint = "layer"
    block.add_ops([*ops, op, ReturnOp(op.result)])
    return ModuleOp([FuncOp("net", ([block.args[0].type], [op.result.type]), Region(block))])


@pytest.mark.parametrize("layer", ["dense", "conv", "depthwise"])
@pytest.mark.parametrize(("x", "w"), PAIRS)
@pytest.mark.parametrize("n", [1, 7, 70])
def test_counts_equal_sums(layer: str, x: str, w: str, n: int) -> None:
    rng = np.random.default_rng(n)
    module = network(rng, layer, LEVELS[x], LEVELS[w], n)
    lowered = lower(module, verify=True)
    assert not [op for op in lowered.walk() if isinstance(op, ContractionOp | PadOp)]
    samples = rng.choice(LEVELS[x].codes(), (9, n) if layer == "dense" else (9, 5, 4, n)).astype(float)
    assert np.array_equal(simulate(lowered, samples, check_ranges=True), simulate(module, samples))


@pytest.mark.parametrize(("x", "w"), PAIRS)
def test_compiled_packed_product_computes_the_interpreters_bits(x: str, w: str, tmp_path: Path) -> None:
    """Each type of each side in every kind of layer."""
    rng, turn = np.random.default_rng(1), sum(divmod(PAIRS.index((x, w)), len(LEVELS)))
    for layer, n in LAYERS if ALL else [LAYERS[turn % len(LAYERS)]]:
        module = network(rng, layer, LEVELS[x], LEVELS[w], n)
        project = write_hls(module, tmp_path / layer, config=["default"]).compile()
        samples = rng.choice(LEVELS[x].codes(), (20, n) if layer == "dense" else (20, 5, 4, n)).astype(float)
        assert np.array_equal(project.predict(samples), simulate(module, samples))
        project.make("check")


@pytest.mark.parametrize("ternary", [False, True])
def test_sign_or_dead_zone_of_a_count_is_one_comparison(ternary: bool) -> None:
    rng = np.random.default_rng(2)
    module = network(rng, "dense", BinaryFormat(), BinaryFormat(), 9)
    returned = next(op for op in module.walk() if isinstance(op, ReturnOp))
    mode = DeadZoneAttr(DeadZone(2.5)) if ternary else SignAttr()
    step = QuantizeOp(returned.operands[0], mode, TernaryFormat() if ternary else BinaryFormat())
    step.result.name_hint = "step"
    block = returned.parent_block()
    assert block is not None
    block.insert_op_before(step, returned)
    returned.operands[0] = step.result
    function_of(module).update_function_type()
    lowered = lower(module, verify=True)
    (comparison,) = (op for op in lowered.walk() if isinstance(op, ThresholdOp))
    assert isinstance(comparison.operand.owner, PopcountDenseOp)
    x = rng.choice([-1.0, 1.0], (60, 9))
    assert np.array_equal(simulate(lowered, x), simulate(module, x))
