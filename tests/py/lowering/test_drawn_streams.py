"""Windows with drawn padding, strides, dilations and schedules, on streams: one after another, each with one reader.

`QDIALECT_DRAWS=100 pytest tests/py/lowering/test_drawn_streams.py` draws more of them.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region, SSAValue

from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.schedule import fold, reuse_factors
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat, TernaryFormat

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "2"))
CHAINS, LAYERS = 4, 2
KERNELS = (FixedFormat(3, 3, signed=True), BinaryFormat(), TernaryFormat())


def pair(rng: np.random.Generator, low: int, high: int) -> tuple[int, int]:
    """Of rows and columns."""
    return int(rng.integers(low, high + 1)), int(rng.integers(low, high + 1))


def fitting(taps: tuple[int, int], sizes: tuple[int, int]) -> tuple[int, int]:
    return min(taps[0], sizes[0]), min(taps[1], sizes[1])


def pooled(rng: np.random.Generator, block: Block, x: SSAValue) -> SSAValue:
    """A pooling, each of whose windows reaches into the image."""
    rows, columns, _ = x.type.get_shape()
    taps = fitting(pair(rng, 1, 3), (rows, columns))
    low, high = (fitting(pair(rng, 0, 2), (taps[0] - 1, taps[1] - 1)) for _ in range(2))
    op = (MaxPool2DOp, SumPool2DOp)[rng.integers(2)](x, taps, pair(rng, 1, 3), low, high)
    block.add_op(op)
    return op.results[0]


def convolved(rng: np.random.Generator, block: Block, x: SSAValue) -> SSAValue:
    """A convolution of a padded image, folded by any legal factor, or a depthwise one."""
    rows, columns, channels = x.type.get_shape()
    low, high, dilations = pair(rng, 0, 2), pair(rng, 0, 2), pair(rng, 1, 2)
    most = (rows + low[0] + high[0] - 1) // dilations[0] + 1, (columns + low[1] + high[1] - 1) // dilations[1] + 1
    format, layer = KERNELS[rng.integers(len(KERNELS))], (Conv2DOp, DepthwiseConv2DOp)[rng.integers(2)]
    codes = rng.choice(format.codes(), (*fitting(pair(rng, 1, 3), most), channels, 4 if layer is Conv2DOp else 1))
    block.add_ops([padded := PadOp(x, (*low, 0), (*high, 0)), kernel := ConstantOp(codes, format)])
    block.add_op(op := layer(padded.result, kernel.result, pair(rng, 1, 3), dilations))
    if layer is Conv2DOp:
        legal = [*reuse_factors(op).values()]
        fold(op, *legal[rng.integers(len(legal))])
    return op.results[0]


@pytest.mark.parametrize("seed", range(DRAWS))
def test_drawn_windows_compute_the_interpreters_bits(seed: int, tmp_path) -> None:
    rng = np.random.default_rng(seed)
    image = tensor((6, 7, 2), FixedFormat(3, 3, signed=True))
    block = Block(arg_types=[image] * CHAINS)
    results: list[SSAValue] = []
    for value in block.args:
        for _ in range(LAYERS):
            value = (pooled, convolved)[rng.integers(2)](rng, block, value)
        results.append(value)
    block.add_op(ReturnOp(*results))
    types = [image] * CHAINS, [value.type for value in results]
    project = write_hls(ModuleOp([FuncOp("drawn", types, Region(block))]), tmp_path / "prj", {"io_type": "io_stream"})
    assert "PASS" in project.make("check", "CHECKFLAGS=-O0")
