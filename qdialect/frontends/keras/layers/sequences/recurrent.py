"""Handlers: recurrent layers, unrolled over the time steps of their input, whose number is static.

With the quantized kernel W, recurrent kernel R and bias b, the activation f, the recurrent activation g, the state
h (in an LSTM also c) after the state quantizer, and products of gates element by element:

    SimpleRNN   h' = f(xW + b + hR)
    LSTM        (i, f', o) = g(xW + hR + b),   c' = f' c + i f(xW + hR + b),   h' = o f(c')
    GRU         (z, r) = g(xW + b + hR),       h' = z h + (1 - z) f(xW + b + (r h) R)

A GRU with `reset_after` has r (hR + b') in place of (r h) R, and a second bias b' on all products with h. Sources:
`qkeras/qrecurrent.py` 0.9.0 and `keras/layers/rnn`. The sums are in Keras' order, which decides where they are float32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact_if_possible
from qdialect.frontends.building.weights import QuantizedWeights, exact_weights
from qdialect.frontends.keras.activations.quantizers import apply_activation
from qdialect.frontends.keras.handlers import HANDLERS, HeadReached, handles, only_result
from qdialect.frontends.keras.layers.parts import layer_activation, layer_kernel, option_quantizer, scaled
from qdialect.frontends.keras.model.parameters import check_parameters
from qdialect.frontends.keras.model.source import Layer
from qdialect.frontends.keras.quantizers.classes import Quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights

State: TypeAlias = tuple[SSAValue, ...]
"""The output h of a step, and c of an LSTM."""

Step: TypeAlias = Callable[["Cell", SSAValue, State], State]
"""From xW (and the bias) of one time step and the quantized state to the next state."""

RECURRENT = ("SimpleRNN", "QSimpleRNN", "LSTM", "QLSTM", "GRU", "QGRU")

MERGES: dict[str, type[BinaryOp]] = {"sum": AddOp, "ave": AddOp, "mul": MulOp}


@dataclass(frozen=True)
class AffineMap:
    """x -> xM + bias, with constants that all steps share."""

    matrix: QuantizedWeights
    weights: SSAValue
    bias: SSAValue | None

    def of(self, b: Builder, x: SSAValue, suffix: str) -> SSAValue:
        sums = scaled(b, b.emit(DenseOp(x, self.weights), f"{suffix}_sum"), self.matrix)
        return sums if self.bias is None else b.emit(AddOp(sums, self.bias), f"{suffix}_biased")


@dataclass(frozen=True)
class Cell:
    """The parts that all steps of a layer share. A GRU has two products with the state: of the gates, and of the
    candidate."""

    b: Builder
    layer: Layer
    units: int
    products: Sequence[AffineMap]
    bias: SSAValue | None
    activation: Quantizer | None
    recurrent_activation: Quantizer | None

    def part(self, x: SSAValue, first: int, count: int = 1) -> SSAValue:
        """`count` of the gates that lie one after the other in `x`."""
        return self.b.emit(SliceOp(x, (first * self.units,), (count * self.units,)), f"gate{first}")

    def add(self, x: SSAValue, y: SSAValue) -> SSAValue:
        return self.b.emit(AddOp(x, y), "added")

    def multiply(self, x: SSAValue, y: SSAValue) -> SSAValue:
        return self.b.emit(MulOp(x, y), "gated")

    def activated(self, x: SSAValue) -> SSAValue:
        return apply_activation(self.b, self.layer, x, self.activation)

    def gate(self, x: SSAValue) -> SSAValue:
        return apply_activation(self.b, self.layer, x, self.recurrent_activation)


def simple_step(cell: Cell, x: SSAValue, state: State) -> State:
    (h,) = state
    (recurrent,) = cell.products
    return (cell.activated(cell.add(x, recurrent.of(cell.b, h, "recurrent"))),)


def lstm_step(cell: Cell, x: SSAValue, state: State) -> State:
    h, c = state
    (recurrent,) = cell.products
    sums = cell.add(x, recurrent.of(cell.b, h, "recurrent"))
    if cell.bias is not None:
        sums = cell.add(sums, cell.bias)
    i, f, candidate, o = (cell.part(sums, k) for k in range(4))
    kept = cell.multiply(cell.gate(f), c)
    c = cell.add(kept, cell.multiply(cell.gate(i), cell.activated(candidate)))
    return cell.multiply(cell.gate(o), cell.activated(c)), c


def gru_step(cell: Cell, x: SSAValue, state: State) -> State:
    (h,) = state
    of_gates, of_candidate = cell.products
    gates = cell.gate(cell.add(cell.part(x, 0, 2), of_gates.of(cell.b, h, "gates")))
    z, r = cell.part(gates, 0), cell.part(gates, 1)
    if cell.layer.option("reset_after", False):
        recurrent = cell.multiply(r, of_candidate.of(cell.b, h, "candidate"))
    else:
        recurrent = of_candidate.of(cell.b, cell.multiply(r, h), "candidate")
    candidate = cell.activated(cell.add(cell.part(x, 2), recurrent))
    one = exact_weights(np.ones(1, np.float32), "one")
    rest = cell.b.emit(SubOp(cell.b.constant(one.data, one.format, "one"), z), "rest")
    return (cell.add(cell.multiply(z, h), cell.multiply(rest, candidate)),)


@handles("SimpleRNN", "QSimpleRNN")
def simple_rnn(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    products = [affine_map(b, recurrent_kernel(layer), None, "recurrent")]
    return unrolled(b, layer, x, simple_step, products, {"input": bias_of(layer)})


@handles("LSTM", "QLSTM")
def lstm(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    products = [affine_map(b, recurrent_kernel(layer), None, "recurrent")]
    place = "input" if layer.option("implementation", 2) == 1 else "sum"
    return unrolled(b, layer, x, lstm_step, products, {place: bias_of(layer)}, states=2)


@handles("GRU", "QGRU")
def gru(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    layer.option("implementation")
    if layer.class_name == "QGRU" and layer.option("recurrent_quantizer") is None:
        raise layer.error(
            "without recurrent_quantizer QKeras computes with the kernel in place of the recurrent kernel; set one"
        )
    bias, kernel, units = bias_of(layer), recurrent_kernel(layer), layer.size("units")
    after: QuantizedWeights | None = None
    if bias is not None and layer.option("reset_after", False):
        bias, after = (replace(bias, data=row) for row in bias.data)
    products = [
        affine_map(b, column_slice(kernel, part), after and column_slice(after, part), name)
        for name, part in (("gates", slice(2 * units)), ("candidate", slice(2 * units, None)))
    ]
    return unrolled(b, layer, x, gru_step, products, {"input": bias})


def recurrent_kernel(layer: Layer) -> QuantizedWeights:
    return layer_kernel(layer, "recurrent")


def bias_of(layer: Layer) -> QuantizedWeights | None:
    """The quantized bias, a scale multiplied into it."""
    where = f"{layer.where} bias_quantizer"
    quantizer = option_quantizer(layer, "bias_quantizer")
    if not layer.option("use_bias", True):
        return None
    bias = quantize_weights(quantizer, layer.weight("bias"), where)
    return bias if bias.scale is None else exact_weights(bias.values(), where)


def column_slice(weights: QuantizedWeights, part: slice) -> QuantizedWeights:
    """A slice of the last axis."""
    scale = weights.scale
    return replace(weights, data=weights.data[..., part], scale=None if scale is None else scale[..., part])


def affine_map(b: Builder, matrix: QuantizedWeights, bias: QuantizedWeights | None, name: str) -> AffineMap:
    weights = b.weights(matrix, f"{name}_kernel")
    return AffineMap(matrix, weights, bias and b.weights(bias, f"{name}_bias"))


def unrolled(
    b: Builder,
    layer: Layer,
    x: SSAValue,
    step: Step,
    products: Sequence[AffineMap],
    biases: Mapping[str, QuantizedWeights | None],
    states: int = 1,
) -> SSAValue:
    """The steps one after the other: h of the last, or of all under `return_sequences`, in the order computed.

    biases: what is added to xW ('input'), or to xW + hR ('sum'). The product xW is one contraction for all steps.
    Raises QdialectError for options that keep, return or mask states.
    """
    name, cell = b.layer_name, cell_of(b, layer, products, biases.get("sum"))
    inputs = affine_map(b, layer_kernel(layer), biases.get("input"), "input").of(b, exact_if_possible(b, x), "input")
    steps, width = shape_of(inputs)
    order = range(steps)[::-1] if layer.option("go_backwards", False) else range(steps)
    state_quantizer = option_quantizer(layer, "state_quantizer")
    zeros = exact_weights(np.zeros(cell.units, np.float32), "state")
    state: State = (b.constant(zeros.data, zeros.format, "initial_state"),) * states
    results: list[SSAValue] = []
    for t in order:
        b.layer_name, b.step = f"{name}_step{t}", t
        one = b.emit(ReshapeOp(b.emit(SliceOp(inputs, (t, 0), (1, width)), "slice"), (width,)), "in")
        state = tuple(apply_activation(b, layer, s, state_quantizer) for s in state)
        try:
            state = step(cell, one, state)
        except HeadReached as reached:
            raise layer.error(f"activation '{reached.head}' is not supported in a recurrent layer") from None
        results.append(state[0])
    b.layer_name, b.step = name, None
    return joined(b, results) if layer.option("return_sequences", False) else results[-1]


def cell_of(b: Builder, layer: Layer, products: Sequence[AffineMap], late: QuantizedWeights | None) -> Cell:
    """What every step computes with; `late` is added to xW + hR. Raises QdialectError as `unrolled` does."""
    for key in ("return_state", "stateful", "time_major", "zero_output_for_mask"):
        layer.expect(key, False)
    for key in ("dropout", "recurrent_dropout"):
        layer.option(key)
    return Cell(
        b,
        layer,
        layer.size("units"),
        products,
        late and b.constant(late.data, late.format, "bias"),
        layer_activation(layer),
        layer_activation(layer, "recurrent_activation"),
    )


def joined(b: Builder, results: Sequence[SSAValue]) -> SSAValue:
    """The steps' vectors as a sequence."""
    return b.emit(ConcatOp([b.emit(ReshapeOp(h, (1, *shape_of(h))), "out") for h in results], 0))


@handles("Bidirectional", "QBidirectional")
def bidirectional(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """One layer from the first step to the last and one from the last to the first, their results merged by step."""
    class_name, config = layer.inner()
    forward = half(b, layer, "forward", (class_name, config), x)
    reverse = {**config, "go_backwards": not config.get("go_backwards", False)}
    given = layer.inner("backward_layer") if layer.option("backward_layer") else (class_name, reverse)
    backward = half(b, layer, "backward", given, x)
    if config.get("return_sequences", False):
        backward = reversed_steps(b, backward)
    mode = layer.option("merge_mode", "concat")
    if mode == "concat":
        return b.emit(ConcatOp([forward, backward], len(shape_of(forward)) - 1))
    if mode not in MERGES:
        raise layer.error(f"merge_mode={mode!r} is not supported, only concat, {', '.join(MERGES)}")
    merged = b.emit(MERGES[mode](forward, backward), "merged")
    return b.emit(ShiftOp(merged, -1)) if mode == "ave" else merged


def half(b: Builder, layer: Layer, side: str, inner: tuple[str, Mapping[str, Any]], x: SSAValue) -> SSAValue:
    """The layer of one direction, a class and its configuration, on its own weights."""
    prefix = f"{side}_layer/"
    weights = {key.removeprefix(prefix): w for key, w in layer.weights.items() if key.startswith(prefix)}
    class_name, config = inner
    one = Layer(class_name, f"{layer.name}/{side}", config, weights)
    if one.class_name not in RECURRENT:
        raise layer.error(f"layers of class {one.class_name} are not supported, only {', '.join(RECURRENT)}")
    check_parameters(one, [shape_of(x)])
    name, b.layer_name = b.layer_name, f"{b.layer_name}_{side}"
    result = only_result(one, HANDLERS[one.class_name](b, one, x))
    b.layer_name = name
    one.check_all_read()
    return result


def reversed_steps(b: Builder, x: SSAValue) -> SSAValue:
    steps, width = shape_of(x)
    return b.emit(ConcatOp([b.emit(SliceOp(x, (t, 0), (1, width)), "step") for t in reversed(range(steps))], 0))
