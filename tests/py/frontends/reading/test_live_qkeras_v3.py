"""Live models of `qkeras-v3`, and files of them, in an environment that has it (`make test-v3`)."""

from __future__ import annotations

import inspect
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qdialect
from qdialect.frontends.keras.quantizers.classes import QuantizedLinear


def is_installed() -> bool:
    """Whether the package called `qkeras` here is that of `qkeras-v3`."""
    try:
        return bool(version("qkeras-v3"))
    except PackageNotFoundError:
        return False


if not is_installed():
    pytest.skip("qkeras-v3 is not installed: make test-v3", allow_module_level=True)

keras = pytest.importorskip("keras")
qkeras = pytest.importorskip("qkeras")

K = keras.layers


def dense(**options: Any) -> Any:
    kernel, bias = (qkeras.quantized_bits(*bits, alpha=1) for bits in ((4, 1), (6, 2)))
    return qkeras.QDense(4, kernel_quantizer=kernel, bias_quantizer=bias, **options)


ENDS = {
    "logits": lambda: [dense()],
    "Activation": lambda: [dense(), K.Activation("softmax")],
    "Softmax": lambda: [dense(), K.Softmax()],
    "QActivation": lambda: [dense(), qkeras.QActivation("softmax")],
    "activation": lambda: [dense(activation="softmax")],
    "sigmoid": lambda: [dense(), K.Activation("sigmoid")],
}


def network(end: str, functional: bool) -> Any:
    keras.utils.set_random_seed(1)
    layers = [qkeras.QActivation("quantized_bits(8,3,alpha=1)"), dense(), qkeras.QActivation("quantized_relu(5,2)")]
    layers += ENDS[end]()
    if not functional:
        return keras.Sequential([keras.Input((8,)), *layers])
    x = y = keras.Input((8,))
    for layer in layers:
        y = layer(y)
    return keras.Model(x, y)


@pytest.mark.parametrize("functional", [False, True])
@pytest.mark.parametrize("end", ENDS)
def test_live_model_is_verified_at_every_stage(end: str, functional: bool, tmp_path: Path) -> None:
    """Keras, the network at every stage and the compiled C++ agree, for the live model and both kinds of file."""
    model = network(end, functional)
    paths = [tmp_path / "net.keras", tmp_path / "net.h5"]
    for path in paths:
        model.save(path)
    for given in (model, *paths):
        report = qdialect.verify(given, samples=50)
        assert (report.ok, report.reference, report.note) == (True, "Keras", "")


def test_live_model_is_converted(tmp_path: Path) -> None:
    model = network("Softmax", functional=True)
    hardware = qdialect.converters.convert_from_keras_model(model, output_dir=tmp_path / "prj")
    hardware.compile()
    x = (np.random.default_rng(0).integers(-128, 128, (50, 8)) / 16).astype(np.float32)
    assert np.array_equal(hardware.predict(x).argmax(axis=-1), model.predict(x, verbose=0).argmax(axis=-1))
    outputs, layers = hardware.trace(x)
    assert np.array_equal(outputs, hardware.predict(x))
    assert len(layers) == len(model.layers)
    assert qdialect.profile(model, x).values


def test_order_of_options_is_that_of_the_constructor() -> None:
    theirs = inspect.signature(qkeras.quantized_linear.__init__).parameters
    ours = inspect.signature(QuantizedLinear).parameters
    assert {key: each.default for key, each in ours.items()} == {key: theirs[key].default for key in list(theirs)[1:]}
    assert list(ours) == list(theirs)[1:]


KERNELS = {
    "negative integer": lambda: qkeras.quantized_bits(4, -1, alpha=1),
    "hidden scale": lambda: qkeras.quantized_linear(4, 1),
    "auto": lambda: qkeras.quantized_linear(4, alpha="auto"),
    "auto_po2": lambda: qkeras.quantized_linear(6, 1, alpha="auto_po2", symmetric=0),
    "unsigned": lambda: qkeras.quantized_linear(4, keep_negative=False, alpha="auto_po2"),
    "number": lambda: qkeras.quantized_linear(4, 0, alpha=0.5),
}


@pytest.mark.parametrize("kernel", KERNELS)
def test_quantizers_of_its_own(kernel: str) -> None:
    keras.utils.set_random_seed(2)
    bias = qkeras.quantized_bits(6, 2, alpha=1)
    stack = [qkeras.QDense(6, kernel_quantizer=KERNELS[kernel](), bias_quantizer=bias)]
    stack.append(qkeras.QActivation("quantized_bits(6,-1,alpha=1)"))
    report = qdialect.verify(keras.Sequential([keras.Input((8,)), quantized_input(), *stack]), samples=200)
    assert (report.ok, report.reference, report.note) == (True, "Keras", "")


def quantized_input() -> Any:
    return qkeras.QActivation("quantized_bits(8,3,alpha=1)")
