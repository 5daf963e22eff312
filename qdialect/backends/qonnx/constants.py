"""Constants: weights behind their quantizers, and float32 numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.backends.qonnx.writer import Attributes, GraphWriter, inexpressible
from qdialect.dialects.qnn.network import keras_name
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.types import format_of
from qdialect.numerics.exact import FLOAT32_LIMIT
from qdialect.numerics.float32 import from_codes
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, TernaryFormat

WIDEST = FLOAT32_LIMIT.bit_length() - 1
"""Bits of a quantized weight: what has more are float32 numbers, which no quantizer has made."""

Arrangement = Callable[[NDArray[Any]], NDArray[Any]]


def is_constant(value: SSAValue) -> bool:
    return isinstance(value.owner, ConstantOp)


def quantizer_of(fmt: Format | None) -> FixedFormat | None:
    """The format of the `Quant` whose codes hold those of `fmt`; None for plain numbers. QONNX takes one signed bit for
    a sign."""
    match fmt:
        case None | BinaryFormat():
            return None
        case TernaryFormat():
            return FixedFormat(2, 2, signed=True)
        case FixedFormat():
            found = fmt
        case _:
            found = FixedFormat.holding(fmt.min_code, fmt.max_code, fmt.lsb)
    if found.signed and found.width == 1:
        found = FixedFormat(2, found.int_bits + 1, signed=True)
    return found if found.width <= WIDEST else None


def constant(w: GraphWriter, value: SSAValue, arrangement: Arrangement) -> str:
    """The name of a constant of the IR, its axes as ONNX has them.

    Raises QdialectError for numbers that float32 does not hold.
    """
    op, name = value.owner, w.unique(keras_name(value))
    assert isinstance(op, ConstantOp)
    fmt, data = format_of(value.type), arrangement(op.data)
    numbers = data if fmt is None else from_codes(data, fmt.lsb)
    if fmt is not None and (np.ldexp(numbers.astype(np.float64), -fmt.lsb) != data).any():
        raise inexpressible(op, f"'{name}', whose numbers have more than {WIDEST} bits")
    quantizer = quantizer_of(fmt)
    if quantizer is None and not isinstance(fmt, BinaryFormat):
        return w.constant(name, np.ascontiguousarray(numbers))
    values = w.constant(w.unique(f"{name}_values"), np.ascontiguousarray(numbers))
    if quantizer is None:
        return w.append("BipolarQuant", [values, scalar(w, f"{name}_scale", 1)], name, numbers.shape)
    narrow = int(isinstance(fmt, TernaryFormat))
    return w.append(
        "Quant", [values, *quantizer_inputs(w, name, quantizer)], name, numbers.shape, options(quantizer, narrow)
    )


def quantizer_inputs(w: GraphWriter, name: str, fmt: FixedFormat) -> list[str]:
    """Scale, zero point and bit width of a `Quant`."""
    numbers = {"scale": 2.0**fmt.lsb, "zero_point": 0, "bit_width": fmt.width}
    return [scalar(w, f"{name}_{suffix}", number) for suffix, number in numbers.items()]


def options(fmt: FixedFormat, narrow: int, rounding: str = "ROUND") -> Attributes:
    return {"signed": int(fmt.signed), "narrow": narrow, "rounding_mode": rounding}


def scalar(w: GraphWriter, name: str, number: float) -> str:
    return w.constant(w.unique(name), np.asarray(number, np.float32))
