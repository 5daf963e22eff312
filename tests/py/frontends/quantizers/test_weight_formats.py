"""Formats and scales of quantized weights, and what is reported of their sums."""

from __future__ import annotations

import numpy as np
import pytest
from weights_in_keras import KERNELS, WHERE, in_keras, quantized, random_weights

from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.keras.quantizers.classes import (
    QuantizedBits,
)
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat

pytestmark = pytest.mark.covers


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


def test_deviations_of_codes_are_those_of_weights_over_the_smallest_scale() -> None:
    """But for scales of zero."""
    codes, fmt = np.zeros((2, 3), np.int8), FixedFormat(4, 4, True)
    for scale, apart in ((None, 0.5), ([0.0, 2.0, -0.25], 2.0), ([1.0, 4.0, 8.0], 0.5)):
        numbers = None if scale is None else np.array(scale, np.float32)
        assert QuantizedWeights(codes, fmt, numbers, deviation=0.5).apart == apart


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
