"""Weights without a quantizer, weights that are refused, and what reading weights loads."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qdialect.errors import QdialectError
from qdialect.frontends.keras.quantizers.classes import (
    Function,
    QuantizedBits,
    QuantizedRelu,
    Ternary,
)
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedUlaw
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.numerics.formats import FixedFormat

pytestmark = pytest.mark.covers

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

WHERE = "layer 'fc1' kernel_quantizer"


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
