"""Batch normalization that no quantizer follows, and unquantized network inputs."""

import re

import numpy as np
import pytest
from sequences import (
    BN,
    SAMPLES,
    K,
    assert_integer,
    conv,
    dense,
    keras,
    network_of,
    q,
    qkeras,
    random_weight,
    relu,
    remarks,
)

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras, import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import simulate
from qdialect.passes import DEFAULT_PIPELINE
from qdialect.validation.enclosures import enclosures

pytestmark = pytest.mark.filterwarnings("ignore")


def enclosed(model, x):
    """Which of Keras' results, one array per output, lie in the enclosure of every order of float32 evaluation."""
    module, roundings = import_with_roundings(read_graph(read_source(model)), None)
    results = model.predict(x, verbose=0)
    results = results if isinstance(results, list) else [results]
    return [e.holds(y) for e, y in zip(enclosures(module, x, roundings), results, strict=True)]


def bound_of(text: str) -> float:
    return float(re.search(r"at most (\S+)$", text)[1])


@pytest.mark.parametrize("shape", [(3,), (8,), (16,), (3, 3, 4), (3, 3, 5), (2, 6), (2, 2, 2, 3)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_output_is_within_the_stated_bound(shape, seed):
    model, x = network_of(shape, q("quantized_bits(16,6,alpha=1)"), BN(), seed=seed)
    module = from_keras(model)
    (text,) = remarks(module)
    distance = np.abs(simulate(module, x) - model.predict(x, verbose=0)).max()
    assert 0 < distance <= bound_of(text) < 1e-3
    assert_integer(lower(module, verify=True))


@pytest.mark.parametrize("layers", [lambda: [BN()], lambda: [BN(), K.LeakyReLU(0.3)], lambda: [K.AveragePooling2D(3)]])
@pytest.mark.parametrize("channels", [3, 4])
def test_output_of_few_codes_is_that_of_keras(layers, channels, tmp_path):
    """A table of the float32 results; it holds every bit."""
    model, x = network_of((4, 4, channels), q("quantized_bits(6,3,alpha=1)"), *layers())
    module = from_keras(model)
    expected = model.predict(x, verbose=0)
    assert np.array_equal(simulate(module, x), expected)
    assert np.array_equal(write_hls(lower(module, verify=True), tmp_path / "prj").compile().predict(x), expected)


def test_contractions_and_merges_read_the_exact_value():
    """The float form stays for the quantizer, the exact one is for all others."""
    x = K.Input((4,), name="x")
    normalized = BN(name="bn")(dense(6)(q()(x)))
    joined = K.Add()([K.ReLU()(normalized), BN()(dense(6)(q()(x)))])
    outputs = [dense(3)(relu()(normalized)), dense(2)(K.ReLU()(normalized)), relu()(joined), dense(2)(joined)]
    model = keras.Model(x, outputs, name="net")
    rng = np.random.default_rng(3)
    for layer in model.layers:
        layer.set_weights([random_weight(rng, w.name, w.shape) for w in layer.weights])
    data = (rng.integers(-512, 513, (SAMPLES, 4)) / 64).astype(np.float32)
    module = from_keras(model)
    got, expected = simulate(module, data), model.predict(data, verbose=0)
    assert np.array_equal(got[0], expected[0])
    assert np.array_equal(got[2], expected[2])
    assert all(inside.all() for inside in enclosed(model, data))
    assert sum("'bn'" in text for text in remarks(module)) == 1
    assert_integer(lower(module, verify=True))


def test_division_becomes_a_product_with_the_reciprocal():
    """f32(sum / 9) becomes sum * f32(1/9)."""
    model, x = network_of((4, 4, 3), q(), conv(), K.GlobalAveragePooling2D())
    module = from_keras(model)
    (text,) = remarks(module)
    assert 0 < np.abs(simulate(module, x) - model.predict(x, verbose=0)).max() <= bound_of(text) < 1e-4
    assert_integer(lower(module, verify=True))


def test_functions_have_no_exact_form():
    """Inside a network they run in the interpreter only; an output is a table of the nearest float32, and says so."""
    model, _ = network_of((4,), q(), dense(), K.Activation("elu", name="f"), dense())
    with pytest.raises(QdialectError, match="float"):
        lower(from_keras(model))
    model, x = network_of((4,), q(), dense(), K.Activation("elu", name="f"))
    module = from_keras(model)
    assert enclosed(model, x)[0].all()
    lowered = lower(module, verify=True)
    assert np.array_equal(simulate(lowered, x), simulate(module, x))
    assert any("'f': TensorFlow's own float32 differs" in text for text in remarks(lowered))


@pytest.mark.parametrize("layers", [lambda: [dense()], lambda: [conv(), BN()], lambda: [BN(), conv()]])
def test_unquantized_inputs(layers):
    """Sums of reals are rounded once here, in Keras after every addition."""
    model, x = network_of((4, 4, 3), *layers(), relu())
    x = (x / 3).astype(np.float32)
    module = from_keras(model)
    assert enclosed(model, x)[0].all()
    with pytest.raises(QdialectError, match=r"input 'x' is not quantized first.*input_type='fixed<16, 6>'"):
        lower(module)
    assert_integer(lower(from_keras(model, "fixed<16, 6>")))


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [conv(4), BN(axis=1), relu()],
        lambda: [qkeras.QConv2DBatchnorm(3, 2, kernel_quantizer="quantized_bits(6,0,alpha=1)"), relu()],
        lambda: [conv(4), BN(), K.ReLU(), K.Flatten(), dense(3)],
    ],
)
def test_compiled_exact_form_computes_the_interpreters_bits(layers, tmp_path):
    model, x = network_of((4, 4, 2), q(), *layers())
    module = from_keras(model)
    project = write_hls(module, tmp_path / "prj")
    project.compile()
    assert np.array_equal(project.predict(x), simulate(module, x))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(
    "layers",
    [
        lambda: [K.Dense(5), BN()],
        lambda: [qkeras.QDense(5, kernel_quantizer="quantized_bits(4,0,alpha=1)"), BN(), K.ReLU()],
        lambda: [dense(4), BN(), dense(3), BN()],
    ],
)
def test_folded_into_a_rounded_kernel(layers, bits, tmp_path):
    """On request; the remark says how far the result moves, and that is not far from the largest distance."""
    model, x = network_of((6,), q("quantized_bits(8,3,alpha=1)"), *layers())
    module = from_keras(model)
    lowered = lower(module, [f"fold-into-kernels{{bits={bits}}}", *DEFAULT_PIPELINE])
    assert_integer(lowered)
    y = simulate(lowered, x, check_ranges=True)
    distance = np.abs(y - simulate(module, x)).max()
    texts = [text for text in remarks(lowered) if f"kernel of {bits} bits" in text]
    bounds = [float(re.search(r"at most (\S+) from", text)[1]) for text in texts]
    if len(bounds) == 1:
        assert bounds[0] / 100 < distance <= bounds[0]
    assert len(bounds) == sum(isinstance(layer, BN) for layer in model.layers)
    kernels = [op.kernel for op in lowered.walk() if isinstance(op, ContractionOp)]
    assert min(exact_format_of(kernel.type).bits for kernel in kernels) <= bits
    assert np.array_equal(write_hls(lowered, tmp_path / "prj").compile().predict(x), y)


def test_too_few_bits_are_refused():
    model, _ = network_of((6,), q(), dense(4), BN())
    with pytest.raises(QdialectError, match="bits=1: a kernel needs 2 bits or more"):
        lower(from_keras(model), ["fold-into-kernels{bits=1}"])


def test_the_magnitude_of_a_wide_format_is_a_float():
    """Twenty layers without quantizers make integers beyond the floats; bounds of roundings are still numbers."""
    from qdialect.frontends.building.exact_form import largest_magnitude
    from qdialect.numerics.formats import FixedFormat

    assert largest_magnitude(FixedFormat(2000, 10, signed=True)) == 2.0**9
    assert largest_magnitude(FixedFormat(8, 4, signed=False)) == 15.9375
