"""Interpretation of moves of packed values."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp, PackedFlattenOp, PackedMaxPool2DOp
from qdialect.dialects.qnn.storage import pack_codes, planes_of, unpack_codes
from qdialect.dialects.qnn.types import packed_type
from qdialect.interpreter.layers import pad, patches


@register_impls
class PackedMoveFunctions(InterpreterFunctions):
    @impl(PackedFlattenOp)
    def run_flatten(self, interpreter: Interpreter, op: PackedFlattenOp, args: PythonValues) -> PythonValues:
        type_ = packed_type(op.operand.type)
        codes = unpack_codes(args[0], type_).reshape(len(args[0]), *shape_of(op.result), -1)
        return (pack_codes(codes, type_.element),)

    @impl(PackedConcatOp)
    def run_concat(self, interpreter: Interpreter, op: PackedConcatOp, args: PythonValues) -> PythonValues:
        codes = [unpack_codes(x, packed_type(part.type)) for x, part in zip(args, op.parts, strict=True)]
        return (pack_codes(np.concatenate(codes, axis=-1), packed_type(op.result.type).element),)

    @impl(PackedMaxPool2DOp)
    def run_max_pool2d(self, interpreter: Interpreter, op: PackedMaxPool2DOp, args: PythonValues) -> PythonValues:
        """+1 where one is; 0 where none is and one is not -1."""
        (rows, columns), strides, low, high = op.geometry()

        def windows(plane: np.ndarray, outside: int) -> np.ndarray:
            around = ((0, 0), *zip(low, high, strict=True), (0, 0))
            return patches(pad(plane, around, np.uint64(outside)), (rows, columns), strides, (1, 1))

        planes = planes_of(args[0], packed_type(op.operand.type))
        largest = {name: np.bitwise_or.reduce(windows(plane, 0), axis=(-2, -1)) for name, plane in planes.items()}
        if len(planes) == 2:
            never_zero = np.bitwise_and.reduce(windows(planes["nonzero"], (1 << 64) - 1), axis=(-2, -1))
            largest["nonzero"] = largest["positive"] | never_zero
        return (np.concatenate(list(largest.values()), axis=-1),)
