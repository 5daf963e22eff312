"""Operations that only move elements: the interpreter's, on whatever array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp, PackedFlattenOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.interpreter.layers import LayerFunctions
from qdialect.interpreter.moves import MoveFunctions
from qdialect.numerics.arrays import Array
from qdialect.simulator.codes import Codes, Float, Known, Made, Maker, holding, like, of_first, scaled


def moved(op: Operation, x: Known) -> Made | None:
    """The elements at other places, and zeros."""
    if x is None:
        return None
    interpreter = Interpreter(ModuleOp([]))
    interpreter.register_implementations(LayerFunctions())
    interpreter.register_implementations(MoveFunctions())
    return of_first(lambda values: interpreter.run_op(op, (values,))[0], x.hull(0))


def concat(op: ConcatOp, *parts: Known) -> Made | None:
    """All parts in the step of the result."""
    fmt = format_of(op.result.type)
    known = [part for part in parts if part is not None]
    if fmt is None or len(known) < len(parts):
        return None
    sources = [format_of(part.type) for part in op.parts]
    shifts = [source.lsb - fmt.lsb for source in sources if source is not None]
    low = min(part.low << shift for part, shift in zip(known, shifts, strict=True))
    high = max(part.high << shift for part, shift in zip(known, shifts, strict=True))
    dtype = holding(-low, high)
    if dtype is None:
        return None
    return Made(lambda *values: joined(values, shifts, op.axis.value.data + 1, dtype), Codes(low, high, dtype))


def joined(values: Sequence[Array], shifts: Sequence[int], axis: int, dtype: Float) -> Array:
    """Arrays one after the other, constants once per sample."""
    batch = max(map(len, values))
    parts = (scaled(value, shift, dtype) for value, shift in zip(values, shifts, strict=True))
    return np.concatenate([np.broadcast_to(part, (batch, *part.shape[1:])) for part in parts], axis=axis)


def packed_concat(op: PackedConcatOp, *parts: Known) -> Made | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    codes = known[0].hull(*(end for part in known for end in (part.low, part.high)))
    return Made(lambda *values: joined(values, [0] * len(values), -1, codes.dtype), codes)


def packed_flatten(op: PackedFlattenOp, x: Known) -> Made | None:
    if x is None:
        return None
    shape = shape_of(op.result)
    return of_first(lambda values: values.reshape(len(values), *shape, -1), like(x))


MAKERS: Mapping[type, Maker] = {
    **dict.fromkeys((TransposeOp, SliceOp, RepeatOp, DilateOp, PadOp, ReshapeOp), moved),
    ConcatOp: concat,
    PackedConcatOp: packed_concat,
    PackedFlattenOp: packed_flatten,
}
