"""Quantized weights against the values QKeras computes with, in graph mode."""

from __future__ import annotations

import os
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qdialect.errors import QdialectError
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.keras.quantizers.classes import (
    Function,
    QuantizedBits,
    QuantizedRelu,
    Ternary,
    with_trainable_rule,
)
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedUlaw
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat

pytestmark = pytest.mark.covers

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

WHERE = "layer 'fc1' kernel_quantizer"

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


def random_weights(*shape: int, scale: float = 0.5) -> np.ndarray:
    return (np.random.default_rng(len(shape)).normal(size=shape) * scale).astype(np.float32)


TIES = np.arange(-40, 41, dtype=np.float32) / 32  # codes, ties and ends of formats with steps down to 1/16
KERNELS = {
    "dense": random_weights(40, 16),
    "conv": random_weights(3, 3, 8, 5, scale=1.0),
    "vector": random_weights(37),
    "ties": TIES.reshape(27, 3),
    "zeros": np.zeros((4, 3), np.float32),
    "pruned": random_weights(6, 4) * np.array([0, 1, 0, 1], np.float32),
    "tiny": np.array([0, -0.0, 1e-30, 1e-7, -1.1e-7, 2.0**-23, 1e-5], np.float32).reshape(7, 1),
    "thirds": np.array([0.33, np.nextafter(np.float32(0.33), np.float32(0)), -0.33, 0.34], np.float32),
    "large": np.array([1.5, -8, 100, -3e4, 2.0**15], np.float32),
}


@cache
def graph(text: str, rank: int):
    """QKeras' quantizer as one graph, over tensors of any shape of that rank as in `model.predict`."""
    import qkeras.quantizers
    import tensorflow as tf

    quantizer = qkeras.quantizers.get_quantizer(text)
    return tf.function(quantizer, input_signature=[tf.TensorSpec([None] * rank, tf.float32)])


def in_keras(text: str, w: np.ndarray) -> np.ndarray:
    return graph(text, w.ndim)(w).numpy()


def quantized(text: str, w: np.ndarray) -> QuantizedWeights:
    result = quantize_weights(read_quantizer(text, WHERE), w, WHERE)
    assert result.codes.shape == w.shape
    assert all(int(code) in result.format for code in set(result.codes.flat))
    if result.scale is not None:
        assert result.scale.dtype == np.float32
        assert np.broadcast_shapes(result.scale.shape, w.shape) == w.shape
    return result


def assert_as_in_keras(text: str, w: np.ndarray) -> None:
    """Equal values, but for the deviation that the result itself states."""
    result, expected = quantized(text, w), in_keras(text, w)
    deviation = np.abs(expected.astype(np.float64) - result.values())
    assert deviation.max(initial=0) == result.deviation
    if result.uncertain == 0:
        assert result.deviation <= 2.0**-20 * np.abs(w).max(initial=0)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("text", FIXED + SIGNS + AUTO + PO2)
def test_values(text: str, kernel: str) -> None:
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


def test_formats_and_scales() -> None:
    w = KERNELS["dense"]
    one = quantized("quantized_bits(6,1,alpha=1)", w)
    assert (one.format, one.scale) == (FixedFormat(6, 2, True), None)
    quarter = quantized("quantized_bits(6,1,alpha=0.25)", w)
    assert (quarter.format, quarter.scale) == (FixedFormat(6, 0, True), None)
    assert quantized("quantized_bits(6,1,alpha=0.3)", w).scale == np.float32(0.3)
    assert quantized("quantized_bits(1,1,alpha=1)", w).format == BinaryFormat()
    half = quantized("binary(alpha=0.5)", w)
    assert (half.format, half.scale) == (BinaryFormat(), np.float32(0.5))
    assert quantized("ternary", w).format == TernaryFormat()
    assert quantized("binary(1)", w).format == FixedFormat(1, 1, False)
    per_channel = quantized("ternary('auto_po2')", w)
    assert per_channel.scale is not None
    assert per_channel.scale.shape == (1, 16)
    per_element = quantized("quantized_bits(4,0,alpha='auto_po2')", KERNELS["vector"])
    assert per_element.scale is not None
    assert per_element.scale.shape == (37,)


def test_automatic_scale_is_the_one_qkeras_states() -> None:
    import qkeras.quantizers

    live = qkeras.quantizers.quantized_bits(5, 2, alpha="auto")
    w = KERNELS["dense"]
    live(w)
    result = quantize_weights(read_quantizer(live, WHERE), w, WHERE)
    assert result.scale is not None
    stated = np.asarray(live.scale, np.float64)  # eager mode divides: a rounding here, one there
    assert (np.abs(result.scale - stated) <= 2 * 2.0**-24 * stated).all()
    assert result.format == FixedFormat(5, 3, True)


def test_common_power_of_two_moves_the_binary_point() -> None:
    w = np.tile(random_weights(20, 1), 3) * np.array([1, 0, 1], np.float32)  # an empty channel has no say
    result = quantized("quantized_bits(4,0,alpha='auto_po2')", w)
    assert result.scale is None
    assert isinstance(result.format, FixedFormat)
    assert result.format.width == 4
    np.testing.assert_array_equal(result.values(), in_keras("quantized_bits(4,0,alpha='auto_po2')", w))


def test_po2_format_is_the_quantizers_unless_codes_are_too_long() -> None:
    w = KERNELS["dense"]
    assert quantized("quantized_po2(4)", w).format == Po2Format(-4, 3, True)
    default = quantized("quantized_po2", w)  # exponents -64..63
    assert default.codes.dtype == np.int64
    assert isinstance(default.format, Po2Format)
    assert np.abs(default.codes).min() == 1
    assert np.abs(default.codes).max() == default.format.max_code
    np.testing.assert_array_equal(default.values(), in_keras("quantized_po2", w))
    pruned = quantized("quantized_po2", np.array([0, 0.5], np.float32))
    assert pruned.codes.dtype == object
    assert pruned.codes.tolist() == [1, 2**63]
    assert pruned.format == Po2Format(-64, -1, True)


def test_straight_through_sum_of_large_weights_is_reported() -> None:
    for text, weight in [("quantized_bits(8,0,alpha=1)", 3.4e5), ("binary(alpha=1)", 3.4e7), ("quantized_po2", 1e-8)]:
        w = np.array([weight], np.float32)
        result = quantized(text, w)
        assert result.deviation == abs(in_keras(text, w)[0] - np.float64(result.values()[0])) > 0
    assert quantized("quantized_relu(8,0)", np.float32([1e30])).deviation == 0
    no_sum = QuantizedBits(8, 0, alpha=1.0, use_ste=False)
    assert quantize_weights(no_sum, np.float32([3.4e5]), WHERE).deviation == 0


FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(arrays(np.float32, st.tuples(st.integers(0, 4), st.integers(0, 3)), elements=FLOATS))
@settings(deadline=None)
def test_float_weights_are_exact(w: np.ndarray) -> None:
    for quantizer in (None, Function("linear")):
        result = quantize_weights(quantizer, w, WHERE)
        assert result.scale is None
        np.testing.assert_array_equal(result.values(), w)
        codes = [int(code) for code in result.codes.flat]
        assert all(code in result.format for code in codes)
        assert not any(codes) or any(code % 2 for code in codes)
        if codes:
            assert result.format == FixedFormat.holding(min(0, *codes, 0), max(0, *codes, 0), result.format.lsb)


def test_float_weights_beyond_int64_are_python_integers() -> None:
    assert quantize_weights(None, np.float32([1.0, 2**20]), WHERE).codes.dtype == np.int64
    wide = quantize_weights(None, np.float32([2.0**-60, 2.0**60]), WHERE)
    assert wide.codes.tolist() == [1, 2**120]
    assert wide.format == FixedFormat(121, 61, False)


REFUSALS = [
    (None, [np.nan, 1.0, np.inf], "2 weights are NaN or infinite"),
    (QuantizedBits(1, alpha="auto"), [[1.0]], "1 bit with alpha='auto' is NaN in QKeras"),
    (QuantizedBits(4, alpha="auto", scale_axis=2), [[1.0]], "no axis scale_axis=2 in weights of shape (1, 1)"),
    (QuantizedBits(4, alpha=(1.0, 2.0)), [[1.0, 2.0, 3.0]], "alpha of shape (2,) does not fit weights of shape (1, 3)"),
    (QuantizedBits(4, alpha=((1.0,),)), [1.0], "alpha of shape (1, 1) does not fit weights of shape (1,)"),
    (Ternary("auto", threshold=0.5), [[1.0]], "alpha='auto' sets its own threshold"),
    (Ternary(use_stochastic_rounding=True), [[1.0]], "use_stochastic_rounding needs alpha='auto'"),
    (QuantizedRelu(4, relu_upper_bound=0.3, is_quantized_clip=False), [1.0], "is no multiple of the step 2**-4"),
    (QuantizedUlaw(), [1.0], "quantized_ulaw gives no fixed-point weights"),
    (Function("hard_tanh"), [1.0], "hard_tanh gives no fixed-point weights"),
]


@pytest.mark.parametrize(("quantizer", "w", "message"), REFUSALS)
def test_refusals_are_one_line_with_the_place(quantizer, w: list[float], message: str) -> None:
    with pytest.raises(QdialectError) as caught:
        quantize_weights(quantizer, np.array(w, np.float32), WHERE)
    text = str(caught.value)
    assert text.startswith(WHERE + ": ")
    assert message in text
    assert "\n" not in text


def test_no_tensorflow_is_loaded() -> None:
    import subprocess
    import sys

    code = (
        "import sys, qdialect.frontends.keras.quantizers.weights, qdialect.frontends.keras.quantizers.spellings\n"
        "assert not any(m.split('.')[0] in ('tensorflow', 'keras', 'qkeras') for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_empty_weights() -> None:
    result = quantize_weights(QuantizedPo2(4), np.zeros((0, 3), np.float32), WHERE)
    assert result.codes.shape == (0, 3)
