"""Activations of one bit, {0, 2**k}, are counted as {0, 1}: no multiplication, and QKeras' bits."""

from __future__ import annotations

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

ACTIVATIONS = (
    "quantized_relu(1)",
    "quantized_relu(1,1)",
    "quantized_relu(1,2)",
    "quantized_bits(1,0,keep_negative=0,alpha=1)",
)
BINARY = "quantized_bits(1,0,alpha=1)"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("kernel", "operations"), [(BINARY, "qnn.popcount"), ("quantized_bits(4,0,alpha=1)", "qnn.conv")]
)
def test_one_bit_activations_are_counted(activation: str, kernel: str, operations: str) -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.layers.Input((6, 6, 3)),
            qkeras.QActivation(activation),
            keras.layers.MaxPooling2D(2, padding="same"),
            qkeras.QConv2D(5, 2, padding="same", kernel_quantizer=kernel, use_bias=False),
            qkeras.QActivation(activation),
            keras.layers.Flatten(),
            qkeras.QDense(4, kernel_quantizer=BINARY, use_bias=False),
        ]
    )
    x = (np.random.default_rng(0).integers(-64, 65, (20, 6, 6, 3)) / 16).astype(np.float32)
    lowered = lower(from_keras(model), verify=True)
    assert np.array_equal(simulate(lowered, x, check_ranges=True), model.predict(x, verbose=0))
    layers = [op for op in lowered.walk() if op.name.startswith((operations, "qnn.popcount_dense"))]
    assert len(layers) == 2
    assert all(str(op.properties.get("product")) != "#qnn.product<multiply>" for op in lowered.walk())
