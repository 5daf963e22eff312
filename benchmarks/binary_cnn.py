"""A binary CNN with values that travel packed between its layers, and packed anew before each (`pack-layout`).

Random {-1, +1} weights, thresholds at random levels: convolution, maximum, convolution, flatten, two dense layers.
"""

from __future__ import annotations

import numpy as np
from binary_mlp import compare
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat

SHAPE = (16, 16, 24)
FILTERS, UNITS, CLASSES = 48, 64, 10
SAMPLES = 200


def binary_cnn(rng: np.random.Generator) -> ModuleOp:
    block = Block(arg_types=[tensor(SHAPE, BinaryFormat())])
    x: SSAValue = block.args[0]
    x.name_hint = "x"

    def emit(op: Operation, name: str) -> SSAValue:
        block.add_op(op)
        op.results[0].name_hint = name
        return op.results[0]

    def weights(name: str, *shape: int) -> SSAValue:
        return emit(ConstantOp(rng.choice([-1, 1], shape), BinaryFormat()), f"{name}_kernel")

    def sign(sums: SSAValue, name: str) -> SSAValue:
        levels = rng.integers(-9, 10, (shape_of(sums)[-1], 1))
        table = emit(ConstantOp(levels, FixedFormat.holding(-9, 9, 0)), f"{name}_thresholds")
        return emit(ThresholdOp(sums, table, None, BinaryFormat()), name)

    x = sign(emit(Conv2DOp(x, weights("conv1", 3, 3, SHAPE[-1], FILTERS)), "conv1"), "sign1")
    x = emit(MaxPool2DOp(x, (2, 2), (2, 2)), "pool")
    x = sign(emit(Conv2DOp(x, weights("conv2", 3, 3, FILTERS, FILTERS)), "conv2"), "sign2")
    x = emit(ReshapeOp(x, (int(np.prod(shape_of(x))),)), "flatten")
    x = sign(emit(DenseOp(x, weights("fc1", shape_of(x)[0], UNITS)), "fc1"), "sign3")
    x = emit(DenseOp(x, weights("fc2", UNITS, CLASSES)), "fc2")
    block.add_op(ReturnOp(x))
    return ModuleOp([FuncOp("binary_cnn", ([block.args[0].type], [x.type]), Region(block))])


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.choice([-1.0, 1.0], (SAMPLES, *SHAPE))
    compare("binary CNN", binary_cnn(rng), x, "pack-layout", ("stays packed", "packed anew"))


if __name__ == "__main__":
    main()
