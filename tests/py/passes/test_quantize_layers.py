"""Layers that were trained without quantizers, rounded as asked: the numbers of a computation in real arithmetic, one
effect in `verify`, and everything after it equal."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sequences import K, dense, network_of

from qdialect import QdialectError, from_keras, lower, read_design, simulate, verify, write_hls, write_rtl
from qdialect.compiler.subject import subject_of
from qdialect.interpreter.simulate import simulate as interpret
from qdialect.passes.network.quantize_layers import QuantizeLayers
from qdialect.reports.proposal import MOST_BITS, fewest, integer_bits, propose

pytestmark = pytest.mark.filterwarnings("ignore")

INPUT, WEIGHTS, RESULTS = "fixed<8,2>", "fixed<5,1>", "fixed<7,3>"


def nearest(reals: np.ndarray, width: int, integer: int) -> np.ndarray:
    """Half to even, saturated: as `fixed<width, integer>` says, in float64, which holds every sum here."""
    step, end = 2.0 ** (integer - width), 2.0 ** (width - 1)
    return np.clip(np.round(reals / step), -end, end - 1) * step


@pytest.fixture(scope="module")
def network():
    """A float network of two dense layers with a ReLU between, and its weights."""
    layers = [K.Dense(6, name="hidden"), K.ReLU(name="act"), K.Dense(3, name="out", activation="softmax")]
    model, _ = network_of((5,), *layers)
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(0, 0.7, w.shape).astype(np.float32) for w in model.get_weights()])
    return model


def rounded_by_hand(model, x: np.ndarray) -> np.ndarray:
    w0, b0, w1, b1 = (nearest(w.astype(np.float64), 5, 1) for w in model.get_weights())
    hidden = np.maximum(nearest(nearest(x, 8, 2) @ w0 + b0, 7, 3), 0)
    return nearest(hidden @ w1 + b1, 7, 3)


def test_rounded_weights_and_results_are_those_of_real_arithmetic(network, tmp_path) -> None:
    x = np.random.default_rng(1).normal(0, 1, (400, 5))
    module = from_keras(network, INPUT)
    lowered = lower(module, [QuantizeLayers(None, WEIGHTS, RESULTS), "default"], verify=True)
    expected = rounded_by_hand(network, x)
    assert np.array_equal(simulate(lowered, x), expected)
    assert np.array_equal(write_hls(lowered, tmp_path / "net").compile().predict(x), expected)


@pytest.mark.parametrize("way", ["all", "class and names", "flags"])
def test_a_design_says_which_layers(network, way: str, tmp_path) -> None:
    file, both = tmp_path / "net.h5", {"Weights": WEIGHTS, "Activations": RESULTS}
    network.save(file)
    base = {"model": str(file), "inputs": INPUT}
    design = {
        "all": read_design(base | {"Model": both}),
        "class and names": read_design(
            base | {"LayerType": {"Dense": both | {"Activations": "exact"}}, "LayerName": {"hidden": both, "out": both}}
        ),
        "flags": read_design(base, {"Model": {"Weights": WEIGHTS, "Activations": RESULTS}}),
    }[way]
    x = np.random.default_rng(2).normal(0, 1, (50, 5))
    assert np.array_equal(interpret(subject_of(design).network, x), rounded_by_hand(network, x))


def test_verify_shows_the_effect_and_compares_the_rest(network) -> None:
    design = read_design({"model": network, "inputs": INPUT, "Model": {"Weights": WEIGHTS, "Activations": RESULTS}})
    result = verify(design, samples=100)
    (effect,) = (stage for stage in result.stages if stage.effect)
    assert effect.equal < effect.total
    assert re.search(r"moves outputs by at most [\d.]+, .* \d+ of 100 largest outputs stay", effect.verdict)
    assert result.ok
    assert all(stage.all_equal for stage in result.stages[2:])


def test_exact_keeps_a_layer_as_it_is(network) -> None:
    settings = {"Model": {"Weights": WEIGHTS, "Activations": RESULTS}}
    kept = {name: {"Weights": "exact", "Activations": "exact"} for name in ("hidden", "act", "out")}
    subject = subject_of(read_design({"model": network, "inputs": INPUT, **settings, "LayerName": kept}))
    assert subject.network is subject.module


def test_layers_with_quantizers_are_rounded_by_name_only() -> None:
    model, x = network_of((4,), dense(3))
    design = {"model": model, "inputs": INPUT, "Model": {"Weights": WEIGHTS}}
    with pytest.raises(QdialectError, match=r"Model: Weights and Activations are for layers without quantizers, .*"):
        subject_of(read_design(design))
    name = model.layers[-1].name
    subject = subject_of(read_design({"model": model, "inputs": INPUT, "LayerName": {name: {"Activations": RESULTS}}}))
    exact, rounded = simulate(subject.module, x), simulate(subject.network, x)
    assert np.array_equal(rounded, nearest(exact, 7, 3))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"Model": {"Weights": "int8"}}, "Model: Weights type 'int8' is not of the form fixed<16, 6>"),
        ({"Model": {"Weights": 8}}, "Model: Weights type 8 is not of the form"),
        ({"Model": {"Activation": RESULTS}}, "did you mean 'Activations'"),
        ({"LayerName": {"hiden": {"Weights": WEIGHTS}}}, "did you mean 'hidden'"),
        ({"Model": {"Weights": "fixed<300,6>"}}, "float32 numbers have steps"),
    ],
)
def test_wrong_settings_are_refused_by_name(network, settings, said: str) -> None:
    with pytest.raises(QdialectError, match=re.escape(said)):
        subject_of(read_design({"model": network, "inputs": INPUT, **settings}))


def test_integers_are_not_rounded_again(network, tmp_path) -> None:
    module = from_keras(network, INPUT)
    settings = {"LayerName": {"out": {"Weights": WEIGHTS}}}
    project = write_hls(module, tmp_path / "net", settings)
    x = np.random.default_rng(4).normal(0, 1, (20, 5))
    rounded = lower(module, [QuantizeLayers(("out",), WEIGHTS)])
    assert np.array_equal(project.compile().predict(x), simulate(rounded, x))
    with pytest.raises(QdialectError, match="before lowering"):
        write_hls(lower(module), tmp_path / "again", settings)


@pytest.mark.parametrize("outputs", [RESULTS, {"out": RESULTS}])
def test_outputs_are_rounded_by_name(network, outputs) -> None:
    subject = subject_of(read_design({"model": network, "inputs": INPUT, "outputs": outputs}))
    x = np.random.default_rng(5).normal(0, 1, (50, 5))
    assert np.array_equal(simulate(subject.network, x), nearest(simulate(subject.module, x), 7, 3))


@pytest.mark.parametrize(
    ("outputs", "said"),
    [({"aut": RESULTS}, "no output 'aut'; did you mean 'out'"), ("int8", "outputs: output type 'int8' is not of the")],
)
def test_wrong_outputs_are_refused_by_name(network, outputs, said: str) -> None:
    with pytest.raises(QdialectError, match=re.escape(said)):
        subject_of(read_design({"model": network, "inputs": INPUT, "outputs": outputs}))


def test_settings_of_ir_reach_both_languages(network, tmp_path) -> None:
    module = from_keras(network, INPUT)
    for target, write in (("hls", write_hls), ("rtl", write_rtl)):
        design = read_design({"model": module, "target": target, "outputs": RESULTS})
        x = np.random.default_rng(6).normal(0, 1, (20, 5))
        expected = nearest(simulate(module, x), 7, 3)
        assert np.array_equal(simulate(write(design, tmp_path / target).module, x), expected)


def test_unknown_layers_are_refused(network) -> None:
    with pytest.raises(QdialectError, match="no layer 'hiden'; did you mean 'hidden'"):
        lower(from_keras(network, INPUT), [QuantizeLayers(("hiden",), WEIGHTS)])


@pytest.mark.parametrize("labelled", [False, True])
def test_a_proposal_keeps_the_stated_share_of_classes(network, labelled: bool) -> None:
    x = np.random.default_rng(3).normal(0, 1, (500, 5))
    subject = subject_of(read_design({"model": network, "inputs": INPUT}))
    exact = simulate(subject.module, x).argmax(axis=1)
    labels = np.where(np.arange(500) % 10 == 0, (exact + 1) % 3, exact) if labelled else None
    proposal = propose(subject, x, 2.0, labels)
    assert (proposal.samples, proposal.right) == (500, 450 if labelled else 500)
    assert proposal.right - 10 <= proposal.right_rounded
    settings = {
        each.layer: {"Weights": each.weights or "exact", "Activations": each.activations or "exact"}
        for each in proposal.layers
    }
    rounded = subject_of(read_design({"model": network, "inputs": INPUT, "LayerName": settings})).network
    kept = simulate(rounded, x).argmax(axis=1) == (exact if labels is None else labels)
    assert int(kept.sum()) == proposal.right_rounded


def test_proposals_are_the_fewest_bits() -> None:
    assert fewest(lambda bits: int(bits[0] >= 3) + int(bits[1] >= 5), 2) == (3, 5)
    with pytest.raises(QdialectError, match=f"{MOST_BITS} bits behind the point lose more"):
        fewest(lambda bits: 0, 1)


@pytest.mark.parametrize(("real", "bits"), [(0.0, 1), (0.3, 0), (0.5, 1), (0.99, 1), (1.0, 2), (-4.0, 4), (7.9, 4)])
def test_integer_bits_hold_the_largest(real: float, bits: int) -> None:
    assert integer_bits(np.array([real, -real / 3])) == bits


def test_networks_without_classes_have_no_proposal() -> None:
    model, x = network_of((4,), K.Dense(1))
    with pytest.raises(QdialectError, match="networks that classify"):
        propose(subject_of(read_design({"model": model, "inputs": INPUT})), x, 1.0)
