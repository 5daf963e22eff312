"""Writers: other shapes and zeros around."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, channels_first, with_batch, writes
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Convolution2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp


def reshaped(
    w: GraphWriter, x: GraphTensor, shape: tuple[int, ...], axes: tuple[int, ...], suffix: str = ""
) -> GraphTensor:
    target = w.parameter("_".join(filter(None, (suffix, "shape"))), with_batch(shape), np.int64)
    return w.emit("Reshape", x, target, shape=shape, axes=axes, suffix=suffix)


@writes(ReshapeOp)
def reshape(w: GraphWriter, op: ReshapeOp) -> GraphTensor:
    """Channels that stay the last axis stay the first one in ONNX."""
    x, shape = w.values[op.operand], shape_of(op.result)
    rank = len(shape)
    if x.axes == channels_first(len(x.axes)) and rank > 1 and x.shape[0] == shape[-1]:
        return reshaped(w, x, (shape[-1], *shape[:-1]), channels_first(rank))
    return reshaped(w, w.in_order(op.operand), shape, tuple(range(rank)))


@writes(PadOp)
def pad(w: GraphWriter, op: PadOp) -> GraphTensor | None:
    if is_taken_up(op):
        return None
    x = w.values[op.operand]
    low, high = ([values_of(ends)[axis] for axis in x.axes] for ends in (op.low, op.high))
    pads = w.parameter("pads", [0, *low, 0, *high], np.int64)
    shape = tuple(a + n + b for a, n, b in zip(low, x.shape, high, strict=True))
    return w.emit("Pad", x, pads, shape=shape, attributes={"mode": "constant"})


def is_taken_up(op: PadOp) -> bool:
    """Whether all that read the zeros are convolutions, and they surround rows and columns alone."""
    channels = values_of(op.low)[2:] + values_of(op.high)[2:]
    readers = [use.operation for use in op.result.uses]
    return channels == (0, 0) and all(isinstance(reader, Convolution2DOp) for reader in readers)


def around(operand: SSAValue) -> tuple[SSAValue, tuple[int, ...]]:
    """What a convolution reads, and the zeros around it: rows and columns before, then after."""
    op = operand.owner
    if isinstance(op, PadOp) and is_taken_up(op):
        return op.operand, values_of(op.low)[:2] + values_of(op.high)[:2]
    return operand, (0, 0, 0, 0)
