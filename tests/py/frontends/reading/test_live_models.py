"""Live models: what `get_config` loses is read from the objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

pytestmark = pytest.mark.covers


def test_options_that_keras_does_not_save_are_kept() -> None:
    import qkeras
    import tf_keras

    def clipped() -> object:
        return qkeras.quantized_relu(6, 2, relu_upper_bound=1.5, is_quantized_clip=False)

    alpha_one = qkeras.quantized_bits(4, 0, alpha=1)
    model = tf_keras.Sequential(
        [
            tf_keras.layers.Input((8,)),
            qkeras.QActivation("quantized_bits(8,3)", name="quantize"),
            qkeras.QDense(4, kernel_quantizer=alpha_one, bias_quantizer=alpha_one, activation=clipped(), name="fc"),
            qkeras.QActivation(clipped(), name="relu"),
        ]
    )
    x = np.random.default_rng(0).normal(0, 4, (64, 8)).astype(np.float32)
    y = model.predict(x, verbose=0)
    assert y.max() == 1.5
    assert np.array_equal(simulate(from_keras(model), x), y)


def nested_model() -> Any:
    """Quantizers with options that QKeras does not save, wherever a layer can stand."""
    import qkeras
    import tensorflow_model_optimization as tfmot
    import tf_keras

    def per_input() -> object:
        return qkeras.quantized_bits(4, 0, alpha="auto_po2", scale_axis=0)

    def clipped() -> object:
        return qkeras.quantized_relu(6, 2, relu_upper_bound=1.5, is_quantized_clip=False)

    def direct() -> object:
        return qkeras.quantized_bits(4, 0, alpha=1, use_ste=False)

    bias = qkeras.quantized_bits(4, 0, alpha=1)
    layers = tf_keras.layers
    inner = tf_keras.Sequential(
        [
            layers.Input((5, 4)),
            layers.TimeDistributed(qkeras.QActivation(clipped()), name="steps"),
            qkeras.QDense(3, kernel_quantizer=direct(), bias_quantizer=bias, name="fc", activation=clipped()),
        ],
        name="inner",
    )
    return tf_keras.Sequential(
        [
            layers.Input((5, 8)),
            qkeras.QActivation("quantized_bits(8,3)", name="quantize"),
            layers.TimeDistributed(qkeras.QDense(4, kernel_quantizer=per_input(), bias_quantizer=bias), name="td"),
            inner,
            tfmot.sparsity.keras.prune_low_magnitude(
                qkeras.QDense(4, kernel_quantizer=per_input(), bias_quantizer=bias, name="fc2"), name="pruned"
            ),
            qkeras.QActivation(clipped(), name="relu"),
        ]
    )


def test_options_are_kept_inside_wrappers_and_nested_models() -> None:
    """Each option that QKeras does not save is remarked."""
    model = nested_model()
    x = np.random.default_rng(0).normal(0, 4, (64, 5, 8)).astype(np.float32)
    module = from_keras(model)
    assert np.array_equal(simulate(module, x), model.predict(x, verbose=0))
    told = "\n".join(remarks(network(module)))
    for place, option in (
        ("td/", "kernel_quantizer: scale_axis=0"),
        ("inner/steps/", "activation: is_quantized_clip=False"),
        ("inner/fc'", "activation: is_quantized_clip=False"),
        ("inner/fc'", "kernel_quantizer: use_ste=False"),
        ("fc2'", "kernel_quantizer: scale_axis=0"),
    ):
        assert any(place in line and option in line for line in told.splitlines()), (place, option, told)


def test_what_a_layer_computes_with_is_read_whatever_it_was_given_as() -> None:
    """Strings go through QKeras' own reading, and a quantizer shared with a kernel changes for the bias too."""
    import qkeras
    import tf_keras

    shared = qkeras.quantized_bits(4, 0)
    model = tf_keras.Sequential(
        [
            tf_keras.layers.Input((8,)),
            qkeras.QActivation("quantized_bits(8,integer=(2))", name="quantize"),
            qkeras.QDense(4, kernel_quantizer=shared, bias_quantizer=shared, bias_initializer="he_normal"),
        ]
    )
    x = np.random.default_rng(1).normal(0, 4, (64, 8)).astype(np.float32)
    assert np.array_equal(simulate(from_keras(model), x), model.predict(x, verbose=0))
