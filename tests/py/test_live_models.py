"""Live models: what `get_config` loses is read from the objects."""

from __future__ import annotations

import numpy as np
import pytest

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
