"""Recurrent layers: the bits of `model.predict`, of the IR at both levels, and of the compiled C++."""

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
tf = pytest.importorskip("tensorflow")

pytestmark = pytest.mark.covers
layers = keras.layers

STEPS, SAMPLES = 3, 24
TANH, SIGMOID = "quantized_tanh(4)", "quantized_sigmoid(4)"
GATED = {"activation": TANH, "recurrent_activation": SIGMOID}
QUANTIZED = {"QSimpleRNN": {"activation": TANH}, "QLSTM": GATED, "QGRU": GATED}


@pytest.fixture(autouse=True)
def _session(monkeypatch):
    keras.backend.clear_session()
    # QKeras 0.9.0 calls functions that TensorFlow 2.21 has moved
    recurrent = qkeras.qrecurrent
    monkeypatch.setattr(recurrent.nest, "is_sequence", tf.nest.is_nested, raising=False)
    monkeypatch.setattr(recurrent.array_ops, "unstack", tf.unstack, raising=False)


def bits(width=4, integer=1, alpha=1):
    return qkeras.quantized_bits(width, integer, alpha=alpha)


def quantized(name, **options):
    """A QKeras layer of three units with quantizers at every place."""
    quantizers = {f"{key}_quantizer": bits() for key in ("kernel", "recurrent", "bias", "state")}
    return getattr(qkeras, name)(3, **QUANTIZED[name] | quantizers | options)


def random_model(*stack):
    """The layers after a quantized input, with weights of multiples of 1/16; and inputs."""
    rng = np.random.default_rng(0)
    model = keras.Sequential([layers.Input((STEPS, 2)), qkeras.QActivation(bits()), *stack])
    model.set_weights([(np.round(rng.normal(size=w.shape) * 12) / 16).astype(np.float32) for w in model.get_weights()])
    return model, (rng.integers(-64, 65, (SAMPLES, STEPS, 2)) / 32).astype(np.float32)


def same_bits(model, x):
    """Keras = network level; returns the network level."""
    wanted, module = model.predict(x, verbose=0), from_keras(model)
    assert len(np.unique(wanted)) > 2
    np.testing.assert_array_equal(simulate(module, x), wanted)
    names = [result.name_hint for op in network(module).body.block.ops for result in op.results]
    assert len(names) == len(set(names))  # the check after each pass compares what has a name of its own
    return module


def same_integers(model, x):
    """Keras = network level = integer level; returns the integer level."""
    module = same_bits(model, x)
    lowered = lower(module, verify=True)
    np.testing.assert_array_equal(simulate(lowered, x, check_ranges=True), simulate(module, x))
    return lowered


OPTIONS = [
    {"return_sequences": True},
    {"return_sequences": True, "go_backwards": True},
    {"use_bias": False},
    {"implementation": 2},
    {"unroll": True, "dropout": 0.5, "recurrent_dropout": 0.5},
    {"kernel_quantizer": bits(alpha=None), "recurrent_quantizer": bits(alpha="auto_po2")},
    {"activation": bits(5, 2)},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options))
@pytest.mark.parametrize("name", QUANTIZED)
def test_quantized_recurrent_layer_computes_keras_bits(name, options):
    if name == "QSimpleRNN":
        options = {key: value for key, value in options.items() if key != "implementation"}
    same_bits(*random_model(quantized(name, **options)))


@pytest.mark.parametrize("implementation", [1, 2])
@pytest.mark.parametrize("use_bias", [True, False])
def test_gru_resets_after_its_product(implementation, use_bias):
    same_bits(*random_model(quantized("QGRU", reset_after=True, implementation=implementation, use_bias=use_bias)))


@pytest.mark.parametrize("name", QUANTIZED)
def test_state_quantizer_acts_on_the_first_state_too(name):
    """binary takes the zeros that a layer begins with to ones."""
    same_bits(*random_model(quantized(name, state_quantizer=qkeras.binary(alpha=1))))


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("name", QUANTIZED)
def test_compiled_recurrent_layer_computes_keras_bits(name, io_type, tmp_path):
    model, x = random_model(quantized(name, return_sequences=True))
    project = write_hls(same_integers(model, x), tmp_path / "net", {"io_type": io_type}).compile()
    np.testing.assert_array_equal(project.predict(x), model.predict(x, verbose=0))


@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"go_backwards": True}], ids=str)
@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_plain_recurrent_layer_on_integers_computes_keras_bits(name, options):
    """On small integers Keras' float32 is exact without quantizers too."""
    gates = {} if name == "SimpleRNN" else {"recurrent_activation": tf.nn.relu6}
    layer = getattr(layers, name)(2, activation=tf.nn.relu6, **gates, **options)
    model, x = random_model(qkeras.QActivation(bits(4, 3)), layer)
    model.set_weights([np.sign(w) for w in model.get_weights()])
    same_bits(model, x)


@pytest.mark.parametrize("return_sequences", [True, False])
@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave"])
def test_bidirectional_merges_as_keras_does(mode, return_sequences):
    inner = quantized("QLSTM", return_sequences=return_sequences)
    same_bits(*random_model(qkeras.QBidirectional(inner, merge_mode=mode)))


def test_bidirectional_of_two_layers():
    """Plain Keras' wrapper around layers of different options."""
    backward = quantized("QGRU", activation=bits(), go_backwards=True, return_sequences=True)
    both = layers.Bidirectional(quantized("QGRU", return_sequences=True), backward_layer=backward)
    same_integers(*random_model(both))


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_recurrent_layers_are_read_from_files(suffix, tmp_path):
    model, x = random_model(qkeras.QBidirectional(quantized("QGRU", return_sequences=True)), quantized("QLSTM"))
    model.save(tmp_path / f"model.{suffix}")
    module = from_keras(tmp_path / f"model.{suffix}")
    np.testing.assert_array_equal(simulate(module, x), model.predict(x, verbose=0))


REFUSED = [
    (lambda: quantized("QLSTM", return_state=True), "return_state=True"),
    (lambda: quantized("QGRU", recurrent_quantizer=None), "recurrent_quantizer"),
    (lambda: quantized("QLSTM", recurrent_activation="softmax"), "softmax"),
    (lambda: qkeras.QBidirectional(quantized("QLSTM"), merge_mode=None), "merge_mode=None"),
    (lambda: quantized("QSimpleRNN", time_major=True), "time_major=True"),
]


@pytest.mark.parametrize(("layer", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_refused_recurrent_option_is_named(layer, message):
    x = layers.Input((3, 3))
    first, *_ = tf.nest.flatten(layer()(qkeras.QActivation(bits())(x)))
    with pytest.raises(QdialectError, match=message):
        from_keras(keras.Model(x, first))


def test_a_gate_without_quantizer_is_named_with_its_layer(tmp_path):
    bits = "quantized_bits(4,1,alpha=1)"
    quantizers = {f"{key}_quantizer": bits for key in ("kernel", "recurrent", "bias", "state")}
    cell = qkeras.QLSTM(2, activation="quantized_tanh(4)", recurrent_activation="sigmoid", name="cell", **quantizers)
    model = keras.Sequential([keras.layers.Input((3, 2)), qkeras.QActivation(bits), cell, qkeras.QActivation(bits)])
    with pytest.raises(
        QdialectError, match=r"of float values has no .* recurrent layer 'cell' quantizers as activation and"
    ):
        write_hls(lower(from_keras(model)), tmp_path / "net")
