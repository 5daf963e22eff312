"""Fixed-point types for layers without quantizers, proposed from data.

Before the point a type has the bits of the largest weight, and of the largest result on the data. Behind it, as few as
keep the classes of the samples: first in all layers alike, then of weights alone, then of results alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tomli_w
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation

from qdialect.compiler.pipeline import lower
from qdialect.compiler.subject import Subject
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import argument_names, network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.errors import QdialectError
from qdialect.interpreter.blocks import blocks, bytes_of
from qdialect.interpreter.simulate import run
from qdialect.interpreter.values import as_inputs, as_list, expect_samples, to_argument, to_reals
from qdialect.numerics.arrays import Array
from qdialect.passes.network.quantize_layers import QuantizeLayers, is_weights, uses_elsewhere
from qdialect.simulator.simulate import simulate

MOST_BITS = 16
"""Behind the point: float32 has 24 in all, and a network that needs more of them is better trained with quantizers."""


@dataclass(frozen=True)
class LayerTypes:
    """What the weights and the result of a layer are rounded to."""

    layer: str
    weights: str | None
    activations: str | None

    def rounding(self) -> QuantizeLayers:
        return QuantizeLayers((self.layer,), self.weights, self.activations)


@dataclass(frozen=True)
class Proposal:
    """Types of layers; how many of the samples have the right class without and with them."""

    layers: Sequence[LayerTypes]
    samples: int
    right: int
    right_rounded: int
    reference: str
    """Whose classes are the right ones."""

    def lines(self) -> list[str]:
        """The shares of samples, and the sections of a design."""
        settings = {
            each.layer: {
                key: text
                for key, text in (("Weights", each.weights), ("Activations", each.activations))
                if text is not None
            }
            for each in self.layers
        }
        before, after = (100 * count / self.samples for count in (self.right, self.right_rounded))
        share = f"# {self.reference}: {before:.2f} % of {self.samples} samples without rounding, {after:.2f} % with it"
        return [share, *tomli_w.dumps({"LayerName": settings}).splitlines()]


class Largest(Interpreter.Listener):
    """The bits before the point, with a sign, of the largest real that each operation gives."""

    def __init__(self) -> None:
        self.bits: dict[Operation, int] = {}

    def did_interpret_op(self, op: Operation, results: Iterable[Any]) -> None:
        for result, codes in zip(op.results, results, strict=True):
            bits = integer_bits(to_reals(codes, result.type))
            self.bits[op] = max(bits, self.bits.get(op, bits))


def integer_bits(reals: Array) -> int:
    """Of the largest magnitude, with a sign: the least I with |x| < 2**(I - 1)."""
    return math.frexp(float(np.abs(reals).max(initial=0)))[1] + 1


def propose(subject: Subject, x: Any, loss: float, labels: Array | None = None) -> Proposal:
    """Types for the layers without quantizers with which at most `loss` percent of the samples `x` lose the right
    class: that of `labels`, or of the network without rounding.

    Raises QdialectError for networks of several outputs or without classes, without anything to round, and if 16 bits
    are too few.
    """
    module = subject.module
    inputs = expect_samples(as_inputs(x, argument_names(network(module))))
    chosen = classes(module, inputs)
    right = chosen if labels is None else labels
    count = int((chosen == right).sum())
    needed = count - math.floor(loss * len(right) / 100)
    before = integer_bits_of(module, inputs, subject.settings.network.floats)

    def kept(fractions: tuple[int, int]) -> int:
        rounded = lower(module, [each.rounding() for each in types_of(before, fractions)])
        return int((classes(rounded, inputs) == right).sum())

    types = types_of(before, fewest(kept, needed))
    rounded = lower(module, [each.rounding() for each in types])
    if not (effective := with_effect(types, rounded)):
        raise QdialectError("all weights and results of the network are quantized: there are no types to propose")
    reference = "labels" if labels is not None else "classes of the network without rounding"
    right_rounded = int((classes(rounded, inputs) == right).sum())
    return Proposal(effective, len(right), count, right_rounded, reference)


def with_effect(types: Sequence[LayerTypes], rounded: ModuleOp) -> Sequence[LayerTypes]:
    """The types that round something: results that are only moved lie within the type before them."""
    quantized = {layer_of(op) for op in network(rounded).body.block.ops if isinstance(op, QuantizeOp)}
    kept = [each if each.layer in quantized else replace(each, activations=None) for each in types]
    return [each for each in kept if (each.weights, each.activations) != (None, None)]


def fewest(kept: Callable[[tuple[int, int]], int], needed: int) -> tuple[int, int]:
    """Bits behind the point of weights and of results with which so many samples are right."""
    both = next((bits for bits in range(MOST_BITS + 1) if kept((bits, bits)) >= needed), None)
    if both is None:
        raise QdialectError(f"{MOST_BITS} bits behind the point lose more than that; train the network with quantizers")
    weights = activations = both
    while weights and kept((weights - 1, activations)) >= needed:
        weights -= 1
    while activations and kept((weights, activations - 1)) >= needed:
        activations -= 1
    return weights, activations


def classes(module: ModuleOp, inputs: Sequence[Array]) -> Array:
    """The class that a network gives each sample. Raises QdialectError for networks without classes."""
    heads, outputs = heads_of(network(module)), as_list(simulate(module, list(inputs)))
    if len(outputs) == 1 and outputs[0].ndim == 2 and outputs[0].shape[1] > 1:
        return outputs[0].argmax(axis=1)
    if len(outputs) == 1 and heads[0] is Head.SIGMOID:
        return outputs[0].reshape(len(outputs[0])) > 0
    raise QdialectError("types are proposed for networks that classify: one output, of several classes or a sigmoid")


def integer_bits_of(
    module: ModuleOp, inputs: Sequence[Array], layers: Sequence[str]
) -> Mapping[str, tuple[int | None, int | None]]:
    """Bits before the point of the weights and of the result of each of some layers; None for a layer without."""
    function, largest = network(module), Largest()
    for block in blocks(list(inputs), bytes_of(function.body.block.ops, function.args)):
        run(module, [to_argument(function, i, value) for i, value in enumerate(block)], [largest])
    weights: dict[str, int] = {}
    results: dict[str, int] = {}
    for op, bits in largest.bits.items():
        if is_weights(op):
            weights[layer_of(op)] = max(bits, weights.get(layer_of(op), bits))
        elif not isinstance(op, ConstantOp) and uses_elsewhere(op):
            results[layer_of(op)] = max(bits, results.get(layer_of(op), bits))
    return {layer: (weights.get(layer), results.get(layer)) for layer in layers if layer in weights or layer in results}


def types_of(before: Mapping[str, tuple[int | None, int | None]], fractions: tuple[int, int]) -> Sequence[LayerTypes]:
    """The types of all layers with so many bits behind the point of weights and of results."""

    def text(integer: int | None, fraction: int) -> str | None:
        return None if integer is None else f"fixed<{max(integer + fraction, 1)},{max(integer, 1 - fraction)}>"

    return [LayerTypes(layer, *map(text, bits, fractions)) for layer, bits in before.items()]
