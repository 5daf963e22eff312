"""Binary times binary convolutions become popcounts of packed bits: equal to the plain sum for every geometry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.analysis.costs import report
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp
from qdialect.dialects.qnn.ops.packed import PopcountConv2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.types import tensor
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat

SHAPE = (6, 5)


def convolution(rng: np.random.Generator, channels: int, padding: int, strides: int, dilations: int) -> ModuleOp:
    """[6, 5, channels] binary, 3x2 binary kernel, 4 filters."""
    block = Block(arg_types=[tensor((*SHAPE, channels), BinaryFormat())])
    block.args[0].name_hint = "x"
    kernel = ConstantOp(rng.choice([-1, 1], (3, 2, channels, 4)), BinaryFormat(), "kernel")
    source, ops = block.args[0], [kernel]
    if padding:
        pad = PadOp(source, (padding, 0, 0), (padding, 1, 0))
        ops, source = [*ops, pad], pad.result
    conv = Conv2DOp(source, kernel.result, (strides, strides), (dilations, dilations))
    conv.result.name_hint = "conv"
    block.add_ops([*ops, conv, ReturnOp(conv.result)])
    return ModuleOp([FuncOp("net", ([block.args[0].type], [conv.result.type]), Region(block))])


@pytest.mark.parametrize("channels", [1, 7, 64, 70])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize(("strides", "dilations"), [(1, 1), (2, 1), (1, 2)])
def test_popcount_equals_sum(channels: int, padding: int, strides: int, dilations: int) -> None:
    rng = np.random.default_rng(channels + 10 * padding)
    module = convolution(rng, channels, padding, strides, dilations)
    lowered = lower(module, verify=True)
    assert [op for op in lowered.walk() if isinstance(op, PopcountConv2DOp)]
    assert not [op for op in lowered.walk() if isinstance(op, Conv2DOp | PadOp)]
    x = rng.choice([-1.0, 1.0], (20, *SHAPE, channels))
    assert np.array_equal(simulate(lowered, x, check_ranges=True), simulate(module, x))


@pytest.mark.parametrize(("channels", "padding"), [(7, 0), (7, 1), (70, 1)])
def test_compiled_popcount_computes_the_interpreters_bits(channels: int, padding: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(channels)
    module = convolution(rng, channels, padding, 1, 1)
    project = write_hls(module, tmp_path / "net", config=["binary-to-xnor", "size-accumulators"]).compile()
    x = rng.choice([-1.0, 1.0], (20, *SHAPE, channels))
    assert np.array_equal(project.predict(x), simulate(module, x))
    project.make("check")
    assert report(project.module).multiplications == 0
