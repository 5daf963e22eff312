"""Layers whose operand is a constant, as the first step of a recurrent layer is: compiled in both architectures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from modules import module_of

from qdialect import simulate, write_hls
from qdialect.compiler.configuration import IO_TYPES
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import FixedFormat

CODES = FixedFormat(4, 4, signed=True)
IMAGE = np.arange(3 * 4 * 2).reshape(3, 4, 2) % 13 - 6


def weights(*shape: int) -> ConstantOp:
    return ConstantOp(np.resize([1, -2, 0, 3, -1], shape), CODES)


LAYERS = {
    "dense": lambda x: [k := weights(2, 2), DenseOp(x, k.result)],
    "conv2d": lambda x: [k := weights(1, 1, 2, 2), Conv2DOp(x, k.result)],
    "depthwise": lambda x: [k := weights(1, 1, 2, 1), DepthwiseConv2DOp(x, k.result)],
    "max_pool": lambda x: [MaxPool2DOp(x, (2, 2), (1, 1), (0, 0), (1, 1))],
    "sum_pool": lambda x: [SumPool2DOp(x, (2, 2), (1, 1), (0, 0), (1, 1))],
}


@pytest.mark.parametrize("io_type", IO_TYPES)
@pytest.mark.parametrize("layer", LAYERS)
def test_layer_of_a_constant(layer: str, io_type: str, tmp_path: Path) -> None:
    def build(x):
        constant = ConstantOp(IMAGE, CODES)
        ops = [constant, *LAYERS[layer](constant.result)]
        return [*ops, AddOp(ops[-1].results[0], x)]

    module = module_of([tensor(IMAGE.shape, CODES)], build)
    x = np.random.default_rng(0).integers(-8, 8, (5, *IMAGE.shape)).astype(np.float64)
    project = write_hls(module, tmp_path / "prj", {"io_type": io_type}).compile()
    assert (project.predict(x) == simulate(module, x)).all()
