"""`verify` where Keras' own float32 rounds: its outputs are judged by their enclosures, later stages by equality."""

from __future__ import annotations

import re

import numpy as np
import pytest

import qdialect
from qdialect.compiler import hardware, verify
from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.network import network
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.keras_run.keras_model import finish_of, keras_outputs
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.values import as_list
from qdialect.validation.comparison import AFTER, Reference, Stage, compare_with_keras, verification_lines
from qdialect.validation.enclosures import enclosed

qkeras = pytest.importorskip("qkeras")
keras = pytest.importorskip("tf_keras")


@pytest.fixture(scope="module")
def rounding():
    """A network with float weights: sums of 32 products of 24 bits."""
    dense = keras.layers.Dense(3, name="fc")
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,0,alpha=1)", input_shape=(32,)), dense])
    rng = np.random.default_rng(3)
    dense.set_weights([rng.normal(size=(32, 3)), rng.normal(size=3)])
    x = rng.integers(-128, 128, (40, 32)).astype(np.float32) / 128
    return model, x, model.predict(x, verbose=0)


def test_rounded_outputs_are_enclosed(rounding) -> None:
    model, x, _ = rounding
    result = qdialect.verify(model, x)
    network, *later = result.stages
    assert result.ok, str(result)
    assert 0 < network.enclosed == network.total - network.equal
    assert all(stage.equal == stage.total and not stage.enclosed for stage in later)
    assert "within Keras' own float32 roundings" in result.lines()[1]
    assert not result.undecided


def test_what_float32_cannot_give_is_a_difference(rounding) -> None:
    model, x, outputs = rounding
    wrong = outputs.copy()
    wrong[7, 1] += 1e-3
    result = qdialect.verify(model, x, expected=wrong)
    assert not result.ok
    assert result.stages[0].samples_off == [7]
    assert result.stages[0].equal + result.stages[0].enclosed == outputs.size - 1
    first = result.stages[0].first
    assert first is not None
    assert (first.layer, first.sample, first.channel, first.reference) == ("fc", 7, [1], float(wrong[7, 1]))
    assert f"network IR: first difference in {first}" in result.lines()


def test_what_float32_leaves_open_is_undecided() -> None:
    """Sums of 32 products up to 2**6 that cancel, before a quantizer with steps of 2**-20."""
    dense = keras.layers.Dense(8, name="fc")
    model = keras.Sequential(
        [
            qkeras.QActivation("quantized_bits(12,6,alpha=1)", input_shape=(32,)),
            dense,
            qkeras.QActivation("quantized_bits(24,3,alpha=1)", name="fine"),
            keras.layers.Dense(2, name="out"),
        ]
    )
    rng = np.random.default_rng(3)
    for layer in model.layers:
        layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    x = rng.integers(-128, 128, (40, 32)).astype(np.float32)
    result = qdialect.verify(model, x)
    network, *later = result.stages
    assert result.ok, str(result)
    assert result.undecided
    assert 0 < network.undecided <= network.enclosed
    assert network.verdict.startswith("undecided, ")
    assert all(stage.verdict == "ok" for stage in later)
    assert {*network.layers} >= {"fc"}
    assert any(line.startswith("layer 'fc': undecided in ") for line in result.lines())


def test_outputs_that_are_equal_are_decided_whatever_their_enclosure(rounding) -> None:
    model, x, _ = rounding
    exact = qdialect.simulate(qdialect.from_keras(model), x).astype(np.float32)
    result = qdialect.verify(model, x, expected=exact)
    assert result.ok
    assert not result.undecided


def softmax_at_the_end() -> keras.Model:
    return keras.Sequential([dense(5), keras.layers.Dropout(0.2), keras.layers.Softmax()])


def dense(units: int, activation: str | None = None) -> keras.layers.Layer:
    return qkeras.QDense(units, kernel_quantizer="quantized_bits(4,0,alpha=1)", use_bias=False, activation=activation)


def nested() -> keras.Model:
    x = keras.layers.Input((6,))
    return keras.Model(x, [keras.layers.Activation("sigmoid")(dense(2)(x)), dense(3)(x)])


ENDS = {
    "softmax in a dense layer": lambda x: dense(5, "softmax")(x),
    "softmax layer, then dropout": lambda x: keras.layers.Dropout(0.5)(keras.layers.Softmax()(dense(5)(x))),
    "softmax of rows": lambda x: keras.layers.Softmax()(keras.layers.Reshape((2, 3))(x)),
    "sigmoid": lambda x: keras.layers.Activation("linear")(keras.layers.Dense(2, activation="sigmoid")(x)),
    "nested softmax": lambda x: softmax_at_the_end()(x),
    "nested sigmoid and a linear output": lambda x: nested()(x),
    "three outputs": lambda x: [dense(3, "softmax")(x), dense(1)(x), dense(4)(x)],
}


@pytest.fixture(params=ENDS)
def ending(request) -> tuple[keras.Model, np.ndarray]:
    """A network that ends in probabilities somehow, and inputs."""
    x = keras.layers.Input((6,))
    model = keras.Model(x, ENDS[request.param](qkeras.QActivation("quantized_bits(8,3,alpha=1)")(x)))
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model, (rng.integers(-512, 513, (60, 6)) / 64).astype(np.float32)


def first_stage(model: keras.Model, x: np.ndarray, reference: Reference) -> Stage:
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    outputs, heads = as_list(qdialect.simulate(module, x)), heads_of(network(module))
    return compare_with_keras(
        "network IR", reference, heads, outputs, lambda: enclosed(module, x, roundings), ["out"] * len(outputs)
    )


def test_probabilities_are_compared_with_probabilities(ending) -> None:
    """Keras' own softmax on the logits of the IR is what Keras predicts, bit for bit where its logits are exact."""
    model, x = ending
    outputs = keras_outputs(model, [x])
    live = first_stage(model, x, Reference("Keras", outputs, finish_of(model)))
    assert live.ok, live.verdict
    assert live.enclosed == 0 or any(type(layer) is keras.layers.Dense for layer in model.layers), live.verdict
    recorded = first_stage(model, x, Reference("recorded outputs", outputs))
    assert recorded.ok, recorded.verdict


def test_wrong_probabilities_are_differences(ending) -> None:
    model, x = ending
    wrong = [y.copy() for y in keras_outputs(model, [x])]
    wrong[0][7] += 1e-4
    assert first_stage(model, x, Reference("recorded outputs", wrong)).samples_off == [7]


def test_probabilities_from_end_to_end() -> None:
    x = keras.layers.Input((6,))
    model = keras.Model(x, nested()(qkeras.QActivation("quantized_bits(8,3,alpha=1)")(x)))
    inputs = (np.random.default_rng(5).integers(-512, 513, (60, 6)) / 64).astype(np.float32)
    result = qdialect.verify(model, inputs, expected=model.predict(inputs, verbose=0))
    assert result.ok, str(result)


def test_recorded_logits_are_recognised() -> None:
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6,)), dense(3, "softmax")])
    x = (np.random.default_rng(5).integers(-512, 513, (60, 6)) / 64).astype(np.float32)
    logits = qdialect.simulate(qdialect.from_keras(model), x)
    assert qdialect.verify(model, x, expected=logits).stages[0].equal == logits.size


def test_what_keras_does_not_load_is_compared_with_the_imported_network(tmp_path, monkeypatch) -> None:
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6,)), dense(3, "softmax")])
    path = tmp_path / "net.h5"
    model.save(path)

    def damaged(*_args, **_kwargs):
        raise TypeError("Unknown layer\nof another version")

    monkeypatch.setattr("qkeras.utils.load_qmodel", damaged)
    result = qdialect.verify(path, samples=20)
    assert result.ok
    assert result.reference == "imported IR"
    cause = (
        "not compared with Keras: Keras cannot load .*net.h5 .TypeError: Unknown layer.; "
        "the stages are compared with the imported IR"
    )
    assert re.fullmatch(cause, result.lines()[0])


def test_keras_is_the_reference_of_folders_and_of_pairs(tmp_path) -> None:
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6,)), dense(3)])
    whole, apart = tmp_path / "whole", tmp_path / "apart"
    whole.mkdir(), apart.mkdir()
    model.save(whole / "net.h5")
    (apart / "net.json").write_text(model.to_json())
    model.save_weights(apart / "net.weights.h5")
    digests = set()
    for given in (whole, apart, apart / "net.json", apart / "net.weights.h5"):
        result = qdialect.verify(given, samples=20)
        assert (result.reference, result.ok) == ("Keras", True)
        digests.add(result.built.origin.sha256)
    assert len(digests) == 2, "one model of two files has one digest"
    pair = (apart / "net.json", apart / "net.weights.h5")
    assert qdialect.verify(pair, samples=20).reference == "Keras"


def test_a_refusal_comes_before_keras_runs(monkeypatch) -> None:
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6,)), dense(3)])
    monkeypatch.setattr(model, "predict", None)
    with pytest.raises(qdialect.QdialectError, match="head=softmax is for a softmax, but output"):
        qdialect.verify(model, samples=20, config={"head": "softmax"})


def test_probabilities_of_a_network_that_ends_in_logits() -> None:
    """The user's softmax stands outside of the model: what it gives is recognized, and other values are not."""
    logits = dense(4)
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6,)), logits])
    logits.set_weights([np.random.default_rng(3).normal(size=(6, 4))])
    x = (np.random.default_rng(5).integers(-512, 513, (60, 6)) / 64).astype(np.float32)
    probabilities = keras.layers.Softmax()(model.predict(x, verbose=0)).numpy()
    result = qdialect.verify(model, x, expected=probabilities)
    assert result.ok, str(result)
    probabilities[3] = probabilities[3, ::-1]
    assert qdialect.verify(model, x, expected=probabilities).stages[0].samples_off == [3]


def test_equal_passes_are_one_line_and_others_are_not() -> None:
    passes = [Stage(f"{AFTER}{name}", 10, 10) for name in ("a", "b", "c")]
    stages = [Stage("network IR", 10, 10), *passes, Stage("compiled C++", 10, 10)]
    folded = [line.split("  ")[0] for line in verification_lines("Keras", "", stages)]
    assert folded == ["stage", "network IR", "after each of 3 passes", "compiled C++"]
    stages[2] = Stage("after b", 9, 10, [4])
    assert len(verification_lines("Keras", "", stages)) == 6


def test_progress_is_told_what_begins() -> None:
    told: list[str] = []
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6,)), dense(3)])
    stages = qdialect.verify(model, samples=5, progress=told.append).stages
    assert told[0] == "import"
    assert [step for step in told if step in {stage.name for stage in stages}] == [stage.name for stage in stages[1:]]


@pytest.mark.parametrize(("words", "held"), [(1 << 22, 9), (20, 2)])
def test_altered_text_differs(words: int, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first output that differs is named, whether or not the test bench holds its sample."""

    def write_altered(*arguments):
        project = written(*arguments)
        (source,) = project.directory.glob("src/*.cpp")
        source.write_text(source.read_text().replace(" + ", " - "))
        return project

    written = hardware.write_design
    monkeypatch.setattr(verify, "RECORDED_WORDS", words)
    model = keras.Sequential([qkeras.QActivation("quantized_bits(8,3,alpha=1)", input_shape=(6,)), dense(3)])
    *_, compiled, benched = qdialect.verify(model, samples=9).stages
    assert (compiled.equal, benched.equal, benched.total) == (27, held, held)
    monkeypatch.setattr(hardware, "write_design", write_altered)
    *_, compiled, benched = qdialect.verify(model, samples=9).stages
    assert compiled.equal < 27
    assert benched.equal == 0
    assert compiled.first is not None
    assert "q_dense" in compiled.first.layer
