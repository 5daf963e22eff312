"""Single layers in small Keras models, compared at every stage. Importing this needs Keras."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
layers = keras.layers

SAMPLES = 24


def bits(width=4, integer=1):
    return qkeras.quantized_bits(width, integer, alpha=1)


def quantized(width=4, integer=1):
    return qkeras.QActivation(bits(width, integer))


def options(*names: str, bias: bool = True) -> dict:
    return {f"{name}_quantizer": bits() for name in (names or ("kernel",))} | (
        {"bias_quantizer": bits()} if bias else {}
    )


def chain(shape, *stack):
    """A quantized input, then the layers."""
    return keras.Sequential([layers.Input(shape), quantized(), *stack])


def random_weights(model, rng) -> None:
    """Multiples of 1/16, so that unquantized weights are exact in float32 sums as well."""
    for layer in model.layers:
        values = [np.round(rng.normal(size=w.shape) * 12) / 16 for w in layer.get_weights()]
        if isinstance(layer, layers.BatchNormalization):
            values = [np.abs(v) + 0.1 for v in values]
        layer.set_weights([v.astype(np.float32) for v in values])


def as_list(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


def check(model):
    """Equal outputs at every stage; returns the lowered module."""
    rng = np.random.default_rng(0)
    random_weights(model, rng)
    inputs = [np.round(rng.normal(size=(SAMPLES, *i.shape[1:])) * 64).astype(np.float32) / 32 for i in model.inputs]
    fed = inputs if len(inputs) > 1 else inputs[0]
    wanted = as_list(model.predict(fed, verbose=0))
    module = from_keras(model)
    lowered = lower(module, verify=True)
    return wanted, fed, module, lowered


def compared(model, directory: Path):
    """The lowered module of a model whose outputs are equal at every stage and in the project in `directory`."""
    wanted, fed, module, lowered = check(model)
    project = write_hls(lowered, directory).compile()
    for outputs in (simulate(module, fed), simulate(lowered, fed, check_ranges=True), project.predict(fed)):
        for a, b in zip(wanted, as_list(outputs), strict=True):
            np.testing.assert_array_equal(a, b)
    return lowered


def names_of(module) -> list[str]:
    return [op.name for op in network(module).body.block.ops]
