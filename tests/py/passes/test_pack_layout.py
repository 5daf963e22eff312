"""Binary and ternary values travel packed between layers: nothing is packed twice or unpacked, every stage is equal to
QKeras, and so is the compiled C++."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
L = keras.layers

BINARY, TERNARY, ZERO_ONE = "binary(alpha=1)", "ternary(alpha=1)", "binary(use_01=True,alpha=1)"


def act(text: str = BINARY):
    return qkeras.QActivation(text)


def conv(filters: int, kernel: str = BINARY, **options):
    return qkeras.QConv2D(filters, 3, kernel_quantizer=kernel, use_bias=False, **options)


def dense(units: int, kernel: str = BINARY):
    return qkeras.QDense(units, kernel_quantizer=kernel, use_bias=False)


def cnn(text: str, filters: int, kernel: str = BINARY):
    x = layers = L.Input((8, 7, 3))
    for layer in (
        act(text), conv(filters, kernel), L.BatchNormalization(), act(text), L.MaxPooling2D(2, padding="same"),
        conv(filters, kernel, padding="same"), L.BatchNormalization(), act(text), L.Flatten(),
        dense(9), L.BatchNormalization(), act(text), dense(3),
    ):  # fmt: skip
        layers = layer(layers)
    return keras.Model(x, layers)


def concatenated():
    """Two branches of 20 and 50 channels side by side."""
    x = L.Input((6, 6, 3))
    a = act()(x)
    branches = [act()(L.BatchNormalization()(conv(n, padding="same")(a))) for n in (20, 50)]
    y = act()(L.BatchNormalization()(conv(7)(L.Concatenate()(branches))))
    return keras.Model(x, dense(4)(L.Flatten()(y)))


def residual():
    """The values are counted, and added as numbers: they lie in both forms."""
    x = L.Input((20,))
    a = act()(L.BatchNormalization()(dense(30)(act()(x))))
    b = qkeras.QActivation("quantized_bits(9,8,alpha=1)")(dense(30)(a))
    return keras.Model(x, dense(4)(act()(L.BatchNormalization()(L.Add()([a, b])))))


def sequence():
    x = L.Input((16, 4))
    y = act()(x)
    for kernel in (BINARY, TERNARY):
        y = qkeras.QConv1D(9, 3, kernel_quantizer=kernel, use_bias=False)(y)
        y = L.MaxPooling1D(2)(act()(L.BatchNormalization()(y)))
    return keras.Model(x, dense(5)(L.Flatten()(y)))


def depthwise():
    """Two channels for each one: a loop of its own, so the bits are packed in a task of its own."""
    x = L.Input((6, 6, 3))
    y = qkeras.QDepthwiseConv2D(3, depth_multiplier=2, depthwise_quantizer=BINARY, use_bias=False)(act()(x))
    return keras.Model(x, conv(4)(act()(L.BatchNormalization()(y))))


NETWORKS = {
    "less than a word": lambda: cnn(BINARY, 24),
    "whole words": lambda: cnn(BINARY, 64),
    "two planes": lambda: cnn(TERNARY, 5, TERNARY),
    "two words of two planes": lambda: cnn(TERNARY, 70),
    "zeros and ones": lambda: cnn(ZERO_ONE, 24),
    "concatenation": concatenated,
    "residual": residual,
    "sequence": sequence,
    "depthwise": depthwise,
}
STREAMED = ("less than a word", "two words of two planes", "concatenation")
MOVES = {"qnn.reshape", "qnn.max_pool2d", "qnn.concat"}


def repacked(lowered: ModuleOp) -> list[str]:
    """Moves between an operation that computes packable values and their packing."""
    packs = [op for op in lowered.walk() if op.name == "qnn.pack"]
    assert len({op.operands[0] for op in packs}) == len(packs)
    sources = [op.operands[0].owner for op in packs]
    return [op.name for op in sources if getattr(op, "name", "") in MOVES and hasattr(op.operands[0].owner, "operands")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_values_stay_packed(name: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    model, rng = NETWORKS[name](), np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            gamma, beta, mean = rng.normal(size=(3, layer.gamma.shape[0]))
            layer.set_weights([gamma, beta, 3 * mean, rng.uniform(1, 9, len(gamma))])
    x = (rng.integers(-64, 65, (20, *model.input_shape[1:])) / 16).astype(np.float32)
    expected = model.predict(x, verbose=0)
    lowered = lower(from_keras(model), verify=True)
    assert not repacked(lowered)
    assert np.array_equal(simulate(lowered, x, check_ranges=True), expected)
    for io_type in ("io_parallel", "io_stream") if name in STREAMED else ("io_parallel",):
        project = write_hls(lowered, tmp_path / io_type, {"io_type": io_type}).compile()
        assert np.array_equal(project.predict(x), expected), io_type
