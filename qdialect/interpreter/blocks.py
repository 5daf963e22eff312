"""Samples in blocks: what is computed from a batch takes bounded memory, whatever the number of samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.pooling import Pool2DOp
from qdialect.dialects.qnn.types import BitsType, format_of, tensor_type
from qdialect.numerics.arrays import Array
from qdialect.numerics.exact import INT64_LIMIT

BLOCK_BYTES = 1 << 27
"""What is computed at once, 128 MiB: enough that the time of a block is that of its arithmetic. One sample may need
more."""

WORD = 8
"""Bytes of an int64 or float64."""

PYTHON_INTEGER = 40
"""Bytes of an integer beyond int64, with the reference to it, besides its digits."""


def bytes_of(ops: Iterable[Operation], given: Iterable[SSAValue]) -> int:
    """The bytes that the interpreter holds per sample: the given values, all results, and the largest set of windows.
    Constants are held once."""
    ops = [op for op in ops if op.operands]
    windows = max(map(window_elements, ops), default=0) * WORD
    return sum(map(_bytes, [*given, *(v for op in ops for v in op.results)])) + windows


def _bytes(value: SSAValue) -> int:
    fmt = None if isinstance(tensor_type(value.type).element_type, BitsType) else format_of(value.type)
    wide = fmt is not None and max(abs(fmt.max_code), abs(fmt.min_code)) >= INT64_LIMIT
    return math.prod(shape_of(value)) * (PYTHON_INTEGER + fmt.max_code.bit_length() // 8 if wide and fmt else WORD)


def window_elements(op: Operation) -> int:
    """Elements under all windows of an operation, 0 without windows."""
    if isinstance(op, Pool2DOp):
        return math.prod(shape_of(op.result)) * math.prod(values_of(op.pool))
    if not isinstance(op, ContractionOp):
        return 0
    *positions, _ = shape_of(op.result)
    *taps, _ = shape_of(op.kernel)
    return math.prod(positions) * math.prod(taps)


def blocks(inputs: Sequence[Array], each: int) -> Iterator[list[Array]]:
    """The inputs of some samples at a time, all of them if they are few or none; `each` are bytes per sample."""
    samples = len(inputs[0]) if inputs and inputs[0].ndim else 0
    size = max(BLOCK_BYTES // max(each, 1), 1)
    for start in range(0, max(samples, 1), size):
        yield [x[start : start + size] if samples > size else x for x in inputs]


def joined(parts: Sequence[Sequence[Array]]) -> list[Array]:
    """Results of blocks, one after the other."""
    return list(parts[0]) if len(parts) == 1 else [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
