"""One construct at a time: the probes of a published comparison of compilers, with random weights, against QKeras.

Keras = imported IR = IR after every pass = compiled C++, on a dense grid around the range of the input quantizer; what
has no exact meaning is refused by name. `pytest -s` prints the tally.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sequences import BN, QBN, K, assert_integer, keras, q, qkeras

from qdialect import QdialectError, lower, simulate, write_hls
from qdialect.enclosures import enclosures
from qdialect.frontends.keras.builder import HEAD
from qdialect.frontends.keras.graph import read_graph
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.interpreter.simulate import network

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.filterwarnings("ignore")

FOUR = "quantized_bits(4,0,alpha=1)"
EIGHT = "quantized_bits(8,3,alpha=1)"


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """QConv2DTranspose of QKeras 0.9.0 calls a function that TensorFlow 2.21 has moved."""
    monkeypatch.setattr(qkeras.qconvolutional.array_ops, "stack", tf.stack, raising=False)


# --- layers ----------------------------------------------------------------------------------------------------------


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


# --- the table -------------------------------------------------------------------------------------------------------

PROBES: dict[str, Callable[[], Any]] = {
    "QActivation quantized_bits(6,2)": act("quantized_bits(6,2,alpha=1)"),
    "QActivation quantized_bits(6,2,keep_negative=False)": act("quantized_bits(6,2,keep_negative=False,alpha=1)"),
    "QActivation quantized_bits(6,2,symmetric=1)": act("quantized_bits(6,2,symmetric=1,alpha=1)"),
    "QActivation quantized_bits(4,3): no fraction bits": act("quantized_bits(4,3,alpha=1)"),
    "QActivation quantized_bits(4,5): coarser than 1": act("quantized_bits(4,5,alpha=1)"),
    "QActivation quantized_bits(1,0)": act("quantized_bits(1,0,alpha=1)"),
    "QActivation quantized_relu(6,2)": act("quantized_relu(6,2)"),
    "QActivation quantized_relu(4,4): no fraction bits": act("quantized_relu(4,4)"),
    "QActivation quantized_relu(6,3,relu_upper_bound=6)": act("quantized_relu(6,3,relu_upper_bound=6)"),
    "QActivation quantized_relu(6,2,use_sigmoid=1)": act("quantized_relu(6,2,use_sigmoid=1)"),
    "QActivation quantized_relu(6,2,negative_slope=0.25)": act("quantized_relu(6,2,negative_slope=0.25)"),
    "QActivation quantized_relu_po2(4,4)": act("quantized_relu_po2(4,4)"),
    "QActivation quantized_po2(4,4)": act("quantized_po2(4,4)"),
    "QActivation quantized_tanh(6)": act("quantized_tanh(6)"),
    "QActivation quantized_tanh(6,symmetric=True)": act("quantized_tanh(6,symmetric=True)"),
    "QActivation quantized_tanh(6,use_real_tanh=True)": act("quantized_tanh(6,use_real_tanh=True)"),
    "QActivation quantized_sigmoid(6)": act("quantized_sigmoid(6)"),
    "QActivation quantized_sigmoid(6,symmetric=True)": act("quantized_sigmoid(6,symmetric=True)"),
    "QActivation quantized_sigmoid(6,use_real_sigmoid=True)": act("quantized_sigmoid(6,use_real_sigmoid=True)"),
    'QActivation hard_tanh string "hard_tanh"': act("hard_tanh"),
    "QActivation binary(alpha=1) as the output": act("binary(alpha=1)"),
    "QActivation binary(alpha=0.5) then QDense": act("binary(alpha=0.5)", dense),
    "QActivation binary(use_01=True) then QDense": act("binary(use_01=True,alpha=1)", dense),
    "QActivation ternary() default threshold": act("ternary()"),
    "QActivation ternary(alpha=1,threshold=0.25)": act("ternary(alpha=1,threshold=0.25)"),
    "QActivation ternary(alpha=0.5,threshold=0.5) then QDense": act("ternary(alpha=0.5,threshold=0.5)", dense),
    "QActivation bernoulli": act("bernoulli()"),
    "QActivation stochastic_binary": act("stochastic_binary(alpha=1)"),
    "QActivation quantized_ulaw(6)": act("quantized_ulaw(6)"),
    "QActivation quantized_linear(6,2)": act("quantized_linear(6,2)"),
    "QActivation quantized_hswish(8,3)": act("quantized_hswish(8,3)"),
    "QAdaptiveActivation": act(lambda: qkeras.QAdaptiveActivation("quantized_relu", 6)),
    "Keras ReLU(max_value=2)": act(lambda: K.ReLU(max_value=2)),
    "Keras ReLU(negative_slope=.25)": act(lambda: K.ReLU(negative_slope=0.25)),
    "Keras ReLU(threshold=1)": act(lambda: K.ReLU(threshold=1)),
    "Keras ReLU(threshold=1), then quantized_bits(8,3)": act(lambda: K.ReLU(threshold=1), EIGHT),
    "QDense quantized_bits(4,0,alpha=1)": fc(FOUR),
    "QDense quantized_bits(4,0,keep_negative=False)": fc("quantized_bits(4,0,keep_negative=False,alpha=1)"),
    "QDense quantized_bits(4,0) (alpha None -> auto_po2)": fc("quantized_bits(4,0)"),
    "QDense quantized_bits(4,0,alpha='auto')": fc("quantized_bits(4,0,alpha='auto')"),
    "QDense quantized_bits(4,0,alpha=0.5)": fc("quantized_bits(4,0,alpha=0.5)"),
    "QDense quantized_bits(4,3): integers": fc("quantized_bits(4,3,alpha=1)"),
    "QDense quantized_bits(4,4): bits == integer": fc("quantized_bits(4,4,alpha=1)"),
    "QDense quantized_bits(1,1)": fc("quantized_bits(1,1,alpha=1)"),
    "QDense quantized_bits(1,0)": fc("quantized_bits(1,0,alpha=1)"),
    "QDense binary(alpha=1)": fc("binary(alpha=1)"),
    "QDense binary() (alpha None -> auto_po2)": fc("binary()"),
    "QDense binary(alpha='auto')": fc("binary(alpha='auto')"),
    "QDense binary(alpha=0.5)": fc("binary(alpha=0.5)"),
    "QDense binary(alpha=1,use_01=True)": fc("binary(alpha=1,use_01=True)"),
    "QDense ternary(alpha=1)": fc("ternary(alpha=1)"),
    "QDense ternary() (alpha None -> auto_po2)": fc("ternary()"),
    "QDense ternary(alpha='auto')": fc("ternary(alpha='auto')"),
    "QDense quantized_po2(4,1)": fc("quantized_po2(4,1)"),
    "QDense quantized_po2(6) (exponents down to -16)": fc("quantized_po2(6)"),
    "QDense po2 kernel and po2 bias": fc(lambda: dense("quantized_po2(4,1)", bias_quantizer="quantized_po2(4,1)")),
    "QDense quantized_relu_po2 kernel": fc("quantized_relu_po2(4,1)"),
    "QDense stochastic_ternary kernel": fc("stochastic_ternary(alpha=1)"),
    "QDense quantized_linear(4,0,alpha=1) kernel": fc("quantized_linear(4,0,alpha=1)"),
    "QDense without kernel quantizer": fc(lambda: dense(None)),
    "QDense bias quantizer None, biases off the 2^-10 grid": fc(lambda: dense(bias_quantizer=None)),
    "binary weights, 128 8-bit inputs in +-8: sums beyond +-32": fc("binary(alpha=1)", width=128),
    "po2 weights, 128 8-bit inputs: sums beyond +-32": fc("quantized_po2(4,1)", width=128),
    "binary act + binary dense + BN(gamma>0) + binary act": normalized("binary(alpha=1)", BN, "binary(alpha=1)"),
    "the same with some gamma < 0 (binary)": normalized("binary(alpha=1)", BN, "binary(alpha=1)"),
    "binary act + binary dense + BN + ternary act": normalized("binary(alpha=1)", BN, "ternary(alpha=1)"),
    "the same with some gamma < 0 (ternary)": normalized("binary(alpha=1)", BN, "ternary(alpha=1)"),
    "binary act + ternary dense + BN + binary act": normalized("ternary(alpha=1)", BN, "binary(alpha=1)"),
    "BN with gamma == 0 somewhere before a binary activation": normalized("binary(alpha=1)", BN, "binary(alpha=1)"),
    "binary act + binary dense + QBatchNormalization(default) + binary act": normalized(
        "binary(alpha=1)", QBN, "binary(alpha=1)"
    ),
    "QDense 6-bit + BN + quantized_relu(6,2)": fc("quantized_bits(6,0,alpha=1)", BN, relu),
    "BN with scale=False, center=False": fc("quantized_bits(6,0,alpha=1)", lambda: BN(scale=False, center=False), relu),
    "QBatchNormalization default quantizers + quantized_relu(6,2)": fc("quantized_bits(6,0,alpha=1)", QBN, relu),
    "BN axis=1 on an image": image(conv, lambda: BN(axis=1), relu),
    "Dense + BN unquantised Keras (fused), default types": fc(lambda: K.Dense(5), BN),
    "binary act -> QConv2D(binary, padding=same): padding value": bits(lambda: conv("binary(alpha=1)", padding="same")),
    "binary act -> QConv2D(4-bit, padding=same)": bits(lambda: conv(padding="same")),
    "binary act -> QConv2D(binary, valid)": bits(lambda: conv("binary(alpha=1)")),
    "binary act -> QDepthwiseConv2D(binary)": bits(
        lambda: qkeras.QDepthwiseConv2D(3, depthwise_quantizer="binary(alpha=1)", padding="same", use_bias=False)
    ),
    "Add of two binary activations": merged(K.Add, "binary(alpha=1)", "binary(alpha=1)"),
    "Concatenate binary with quantized_bits(4,1)": merged(
        K.Concatenate, "binary(alpha=1)", "quantized_bits(4,1,alpha=1)"
    ),
    "binary act -> MaxPooling2D -> QDense": bits(K.MaxPooling2D, K.Flatten, dense),
    "binary act -> AveragePooling2D": bits(K.AveragePooling2D),
    "binary act -> ZeroPadding2D -> QConv2D": bits(K.ZeroPadding2D, conv),
    "binary act -> relu-free BatchNorm": bits(BN),
    "binary act -> UpSampling2D -> QConv2D": bits(K.UpSampling2D, conv),
    "quantized_relu -> MaxPooling2D(2, padding=same) on 7x7": image(
        lambda: K.MaxPooling2D(2, padding="same"), side=7, first="quantized_relu(6,2)"
    ),
    "quantized_bits -> MaxPooling2D(2, padding=same) on 7x7": image(
        lambda: K.MaxPooling2D(2, padding="same"), side=7, first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_relu -> AveragePooling2D(2)": image(K.AveragePooling2D, first="quantized_relu(6,2)"),
    "quantized_bits -> AveragePooling2D(2): negative sums": image(
        K.AveragePooling2D, first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_bits -> AveragePooling2D(2) -> quantized_bits(6,2)": image(
        K.AveragePooling2D, lambda: q("quantized_bits(6,2,alpha=1)"), first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_bits -> AveragePooling2D(3, same) on 8x8": image(
        lambda: K.AveragePooling2D(3, padding="same"), first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_relu -> GlobalAveragePooling2D": image(K.GlobalAveragePooling2D, first="quantized_relu(6,2)"),
    "QConv2D strides 2 padding same": image(lambda: conv(strides=2, padding="same")),
    "QConv2D dilation_rate=2": image(lambda: conv(dilation_rate=2)),
    "QConv2D groups (Keras Conv2D groups=2)": image(lambda: K.Conv2D(4, 3, groups=2)),
    "QConv1D causal padding": signal(
        lambda: qkeras.QConv1D(4, 3, padding="causal", kernel_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QDepthwiseConv2D depth_multiplier=2": image(
        lambda: qkeras.QDepthwiseConv2D(3, depth_multiplier=2, depthwise_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QSeparableConv2D": image(
        lambda: qkeras.QSeparableConv2D(4, 3, depthwise_quantizer=FOUR, pointwise_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QSeparableConv1D": signal(
        lambda: qkeras.QSeparableConv1D(4, 3, depthwise_quantizer=FOUR, pointwise_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QConv2DTranspose": image(lambda: qkeras.QConv2DTranspose(4, 3, kernel_quantizer=FOUR, bias_quantizer=FOUR)),
    "QConv2DBatchnorm 6-bit": image(
        lambda: qkeras.QConv2DBatchnorm(
            4, 3, kernel_quantizer="quantized_bits(6,0,alpha=1)", bias_quantizer="quantized_bits(6,2,alpha=1)"
        ),
        relu,
    ),
    "QConv2DBatchnorm auto_po2 kernel": image(
        lambda: qkeras.QConv2DBatchnorm(
            4, 3, kernel_quantizer="quantized_bits(6,0)", bias_quantizer="quantized_bits(6,2,alpha=1)"
        ),
        relu,
    ),
    "QDepthwiseConv2DBatchnorm": image(
        lambda: qkeras.QDepthwiseConv2DBatchnorm(
            3, depthwise_quantizer="quantized_bits(6,0,alpha=1)", bias_quantizer="quantized_bits(6,2,alpha=1)"
        ),
        relu,
    ),
    "QAveragePooling2D": image(
        lambda: qkeras.QAveragePooling2D(2, average_quantizer="quantized_bits(8,0,alpha=1)"), relu
    ),
    "QGlobalAveragePooling2D": image(
        lambda: qkeras.QGlobalAveragePooling2D(average_quantizer="quantized_bits(8,0,alpha=1)"), relu
    ),
    "same QDense object called twice (shared layer)": shared,
    "nested Model as a layer": nested,
    "Add of three tensors": merged(K.Add, EIGHT, "quantized_bits(4,1,alpha=1)", "quantized_relu(6,2)"),
    "Multiply of two quantised tensors": merged(K.Multiply, EIGHT, "quantized_bits(4,1,alpha=1)"),
    "two outputs": two_outputs(inside=False),
    "output is also used inside (intermediate tensor as output)": two_outputs(inside=True),
    "inputs 0..255 into quantized_bits(8,8,keep_negative=False)": lambda: sequence(
        (16,), q("quantized_bits(8,8,keep_negative=False,alpha=1)"), dense()
    ),
    "inputs up to 100 into quantized_bits(8,0): saturation of the input": lambda: sequence(
        (16,), q("quantized_bits(8,0,alpha=1)")
    ),
    "softmax of 5 logits in +-8 (argmax)": fc(FOUR, lambda: K.Activation("softmax")),
    "softmax of 100 logits": fc(lambda: dense(units=100), lambda: K.Activation("softmax")),
    "sigmoid Keras": fc(lambda: K.Activation("sigmoid")),
    "tanh Keras": fc(lambda: K.Activation("tanh")),
    "tanh Keras, then quantized_bits(8,0)": fc(lambda: K.Activation("tanh"), lambda: q("quantized_bits(8,0,alpha=1)")),
    "activation= kwarg of QDense with quantized_relu and softmax layer": fc(
        lambda: dense(activation="quantized_relu(6,2)"), FOUR, K.Softmax
    ),
    "Dropout, GaussianNoise, Reshape, Permute": fc(
        lambda: K.Dropout(0.5),
        lambda: K.GaussianNoise(0.5),
        lambda: K.Reshape((4, 4)),
        lambda: K.Permute((2, 1)),
        K.Flatten,
        FOUR,
    ),
    "GaussianNoise layer": fc(lambda: K.GaussianNoise(0.5), FOUR),
    "TFOpLambda x*2": fc(lambda: lambda x: x * 2, FOUR),
    "QLSTM": signal(lambda: qkeras.QLSTM(4, kernel_quantizer=FOUR, recurrent_quantizer=FOUR, bias_quantizer=FOUR)),
    "conv+BN+binary as the output (XNOR tensor)": xnor(),
    "conv+BN+binary -> QConv2D(binary, padding=same)": xnor(lambda: conv("binary(alpha=1)", padding="same")),
    "conv+BN+binary -> QConv2D(binary, padding=valid)": xnor(lambda: conv("binary(alpha=1)")),
    "conv+BN+binary -> QConv2D(4-bit, padding=same)": xnor(lambda: conv(padding="same")),
    "conv+BN+binary -> ZeroPadding2D -> QConv2D(4-bit)": xnor(K.ZeroPadding2D, conv),
    "conv+BN+binary -> AveragePooling2D": xnor(K.AveragePooling2D),
    "conv+BN+binary -> MaxPooling2D -> QDense(binary)": xnor(
        K.MaxPooling2D, K.Flatten, lambda: dense("binary(alpha=1)")
    ),
    "Add of two conv+BN+binary branches": xnor_branches(K.Add),
    "Concatenate of two conv+BN+binary branches -> QDense": xnor_branches(K.Concatenate, K.Flatten, dense),
    "conv+BN+binary -> Flatten -> QDense(ternary)": xnor(K.Flatten, lambda: dense("ternary(alpha=1)")),
    "conv+BN+binary -> Flatten(256) -> QDense(binary): XNOR sums beyond 32": xnor(
        K.Flatten, lambda: dense("binary(alpha=1)", use_bias=False)
    ),
    "conv+BN+binary -> Flatten(256) -> QDense(binary, bias 6-bit)": xnor(
        K.Flatten, lambda: dense("binary(alpha=1)", bias_quantizer="quantized_bits(6,1,alpha=1)")
    ),
    "QDense -> QActivation(quantized_bits(6,2)): is the activation kept?": fc(
        FOUR, lambda: q("quantized_bits(6,2,alpha=1)")
    ),
    "QDense -> QActivation(quantized_bits(6,2)) -> QDense": fc(FOUR, lambda: q("quantized_bits(6,2,alpha=1)"), FOUR),
    "quantized_relu(6,2) -> QActivation(quantized_bits(4,1))": act(
        "quantized_relu(6,2)", "quantized_bits(4,1,alpha=1)"
    ),
    "QDense with activation=quantized_bits(6,2) kwarg": fc(lambda: dense(activation="quantized_bits(6,2,alpha=1)")),
    "QDense weights quantized_bits(2,1): {-2,-1,0,1}": fc("quantized_bits(2,1,alpha=1)"),
    "QDense weights quantized_bits(2,0)": fc("quantized_bits(2,0,alpha=1)"),
    "QDense auto_po2 with weights < 1 (scale <= 1)": fc("quantized_bits(4,0,alpha='auto_po2')"),
    "QDense auto_po2 with weights up to 6 (scale up to 8)": fc("quantized_bits(4,0,alpha='auto_po2')"),
    "Keras Dense (float) with default config: weights truncated to 2^-10": fc(lambda: K.Dense(5)),
}

# QKeras itself fails: what its error says.
REJECTED_BY_QKERAS = {
    "QActivation quantized_linear(6,2)": "quantized_linear",
    "QDense quantized_linear(4,0,alpha=1) kernel": "quantized_linear",
}

# No exact meaning, or not supported: what the message says besides the layer's or output's name.
REFUSED = {
    "QActivation bernoulli": "draws random samples at inference",
    "QActivation quantized_ulaw(6)": "is float and has no hardware form: put a quantizer after it",
    "QAdaptiveActivation": r"\(QAdaptiveActivation\): its range is unknown",
    "tanh Keras": "output 'activation' is float and has no hardware form: put a quantizer after it",
    "QLSTM": "output 'qlstm' is float and has no hardware form: put a quantizer after it",
}

# Keras' float32 roundings depend on the order in which TensorFlow adds: ours is exact, and Keras is within
# the computed enclosure of all of them.
SUMS = "Keras rounds float32 sums of more than 24 bits, in an order of TensorFlow's choice"
SCALES = "TensorFlow's order of summation decides the last bits of an 'auto' scale"
BOUNDED = {
    "QDense quantized_bits(4,0,alpha='auto')": SCALES,
    "QDense binary(alpha='auto')": SCALES,
    "QDense ternary(alpha='auto')": SCALES,
    "QDense quantized_relu_po2 kernel": SUMS,
    "QDense without kernel quantizer": SUMS,
    "QConv2D groups (Keras Conv2D groups=2)": SUMS,
    "Keras Dense (float) with default config: weights truncated to 2^-10": SUMS,
    "Dense + BN unquantised Keras (fused), default types": SUMS,
}

# Keras rounds the exact sum once, to float32: so does the test.
ROUNDED_ONCE = {"QDense bias quantizer None, biases off the 2^-10 grid"}

# TensorFlow's graph optimizer fuses conv, BN over axis 1 and relu as if it were the last axis.
WITHOUT_REMAPPER = {"BN axis=1 on an image"}

# Lowered, but without C++ unless kernel and batch normalization are folded and rounded: what the message says.
WITHOUT_CPP = {
    "Dense + BN unquantised Keras (fused), default types": "port 'batch_normalization_out' has 69 bits; at most 63",
}

# --- the comparison --------------------------------------------------------------------------------------------------


def weight_of(rng: np.random.Generator, name: str, probe: str, shape: tuple[int, ...]) -> np.ndarray:
    values = rng.normal(size=shape)
    if "iteration" in name:
        return np.array(7)
    if "variance" in name:
        return rng.uniform(0.05, 4, shape)
    if "gamma" in name:
        if "gamma>0" in probe:
            return np.abs(values)
        if "gamma == 0" in probe:
            return np.where(np.arange(shape[0]) % 3 == 0, 0, values)
    if "up to 6" in probe:
        return rng.uniform(-6, 6, shape)
    if "weights < 1" in probe:
        return rng.uniform(-1, 1, shape)
    return values


def probe_model(name: str) -> Any:
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    model = PROBES[name]()
    rng = np.random.default_rng(0)
    for layer in model.layers:
        layer.set_weights([weight_of(rng, w.name, name, w.shape) for w in layer.weights])
    return model


def is_activation(name: str) -> bool:
    """Does the probe read the input itself, without a quantizer of 8 bits?"""
    return name.startswith(("QActivation", "QAdaptive", "Keras ReLU"))


def integer_bits(model: Any) -> int:
    """Of the quantizers of the input; 1 if there is none."""
    found = [1]
    for layer in model.layers:
        if isinstance(layer, qkeras.QActivation) and isinstance(layer.inbound_nodes[0].inbound_layers, K.InputLayer):
            largest = getattr(layer.quantizer, "max_value", None)
            found.append(int(np.log2(largest) if largest else getattr(layer.quantizer, "integer", 0)))
    return max(found[1:] or found)


def probe_inputs(name: str, model: Any) -> np.ndarray:
    """From -4 * 2**i to 4 * 2**i, both ends included, in random order, for quantizers of i integer bits.

    In steps of 2**(i - 12) where the probe reads the input itself, else of a quarter of the step of its 8 bits: all
    codes and all ties are among them. Then samples of one value throughout.
    """
    shape, fraction = model.input_shape[1:], 12 if is_activation(name) else 9
    reach = (100 if "inputs up to 100" in name else 4) << fraction
    grid, size = np.arange(-reach, reach + 1), int(np.prod(shape))
    rows = max(-(-len(grid) // size), 40)
    x = np.random.default_rng(1).permutation(np.resize(grid, rows * size)).reshape(rows, *shape)
    constant = np.array([0, -1, 1, -reach, reach]).reshape(-1, *[1] * len(shape))
    x = np.concatenate([x, np.broadcast_to(constant, (len(constant), *shape))])
    return np.ldexp(x, integer_bits(model) - fraction).astype(np.float32)


def import_probe(name: str, model: Any) -> tuple[Any, Any]:
    """The network level, and the roundings in its constants."""
    type_ = None
    if len(model.layers[0].outbound_nodes) > 1:
        type_ = "fixed<20, 10>"
    elif is_activation(name):
        type_ = f"fixed<16, {integer_bits(model) + 4}>"
    return import_with_roundings(read_graph(read_source(model)), type_)


def predicted(name: str, model: Any, module: Any, x: np.ndarray) -> list[Any]:
    """What Keras predicts, without the softmax or sigmoid that is left to the host."""
    head = HEAD in network(module).attributes
    reference = keras.Model(model.inputs, model.layers[-1].input) if head else model
    options = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options({"remapping": name not in WITHOUT_REMAPPER})
    try:
        return as_list(reference.predict(x, verbose=0))
    finally:
        tf.config.optimizer.set_experimental_options({"remapping": options.get("remapping", True)})


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- the comparison --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in PROBES if name not in REJECTED_BY_QKERAS | REFUSED])
def test_probe(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras = imported IR = IR after every pass = compiled C++."""
    model = probe_model(name)
    x = probe_inputs(name, model)
    module, roundings = import_probe(name, model)
    expected = predicted(name, model, module, x)
    imported = as_list(simulate(module, x, check_ranges=True))
    assert all(len(np.unique(y)) > 1 for y in expected)
    if name in BOUNDED:
        (enclosure,) = enclosures(module, x, roundings)
        assert enclosure.holds(expected[0]).all()
        assert enclosure.width.max() > 0
        expected = imported
    if name in ROUNDED_ONCE:
        assert np.array_equal(imported[0].astype(np.float32), expected[0])
        expected = imported
    assert_same(imported, expected)
    lowered = lower(module, after=lambda _, current: assert_same(as_list(simulate(current, x)), expected))
    assert_integer(lowered)
    if name in WITHOUT_CPP:
        with pytest.raises(QdialectError, match=WITHOUT_CPP[name]):
            write_hls(lowered, tmp_path / "prj")
        lowered = lower(module, ["fold-batchnorm{kernel-bits=16}", "default"])
        expected = as_list(simulate(lowered, x))
    monkeypatch.setenv("CXXFLAGS", "-O0")
    assert_same(as_list(write_hls(lowered, tmp_path / "prj").compile().predict(x)), expected)


def assert_same(results: list[Any], expected: list[Any]) -> None:
    for ours, wanted in zip(results, expected, strict=True):
        assert np.array_equal(ours, wanted)


@pytest.mark.parametrize("name", REJECTED_BY_QKERAS)
def test_rejected_by_qkeras(name: str) -> None:
    with pytest.raises(ValueError, match=REJECTED_BY_QKERAS[name]):
        probe_model(name)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    model = probe_model(name)
    with pytest.raises(QdialectError, match=REFUSED[name]) as error:
        lower(import_probe(name, model)[0])
    assert re.match("layer '|output '", str(error.value))
    assert "\n" not in str(error.value)


def test_tally(capsys: pytest.CaptureFixture[str]) -> None:
    """What the tests above assert, counted."""
    listed = [*REJECTED_BY_QKERAS, *REFUSED, *BOUNDED, *ROUNDED_ONCE, *WITHOUT_REMAPPER]
    assert len({*listed}) == len(listed)
    assert {*listed, *WITHOUT_CPP} <= {*PROBES}
    lines = [
        f"142 probes as {len(PROBES)} models:",
        f"  {len(PROBES) - len(listed)} equal to QKeras on a dense grid with ties, at network level, after every pass,"
        " and in compiled C++;",
        f"  {len(ROUNDED_ONCE)} equal after the one rounding to float32 that Keras adds to the exact result;",
        f"  {len(WITHOUT_REMAPPER)} equal without TensorFlow's graph remapper, which normalizes another axis;",
        *(
            f"  {n} in the computed enclosure of float32 sums in any order: {reason};"
            for reason, n in Counter(BOUNDED.values()).items()
        ),
        *(f"    of these with C++ only for a rounded kernel (kernel-bits=16): {name};" for name in WITHOUT_CPP),
        f"  {len(REFUSED)} refused by name, {len(REJECTED_BY_QKERAS)} rejected by QKeras itself",
    ]
    with capsys.disabled():
        print("", *lines, sep="\n")
