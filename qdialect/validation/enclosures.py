"""Enclosures of Keras' float32 arithmetic: for every value of a network an interval that holds Keras' result.

A sum of products is enclosed whatever the order in which it is evaluated: with unit roundoff u = 2**-24 and at most k
roundings between any factor and the result, |computed - exact| <= gamma_k * sum |products|, gamma_k = k*u / (1 - k*u)
[Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 3.1 and 3.5]. Where the sums of the positive and
of the negative products are within 2**24 steps of the result, no order rounds, and the enclosure is one number.
Quantizers and other functions map the ends of an interval; a quantizer gives two numbers only where a boundary of its
codes lies within the interval. The formulas that the IR computes in float32, operation by operation, are evaluated on
both ends.

It is the network level that is enclosed: each of its operations stands for a float32 expression of Keras.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, MoveOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.errors import QdialectError
from qdialect.interpreter.blocks import blocks, bytes_of
from qdialect.interpreter.layers import pool_windows
from qdialect.interpreter.simulate import interpreter_for
from qdialect.interpreter.values import as_inputs, to_argument
from qdialect.numerics.arrays import Float64Array
from qdialect.numerics.float32 import RSQRT_ULPS, BatchNormFormula, Roundings, gamma
from qdialect.validation.enclosure_rules import (
    Enclosure,
    charged,
    concatenated,
    contract,
    corners_of,
    function_of,
    quantized,
    reals_of,
    rising,
    same_rank,
    shifted,
    straight_through,
)
from qdialect.validation.undecided import Undecided, at_quantizer, rounding_layer

ARRAYS = 4
"""Arrays per value: both ends, the size of its sums, the error."""


@dataclass(frozen=True)
class Enclosed:
    """Enclosures of a network's outputs, the steps of their types (0 for floats), and the layers left undecided."""

    outputs: Sequence[Enclosure]
    steps: Sequence[float]
    undecided: Mapping[str, Undecided]


def enclosures(module: ModuleOp, x: Any, roundings: Mapping[SSAValue, Roundings]) -> list[Enclosure]:
    """The enclosures of the outputs of a module, as `enclosed` computes them."""
    return list(enclosed(module, x, roundings).outputs)


def enclosed(module: ModuleOp, x: Any, roundings: Mapping[SSAValue, Roundings]) -> Enclosed:
    """What is known of the outputs of a module at network level, for inputs as `simulate` takes them.

    roundings: constants that Keras computes, and inputs that only the network rounds, as the importer records them.
    Raises QdialectError for operations that only exist after lowering.
    """
    function = network(module)
    inputs = as_inputs(x, argument_names(function))
    each = ARRAYS * bytes_of(function.body.block.ops, function.args)
    parts: list[list[Enclosure]] = []
    found: defaultdict[str, list[Undecided]] = defaultdict(list)
    for block in blocks(inputs, each):
        known = _of_block(module, block, roundings)
        parts.append([known[value].of_batch(len(block[0])) for value in results_of(function)])
        for op in function.body.block.ops:
            if isinstance(op, QuantizeOp) and op.result not in roundings:
                found[rounding_layer(op.operand) or layer_of(op)].append(
                    at_quantizer(op, known[op.operand], known[op.result])
                )
    joined = {layer: Undecided.joined(of_blocks) for layer, of_blocks in found.items()}
    return Enclosed(
        [Enclosure.stacked(part) for part in zip(*parts, strict=True)],
        [0.0 if (fmt := format_of(value.type)) is None else float(2.0**fmt.lsb) for value in results_of(function)],
        {layer: undecided for layer, undecided in joined.items() if undecided.values},
    )


def _of_block(
    module: ModuleOp, inputs: Sequence[NDArray[Any]], roundings: Mapping[SSAValue, Roundings]
) -> dict[SSAValue, Enclosure]:
    """The enclosures of every value for a block of samples."""
    function = network(module)
    known: dict[SSAValue, Enclosure] = {}
    for i, (argument, value) in enumerate(zip(function.args, inputs, strict=True)):
        reals = reals_of(to_argument(function, i, value), argument)
        known[argument] = Enclosure.of(reals, reals)
    analysis = _Analysis(interpreter_for(module), known, roundings)
    for op in function.body.block.ops:
        if op.results:
            known[op.results[0]] = analysis.result(op)
    return known


@dataclass(frozen=True)
class _Analysis:
    interpreter: Interpreter
    known: Mapping[SSAValue, Enclosure]
    roundings: Mapping[SSAValue, Roundings]

    def result(self, op: Operation) -> Enclosure:
        operands = [self.known[operand] for operand in op.operands]
        floating = format_of(op.results[0].type) is None
        match op:
            case ConstantOp():
                return self.constant(op)
            case ContractionOp():
                return self.contraction(op, operands[0])
            case SumPool2DOp():
                return self.sums(op, operands[0])
            case BatchNormOp():
                return self.batch_norm(op)
            case DivideOp() if op.divisor in self.roundings:
                return self.postponed(op, *operands)
            case DivideOp():
                return self.on_ends(op)
            case MulOp() if isinstance(op.lhs.owner, QuantizeOp) and isinstance(op.rhs.owner, ConstantOp):
                scaled = self.on_ends(op) if floating else self.scaled(op, *operands)
                return straight_through(scaled, self.known[op.lhs.owner.operand])
            case BinaryOp() if floating:
                return self.on_ends(op)
            case AddOp() | SubOp():
                return self.total(op, *operands)
            case MulOp():
                return self.scaled(op, *operands)
            case ShiftOp():
                return shifted(op, operands[0])
            case QuantizeOp() if op.result in self.roundings:
                return self.input_type(op, operands[0])
            case QuantizeOp():
                return quantized(op, operands[0])
            case FunctionOp():
                return function_of(op, operands[0])
            case LookupOp():
                return self.looked_up(op, operands[0])
            case ReshapeOp() | PadOp() | MoveOp():
                return self.moved(op, operands[0])
            case ConcatOp():
                return concatenated(op, operands)
            case ReluOp() | LeakyReluOp() | MaximumOp() | MinimumOp() | MaxPool2DOp():
                return rising(op, operands)
            case _:
                raise QdialectError(f"{op.name} has no enclosure: only the network level stands for Keras' operations")

    def constant(self, op: ConstantOp) -> Enclosure:
        reals, own = reals_of(op.data[np.newaxis], op.result), self.roundings.get(op.result, Roundings())
        value = Enclosure.of(reals - own.apart, reals + own.apart)
        return replace(value, size=np.maximum(value.size, own.size), depth=own.count)

    def input_type(self, op: QuantizeOp, x: Enclosure) -> Enclosure:
        """Keras computes with the input itself, the network with the nearest number of its type."""
        q = reals_of(self.interpreter.run_op(op, (x.low,))[0], op.result)
        return Enclosure.of(np.minimum(x.low, q), np.maximum(x.high, q))

    def contraction(self, op: ContractionOp, x: Enclosure) -> Enclosure:
        kernel = self.known[op.kernel]
        centre, weights, apart = (x.low + x.high) / 2, (kernel.low + kernel.high)[0] / 2, kernel.width[0] / 2
        magnitudes = np.abs(weights) + apart
        middle = contract(op, centre, weights)
        around = contract(op, (x.high - x.low) / 2, magnitudes)
        if apart.any():
            around = around + contract(op, np.abs(centre), apart)
        size = contract(op, x.size, kernel.size[0])
        depth = x.depth + kernel.depth + op.fan_in
        return charged(op, middle - around, middle + around, size, depth, contract(op, x.error, magnitudes) > 0)

    def sums(self, op: SumPool2DOp, x: Enclosure) -> Enclosure:
        def total(values: Float64Array) -> Float64Array:
            return pool_windows(op, values, 0.0).sum(axis=(-2, -1))

        terms = int(np.prod(op.geometry()[0]))
        return charged(op, total(x.low), total(x.high), total(x.size), x.depth + terms, total(x.error) > 0)

    def total(self, op: AddOp | SubOp, x: Enclosure, y: Enclosure) -> Enclosure:
        x, y = same_rank(op, x, y)
        low, high = (x.low + y.low, x.high + y.high) if isinstance(op, AddOp) else (x.low - y.high, x.high - y.low)
        depth = max(x.depth, y.depth) + 1
        return charged(op, low, high, x.size + y.size, depth, (x.error > 0) | (y.error > 0))

    def scaled(self, op: MulOp, x: Enclosure, y: Enclosure) -> Enclosure:
        x, y = same_rank(op, x, y)
        corners = [a * b for a, b in product((x.low, x.high), (y.low, y.high))]
        low, high = np.minimum.reduce(corners), np.maximum.reduce(corners)
        return charged(op, low, high, x.size * y.size, x.depth + y.depth + 1, (x.error > 0) | (y.error > 0))

    def postponed(self, op: DivideOp, x: Enclosure, divisor: Enclosure) -> Enclosure:
        """A division after the sums of what Keras divides before them: all of Keras' roundings on the way."""
        size, depth = x.size / divisor.low, x.depth + self.roundings[op.divisor].count
        return Enclosure(x.low / divisor.low, x.high / divisor.low, size, depth, gamma(depth + 1) * size)

    def batch_norm(self, op: BatchNormOp) -> Enclosure:
        """Keras' formula with every reciprocal square root that TensorFlow may have."""
        rooted = op.formula.data in (BatchNormFormula.SCALE_OFFSET, BatchNormFormula.FUSED_PRODUCT)
        span = range(-RSQRT_ULPS, RSQRT_ULPS + 1) if rooted else range(1)
        return self.on_ends(op, [interpreter_for(self.interpreter.module, bn_ulps=ulps) for ulps in span])

    def on_ends(self, op: Operation, interpreters: Sequence[Interpreter] = ()) -> Enclosure:
        """float32 operations that are monotone in each operand, on all corners."""
        choices = [corners_of(self.known[operand], operand) for operand in op.operands]
        results = [
            interpreter.run_op(op, corner)[0]
            for interpreter in interpreters or [self.interpreter]
            for corner in product(*choices)
        ]
        return Enclosure.of(np.minimum.reduce(results), np.maximum.reduce(results))

    def looked_up(self, op: LookupOp, x: Enclosure) -> Enclosure:
        """One entry of a table where the index is certain, any of its channel elsewhere."""
        table, (low, high) = self.known[op.table].low[0], x.ends
        codes = np.ldexp(low, -exact_format_of(op.operand.type).lsb).astype(np.int64) - op.first.value.data
        channels = np.arange(len(table)) if len(table) > 1 else 0
        entry, certain = table[channels, np.clip(codes, 0, table.shape[1] - 1)], low == high
        return Enclosure.of(
            np.where(certain, entry, table.min(axis=1)),
            np.where(certain, entry, table.max(axis=1)),
        )

    def moved(self, op: Operation, x: Enclosure) -> Enclosure:
        low, high, size, error = (self.interpreter.run_op(op, (v,))[0] for v in (x.low, x.high, x.size, x.error))
        return Enclosure(low, high, size, x.depth, error)
