"""What float32 roundings of layers mean for the quantizers that read them: a bound for all inputs.

A sum of n terms is within gamma_{n+1} times its largest magnitude of the exact one (see `qdialect.numerics.float32`).
Layers after it scale that error, until a quantizer reads it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.code_range import FLOAT32_BITS, Range, float32_bits
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import BinaryOp, MulOp, ShiftOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.numerics.float32 import gamma
from qdialect.validation.undecided import keeps_distances, rounding_layer


def undecided_layers(module: ModuleOp, known: Mapping[SSAValue, Range]) -> dict[str, str]:
    """By layer, how many steps of the next quantizer its roundings may take; nothing where they stay below one."""
    errors: dict[SSAValue, float] = {}
    found: dict[str, str] = {}
    for op in network(module).body.block.ops:
        if isinstance(op, QuantizeOp):
            steps = math.ldexp(errors.get(op.operand, 0.0), -exact_format_of(op.result.type).lsb)
            if steps > 1:
                exponent = math.ceil(math.log2(steps))
                found[rounding_layer(op.operand) or layer_of(op)] = (
                    f"undecided: up to 2^{exponent} steps of the next quantizer"
                )
        elif op.results and (error := _error(op, errors, known)):
            errors[op.results[0]] = error
    return found


def _error(op: Operation, errors: Mapping[SSAValue, float], known: Mapping[SSAValue, Range]) -> float:
    """How far Keras' result may be from the exact one; 0 also where nothing is known, such as after functions."""
    of = [errors.get(operand, 0.0) for operand in op.operands]
    match op:
        case ContractionOp():
            return of[0] * _gain(op, known) + _own(op, op.fan_in, max(of), known)
        case SumPool2DOp():
            terms = math.prod(op.geometry()[0])
            return of[0] * terms + _own(op, terms, of[0], known)
        case MulOp():
            x, y = (_magnitude(operand, known) for operand in op.operands)
            return of[0] * y + of[1] * x + _own(op, 1, max(of), known)
        case BinaryOp() if not keeps_distances(op):
            return sum(of) + _own(op, 1, max(of), known)
        case ShiftOp():
            return math.ldexp(of[0], op.by.value.data)
        case BatchNormOp():
            scale, variance = constant_of(op.gamma), constant_of(op.variance)
            if scale is None or variance is None:
                return 0.0
            return of[0] * float(np.max(np.abs(scale) / np.sqrt(variance + op.epsilon.value.data)))
        case DivideOp():
            divisor = constant_of(op.divisor)
            return 0.0 if divisor is None else of[0] / float(np.min(np.abs(divisor)))
        case _:
            return max(of, default=0.0) if keeps_distances(op) else 0.0


def _own(op: Operation, terms: int, before: float, known: Mapping[SSAValue, Range]) -> float:
    """The error of an operation's own roundings: none where float32 holds all sums of exact numbers."""
    result = op.results[0]
    if result not in known or format_of(result.type) is None:
        return 0.0
    exact = not before and float32_bits(known[result]) <= FLOAT32_BITS
    return 0.0 if exact else gamma(terms + 1) * _magnitude(result, known)


def _gain(op: ContractionOp, known: Mapping[SSAValue, Range]) -> float:
    """By how much errors of its inputs may grow."""
    return op.fan_in * _magnitude(op.kernel, known)


def _magnitude(value: SSAValue, known: Mapping[SSAValue, Range]) -> float:
    if value not in known:
        return 0.0
    ends, fmt = (known[value].low, known[value].high), format_of(value.type)
    largest = max(float(np.abs(end).max(initial=0)) for end in ends)
    return math.ldexp(largest, 0 if fmt is None else fmt.lsb)
