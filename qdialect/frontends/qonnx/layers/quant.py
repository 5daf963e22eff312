"""Handlers: the quantizers of QONNX.

Quant(x, scale, zero point, bits) = round(clip(x / scale)) * scale in float32; the ends of the clip are codes, so that
it may come after the rounding as well. With one signed bit it is the sign. `HALF_UP` and `HALF_DOWN` go by magnitude.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qdialect.dialects.qnn.attributes import QuantizerMode, RoundAttr, SignAttr
from qdialect.dialects.qnn.ops.float_steps import DivideOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.frontends.qonnx.network import HostStep, Network, QuantizedConstant, Tensor, common_exponent, handles
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.limits import MAX_WIDTH
from qdialect.numerics.quantizers import Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding

MODES = {
    "ROUND": Rounding.HALF_EVEN,
    "HALF_EVEN": Rounding.HALF_EVEN,
    "CEIL": Rounding.CEIL,
    "FLOOR": Rounding.FLOOR,
    "UP": Rounding.AWAY,
    "DOWN": Rounding.ZERO,
    "ROUND_TO_ZERO": Rounding.ZERO,
    "HALF_UP": Rounding.HALF_AWAY,
    "HALF_DOWN": Rounding.HALF_ZERO,
}

Unit = tuple[QuantizerMode, FixedFormat | BinaryFormat]
"""How codes are found, and their format with step 1."""


def rounding_mode(node: Node, default: str) -> Rounding:
    name = node.option("rounding_mode", default)
    if not isinstance(name, str) or name.upper() not in MODES:
        raise node.error(f"rounding_mode={name!r:.60} is not supported, only {', '.join(MODES)}")
    return MODES[name.upper()]


def whole_number(net: Network, node: Node, index: int, what: str, least: int, most: int) -> int:
    """A constant input of one element that is an integer."""
    values = net.floats(node, index)
    value = float(values.reshape(-1)[0]) if values.size == 1 else 0.5
    if value % 1 or not least <= value <= most:
        raise node.error(f"its {what} must be one integer from {least} to {most}")
    return int(value)


def positive_scale(net: Network, node: Node) -> NDArray[np.float32]:
    scale = net.floats(node, 1)
    if scale.size == 0 or not (scale > 0).all():
        raise node.error("its scale must be positive")
    return scale


def fixed_codes(node: Node, bits: int, signed: bool, narrow: bool) -> Unit:
    """`narrow` leaves one code out: the lowest of signed ones, the highest of unsigned ones."""
    rounding = rounding_mode(node, "ROUND")
    if bits == 1 and signed:
        return SignAttr(Sign()), BinaryFormat()
    if narrow and not signed:
        raise node.error("narrow=1 of unsigned numbers leaves out the highest code, which is not supported; use 0")
    overflow = Overflow.SATURATE_SYMMETRIC if narrow else Overflow.SATURATE
    return RoundAttr(Round(rounding, overflow)), FixedFormat(bits, bits, signed)


@handles("Quant", "IntQuant")
def quant(net: Network, node: Node) -> Tensor | QuantizedConstant:
    whole_number(net, node, 2, "zero point", 0, 0)
    bits = whole_number(net, node, 3, "bit width", 1, MAX_WIDTH)
    signed, narrow = node.integer("signed", 1) != 0, node.integer("narrow", 0) != 0
    return quantized(net, node, fixed_codes(node, bits, signed, narrow))


@handles("BipolarQuant")
def bipolar_quant(net: Network, node: Node) -> Tensor | QuantizedConstant:
    return quantized(net, node, (SignAttr(Sign()), BinaryFormat()))


def quantized(net: Network, node: Node, unit: Unit) -> Tensor | QuantizedConstant:
    """Codes and scale of a constant; of a value, the operations."""
    scale, (mode, fmt) = positive_scale(net, node), unit
    if net.is_constant(node.inputs[0]):
        values = net.floats(node, 0)
        codes = mode.data.reals(values / scale, fmt)
        rank = max(values.ndim, scale.ndim)
        return QuantizedConstant(codes, fmt, scale.reshape((1,) * (rank - scale.ndim) + scale.shape))
    x = net.value(node)
    per_element = x.arranged(scale)
    exponent = common_exponent(scale)
    if exponent is not None:
        net.settle(node, x)
        if isinstance(fmt, FixedFormat):
            return net.emit(QuantizeOp(x.ssa, mode, replace(fmt, int_bits=fmt.int_bits + exponent)), x)
        return net.scaled(net.emit(QuantizeOp(x.ssa, mode, fmt), x, "sign"), per_element)
    if x.is_raw and scale.size == 1:
        x = replace(x, host=(*x.host, HostStep("Div", scale.reshape(()))))
        net.settle(node, x)
        divided = x
    elif isinstance(fmt, BinaryFormat):
        net.settle(node, x)
        divided = x  # a positive scale leaves the sign
    else:
        net.settle(node, x)
        divided = net.emit(DivideOp(x.ssa, net.b.constant(per_element, None, "divisor")), x, "divided")
    return net.scaled(net.emit(QuantizeOp(divided.ssa, mode, fmt), x, "codes"), per_element)


@handles("Trunc")
def trunc(net: Network, node: Node) -> Tensor:
    """The lowest bits of codes are dropped. Version 1 names bits in and out and keeps the scale; version 2 names the
    scale of the result, and clips to its bits."""
    x = net.exact(node, net.value(node))
    rounding, scale = rounding_mode(node, "FLOOR"), common_exponent(positive_scale(net, node))
    whole_number(net, node, 2, "zero point", 0, 0)
    bits = whole_number(net, node, 3, "input bit width", 1, MAX_WIDTH)
    if scale is None or exact_format_of(x.ssa.type).lsb < scale:
        raise node.error("its input must be codes of its scale, a power of two")
    if len(node.inputs) > 5:
        coarse = common_exponent(net.floats(node, 4))
        width = whole_number(net, node, 5, "output bit width", 1, MAX_WIDTH)
        if coarse is None:
            raise node.error("its output scale must be a power of two")
        _, fmt = fixed_codes(node, width, node.integer("signed", 1) != 0, node.integer("narrow", 0) != 0)
        mode = RoundAttr(Round(rounding, Overflow.SATURATE_SYMMETRIC if node.option("narrow") else Overflow.SATURATE))
        return net.emit(QuantizeOp(x.ssa, mode, FixedFormat(width, width + coarse, fmt.min_code < 0)), x)
    dropped = bits - whole_number(net, node, 4, "output bit width", 1, bits)
    source = exact_format_of(x.ssa.type)
    step = scale + dropped
    low, high = source.min_code >> (step - source.lsb), -(-source.max_code >> (step - source.lsb))
    codes = net.emit(QuantizeOp(x.ssa, RoundAttr(Round(rounding)), FixedFormat.holding(low, high, step)), x, "codes")
    return net.scaled(codes, np.array([2.0**-dropped], np.float32))
