"""Quantized weights against the values QKeras computes with, in graph mode."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from weights_in_keras import KERNELS, WHERE, assert_as_in_keras, in_keras, quantized, random_weights

from qdialect.frontends.keras.quantizers.classes import (
    with_trainable_rule,
)
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights

pytestmark = pytest.mark.covers


FIXED = [
    "quantized_bits(4,0,alpha=1)",
    "quantized_bits(8,2,1,alpha=1.0)",
    "quantized_bits(16,6,alpha=True)",
    "quantized_bits(24,0,alpha=1)",
    "quantized_bits(5,1,keep_negative=False)",
    "quantized_bits(5,1,1,keep_negative=False)",
    "quantized_bits(1,3)",
    "quantized_bits(1,1,keep_negative=False)",
    "quantized_bits(6,0,alpha=0.25)",
    "quantized_bits(6,0,alpha=0.0)",
    "quantized_relu(4)",
    "quantized_relu(6,2)",
    "quantized_relu(4,0,1)",
    "quantized_relu(4,1,0,0.25)",
    "quantized_relu(4,1,1,0.25)",
    "quantized_relu(2,1,0,0.0625)",
    "quantized_relu(4,1,0,0.0,False,1.5,False)",
    "quantized_relu(4,1,is_quantized_clip=False)",
    "quantized_tanh(6)",
    "quantized_tanh(4,symmetric=True)",
    "quantized_tanh(6,use_real_tanh=True)",
    "quantized_tanh(9,symmetric=True,use_real_tanh=True)",
    "quantized_sigmoid(6,use_real_sigmoid=True)",
    "quantized_hswish(6,1)",
    "quantized_hswish(4,1,1,alpha=1)",
    "quantized_hswish(8,2,relu_shift=2,relu_upper_bound=4,use_ste=False)",
    "quantized_sigmoid(4)",
    "quantized_sigmoid(8,2)",
]
SIGNS = [
    "binary",
    "binary(1)",
    "binary(alpha=0.5)",
    "stochastic_binary",
    "ternary",
    "ternary(alpha=2,threshold=0.5)",
    "stochastic_ternary",
]
AUTO = [
    "quantized_bits(4,0,alpha='auto')",
    "quantized_bits(8,3,alpha='auto')",
    "quantized_bits(2,0,alpha='auto_po2')",
    "quantized_bits(4,2,alpha='auto_po2')",
    "quantized_bits(16,6,alpha='auto_po2')",
    "quantized_bits(4,1,keep_negative=False,alpha='auto_po2')",
    "binary(alpha='auto_po2')",
    "binary(1,alpha='auto_po2')",
    "stochastic_binary('auto_po2')",
    "ternary('auto_po2')",
    "ternary('auto_po2',number_of_unrolls=1)",
    "ternary('auto_po2',use_stochastic_rounding=True)",
    "stochastic_ternary('auto_po2')",
]
PO2 = [
    "quantized_po2(4)",
    "quantized_po2(5)",
    "quantized_po2(7)",
    "quantized_po2(4,1)",
    "quantized_po2(4,3)",
    "quantized_po2(4,0.001)",
    "quantized_po2(4,2,quadratic_approximation=True)",
    "quantized_po2(7,quadratic_approximation=True)",
    "quantized_po2(5,log2_rounding='floor')",
    "quantized_relu_po2(4)",
    "quantized_relu_po2(6,2048)",
    "quantized_relu_po2(4,2,0.25)",
    "quantized_relu_po2(6,quadratic_approximation=True)",
]
FLOAT_SCALED = ["binary(alpha='auto')", "binary(1,alpha='auto')", "ternary('auto')", "stochastic_ternary('auto')"]


ALL = "QDIALECT_LONG" in os.environ
"""Every quantizer on every kernel, instead of on a few of them in turn."""
TAKEN = [
    (text, kernel)
    for i, text in enumerate(FIXED + SIGNS + AUTO + PO2)
    for j, kernel in enumerate(KERNELS)
    if ALL or (i - j) % 3 == 0
]


@pytest.mark.parametrize(("text", "kernel"), TAKEN)
def test_values_are_those_of_qkeras(text: str, kernel: str) -> None:
    assert_as_in_keras(text, KERNELS[kernel])
    if kernel not in ("large", "tiny"):
        assert quantized(text, KERNELS[kernel]).deviation == 0


@pytest.mark.parametrize("kernel", ["dense", "conv", "vector", "pruned", "ties"])
@pytest.mark.parametrize("text", FLOAT_SCALED)
def test_float_scales_of_signs_up_to_the_order_of_summation(text: str, kernel: str) -> None:
    """The mean of n float32: TensorFlow's order of summation is within 4 ulp here; codes are equal."""
    w = KERNELS[kernel]
    result, expected = quantized(text, w), in_keras(text, w)
    assert result.uncertain == 0
    np.testing.assert_array_equal(np.sign(expected), np.sign(result.values()))
    bound = result.deviation + 4 * np.spacing(np.abs(expected))
    assert np.all(np.abs(expected.astype(np.float64) - result.values()) <= bound)


@pytest.mark.parametrize(
    "text", ["quantized_bits(6,0,alpha=0.3)", "quantized_bits(6,0,alpha=-2)", "binary(alpha=0.3)", "ternary(alpha=0.7)"]
)
def test_other_scales_differ_by_the_stated_rounding_of_the_sum(text: str) -> None:
    """x + (q - x) rounds at the magnitude of x; the codes and the scale are exact."""
    for w in KERNELS.values():
        result, expected = quantized(text, w), in_keras(text, w)
        deviation = np.abs(expected.astype(np.float64) - result.values())
        assert deviation.max() == result.deviation
        assert np.all(deviation <= np.spacing(np.maximum(np.abs(w), np.abs(result.values()))))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("alpha", ["auto", "auto_po2"])
def test_scale_axis(axis: int, alpha: str) -> None:
    import qkeras.quantizers
    import tensorflow as tf

    live = qkeras.quantizers.quantized_bits(4, 0, alpha=alpha, scale_axis=axis)
    w = random_weights(5, 6, 7) * np.float32(2) ** np.arange(5, dtype=np.float32)[:, None, None]
    result = quantize_weights(read_quantizer(live, WHERE), w, WHERE)
    np.testing.assert_array_equal(tf.function(live)(tf.constant(w)).numpy(), result.values())
    assert result.scale is None or result.scale.shape == tuple(n if a == axis else 1 for a, n in enumerate(w.shape))


def test_array_alpha() -> None:
    import qkeras.quantizers
    import tensorflow as tf

    w, alpha = KERNELS["dense"], np.float32(2.0) ** (np.arange(16, dtype=np.float32) % 4)
    for live in (qkeras.quantizers.quantized_bits(4, 0, alpha=alpha), qkeras.quantizers.binary(alpha=alpha)):
        result = quantize_weights(read_quantizer(live, WHERE), w, WHERE)
        np.testing.assert_array_equal(tf.function(live)(tf.constant(w)).numpy(), result.values())
        np.testing.assert_array_equal(result.scale, alpha)


KERNEL_VALUES = st.one_of(
    st.floats(-4, 4, width=32, allow_subnormal=False),
    st.integers(-64, 64).map(lambda k: k / 16),
    st.sampled_from([0.0, 0.33, 1e-7, -1e-7, 1e-3]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(FIXED + SIGNS + AUTO + PO2),
    st.one_of(
        arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=KERNEL_VALUES),
        arrays(np.float32, st.integers(1, 12), elements=KERNEL_VALUES),
    ),
)
def test_drawn_kernels(text: str, w: np.ndarray) -> None:
    result, expected = quantized(text, w), in_keras(text, w)
    differing = expected != result.values()
    if result.deviation == 0:
        assert np.count_nonzero(differing) <= result.uncertain
    else:
        assert result.deviation <= 2.0**-20 * np.abs(w).max()


def test_uncertain_weights_are_those_near_ties_of_the_logarithm() -> None:
    tie = np.float32(2.0**0.5)
    near = np.array([tie, np.nextafter(tie, np.float32(0)), np.nextafter(tie, np.float32(2)), 1.4, 1.5], np.float32)
    assert quantized("quantized_po2(4)", near).uncertain == 3
    assert quantized("quantized_po2(4,log2_rounding='floor')", np.float32([2, 1, 0.5, 0.6])).uncertain == 3
    scale_tie = np.full((4, 1), 2.0**-1.5, np.float32)
    assert quantized("binary(alpha='auto_po2')", scale_tie).uncertain == 4
    assert quantized("binary(alpha='auto_po2')", KERNELS["dense"]).uncertain == 0


@pytest.mark.parametrize("text", ["quantized_po2(5)", "quantized_po2(5,log2_rounding='floor')"])
def test_power_of_two_decisions_off_the_ties(text: str) -> None:
    w = np.float32(2.0) ** np.arange(-23, 12, dtype=np.float32)
    w = np.concatenate([w * np.float32(f) for f in (0.6, 0.7, 0.75, 1, 1.41, 1.4142, 1.4143, 1.42, 1.9)])
    result, expected = quantized(text, w), in_keras(text, w)
    assert np.count_nonzero(expected != result.values()) <= result.uncertain <= 35
    assert quantized("quantized_po2(5)", w).uncertain == 0


@pytest.mark.parametrize(
    ("text", "shape"),
    [("quantized_bits(4,0,alpha='auto_po2')", (4608, 40)), ("binary(alpha='auto_po2')", (3, 3, 512, 40))],
)
def test_large_kernels(text: str, shape: tuple[int, ...]) -> None:
    w = random_weights(*shape, scale=0.05) * np.linspace(0.5, 2, 40, dtype=np.float32)
    result = quantized(text, w)
    assert np.count_nonzero(in_keras(text, w) != result.values()) <= result.uncertain


@pytest.mark.parametrize(
    "text", ["quantized_bits(4,0)", "quantized_po2(4)", "ternary", "binary", "quantized_bits(3,1,1)"]
)
def test_kernels_inside_layers_in_predict(text: str) -> None:
    """QDense and QConv1D give their kernel when the input is the identity: with the hidden rule for alpha=None."""
    import qkeras
    from tf_keras import Sequential

    w = random_weights(6, 5)
    for layer, identity, kernel in (
        (qkeras.QDense, np.eye(6), w),
        (lambda n, **k: qkeras.QConv1D(n, 1, **k), np.eye(6)[:, None, :], w[None]),
    ):
        model = Sequential([layer(5, kernel_quantizer=text, use_bias=False, input_shape=identity.shape[1:])])
        model.set_weights([kernel])
        expected = model.predict(identity.astype(np.float32), verbose=0).reshape(6, 5)
        result = quantize_weights(with_trainable_rule(read_quantizer(text, WHERE)), kernel, WHERE)
        np.testing.assert_array_equal(expected, result.values().reshape(6, 5))
