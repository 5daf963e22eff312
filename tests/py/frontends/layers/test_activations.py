"""Activation quantizers and functions against QKeras and Keras: the same values, before and after every pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sequences import assert_integer

from qdialect.analysis.costs import report
from qdialect.compiler.pipeline import lower
from qdialect.compiler.verify import verify
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

tf_keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

pytestmark = pytest.mark.covers
layers = tf_keras.layers

GRID = "quantized_bits(11,5,alpha=1)"
REAL_GRID = np.concatenate(
    [
        np.arange(-(2**10), 2**10) / 2.0**5,  # every code of GRID: ties of coarser quantizers
        np.arange(-(2**9), 2**9) / 2.0**12,
        np.float32([0.0, -0.0, 1e-9, -1e-9, 1e-7, 9.9e-8, 1e5, -1e5, 2.0**18, 0.33, -0.33]),
    ]
)
X = np.stack([REAL_GRID, REAL_GRID[::-1], np.roll(REAL_GRID, 7)], axis=1).astype(np.float32)

QUANTIZERS = [
    "quantized_relu(6,2)",
    "quantized_relu(6,2,negative_slope=0.25)",
    "quantized_relu(6,2,negative_slope=2.0)",
    "quantized_relu(3,0,negative_slope=0.0625)",
    "quantized_relu(4,0,1)",
    "quantized_relu(1,1,1)",
    "quantized_relu(4,2,1)",
    "quantized_relu(6,1,1,negative_slope=0.5)",
    "quantized_tanh(6)",
    "quantized_tanh(4,symmetric=1)",
    "quantized_tanh(6,use_real_tanh=1)",
    "quantized_sigmoid(6)",
    "quantized_sigmoid(4,1)",
    "quantized_sigmoid(6,0,1)",
    "quantized_hswish(6,2)",
    "quantized_hswish(8,3,1)",
    "binary(alpha=1)",
    "binary(use_01=True,alpha=1)",
    "binary(use_01=True,alpha=0.5)",
    "ternary(alpha=1,threshold=0.5)",
    "quantized_bits(1,0,alpha=1)",
    "quantized_po2(4)",
    "quantized_po2(4,2)",
    "quantized_po2(4,3)",
    "quantized_po2(5,quadratic_approximation=True)",
    "quantized_po2(4,log2_rounding='floor')",
    "quantized_relu_po2(4)",
    "quantized_relu_po2(4,4)",
    "quantized_relu_po2(4,negative_slope=0.25)",
    "quantized_relu_po2(5,quadratic_approximation=True)",
    "quantized_relu_po2(4,log2_rounding='floor')",
    "quantized_relu_po2()",
    "quantized_po2(9,2)",
]
QKERAS_FUNCTIONS = [
    "hard_sigmoid",
    "hard_tanh",
    "smooth_sigmoid",
    "smooth_tanh",
    "binary_sigmoid",
    "binary_tanh",
    "relu",
]
KERAS_FUNCTIONS = [
    "tanh",
    "sigmoid",
    "softplus",
    "softsign",
    "elu",
    "selu",
    "gelu",
    "swish",
    "mish",
    "hard_sigmoid",
    "relu",
]
PIECEWISE = {  # layer -> is its result exact, without a quantizer after it
    "LeakyReLU(alpha=0.3)": False,
    "LeakyReLU(alpha=0.25)": True,
    "LeakyReLU(alpha=2.0)": True,
    "ReLU(6.0)": True,
    "ReLU(4.0, 0.25)": True,
    "ReLU(None, 0.3)": False,
    "ReLU(4.0, 0.25, 1.0)": False,
    "ReLU(None, 0.0, 0.5)": False,
    "ThresholdedReLU(1.5)": False,
    "ELU(0.5)": False,
}


def quantizer(text: str) -> Any:
    return qkeras.QActivation(text)


def grid() -> Any:
    """Named before the layers after it: Grappler's order of float operations depends on the order of names."""
    return qkeras.QActivation(GRID, name="a_grid")


def model(*stack: Any) -> Any:
    x = inputs = tf_keras.Input((3,))
    for layer in stack:
        x = layer(x)
    return tf_keras.Model(inputs, x)


def predict(keras: Any) -> np.ndarray:
    return keras.predict(X, batch_size=len(X), verbose=0)


def check(*stack: Any) -> Any:
    """Keras = imported = lowered, pass by pass; the lowered module."""
    keras = model(grid(), *stack)
    module = from_keras(keras)
    expected = predict(keras)
    assert (simulate(module, X) == expected).all()
    lowered = lower(module, verify=True)
    assert (simulate(lowered, X) == expected).all()
    assert_integer(lowered)
    return lowered


def batch_norm(channels: int = 3) -> Any:
    """Random parameters, gammas of both signs."""
    rng = np.random.default_rng(channels)
    layer = layers.BatchNormalization()
    layer.build((None, channels))
    values = rng.normal(size=(3, channels)), rng.uniform(0.1, 4, channels)
    layer.set_weights([*values[0], values[1]])
    return layer


@pytest.mark.parametrize("text", QUANTIZERS)
def test_quantizer_of_fixed_point(text):
    check(quantizer(text))


@pytest.mark.parametrize("text", QUANTIZERS)
def test_quantizer_of_reals(text):
    """At network level, where sums of float32 round before the quantizer does."""
    keras = model(quantizer(text))
    assert (simulate(from_keras(keras), X) == predict(keras)).all()


@pytest.mark.parametrize("text", QUANTIZERS)
def test_quantizer_after_batch_normalization(text):
    check(batch_norm(), quantizer(text))


@pytest.mark.parametrize("name", QKERAS_FUNCTIONS)
def test_function_in_a_qkeras_layer(name):
    check(quantizer(name), quantizer("quantized_bits(8,2,alpha=1)"))


@pytest.mark.parametrize("name", KERAS_FUNCTIONS)
def test_function_in_a_keras_layer(name):
    check(layers.Activation(name), quantizer("quantized_bits(8,2,alpha=1)"))


@pytest.mark.parametrize("text", PIECEWISE)
def test_layer_that_is_a_function(text):
    layer = eval(text, {name: getattr(layers, name) for name in ("LeakyReLU", "ReLU", "ThresholdedReLU", "ELU")})
    check(layer, *([] if PIECEWISE[text] else [quantizer("quantized_bits(8,2,alpha=1)")]))


def test_one_function_after_another():
    check(
        quantizer("quantized_tanh(6,use_real_tanh=1)"),
        batch_norm(),
        layers.Activation("sigmoid"),
        quantizer("quantized_relu(5,0)"),
    )


@pytest.mark.parametrize(
    "text", ["quantized_tanh(8,use_real_tanh=1)", "quantized_tanh(4)", "quantized_po2(4)", "quantized_relu_po2(5)"]
)
def test_wide_inputs_become_thresholds_by_bisection(text):
    keras = model(quantizer("quantized_bits(20,5,alpha=1)"), quantizer(text))
    lowered = lower(from_keras(keras), verify=True)
    assert (simulate(lowered, X) == predict(keras)).all()


@pytest.mark.parametrize("name", ["swish", "gelu", "mish", "softsign"])
def test_wide_inputs_of_functions_that_rise_and_fall(name, tmp_path):
    """All 2^18 codes are tried: thresholds where the result changes, and a table of the results between them."""
    keras = model(
        quantizer("quantized_bits(18,4,alpha=1)"), layers.Activation(name), quantizer("quantized_bits(6,2,alpha=1)")
    )
    lowered = lower(from_keras(keras), verify=True)
    assert_integer(lowered)
    assert (simulate(lowered, X) == predict(keras)).all()
    if name == "swish":
        assert (write_hls(lowered, tmp_path / "net").compile().predict(X) == predict(keras)).all()


def test_a_wider_input_of_a_function_that_rises_and_falls_is_refused_by_name(tmp_path):
    keras = model(quantizer("quantized_bits(24,5,alpha=1)"), layers.Activation("swish"), quantizer(GRID))
    lowered = lower(from_keras(keras))
    assert any(isinstance(op, FunctionOp) for op in lowered.walk())
    with pytest.raises(QdialectError, match=r"'activation.*': swish becomes a table .* 2\^22 codes"):
        write_hls(lowered, tmp_path / "net")


def test_steps_within_tensorflows_error_are_listed():
    """tanh in steps so fine that float32 decides some of them."""
    lowered = lower(from_keras(model(grid(), quantizer("quantized_tanh(20,use_real_tanh=1)"))))
    assert report(lowered).uncertified


def test_names_of_the_other_library_are_refused():
    keras = model(layers.Activation(qkeras.hard_tanh))
    with pytest.raises(QdialectError, match=r"layer 'activation.*' .*'hard_tanh' is not supported here"):
        from_keras(keras)


def test_a_sigmoid_at_the_end_is_left_to_the_host():
    keras = model(grid(), batch_norm(), quantizer("quantized_bits(6,2,alpha=1)"), layers.Activation("sigmoid"))
    module = from_keras(keras)
    assert heads_of(network(module)) == [Head.SIGMOID]
    assert (simulate(module, X) == predict(tf_keras.Model(keras.inputs, keras.layers[-2].output))).all()
    assert verify(keras, X[:200]).ok


COMPILED = {
    "tanh": [quantizer("quantized_tanh(6,use_real_tanh=1)")],
    "leaky": [quantizer("quantized_relu(6,2,negative_slope=0.25)")],
    "sigmoid_relu": [quantizer("quantized_relu(4,2,1)")],
    "hswish": [quantizer("quantized_hswish(6,2)")],
    "po2_per_channel": [batch_norm(), quantizer("quantized_po2(4)")],
    "po2_with_zero": [quantizer("quantized_relu_po2()")],
    "po2_table": [quantizer("quantized_po2(5,quadratic_approximation=True)")],
    "many_thresholds_per_channel": [batch_norm(), quantizer("quantized_bits(7,1,alpha=1)")],
    "table_per_channel": [batch_norm(), quantizer("quantized_hswish(6,2)")],
    "bits": [quantizer("binary(use_01=True,alpha=1)")],
    "bounds": [layers.ReLU(4.0, 0.25), quantizer("hard_sigmoid")],
    "table_of_bits": [quantizer("binary(alpha=1)"), quantizer("smooth_tanh"), quantizer("quantized_bits(8,2,alpha=1)")],
    "thresholds_of_powers": [quantizer("quantized_po2(4)"), quantizer("quantized_tanh(6,use_real_tanh=1)")],
}


@pytest.mark.parametrize("name", COMPILED)
def test_compiled_activation_computes_keras_bits(name: str, tmp_path: Path):
    keras = model(grid(), *COMPILED[name])
    project = write_hls(lower(from_keras(keras), verify=True), tmp_path / name).compile()
    assert (project.predict(X) == predict(keras)).all()
    project.make("check")
