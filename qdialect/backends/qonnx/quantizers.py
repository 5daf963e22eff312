"""Writers: quantizers."""

from __future__ import annotations

from qdialect.backends.qonnx.constants import options, quantizer_inputs, scalar
from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, inexpressible, writes
from qdialect.dialects.qnn.attributes import DeadZoneAttr, RoundAttr, SignAttr
from qdialect.dialects.qnn.network import keras_name
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.rounding import Overflow, Rounding

ROUNDING_MODES = {
    Rounding.HALF_EVEN: "ROUND",
    Rounding.HALF_AWAY: "HALF_UP",
    Rounding.HALF_ZERO: "HALF_DOWN",
    Rounding.CEIL: "CEIL",
    Rounding.FLOOR: "FLOOR",
    Rounding.AWAY: "UP",
    Rounding.ZERO: "DOWN",
}
"""Names of QONNX, which counts `UP` and `DOWN` by magnitude."""

TIES = {Rounding.HALF_UP: ("Add", "FLOOR"), Rounding.HALF_DOWN: ("Sub", "CEIL")}
"""Ties towards an infinity are half a step more or less, then all towards the other."""


@writes(QuantizeOp)
def quantize(w: GraphWriter, op: QuantizeOp) -> GraphTensor:
    x, fmt = w.values[op.operand], exact_format_of(op.result.type)
    match op.mode:
        case RoundAttr(data=mode) if mode.overflow is Overflow.WRAP:
            raise inexpressible(op, "overflow that wraps around, only for clipping")
        case RoundAttr(data=mode) if isinstance(fmt, FixedFormat):
            if fmt.signed and fmt.width == 1:
                raise inexpressible(op, "one signed bit of -1 and 0; use two bits")
            if mode.rounding is Rounding.FLOOR and only_truncates(op, mode.overflow, fmt):
                return truncated(w, op, x, fmt)
            if mode.rounding not in TIES:
                narrow = int(mode.overflow is Overflow.SATURATE_SYMMETRIC)
                return rounded(w, x, fmt, narrow, ROUNDING_MODES[mode.rounding])
            if format_of(op.operand.type) is None:
                raise inexpressible(op, f"ties that go '{mode.rounding}', where float32 numbers are rounded")
            step, rounding = TIES[mode.rounding]
            moved = w.emit(step, x, w.parameter("half_step", 2.0 ** (fmt.lsb - 1)), suffix="moved")
            return rounded(w, moved, fmt, int(mode.overflow is Overflow.SATURATE_SYMMETRIC), rounding)
        case SignAttr() if isinstance(fmt, BinaryFormat):
            return w.emit("BipolarQuant", x, w.parameter("scale", 1))
        case SignAttr():  # 0 and 1
            sign = w.emit("BipolarQuant", x, w.parameter("scale", 0.5), suffix="sign")
            return w.emit("Add", sign, w.parameter("half", 0.5))
        case DeadZoneAttr(data=zone):  # codes from half a step on, away from zero
            scaled = w.emit("Div", x, w.parameter("zone", 2 * zone.threshold), suffix="scaled")
            return rounded(w, scaled, FixedFormat(2, 2, signed=True), 1, "HALF_UP")
        case mode:
            raise inexpressible(op, f"the quantizer {mode}; use quantized_bits")


def rounded(w: GraphWriter, x: GraphTensor, fmt: FixedFormat, narrow: int, rounding: str) -> GraphTensor:
    inputs = quantizer_inputs(w, keras_name(w.result), fmt)
    return w.emit("Quant", x, *inputs, attributes=options(fmt, narrow, rounding))


def only_truncates(op: QuantizeOp, overflow: Overflow, fmt: FixedFormat) -> bool:
    """Whether codes lose their lowest bits, and keep all others; the lowest code of all is not kept where the ends are
    symmetric."""
    source = format_of(op.operand.type)
    if not isinstance(source, FixedFormat) or source.signed != fmt.signed or overflow is Overflow.SATURATE_SYMMETRIC:
        return False
    return source.int_bits <= fmt.int_bits and source.lsb <= fmt.lsb


def truncated(w: GraphWriter, op: QuantizeOp, x: GraphTensor, fmt: FixedFormat) -> GraphTensor:
    name, source = keras_name(op.result), exact_format_of(op.operand.type)
    assert isinstance(source, FixedFormat)
    ends = [scalar(w, f"{name}_output_scale", 2.0**fmt.lsb), scalar(w, f"{name}_output_bit_width", fmt.width)]
    return w.emit("Trunc", x, *quantizer_inputs(w, name, source), *ends, attributes=options(fmt, 0, "FLOOR"))
