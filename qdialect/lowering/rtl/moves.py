"""Operations that only move elements: arrays of elements in, an array of elements out, no logic.

The interpreter moves numbers of elements; the number 0 is the code zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation

from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp, PackedFlattenOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.rtl.affine import Affine, constant
from qdialect.lowering.rtl.layers import elements_shape
from qdialect.lowering.rtl.pointwise import in_step

Elements = NDArray[Any]
"""`Affine` codes in the shape of a value, packed elements on its last axis."""


def as_elements(codes: Sequence[Affine], shape: Sequence[int]) -> Elements:
    """Codes in row-major order as an array."""
    elements = np.empty(len(codes), object)
    elements[:] = codes
    return elements.reshape(shape)


def renumbered(interpreter: Interpreter, op: Operation, operands: Sequence[Elements]) -> Elements:
    (x,) = operands
    numbers = np.arange(1, x.size + 1).reshape(1, *x.shape)
    (moved,) = interpreter.run_op(op, (numbers,))
    return as_elements([constant(0), *x.flat], (x.size + 1,))[moved[0]]


def reshaped(interpreter: Interpreter, op: Operation, operands: Sequence[Elements]) -> Elements:
    return operands[0].reshape(elements_shape(op.results[0]))


def concatenated(interpreter: Interpreter, op: ConcatOp, operands: Sequence[Elements]) -> Elements:
    """The parts in the step of the result."""
    lsb = exact_format_of(op.result.type).lsb
    parts = [
        as_elements([in_step(element, value, lsb) for element in part.flat], part.shape)
        for part, value in zip(operands, op.parts, strict=True)
    ]
    return np.concatenate(parts, axis=op.axis.value.data)


def joined(interpreter: Interpreter, op: PackedConcatOp, operands: Sequence[Elements]) -> Elements:
    return np.concatenate(operands, axis=-1)


MOVES: dict[type[Operation], Callable[[Interpreter, Any, Sequence[Elements]], Elements]] = {
    ConcatOp: concatenated,
    DilateOp: renumbered,
    PackedConcatOp: joined,
    PackedFlattenOp: reshaped,
    PadOp: renumbered,
    RepeatOp: renumbered,
    ReshapeOp: reshaped,
    SliceOp: renumbered,
    TransposeOp: renumbered,
}
