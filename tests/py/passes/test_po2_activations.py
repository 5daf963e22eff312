"""Activations that are powers of two: equal to QKeras in the interpreter and in C++, without a multiplication."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import qkeras
import tf_keras as keras

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

FIXED, PO2, BINARY, TERNARY = "quantized_bits(4,0,alpha=1)", "quantized_po2(4)", "binary(alpha=1)", "ternary(alpha=1)"
CASES = [
    ("dense", "quantized_po2(4)", FIXED),
    ("dense", "quantized_relu_po2(3)", PO2),
    ("dense", "quantized_po2(4, 2)", BINARY),
    ("conv2d", "quantized_po2(4, 2)", PO2),
    ("conv2d", "quantized_relu_po2(4)", TERNARY),
    ("depthwise", "quantized_po2(4)", FIXED),
    ("depthwise", "quantized_relu_po2(4, 4)", FIXED),
    ("conv2d", "quantized_relu_po2(4, quadratic_approximation=True)", TERNARY),
    ("depthwise, same", "quantized_po2(4, quadratic_approximation=True)", PO2),
    ("conv2d, same", "quantized_po2(4)", FIXED),
    ("conv2d, same", "quantized_relu_po2(4, 4)", PO2),
    ("depthwise, same", "quantized_relu_po2(4)", FIXED),
    ("depthwise, same", "quantized_po2(4)", TERNARY),
]


def layers(kind: str, kernel: str, activation: str) -> list:
    """A layer of weights on powers of two, and one on those that it gives."""
    padding = "same" if "same" in kind else "valid"
    match kind.removesuffix(", same"):
        case "dense":
            first = qkeras.QDense(4, kernel_quantizer=kernel, use_bias=False)
        case "conv2d":
            first = qkeras.QConv2D(3, 2, padding=padding, kernel_quantizer=kernel, use_bias=False)
        case _:
            first = qkeras.QDepthwiseConv2D(2, padding=padding, depthwise_quantizer=kernel, use_bias=False)
    pool = [] if kind == "dense" else [keras.layers.MaxPooling2D(2), keras.layers.Flatten()]
    return [
        qkeras.QActivation(activation),
        first,
        qkeras.QActivation(activation),
        *pool,
        qkeras.QDense(3, kernel_quantizer=kernel, bias_quantizer="quantized_bits(5,1,alpha=1)"),
    ]


def compiled_equals_keras(network: list, shape: tuple[int, ...], folder: Path, products: set[Product]) -> None:
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.layers.Input(shape), *network])
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(size=w.shape) * 0.6 for w in model.get_weights()])
    x = (rng.integers(-64, 65, (50, *shape)) / 16).astype(np.float32)
    expected = model.predict(x, verbose=0)
    lowered = lower(from_keras(model), verify=True)
    assert products >= {op.product.data for op in lowered.walk() if isinstance(op, ContractionOp | MulOp)}
    assert np.array_equal(simulate(lowered, x, check_ranges=True), expected)
    project = write_hls(lowered, folder).compile()
    assert np.array_equal(project.predict(x), expected)


@pytest.mark.parametrize(("kind", "activation", "kernel"), CASES)
def test_compiled_shifts_compute_the_interpreters_bits(kind: str, activation: str, kernel: str, tmp_path: Path) -> None:
    shape = (6,) if kind == "dense" else (4, 4, 2)
    compiled_equals_keras(layers(kind, kernel, activation), shape, tmp_path, {Product.SHIFT, Product.ADD_SUB})


@pytest.mark.parametrize("activation", ["quantized_relu_po2(4, 2)", "quantized_po2(4, quadratic_approximation=True)"])
def test_a_port_carries_powers_of_two(activation: str, tmp_path: Path) -> None:
    """An output of powers of two leaves as exponents."""
    network = [qkeras.QActivation("quantized_bits(6,3,alpha=1)"), qkeras.QActivation(activation)]
    compiled_equals_keras(network, (5,), tmp_path, set())
