"""Einsum equations of several values, each with quantizers of its own: products of elements, and their sums."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import reduce

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.hgq2.einsum import reshaped, transposed
from qdialect.frontends.keras.layers.operations.reductions import pooled


def labels_of(text: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The labels of a sample's axes, of each operand and of the output; `ranks` count the batch axis.

    Raises ValueError for equations of other forms, and where the batch is not the first axis of each.
    """
    inputs, _, output = text.replace(" ", "").partition("->")
    operands = inputs.split(",")
    if len(operands) != len(ranks):
        raise ValueError(f"equation '{text}' is not of {len(ranks)} operands")
    unused = "".join(c for c in string.ascii_letters if c not in text)
    open_ended = [(part, rank) for part, rank in zip(operands, ranks, strict=True) if "..." in part]
    rest = [max(rank - len(part.replace("...", "")), 0) for part, rank in open_ended]
    named = unused[: max(rest, default=0)]
    *operands, output = (part.replace("...", named) for part in (*operands, output))
    for part, rank in zip(operands, ranks, strict=True):
        if len(part) != rank or len(set(part)) != rank:
            raise ValueError(f"equation '{text}' does not label each of {rank} axes once")
    if {part[:1] for part in operands} != {output[:1]} or len(set(output)) != len(output):
        raise ValueError(f"equation '{text}' mixes samples of the batch, or repeats a label")
    if not set(output) <= set("".join(operands)):
        raise ValueError(f"equation '{text}' has a label in its output alone")
    return [part[1:] for part in operands], output[1:]


def products_summed(b: Builder, values: Sequence[SSAValue], operands: Sequence[str], output: str) -> SSAValue:
    """The einsum of values whose axes have these labels, exactly."""
    summed = "".join(dict.fromkeys(c for part in operands for c in part if c not in output))
    axes = output + summed
    aligned = [broadcastable(b, x, part, axes) for x, part in zip(values, operands, strict=True)]
    product = reduce(lambda x, y: b.emit(MulOp(x, y), "products"), aligned)
    return pooled(b, SumPool2DOp, product, [axes.index(c) + 1 for c in summed], False)


def broadcastable(b: Builder, x: SSAValue, labels: str, axes: str) -> SSAValue:
    """With its axes in the order of `axes`, and one element along those that it lacks."""
    sizes = dict(zip(labels, shape_of(x), strict=True))
    moved = transposed(b, x, [labels.index(c) for c in axes if c in labels], "moved")
    return reshaped(b, moved, tuple(sizes.get(c, 1) for c in axes), "aligned")


def dot_labels(axes: Sequence[int], ranks: Sequence[int]) -> tuple[list[str], str]:
    """Keras' Dot of two values over one axis of each: the others one after the other."""
    first, second = (axis - 1 if axis > 0 else rank - 1 + axis for axis, rank in zip(axes, ranks, strict=True))
    letters = iter(string.ascii_letters)
    summed = next(letters)
    operands = [
        "".join(summed if i == axis else next(letters) for i in range(rank - 1))
        for axis, rank in zip((first, second), ranks, strict=True)
    ]
    return operands, "".join(operands).replace(summed, "")
