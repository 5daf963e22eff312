"""One construct at a time: the probes of a published comparison of compilers, with random weights, against QKeras.

Keras = imported IR = IR after every pass = compiled C++, on a dense grid around the range of the input quantizer; what
has no exact meaning is refused by name. `pytest -s` prints the tally.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from float32_order import results
from probe_table import IN_ORDER, NEAREST, PROBES, REFUSED, REJECTED_BY_QKERAS, ROUNDED_ONCE, WITHOUT_REMAPPER
from processor import AVX512
from sequences import K, assert_integer, keras, qkeras

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.heads import heads_for_host
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import simulate
from qdialect.validation.enclosures import enclosures

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """QConv2DTranspose of QKeras 0.9.0 calls a function that TensorFlow 2.21 has moved."""
    monkeypatch.setattr(qkeras.qconvolutional.array_ops, "stack", tf.stack, raising=False)


# --- networks, inputs, outputs ---------------------------------------------------------------------------------------


def weight_of(rng: np.random.Generator, name: str, probe: str, shape: tuple[int, ...]) -> np.ndarray:
    values = rng.normal(size=shape)
    if "iteration" in name:
        return np.array(7)
    if "variance" in name:
        return rng.uniform(0.05, 4, shape)
    if "gamma" in name:
        if "gamma>0" in probe:
            return np.abs(values)
        if "gamma == 0" in probe:
            return np.where(np.arange(shape[0]) % 3 == 0, 0, values)
    if "up to 6" in probe:
        return rng.uniform(-6, 6, shape)
    if "weights < 1" in probe:
        return rng.uniform(-1, 1, shape)
    return values


def probe_model(name: str) -> Any:
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    model = PROBES[name]()
    rng = np.random.default_rng(0)
    for layer in model.layers:
        layer.set_weights([weight_of(rng, w.name, name, w.shape) for w in layer.weights])
    return model


def is_activation(name: str) -> bool:
    """Whether the probe reads the input itself, without a quantizer of 8 bits."""
    return name.startswith(("QActivation", "QAdaptive", "Keras ReLU"))


def integer_bits(model: Any) -> int:
    """Of the quantizers of the input; 1 if there is none."""
    found = [1]
    for layer in model.layers:
        if isinstance(layer, qkeras.QActivation) and isinstance(layer.inbound_nodes[0].inbound_layers, K.InputLayer):
            largest = getattr(layer.quantizer, "max_value", None)
            found.append(int(np.log2(largest) if largest else getattr(layer.quantizer, "integer", 0)))
    return max(found[1:] or found)


def probe_inputs(name: str, model: Any) -> np.ndarray:
    """From -4 * 2**i to 4 * 2**i, both ends included, in random order, for quantizers of i integer bits.

    In steps of 2**(i - 12) where the probe reads the input itself, else of a quarter of the step of its 8 bits: all
    codes and all ties are among them. Then samples of one value throughout.
    """
    shape, fraction = model.input_shape[1:], 12 if is_activation(name) else 9
    reach = (100 if "inputs up to 100" in name else 4) << fraction
    grid, size = np.arange(-reach, reach + 1), int(np.prod(shape))
    rows = max(-(-len(grid) // size), 40)
    x = np.random.default_rng(1).permutation(np.resize(grid, rows * size)).reshape(rows, *shape)
    constant = np.array([0, -1, 1, -reach, reach]).reshape(-1, *[1] * len(shape))
    x = np.concatenate([x, np.broadcast_to(constant, (len(constant), *shape))])
    return np.ldexp(x, integer_bits(model) - fraction).astype(np.float32)


def import_probe(name: str, model: Any) -> tuple[Any, Any]:
    """The network level, and the roundings in its constants."""
    type_ = None
    if len(model.layers[0].outbound_nodes) > 1:
        type_ = "fixed<20, 10>"
    elif is_activation(name):
        type_ = f"fixed<16, {integer_bits(model) + 4}>"
    return import_with_roundings(read_graph(read_source(model)), type_)


def predicted(name: str, model: Any, module: Any, x: np.ndarray) -> list[Any]:
    """What Keras predicts, without the softmax or sigmoid that is left to the host."""
    head = heads_for_host(network(module))
    reference = keras.Model(model.inputs, model.layers[-1].input) if head else model
    options = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options({"remapping": name not in WITHOUT_REMAPPER})
    try:
        return as_list(reference.predict(x, verbose=0))
    finally:
        tf.config.optimizer.set_experimental_options({"remapping": options.get("remapping", True)})


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- the comparison --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in PROBES if name not in REJECTED_BY_QKERAS | REFUSED])
def test_probe_computes_keras_bits(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras = imported IR = IR after every pass = compiled C++."""
    model = probe_model(name)
    x = probe_inputs(name, model)
    module, roundings = import_probe(name, model)
    expected = predicted(name, model, module, x)
    imported = as_list(simulate(module, x, check_ranges=True))
    assert all(len(np.unique(y)) > 1 for y in expected)
    if name in IN_ORDER | NEAREST:
        (enclosure,) = enclosures(module, x, roundings)
        if name in IN_ORDER and AVX512:
            assert np.array_equal(results(model, x), expected[0])
        assert enclosure.holds(expected[0]).all()
        assert enclosure.width.max() > 0
        expected = imported
    if name in ROUNDED_ONCE:
        assert np.array_equal(imported[0].astype(np.float32), expected[0])
        expected = imported
    assert_same(imported, expected)
    lowered = lower(module, after=lambda _, current: assert_same(as_list(simulate(current, x)), expected))
    assert_integer(lowered)
    monkeypatch.setenv("CXXFLAGS", "-O0")
    assert_same(as_list(write_hls(lowered, tmp_path / "prj").compile().predict(x)), expected)


def assert_same(results: list[Any], expected: list[Any]) -> None:
    for ours, wanted in zip(results, expected, strict=True):
        assert np.array_equal(ours, wanted)


@pytest.mark.parametrize("name", REJECTED_BY_QKERAS)
def test_rejected_by_qkeras(name: str) -> None:
    with pytest.raises(ValueError, match=REJECTED_BY_QKERAS[name]):
        probe_model(name)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_probe_names_its_layer(name: str) -> None:
    model = probe_model(name)
    with pytest.raises(QdialectError, match=REFUSED[name]) as error:
        lower(import_probe(name, model)[0])
    assert re.match("layer '|pass 'quantize-interface': output '", str(error.value))
    assert "\n" not in str(error.value)


def test_every_probe_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    """What the tests above assert, counted."""
    listed = [*REJECTED_BY_QKERAS, *REFUSED, *IN_ORDER, *NEAREST, *ROUNDED_ONCE, *WITHOUT_REMAPPER]
    assert len({*listed}) == len(listed)
    assert {*listed} <= {*PROBES}
    lines = [
        f"142 probes as {len(PROBES)} models:",
        f"  {len(PROBES) - len(listed)} equal to QKeras on a dense grid with ties, at network level, after every pass,"
        " and in compiled C++;",
        f"  {len(ROUNDED_ONCE)} equal after the one rounding to float32 that Keras adds to the exact result;",
        f"  {len(WITHOUT_REMAPPER)} equal without TensorFlow's graph remapper, which normalizes another axis;",
        f"  {len(IN_ORDER)} equal if each sum is rounded in TensorFlow's order; exact instead, in the enclosure;",
        f"  {len(NEAREST)} the nearest float32 of a function without quantizer, Keras within the stated error of it;",
        f"  {len(REFUSED)} refused by name, {len(REJECTED_BY_QKERAS)} rejected by QKeras itself",
    ]
    with capsys.disabled():
        print("", *lines, sep="\n")
