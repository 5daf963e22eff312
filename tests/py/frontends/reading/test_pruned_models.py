"""Networks inside tensorflow-model-optimization's PruneLowMagnitude, as its own files store them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import qdialect
from qdialect.frontends.keras.importer import read_source
from qdialect.frontends.keras.model.graph import read_graph

qkeras = pytest.importorskip("qkeras")
keras = pytest.importorskip("tf_keras")
sparsity = pytest.importorskip("tensorflow_model_optimization").sparsity.keras

BITS = "quantized_bits(6,1,alpha=1)"


def pruned(*layers):
    """A network of pruned layers, after one step of pruning: half of each kernel is masked."""
    schedule = sparsity.ConstantSparsity(0.5, 0, frequency=1)
    first, *rest = layers
    model = keras.Sequential([first, *(sparsity.prune_low_magnitude(layer, schedule) for layer in rest)])
    model.compile("sgd", "mse")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, *model.input_shape[1:])), rng.normal(size=(8, *model.output_shape[1:]))
    model.fit(x, y, verbose=0, callbacks=[sparsity.UpdatePruningStep()])
    return model


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.filterwarnings("ignore:.*HDF5 file")
def test_pruned_network(suffix: str, tmp_path: Path) -> None:
    model = pruned(
        qkeras.QActivation(BITS, input_shape=(6, 2)),
        qkeras.QConv1D(3, 2, kernel_quantizer=BITS, bias_quantizer=BITS, name="conv"),
        keras.layers.Flatten(),
        qkeras.QDense(2, kernel_quantizer=BITS, bias_quantizer=BITS, name="fc"),
    )
    model.save(tmp_path / f"net{suffix}")
    x = np.random.default_rng(1).normal(size=(50, 6, 2)).astype(np.float32)
    assert (qdialect.simulate(qdialect.from_keras(tmp_path / f"net{suffix}"), x) == model.predict(x, verbose=0)).all()


def test_a_mask_for_each_kernel_of_a_layer(tmp_path: Path) -> None:
    model = pruned(keras.layers.Input((5, 3)), keras.layers.LSTM(4, name="lstm"))
    model.save(tmp_path / "net.keras")
    graph = read_graph(read_source(tmp_path / "net.keras"))
    layer = next(call.layer for call in graph.calls if call.layer.class_name == "LSTM")
    for name, weight in zip(("kernel", "recurrent_kernel"), model.layers[0].layer.get_weights(), strict=False):
        assert (weight == 0).any()
        assert (layer.weight(name) == weight).all()
