"""The accumulator types that other tools would choose, recomputed from their sources.

QTools   QKeras 0.9.0, qkeras/qtools/quantized_operators: `multiplier_impl.py` (the product of the two types) and
         `accumulator_impl.py`: + ceil(log2(fan-in + 1)) bits, one of the terms being the bias.
'auto'   hls4ml 1.3.0, hls4ml/model/optimizer/passes/infer_precision.py, `_infer_common_precision`:
         the sum of the widths + ceil(log2(fan-in)) bits, then one addition of the bias' type; binary values and
         powers of two have no type there, and the layer gets the model's default.

Both see types alone. QTools' int_bits exclude the sign, and are nominal for binary and ternary values, whose sums
are read as integers here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat

HLS4ML_DEFAULT = FixedFormat(16, 6, signed=True)
"""hls4ml's default precision, which also stands in for what a model does not quantize."""

ZERO_ONE = FixedFormat(1, 1, signed=False)


@dataclass(frozen=True)
class ProductType:
    """QTools' type of a product: bits in total, of which `fraction` right of the binary point."""

    bits: int
    fraction: int
    signed: bool


def qtools_accumulator(x: Format, w: Format, fan_in: int) -> FixedFormat:
    """`FixedPointAccumulator` and `Po2Accumulator` for activations `x` and a kernel `w`, per output `fan_in`
    products."""
    product = _qtools_product(x, w)
    width = product.bits + math.ceil(math.log2(fan_in + 1))
    return FixedFormat(width, width - product.fraction, product.signed)


def _qtools_product(x: Format, w: Format) -> ProductType:
    signed = x.min_code < 0 or w.min_code < 0
    match x, w:
        case (Po2Format(), Po2Format()):  # Adder, then po2_to_qbits
            magnitude = max(x.bits, w.bits) + 1 - signed
            above, below = (1 << (magnitude - 1)) - 1, 1 << (magnitude - 1)
            return ProductType(signed + above + below, below, signed)
        case _ if ZERO_ONE in (x, w):  # AndGate
            other = w if x == ZERO_ONE else x
            return ProductType(2, 0, signed) if isinstance(other, BinaryFormat) else _as_fixed(other, signed)
        case (_, BinaryFormat() | TernaryFormat()):  # Mux, XorGate
            return _as_fixed(x, signed)
        case (BinaryFormat() | TernaryFormat(), _):
            return _as_fixed(w, signed)
        case (Po2Format(), _):
            return _shifted(w, x, signed)
        case (_, Po2Format()):
            return _shifted(x, w, signed)
        case _:
            both = x.min_code < 0 and w.min_code < 0
            return ProductType(x.bits + w.bits, -x.lsb - w.lsb + both, signed)


def _as_fixed(fmt: Format, signed: bool) -> ProductType:
    """A product with -1, 0 or 1: the other factor, and its sign."""
    match fmt:
        case Po2Format():
            below, above = max(-fmt.min_exp, 0), max(fmt.max_exp, 0)
            return ProductType(below + above + signed, below, signed)
        case BinaryFormat() | TernaryFormat():
            return ProductType(fmt.bits, 0, signed)
        case _:
            return ProductType(fmt.bits + (signed and fmt.min_code >= 0), -fmt.lsb, signed)


def _shifted(fmt: Format, po2: Po2Format, signed: bool) -> ProductType:
    """Shifter: room for the largest shift to the left and to the right."""
    below, above = max(-po2.min_exp, 0), max(po2.max_exp, 0)
    sign = po2.signed and fmt.min_code >= 0
    return ProductType(fmt.bits + below + above + sign, -fmt.lsb + below, signed)


def hls4ml_accumulator(x: Format, w: Format, fan_in: int, bias: Format = ZERO_ONE) -> FixedFormat:
    """accum_t under 'auto' for activations `x`, a kernel `w` and a bias, per output `fan_in` products.

    A layer without bias has one of zeros there, of the type ap_uint<1>.
    """
    factors = [_hls4ml_type(fmt) for fmt in (x, w, bias)]
    if None in factors:
        return HLS4ML_DEFAULT
    a, b, c = (fmt for fmt in factors if fmt is not None)
    growth = math.ceil(math.log2(fan_in))
    width, integers, signed = a.width + b.width + growth, a.int_bits + b.int_bits + growth, a.signed or b.signed
    fraction = width - integers
    integers = max(integers + (c.signed and not signed), c.int_bits + (signed and not c.signed)) + 1
    return FixedFormat(integers + max(fraction, -c.lsb), integers, signed or c.signed)


def _hls4ml_type(fmt: Format) -> FixedFormat | None:
    """hls4ml's fixed-point type of the values; None for its exponent and XNOR types."""
    match fmt:
        case FixedFormat():
            return fmt
        case TernaryFormat():
            return FixedFormat(2, 2, signed=True)
        case _:
            return None
