"""Functions by a bare name: QKeras' meaning in QKeras layers, Keras' in Keras layers."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.heads import Head
from qdialect.dialects.qnn.ops.elementwise import AddOp, ReluOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.functions import at_most, combined, function, hard_sigmoid, hard_tanh, shifted
from qdialect.frontends.keras.handlers import HeadReached
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.functions import FunctionName
from qdialect.numerics.quantizers import Round

BIT = FixedFormat(1, 1, signed=False)


def binary_sigmoid(b: Builder, x: SSAValue) -> SSAValue:
    """round(hard_sigmoid(x)), half to even: 0 up to zero, 1 above."""
    return b.emit(QuantizeOp(hard_sigmoid(b, x), RoundAttr(Round()), BIT), "rounded")


def binary_tanh(b: Builder, x: SSAValue) -> SSAValue:
    """2 binary_sigmoid(x) - 1: -1 up to zero, +1 above."""
    return combined(b, AddOp, shifted(b, binary_sigmoid(b, x), 1), -1, "centred")


def named(name: FunctionName, *parameters: float) -> Callable[[Builder, SSAValue], SSAValue]:
    return lambda b, x: function(b, x, name, *parameters)


QKERAS: dict[str, Callable[[Builder, SSAValue], SSAValue]] = {
    "binary_sigmoid": binary_sigmoid,
    "binary_tanh": binary_tanh,
    "hard_sigmoid": hard_sigmoid,
    "hard_tanh": hard_tanh,
    "smooth_sigmoid": named(FunctionName.SMOOTH_SIGMOID),
    "smooth_tanh": named(FunctionName.SMOOTH_TANH),
}

KERAS: dict[str, Callable[[Builder, SSAValue], SSAValue]] = {
    "elu": named(FunctionName.ELU, 1.0),
    "exponential": named(FunctionName.EXPONENTIAL),
    "gelu": named(FunctionName.GELU),
    "hard_sigmoid": named(FunctionName.KERAS_HARD_SIGMOID),
    "leaky_relu": named(FunctionName.LEAKY_RELU, 0.2),
    "linear": lambda b, x: x,
    "mish": named(FunctionName.MISH),
    "relu": lambda b, x: b.emit(ReluOp(x)),
    "relu6": lambda b, x: at_most(b, b.emit(ReluOp(x), "relu"), 6),
    "selu": named(FunctionName.SELU),
    "sigmoid": named(FunctionName.SIGMOID),
    "silu": named(FunctionName.SWISH),
    "softplus": named(FunctionName.SOFTPLUS),
    "softsign": named(FunctionName.SOFTSIGN),
    "swish": named(FunctionName.SWISH),
    "tanh": named(FunctionName.TANH),
}


def apply_function(b: Builder, layer: Layer, x: SSAValue, name: str) -> SSAValue:
    """The function that Keras finds by `name` in this layer.

    Raises QdialectError for names that only the other library has, and HeadReached for a softmax.
    """
    if name == "softmax":
        raise HeadReached(Head.SOFTMAX, x)
    known = KERAS | QKERAS if layer.class_name.startswith("Q") else KERAS
    if name not in known:
        raise layer.error(f"activation '{name}' is not supported here; supported are {', '.join(sorted(known))}")
    return known[name](b, x)
