"""Interpretation of operations that only move elements; axes are counted without the batch axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.interpreter.elementwise import float32_of
from qdialect.numerics import exact
from qdialect.numerics.arrays import Array


@register_impls
class MoveFunctions(InterpreterFunctions):
    @impl(TransposeOp)
    def run_transpose(self, interpreter: Interpreter, op: TransposeOp, args: PythonValues) -> PythonValues:
        (permutation,) = op.places
        return (args[0].transpose(0, *(axis + 1 for axis in permutation)),)

    @impl(SliceOp)
    def run_slice(self, interpreter: Interpreter, op: SliceOp, args: PythonValues) -> PythonValues:
        kept = (slice(offset, offset + size) for offset, size in zip(*op.places, strict=True))
        return (args[0][:, *kept],)

    @impl(RepeatOp)
    def run_repeat(self, interpreter: Interpreter, op: RepeatOp, args: PythonValues) -> PythonValues:
        (x,), (repeats,) = args, op.places
        for axis, times in enumerate(repeats):
            x = np.repeat(x, times, axis + 1)
        return (x,)

    @impl(DilateOp)
    def run_dilate(self, interpreter: Interpreter, op: DilateOp, args: PythonValues) -> PythonValues:
        (x,), (steps,) = args, op.places
        result = np.zeros((len(x), *shape_of(op.result)), x.dtype)
        result[:, *(slice(None, None, step) for step in steps)] = x
        return (result,)

    @impl(ConcatOp)
    def run_concat(self, interpreter: Interpreter, op: ConcatOp, args: PythonValues) -> PythonValues:
        batch, fmt = max(map(len, args)), format_of(op.result.type)

        def aligned(x: Array, part: Any) -> Array:
            """In the result's step (or float32), constants once per sample."""
            source = format_of(part.type)
            x = float32_of(x, part) if fmt is None or source is None else exact.shift_left(x, source.lsb - fmt.lsb)
            return np.broadcast_to(x, (batch, *x.shape[1:]))

        return (np.concatenate(list(map(aligned, args, op.parts)), axis=op.axis.value.data + 1),)
