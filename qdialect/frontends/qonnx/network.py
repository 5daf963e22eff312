"""The values of a graph that handlers build with, constant or computed, and the order of their axes.

ONNX has channels first. A spatial value is stored channels last, and a value that was flattened from one keeps that
order: whoever reads it takes its own constants in the same order, so that no transpose is left in the IR.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import MulOp, ShiftOp
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact_if_possible
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.qonnx.model.graph import Graph, Node
from qdialect.numerics.float32 import Roundings, from_codes
from qdialect.numerics.formats import Format
from qdialect.numerics.limits import MAX_PARAMETER

WEIGHT_ROUNDINGS = 3
"""Of a scale behind a sum of products: the reference rounds the quotient by it, and the product of code and scale."""


@dataclass(frozen=True)
class QuantizedConstant:
    """Quantized constants, `codes * 2**format.lsb * scale`; the scale broadcasts, with as many axes as the codes."""

    codes: NDArray[Any]
    format: Format
    scale: NDArray[np.float32]

    def values(self) -> NDArray[np.float32]:
        """The float32 numbers that the reference computes with."""
        return from_codes(self.codes, self.format.lsb) * self.scale

    def mapped(self, move: Callable[[NDArray[Any]], NDArray[Any]]) -> QuantizedConstant:
        """With the axes or elements moved, those of the scale alike."""
        return replace(self, codes=move(self.codes), scale=move(np.broadcast_to(self.scale, self.codes.shape)))


@dataclass(frozen=True)
class HostStep:
    """`operation` with a number that the host computes in float32 on an input, before the network."""

    OPERATIONS: ClassVar = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}

    operation: str
    constant: NDArray[np.float32]
    reverse: bool = False

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        a, b = (self.constant, x) if self.reverse else (x, self.constant)
        return self.OPERATIONS[self.operation](a, b)

    def __str__(self) -> str:
        number = f"{float(self.constant.reshape(-1)[0]):.9g}"
        sign = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"}[self.operation]
        return f"{number} {sign} x" if self.reverse else f"x {sign} {number}"


@dataclass(frozen=True)
class Tensor:
    """A computed value. axes: which axis of the sample in ONNX each stored axis is; flattened: the stored shape,
    channels last, of what has been flattened since; host: what the host has computed on an input so far, and which."""

    ssa: SSAValue
    axes: tuple[int, ...]
    flattened: tuple[int, ...] = ()
    host: tuple[HostStep, ...] = ()
    argument: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Per sample, as in ONNX."""
        stored = shape_of(self.ssa)
        return tuple(stored[self.axes.index(axis)] for axis in range(len(stored)))

    @property
    def is_raw(self) -> bool:
        return self.argument is not None

    def arranged(self, constant: NDArray[Any]) -> NDArray[Any]:
        """A constant that broadcasts against this value in ONNX, as it does against the stored one."""
        if constant.size == 1:
            return constant.reshape(1)
        constant = constant.reshape((1,) * (len(self.axes) + 1 - constant.ndim) + constant.shape)
        if constant.ndim > len(self.axes) + 1 or len(constant) != 1:
            raise ValueError(f"a constant of shape {list(constant.shape)} depends on the sample")
        moved = constant[0].transpose(self.axes)
        if self.flattened and moved.shape[-1] > 1:
            moved = self.reordered(moved, 0)
        while moved.ndim > 1 and len(moved) == 1:
            moved = moved[0]
        return moved

    def reordered(self, constant: NDArray[Any], axis: int) -> NDArray[Any]:
        """An axis of a constant along this flattened value, in the stored order."""
        if not self.flattened:
            return constant
        *spatial, channels = self.flattened
        first = np.arange(constant.shape[axis]).reshape(channels, *spatial)
        return constant.take(np.moveaxis(first, 0, -1).reshape(-1), axis)


Handler: TypeAlias = Callable[["Network", Node], "Tensor | QuantizedConstant | NDArray[Any] | Sequence[Tensor]"]

H = TypeVar("H", bound=Handler)

HANDLERS: dict[str, Handler] = {}


def handles(*op_types: str) -> Callable[[H], H]:
    """Register a handler for operations of ONNX or QONNX."""

    def register(handler: H) -> H:
        HANDLERS.update(dict.fromkeys(op_types, handler))
        return handler

    return register


class Network:
    """The values of a graph by their names: `values` are computed, `weights` quantized, `constants` plain arrays."""

    def __init__(self, graph: Graph, builder: Builder):
        self.graph, self.b = graph, builder
        self.values: dict[str, Tensor] = {}
        self.weights: dict[str, QuantizedConstant] = {}
        self.constants: dict[str, NDArray[Any]] = dict(graph.constants)
        self.host: dict[int, tuple[HostStep, ...]] = {}

    def value(self, node: Node, index: int = 0) -> Tensor:
        """The computed input of a node, or a constant that is one sample. Raises QdialectError for others."""
        name = node.inputs[index] if index < len(node.inputs) else ""
        if name not in self.values:
            numbers = self.floats(node, index) if self.is_constant(name) else np.zeros(0, np.float32)
            if numbers.ndim < 2 or len(numbers) != 1:
                raise node.error(f"its input '{name}' is no value that the network computes before it")
            sample = self.number(np.ascontiguousarray(numbers[0]), True, f"input{index}")
            self.values[name] = Tensor(sample, tuple(range(numbers.ndim - 1)))
        return self.values[name]

    def is_constant(self, name: str) -> bool:
        return name in self.constants or name in self.weights

    def array(self, node: Node, index: int, default: Any = None) -> NDArray[Any]:
        """The constant input of a node, with `default` where it is left out. Raises QdialectError for others."""
        name = node.inputs[index] if index < len(node.inputs) else ""
        if not name and default is not None:
            return np.asarray(default)
        if name in self.weights:
            return self.weights[name].values()
        if name not in self.constants:
            raise node.error(f"its input '{name}' must be a constant")
        return self.constants[name]

    def floats(self, node: Node, index: int, default: Any = None) -> NDArray[np.float32]:
        """As `array`, in float32. Raises QdialectError for numbers that are not finite or beyond all use."""
        values = np.asarray(self.array(node, index, default), np.float32)
        if not (np.abs(values) <= MAX_PARAMETER).all():  # NaN is not, either
            raise node.error(f"numbers of '{node.inputs[index]}' are NaN, infinite or beyond {MAX_PARAMETER:g}")
        return values

    def integers(self, node: Node, index: int, key: str) -> list[int] | None:
        """Sizes or axes, given as a constant input or, in early opsets, as the attribute `key`."""
        if index < len(node.inputs) and node.inputs[index]:
            return [int(n) for n in self.array(node, index).reshape(-1)]
        given = node.option(key)
        return None if given is None else [int(n) for n in np.atleast_1d(given)]

    def weights_of(self, node: Node, index: int) -> QuantizedConstant:
        """The constant input of a node as integers: its quantizer's codes, or exact float32 numbers."""
        name = node.inputs[index]
        if name in self.weights:
            return self.weights[name]
        values = self.floats(node, index)
        numbers = exact_weights(values, node.where)
        return QuantizedConstant(numbers.data, numbers.format, np.ones((1,) * values.ndim, np.float32))

    def emit(self, op: Operation, like: Tensor, suffix: str = "") -> Tensor:
        """Append an operation whose result has the axes of `like`."""
        return Tensor(self.b.emit(op, suffix), like.axes, like.flattened)

    def exact(self, node: Node, x: Tensor) -> Tensor:
        """In fixed point where there is such a form: other values run in the interpreter, not in hardware."""
        self.settle(node, x)
        return replace(x, ssa=exact_if_possible(self.b, x.ssa), host=(), argument=None)

    def settle(self, node: Node, x: Tensor) -> None:
        """What the host computes on an input is what it has to compute everywhere. Raises QdialectError otherwise."""
        if x.argument is None:
            return
        if self.host.setdefault(x.argument, x.host) != x.host:
            raise node.error("reads an input after another step than its other readers; give input_type='fixed<16, 6>'")

    def number(self, values: NDArray[np.float32], exactly: bool, suffix: str) -> SSAValue:
        """A float32 constant, or the same numbers in fixed point."""
        if not exactly:
            return self.b.constant(values, None, suffix)
        numbers = exact_weights(values, self.b.layer_name)
        return self.b.constant(numbers.data, numbers.format, suffix)

    def scaled(self, x: Tensor, scale: NDArray[np.float32], suffix: str = "") -> Tensor:
        """`x * scale`, the scale arranged as `x` is stored: a move of the point for one power of two; else a float32
        product, which is exact where no quantizer follows."""
        exponent = common_exponent(scale)
        if exponent is not None:
            return self.emit(ShiftOp(x.ssa, exponent), x, suffix) if exponent else x
        return self.emit(MulOp(x.ssa, self.b.constant(scale, None, "scale")), x, suffix)

    def weighed(self, x: Tensor, scale: NDArray[np.float32]) -> Tensor:
        """A sum of products of codes times the scale of the weights, exactly."""
        exponent = common_exponent(scale)
        if exponent is not None:
            return self.emit(ShiftOp(x.ssa, exponent), x, "scaled") if exponent else x
        factor = self.number(scale, True, "scale")
        self.b.roundings[factor] = Roundings(WEIGHT_ROUNDINGS)
        return self.emit(MulOp(x.ssa, factor), x, "scaled")

    def plain(self, x: Tensor) -> Tensor:
        """With its axes and elements in ONNX' order."""
        if x.flattened:
            *spatial, channels = x.flattened
            image = self.b.emit(ReshapeOp(x.ssa, x.flattened), "image")
            first = self.b.emit(TransposeOp(image, (len(spatial), *range(len(spatial)))), "channels_first")
            flat = self.b.emit(ReshapeOp(first, (math.prod(spatial) * channels,)), "flat")
            return Tensor(flat, (0,))
        back = tuple(int(axis) for axis in np.argsort(x.axes))
        if back == tuple(range(len(back))):
            return x
        return replace(x, ssa=moved(self.b, x.ssa, back, "channels_first"), axes=tuple(range(len(back))))

    def channels_last(self, node: Node, x: Tensor, axes: int) -> Tensor:
        """[..., channels] with so many axes, whatever the order before."""
        if len(x.axes) != axes:
            raise node.error(f"expected {axes} axes per sample, got {list(x.shape)}")
        wanted = (*range(1, axes), 0)
        if x.axes == wanted:
            return x
        permutation = tuple(x.axes.index(axis) for axis in wanted)
        return replace(x, ssa=moved(self.b, x.ssa, permutation, "channels_last"), axes=wanted)

    def is_exact(self, x: Tensor) -> bool:
        return format_of(x.ssa.type) is not None


def moved(b: Builder, x: SSAValue, permutation: Sequence[int], suffix: str) -> SSAValue:
    """Axes in another order; a reshape where only axes of one element change places."""
    shape = shape_of(x)
    long = [axis for axis in permutation if shape[axis] > 1]
    if long == sorted(long):
        return b.emit(ReshapeOp(x, [shape[axis] for axis in permutation]), suffix)
    return b.emit(TransposeOp(x, permutation), suffix)


def common_exponent(scale: NDArray[np.float32]) -> int | None:
    """e where all numbers are 2**e; None otherwise."""
    mantissa, exponent = np.frexp(scale.reshape(-1)[0])
    return int(exponent) - 1 if mantissa == 0.5 and (scale == scale.reshape(-1)[0]).all() else None
