"""QAdaptiveActivation with known ranges, from a live model and from every kind of file; the companding quantizer."""

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras, import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import simulate
from qdialect.validation.enclosures import enclosures

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

pytestmark = pytest.mark.covers

ONE, FOUR = ([-3.7], [2.9]), ([-0.3, -7.9, -1.0, -2.0], [0.99, 3.1, 2.0, 14.0])
CASES = {
    "relu": ("quantized_relu", {}, ONE),
    "bits": ("quantized_bits", {}, ONE),
    "not symmetric": ("quantized_bits", {"symmetric": False}, ([-4.0], [3.0])),
    "per channel": ("quantized_bits", {"per_channel": True}, FOUR),
    "leaky, rounded, per channel": (
        "quantized_relu",
        {"per_channel": True, "relu_neg_slope": 0.25, "po2_rounding": True},
        FOUR,
    ),
    "more integer bits than bits": ("quantized_relu", {}, ([0.0], [500.0])),
    "bounded": ("quantized_relu", {"relu_upper_bound": 2.3}, ONE),
}
UNSAVED = ("bounded",)
"""QKeras does not save the bound."""
X = np.random.default_rng(0).integers(-600, 600, (200, 4)).astype(np.float32) / 32


def adaptive(activation, options, averages):
    """A model with these moving averages, and what it predicts from the second batch on."""
    layer = qkeras.QAdaptiveActivation(activation, 6, quantization_delay=1, name="adaptive", **options)
    inputs = [keras.layers.Input((4,)), qkeras.QActivation("quantized_bits(12,6,alpha=1)")]
    model = keras.Sequential([*inputs, layer])
    layer.ema_min.assign(averages[0])
    layer.ema_max.assign(averages[1])
    model.predict(X, verbose=0)  # sets the integer bits
    return model, model.predict(X, verbose=0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_the_range_comes_from_the_moving_averages(name, tmp_path):
    model, expected = adaptive(*CASES[name])
    module = from_keras(model)
    assert np.array_equal(simulate(module, X), expected)
    assert np.array_equal(simulate(lower(module, verify=True), X), expected)
    if name in UNSAVED:
        return
    for file in ("net.h5", "net.keras", "saved_model"):
        model.save(tmp_path / file)
        assert np.array_equal(simulate(from_keras(tmp_path / file), X), expected), file


def test_an_untrained_range_is_refused():
    model, _ = adaptive("quantized_relu", {}, ([0.0], [0.0]))
    with pytest.raises(QdialectError, match=r"layer 'adaptive' \(QAdaptiveActivation\): its range is unknown"):
        from_keras(model)


@pytest.mark.parametrize("text", ["quantized_ulaw(6)", "quantized_ulaw(4,2)", "quantized_ulaw(8,0,1,100.0)"])
def test_mu_law(text, tmp_path):
    """Levels that are logarithms, within TensorFlow's error; a table where a quantizer follows."""
    stack = [qkeras.QActivation(t) for t in ("quantized_bits(9,4,alpha=1)", text, "quantized_bits(6,1,alpha=1)")]
    model, longer = (keras.Sequential([keras.layers.Input((4,)), *stack[:n]]) for n in (2, 3))
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    (enclosure,) = enclosures(module, X, roundings)
    assert enclosure.holds(model.predict(X, verbose=0).astype(np.float64)).all()
    assert enclosure.width.max() < 1e-5

    expected = longer.predict(X, verbose=0)
    lowered = lower(from_keras(longer), verify=True)
    assert np.array_equal(simulate(lowered, X), expected)
    assert np.array_equal(write_hls(lowered, tmp_path / "net").compile().predict(X), expected)
