"""Multiplier-free networks as in QKeras' documentation, trained for an epoch: Keras' bits at every stage, no
multiplication in the IR or in the C++, one bit per binary weight and two per ternary weight.

The data are scikit-learn's 8x8 digits, enlarged to the 28x28 pixels of MNIST.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from qdialect.analysis.costs import constant_bits, report
from qdialect.compiler.verify import verify
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.packed import PopcountDenseOp

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
datasets = pytest.importorskip("sklearn.datasets")

SAMPLES = 50
TRAINED_ON = 640
NO_VALUE = re.compile(r"//.*|\b(out_)?word \* 64\b")  # comments, and the position of a bit in packed words
PRODUCT = re.compile(r"[\w)\]]\s*\*=?\s*[\w(]")


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Images [1797, 784] in [0, 1], and classes."""
    data = datasets.load_digits()
    images = np.kron(data.images / 16, np.ones((4, 4)))[:, 2:-2, 2:-2]
    return images.reshape(len(images), 784).astype(np.float32), data.target


X, LABELS = digits()


def mlp(weights: list[tuple[int, str]], activations: list[str]):
    """Dense layers of (units, kernel quantizer), a quantizer before each and batch normalization between them."""
    layers = [keras.layers.Input((784,), name="x")]
    for i, ((units, kernel), activation) in enumerate(zip(weights, activations, strict=True)):
        if i:
            layers.append(keras.layers.BatchNormalization(name=f"bn{i}"))
        initializer = keras.initializers.HeNormal(seed=i)
        layers += [
            qkeras.QActivation(activation, name=f"act{i}"),
            qkeras.QDense(
                units, kernel_quantizer=kernel, kernel_initializer=initializer, use_bias=False, name=f"fc{i}"
            ),
        ]
    return keras.Sequential(layers, name="mlp")


def trained(model):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    model.fit(X[:TRAINED_ON], LABELS[:TRAINED_ON], batch_size=64, shuffle=False, verbose=0)
    return model


NETWORKS = {
    "binary": ([(128, "binary(alpha=1)"), (128, "binary(alpha=1)"), (10, "binary(alpha=1)")], ["binary(alpha=1)"] * 3),
    "ternary": ([(128, "ternary()"), (128, "ternary()"), (10, "ternary()")], ["ternary(alpha=1)"] * 3),
    "mixed": (
        [(64, "ternary()"), (64, "binary()"), (10, "quantized_bits(4,0,alpha=1)")],
        ["quantized_relu(4)", "ternary(alpha=1)", "binary(alpha=1)"],
    ),
    "po2": ([(64, "quantized_po2(4)"), (10, "quantized_po2(4,1)")], ["quantized_relu(4)", "quantized_relu(4,1)"]),
}
BITS = {"binary": 1, "ternary": 2}


def weights_of(layers: list[tuple[int, str]]) -> list[tuple[str, int]]:
    """The kind of the kernel quantizer of each dense layer, and its number of weights."""
    inputs = [784, *(units for units, _ in layers)]
    return [(kernel.partition("(")[0], n * units) for n, (units, kernel) in zip(inputs, layers, strict=False)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_documentation_network(name: str, tmp_path: Path) -> None:
    layers, activations = NETWORKS[name]
    result = verify(trained(mlp(layers, activations)), X[:SAMPLES], directory=tmp_path)
    assert result.ok, str(result)
    assert result.stages[0].name == "network IR"
    assert {"after binary-to-xnor", "after po2-to-shift", "compiled C++"} <= {stage.name for stage in result.stages}

    operations = list(result.lowered.walk())
    products = [op for op in operations if isinstance(op, ContractionOp | MulOp)]
    assert not [op for op in products if op.product.data is Product.MULTIPLY]
    assert report(result.lowered).multiplications == 0
    assert not PRODUCT.search(NO_VALUE.sub("", (tmp_path / "src/mlp.cpp").read_text()))

    sums = [op for op in operations if isinstance(op, ContractionOp | PopcountDenseOp)]
    for op, (kind, count) in zip(sums, weights_of(layers), strict=True):
        kernel = op.operands[1].owner
        assert isinstance(kernel, ConstantOp)
        bits = constant_bits(kernel)
        print(f"{name}: {op.operands[1].name_hint}, {count} {kind} weights in {bits / 8:g} bytes")
        if kind in BITS:
            assert bits == BITS[kind] * count
