"""Whether Keras' own float32 simulation of a layer is exact.

float32 holds integers up to 2**24. Where every partial sum of a layer stays within that, in steps of its products, no
order of summation rounds, and Keras gives the mathematical result; beyond it Keras itself deviates. A scale that is no
power of two (alpha='auto') has 24 bits of its own. A quantizer returns x + (q - x), which is its code q as long as x
stays within 2**24 steps of it, and loses q beyond.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import FLOAT32_BITS, Range, float32_bits
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import BinaryOp, MulOp
from qdialect.dialects.qnn.ops.float_steps import FloatOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import (
    Binary,
    QuantizedBits,
    QuantizedHswish,
    StochasticBinary,
    StochasticTernary,
    Ternary,
)
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.reports.undecided_layers import undecided_layers

MANTISSA = 1 << 23


def float32_verdicts(layers: Sequence[Layer], module: ModuleOp) -> dict[str, str]:
    """'exact ...' or 'rounds: ...' by layer; layers without arithmetic have no entry."""
    known = ranges(module)
    names = {layer.name: layer for layer in layers}
    verdicts: dict[str, str] = {}
    bits: dict[str, int] = {}
    scaled: set[str] = set()
    for op in network(module).body.block.ops:
        layer = names.get(layer_of(op)) if op.results else None
        if layer is None:
            continue
        match op:
            case QuantizeOp():
                verdict = _straight_through(layer, op, known)
                if verdict is not None:
                    verdicts.setdefault(layer.name, verdict)
            case FloatOp():
                verdicts.setdefault(layer.name, "float32 formula")
            case ContractionOp() | BinaryOp() | SumPool2DOp():
                if format_of(op.results[0].type) is None:
                    verdicts[layer.name] = "rounds: its input is not quantized"
                elif op.results[0] in known:
                    bits[layer.name] = max(bits.get(layer.name, 0), float32_bits(known[op.results[0]]))
                    scaled |= {layer.name} if isinstance(op, MulOp) and _is_long(op.rhs) else set[str]()
            case _:
                pass
    for name, needed in bits.items():
        of = " with its float32 scale" if name in scaled else ""
        if needed > FLOAT32_BITS:
            also = verdicts.get(name, "").partition("rounds: ")[2]
            verdicts[name] = f"rounds: {needed} bits{of}, float32 has 24{also and '; '}{also}"
        verdicts.setdefault(name, f"exact, {needed} bits")
    for name, steps in undecided_layers(module, known).items():
        verdicts[name] = f"{verdicts[name]}; {steps}" if name in verdicts else steps
    return verdicts


def _is_long(factor: SSAValue) -> bool:
    """Whether a factor is a scale of float32 numbers with long significands."""
    codes = constant_of(factor)
    return codes is not None and format_of(factor.type) is not None and int(np.abs(codes).max(initial=0)) >= MANTISSA


def _straight_through(layer: Layer, op: QuantizeOp, known: Mapping[SSAValue, Range]) -> str | None:
    """The verdict on x + (q - x); None where it is exact for every x that can occur, or where there is no such sum."""
    if not _adds_its_input(layer):
        return None
    limit = math.ldexp(1.0, FLOAT32_BITS + exact_format_of(op.result.type).lsb)
    source = known.get(op.operand)
    if source is None:
        return f"exact for |x| below {limit:g}"
    fmt = format_of(op.operand.type)
    largest = max(float(np.abs(end).max(initial=0)) for end in (source.low, source.high))
    reached = math.ldexp(largest, 0 if fmt is None else fmt.lsb)
    return None if reached < limit else f"rounds: x + (q - x) for |x| from {limit:g} on, x reaches {reached:g}"


def _adds_its_input(layer: Layer) -> bool:
    """Whether the layer's activation ends in x + (q - x) of an x that nothing has clipped or replaced."""
    try:
        quantizer = read_quantizer(layer.config.get("activation"), layer.where)
    except QdialectError:
        return False
    match quantizer:
        case QuantizedBits(use_ste=ste) | QuantizedHswish(use_ste=ste) | QuantizedPo2(use_ste=ste):
            return ste
        case Binary() | StochasticBinary() | Ternary() | StochasticTernary():
            return quantizer.alpha is not None
        case _:
            return False
