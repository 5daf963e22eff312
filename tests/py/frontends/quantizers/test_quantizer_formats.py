"""Formats of quantizers, and what is refused of their options."""

from __future__ import annotations

import os

import numpy as np
import pytest

from qdialect.errors import QdialectError
from qdialect.frontends.keras.quantizers.classes import (
    Function,
)
from qdialect.frontends.keras.quantizers.spellings import FUNCTIONS, read_quantizer
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

WHERE = "layer 'fc1' kernel_quantizer"


class Mystery:
    def get_config(self) -> dict[str, object]:
        return {}


REFUSALS = [
    ("quantized_float(4)", "unknown quantizer 'quantized_float'; known are binary,"),
    ("quantized_linear(1)", "quantized_linear: one signed bit is plus or minus half a step; use binary"),
    ("quantized_linear(4,alpha=0.3)", "alpha=0.3 is not one power of two; use one, 'auto' or 'auto_po2'"),
    ("bernoulli", "draws random samples at inference too; use binary(use_01=True)"),
    ("relu(6)", "relu takes no options; write 'relu'"),
    ("quantized_bits(4,0", "cannot read 'quantized_bits(4,0'; expected a name, or a call"),
    ("q.quantized_bits(4)", "unknown quantizer 'q.quantized_bits'"),
    ("quantized_bits(4,)", "cannot read 'quantized_bits(4,)'; expected a name"),
    ("quantized_bits(bits=4,0)", "has an argument without name behind named ones"),
    ("quantized_bits(None)", "QKeras reads bits=None in a string as the text 'on'; leave it out"),
    ("quantized_bits(4,0,alpha=auto_po2)", "argument auto_po2 is no number"),
    ("quantized_bits(*[4])", "argument *[4] is no number"),
    ("quantized_bits(**{'bits': 4})", "is no number, True, False"),
    ("quantized_bits(4,bits=4)", "quantized_bits got option bits twice"),
    ("quantized_tanh(4,0,0,0,0)", "quantized_tanh takes at most 4 options, got 5"),
    ("quantized_bits(4,colour=1)", "quantized_bits has no option 'colour'; known are bits, integer"),
    ("quantized_bits(4,post_training_scale=0.5)", "post_training_scale=0.5 is not supported; use None"),
    ("quantized_bits(4,qnoise_factor=0.5)", "qnoise_factor=0.5 is not supported; use 1.0"),
    ("quantized_bits('4')", "bits='4' is not supported; use an integer"),
    ("quantized_bits(4.5)", "bits=4.5 is not supported; use an integer"),
    ("quantized_bits(0)", "bits=0 is not supported; use an integer from 1 on"),
    ("quantized_bits(4,-31)", "integer=-31 breaks QKeras 0.9.0"),
    ("quantized_relu(4,-1)", "integer=-1 breaks QKeras 0.9.0"),
    ("quantized_bits(8,31)", "integer=31 breaks QKeras 0.9.0"),
    ("quantized_bits(33)", "32 magnitude bits exceed float32, so Keras itself misses its top code; use at most 31"),
    ("quantized_bits(25,alpha='auto')", "24 magnitude bits exceed float32"),
    ("quantized_relu(32)", "32 magnitude bits exceed float32"),
    ("quantized_sigmoid(25)", "25 magnitude bits exceed float32"),
    ("quantized_hswish(33)", "32 magnitude bits exceed float32"),
    ("quantized_hswish(8,relu_shift=0)", "relu_shift and relu_upper_bound must be positive"),
    ("quantized_bits(4,0,20)", "symmetric=20 leaves no codes"),
    ("quantized_bits(4,0,0,2)", "keep_negative=2 is not supported; use True or False"),
    ("quantized_bits(4,alpha='max')", "alpha='max' is not supported; use None, a finite number"),
    ("quantized_bits(4,alpha=1e999)", "alpha=inf is not supported"),
    ("quantized_bits(4,alpha=1e30)", "alpha=1e+30 is not supported; use None, a finite number up to 2^64"),
    ("quantized_bits(4,alpha=[1,2])", "argument [1 is no number"),
    ({"class_name": "quantized_bits", "config": {"alpha": [1, "a"]}}, "alpha='a' is not supported"),
    ("quantized_relu(4,0,'yes')", "use_sigmoid='yes' is not supported; use True or False"),
    ("quantized_relu(4,negative_slope=.3)", "negative_slope=0.3 is not a power of two"),
    ("quantized_relu(4,negative_slope=-.5)", "negative_slope=-0.5 is not a power of two"),
    ("ternary(threshold='auto')", "threshold='auto' is not supported; use a finite number"),
    ("ternary(number_of_unrolls=0)", "number_of_unrolls=0 is not supported"),
    ("quantized_po2(4,-1)", "max_value=-1 is not supported; use a positive number"),
    ("quantized_po2(4,0)", "max_value=0 is not supported"),
    ("quantized_po2(4,log2_rounding='up')", "log2_rounding='up' is not supported; use 'rnd' or 'floor'"),
    ("quantized_po2(1)", "too few bits for an exponent"),
    ({"class_name": "quantized_bits"}, "cannot read {'class_name': 'quantized_bits'}; expected"),
    ({"class_name": "ReLU", "config": {}}, "unknown quantizer 'ReLU'"),
    (Mystery(), "unknown quantizer 'Mystery'"),
    (Mystery, "Mystery is a class; pass an instance such as Mystery()"),
    (3, "cannot read a int; pass a QKeras quantizer, its config, or a string"),
    (lambda x: x, "unknown quantizer '<lambda>'"),
]


@pytest.mark.parametrize(("spec", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_refusals_are_one_line_with_the_place(spec: object, message: str) -> None:
    with pytest.raises(QdialectError) as caught:
        read_quantizer(spec, WHERE)
    text = str(caught.value)
    assert text.startswith(WHERE + ": ")
    assert message in text
    assert "\n" not in text


ENDS = (
    ("quantized_tanh({})", 1, 25),
    ("quantized_tanh(4,symmetric={})", 0, 8),
    ("quantized_tanh(1,symmetric={})", 0, 1),
    ("quantized_sigmoid({})", 1, 24),
    ("quantized_sigmoid(4,symmetric={})", 0, 15),
    ("quantized_sigmoid(1,symmetric={})", 0, 1),
    ("quantized_ulaw({})", 1, 25),
    ("quantized_ulaw(4,symmetric={})", 0, 8),
    ("quantized_ulaw(4,{})", 0, 30),
)
"""A quantizer with an option left open, and the least and the most that it may be."""


def test_options_have_ends() -> None:
    for spec, least, most in ENDS:
        for value in (least, most):
            read_quantizer(spec.format(value), WHERE)
        for value in (least - 1, most + 1):
            with pytest.raises(QdialectError, match=WHERE):
                read_quantizer(spec.format(value), WHERE)


FORMATS = {
    "quantized_bits(8,0,alpha=1)": FixedFormat(8, 1, True),
    "quantized_bits(6,2,1,alpha=1)": FixedFormat(6, 3, True),
    "quantized_bits(6,2,keep_negative=False,alpha=1)": FixedFormat(6, 2, False),
    "quantized_bits(1,3,alpha=1)": BinaryFormat(),
    "quantized_bits(1,3,keep_negative=False,alpha=1)": FixedFormat(1, 3, False),
    "quantized_relu(6,2)": FixedFormat(6, 2, False),
    "quantized_relu(6,2,1)": FixedFormat(6, 2, False),
    "quantized_relu(6,2,0,0.25)": FixedFormat(6, 3, True),
    "quantized_relu(6,2,1,0.25)": FixedFormat(6, 3, True),
    "quantized_relu(4,1,0,2.0)": FixedFormat(5, 3, True),
    "quantized_relu(2,1,0,0.0625)": FixedFormat(5, 2, True),
    "quantized_relu(4,1,0,0.0,False,1.5,False)": FixedFormat(4, 1, False),
    "binary": BinaryFormat(),
    "binary(1)": FixedFormat(1, 1, False),
    "ternary": TernaryFormat(),
    "quantized_tanh(5)": FixedFormat(5, 1, True),
    "quantized_sigmoid(5)": FixedFormat(5, 0, False),
    "quantized_hswish(6,1)": FixedFormat(6, 2, True),
    "quantized_po2(4)": Po2Format(-4, 3, True),
    "quantized_po2(4,1)": Po2Format(-8, 0, True),
    "quantized_po2(4,2)": Po2Format(-4, 1, True),
    "quantized_po2(4,3)": Po2Format(-4, 2, True),
    "quantized_po2(4,0.001)": Po2Format(-8, -8, True),
    "quantized_po2(4,quadratic_approximation=True)": Po2Format(-8, 4, True),
    "quantized_po2(6,quadratic_approximation=True)": Po2Format(-24, 28, True),
    "quantized_po2(7,quadratic_approximation=True)": Po2Format(-32, 60, True),
    "quantized_relu_po2(4)": Po2Format(-8, 7, False),
    "quantized_relu_po2(4,1)": Po2Format(-16, 0, False),
    "quantized_relu_po2(6,2048)": Po2Format(-32, 11, False),
    "quantized_relu_po2(4,2,0.25)": Po2Format(-8, 1, True),
    "quantized_relu_po2()": Po2Format(-24, 127, False, zero=True),
    "quantized_relu_po2(40)": Po2Format(-24, 127, False, zero=True),
    "quantized_po2(9,1)": Po2Format(-24, 0, True, zero=True),
}


@pytest.mark.parametrize(("text", "expected"), FORMATS.items())
def test_formats_hold_all_outputs_and_their_ends_occur(text: str, expected: object) -> None:
    import qkeras.quantizers
    import tensorflow as tf

    quantizer = read_quantizer(text, WHERE)
    assert not isinstance(quantizer, Function | None)
    assert quantizer.format == expected
    largest = 2 ** min(16, quantizer.format.max_code.bit_length() + quantizer.format.lsb + 1)
    x = np.concatenate([[s * 2.0**k, s * 1.5 * 2.0**k] for s in (-1, 1) for k in range(-40, 16)])
    x = np.concatenate([x, np.linspace(-largest, largest, 2001), [0.0]]).astype(np.float32)
    y = tf.function(qkeras.quantizers.get_quantizer(text))(tf.constant(x)).numpy()
    codes = np.ldexp(y.astype(np.float64), -expected.lsb).astype(object)
    if isinstance(expected, FixedFormat):
        assert FixedFormat.holding(int(min(codes)), int(max(codes)), expected.lsb) == expected
    elif isinstance(expected, Po2Format):
        codes = codes[codes != 0]  # straight-through sums that vanish beside a larger input
        assert min(abs(codes)) == 1 or expected.zero  # the ends of epsilon's exponent, rounded down or to the nearest
        assert max(abs(codes)) == expected.max_code or expected.max_exp > 15
    else:
        assert sorted(set(codes)) == list(expected.codes())
    assert all(code == int(code) and int(code) in expected for code in codes)


def test_functions_are_known_to_keras() -> None:
    import qkeras.quantizers
    import tf_keras

    for name in FUNCTIONS:
        assert hasattr(qkeras.quantizers, name) or callable(tf_keras.activations.get(name)), name
