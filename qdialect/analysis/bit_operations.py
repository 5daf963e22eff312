"""Effective bit operations (EBOPs) of sums of products, the cost that HGQ2 trains for.

    sum over all products of bits(input element) * bits(weight)

without signs. Bits of an input are those of its format; of a weight those from its highest one to its lowest.
Source: Chang Sun et al., "Gradient-based Automatic Mixed Precision Quantization for Neural Networks On-Chip", 2024.
"""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.traits import Moves
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.arrays import IntArray


def bit_operations(module: ModuleOp) -> dict[str, int]:
    """By layer; of float sums and of kernels that are computed there are none."""
    interpreter = interpreter_for(module)
    found: dict[str, int] = {}
    for op in network(module).body.block.ops:
        if isinstance(op, ContractionOp) and format_of(op.operand.type) is not None:
            weights = constant_of(op.kernel)
            if weights is not None:
                bits = bits_of_value(module, op.operand)[np.newaxis], bits_of_codes(weights)[np.newaxis]
                (sums,) = interpreter.run_op(op, bits)
                found[layer_of(op)] = found.get(layer_of(op), 0) + int(sums.sum())
    return found


def bits_of_codes(codes: IntArray) -> IntArray:
    """From the highest one of a magnitude to the lowest."""
    sizes = [abs(int(code)) for code in codes.flat]
    spans = [size.bit_length() - ((size & -size).bit_length() - 1) if size else 0 for size in sizes]
    return np.array(spans, np.int64).reshape(codes.shape)


def bits_of_value(module: ModuleOp, value: SSAValue) -> IntArray:
    """Of each element, without its sign, through what only moves elements."""
    op = value.owner
    if isinstance(op, QuantizeOp) and isinstance(op.mode, RoundEachAttr):
        each = op.mode.data.of_sample(shape_of(value))
        return np.maximum(each.widths - each.signs, 0)
    if isinstance(op, ConcatOp):  # which the interpreter would align to the finest step
        return np.concatenate([bits_of_value(module, part) for part in op.parts], op.axis.value.data)
    if isinstance(op, Operation) and op.has_trait(Moves):
        (moved,) = interpreter_for(module).run_op(op, tuple(bits_of_value(module, x)[np.newaxis] for x in op.operands))
        return moved[0]
    fmt = exact_format_of(value.type)
    return np.full(shape_of(value), max(fmt.bits - (fmt.min_code < 0), 1))
