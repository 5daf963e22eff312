"""Small networks around one construct: Keras models by short names, for the table of probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sequences import BN, K, keras, q, qkeras

FOUR = "quantized_bits(4,0,alpha=1)"
EIGHT = "quantized_bits(8,3,alpha=1)"


def dense(kernel: str | None = FOUR, units: int = 5, **options: Any) -> Any:
    return qkeras.QDense(units, kernel_quantizer=kernel, **{"bias_quantizer": FOUR, **options})


def conv(kernel: str = FOUR, filters: int = 3, size: int = 3, **options: Any) -> Any:
    return qkeras.QConv2D(filters, size, kernel_quantizer=kernel, use_bias=False, **options)


def binary() -> Any:
    return q("binary(alpha=1)")


def relu() -> Any:
    return q("quantized_relu(6,2)")


def apply(layers: list[Any], x: Any) -> Any:
    for layer in layers:
        x = layer(x)
    return x


def sequence(shape: tuple[int, ...], *layers: Any) -> Any:
    x = K.Input(shape, name="x")
    return keras.Model(x, apply(list(layers), x), name="net")


def act(*layers: Any) -> Callable[[], Any]:
    """Activations of the input itself, which is on the grid; strings are QKeras quantizers."""
    return lambda: sequence((16,), *(q(layer) if isinstance(layer, str) else layer() for layer in layers))


def fc(*layers: Any, width: int = 16) -> Callable[[], Any]:
    """Layers on a vector of 8 bits; strings are kernel quantizers of a QDense."""
    return lambda: sequence((width,), q(EIGHT), *(dense(x) if isinstance(x, str) else x() for x in layers))


def image(*layers: Callable[[], Any], side: int = 8, first: str = EIGHT) -> Callable[[], Any]:
    return lambda: sequence((side, side, 2), q(first), *(layer() for layer in layers))


def bits(*layers: Callable[[], Any]) -> Callable[[], Any]:
    """Layers on a binary image."""
    return image(*layers, first="binary(alpha=1)")


def signal(*layers: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: sequence((10, 3), q(EIGHT), *(layer() for layer in layers))


def normalized(kernel: str, norm: Callable[[], Any], end: str) -> Callable[[], Any]:
    """A binary activation, a product, a batch normalization, a quantizer, logits."""
    return lambda: sequence((16,), binary(), dense(kernel, 8, use_bias=False), norm(), q(end), dense())


def xnor(*layers: Callable[[], Any]) -> Callable[[], Any]:
    """Layers on the binary activation of a convolution."""
    return image(*binary_convolution(), *layers)


def binary_convolution() -> tuple[Callable[[], Any], ...]:
    return lambda: conv("binary(alpha=1)", 4, padding="same"), BN, binary


def xnor_branches(merge: Callable[[], Any], *after: Callable[[], Any]) -> Callable[[], Any]:
    def build() -> Any:
        x = K.Input((8, 8, 2), name="x")
        start = q(EIGHT)(x)
        branches = [apply([layer() for layer in binary_convolution()], start) for _ in range(2)]
        return keras.Model(x, apply([layer() for layer in after], merge()(branches)), name="net")

    return build


def merged(merge: Callable[[], Any], *quantizers: str) -> Callable[[], Any]:
    """A merge of differently quantized inputs."""

    def build() -> Any:
        x = K.Input((16,), name="x")
        return keras.Model(x, merge()([q(quantizer)(x) for quantizer in quantizers]), name="net")

    return build


def shared() -> Any:
    x = K.Input((6,), name="x")
    common = dense(units=6)
    return keras.Model(x, common(q(EIGHT)(common(q(EIGHT)(x)))), name="net")


def nested() -> Any:
    inner = keras.Sequential([K.Input((16,)), dense(), relu()], name="inner")
    return sequence((16,), q(EIGHT), inner, dense())


def two_outputs(inside: bool) -> Callable[[], Any]:
    def build() -> Any:
        x = K.Input((16,), name="x")
        y = relu()(dense()(q(EIGHT)(x)))
        return keras.Model(x, [y, dense()(y)] if inside else [dense()(y), dense()(y)], name="net")

    return build
