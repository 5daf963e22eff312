"""Einsum equations of an input and a kernel, as one matrix product between moves.

free      in the input and the output             rows of the product
shared    in input, kernel and output              the product is block-diagonal over them
summed    in the input, not in the output          columns of the input, rows of the kernel
new       in the kernel and the output alone       columns of the kernel
"""

from __future__ import annotations

import math
import string
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.weights import exact_weights
from qdialect.numerics.arrays import Float32Array


@dataclass(frozen=True)
class Equation:
    """The labels of a sample's axes: without those of the batch."""

    operand: str
    kernel: str
    output: str

    @staticmethod
    def parsed(text: str, axes: int) -> Equation:
        """Of an input with so many axes, the batch among them; an ellipsis stands for those that have no label.

        Raises ValueError for what is no equation of two operands, and where the batch does not stay first.
        """
        inputs, arrow, output = text.replace(" ", "").partition("->")
        operand, comma, kernel = inputs.partition(",")
        if not arrow or not comma or "," in kernel or "..." in kernel:
            raise ValueError(f"equation '{text}' is not of the form 'bi,io->bo'")
        rest = axes - len(operand.replace("...", ""))
        unused = [c for c in string.ascii_letters if c not in text]
        operand, output = (part.replace("...", "".join(unused[:rest])) for part in (operand, output))
        if len(operand) != axes or len(set(operand)) != axes or len(set(output)) != len(output):
            raise ValueError(f"equation '{text}' does not label each of {axes} axes once")
        if operand[0] != output[0] or operand[0] in kernel:
            raise ValueError(f"equation '{text}' mixes samples of the batch")
        if not set(output) <= set(operand + kernel) or len(set(kernel)) != len(kernel):
            raise ValueError(f"equation '{text}' repeats a label, or has one in its output alone")
        return Equation(operand[1:], kernel, output[1:])

    @property
    def free(self) -> str:
        return "".join(c for c in self.operand if c in self.output and c not in self.kernel)

    @property
    def shared(self) -> str:
        return "".join(c for c in self.operand if c in self.output and c in self.kernel)

    @property
    def summed(self) -> str:
        return "".join(c for c in self.operand if c not in self.output)

    @property
    def new(self) -> str:
        return "".join(c for c in self.output if c not in self.operand)


def sizes_of(equation: Equation, x: SSAValue, kernel: NDArray[np.float32]) -> dict[str, int]:
    """The length of each label. Raises ValueError where input and kernel do not agree."""
    sizes = dict(zip(equation.operand, shape_of(x), strict=True))
    for label, size in zip(equation.kernel, kernel.shape, strict=True):
        if sizes.setdefault(label, size) != size:
            raise ValueError(f"axis '{label}' has {sizes[label]} elements in the input, {size} in the kernel")
    return sizes


def contracted(b: Builder, x: SSAValue, kernel: Float32Array, equation: Equation) -> SSAValue:
    """The einsum of a value and a constant kernel, exactly."""
    sizes = sizes_of(equation, x, kernel)
    matrix = matrix_of(equation, kernel, sizes)
    order = [equation.operand.index(c) for c in equation.free + equation.shared + equation.summed]
    moved = transposed(b, x, order, "moved")
    rows = math.prod(sizes[c] for c in equation.free)
    flat = reshaped(b, moved, (rows, len(matrix)) if equation.free else (len(matrix),), "rows")
    weights = exact_weights(matrix, b.layer_name)
    sums = b.emit(DenseOp(flat, b.constant(weights.data, weights.format, "kernel")), "sum")
    labels = equation.free + equation.shared + equation.new
    shaped = reshaped(b, sums, tuple(sizes[c] for c in labels), "shaped")
    return transposed(b, shaped, [labels.index(c) for c in equation.output], "ordered")


def matrix_of(equation: Equation, kernel: Float32Array, sizes: dict[str, int]) -> Float32Array:
    """[shared * summed, shared * new]: zero but for the blocks on the diagonal. Labels of the kernel alone, which the
    output does not have, are summed; those of the input alone are ones."""
    axes = equation.shared + equation.summed + equation.new
    gone = tuple(i for i, c in enumerate(equation.kernel) if c not in axes)
    values, labels = kernel.sum(axis=gone), "".join(c for c in equation.kernel if c in axes)
    values = values.transpose([labels.index(c) for c in axes if c in labels])
    values = values.reshape([sizes[c] if c in labels else 1 for c in axes])
    shared, summed, new = (
        math.prod(sizes[c] for c in part) for part in (equation.shared, equation.summed, equation.new)
    )
    blocks = np.broadcast_to(values, [sizes[c] for c in axes]).reshape(shared, summed, new)
    matrix = np.zeros((shared, summed, shared, new), np.float32)
    matrix[np.arange(shared), :, np.arange(shared), :] = blocks
    return matrix.reshape(shared * summed, shared * new)


def transposed(b: Builder, x: SSAValue, order: list[int], suffix: str) -> SSAValue:
    return x if order == sorted(order) else b.emit(TransposeOp(x, order), suffix)


def reshaped(b: Builder, x: SSAValue, shape: tuple[int, ...], suffix: str) -> SSAValue:
    return x if shape == shape_of(x) else b.emit(ReshapeOp(x, shape), suffix)
