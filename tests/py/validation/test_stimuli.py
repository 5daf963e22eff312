"""Inputs that Keras has results for: indices of embeddings and categories below their counts, next to other numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr

import qdialect
from qdialect import QdialectError
from qdialect.dialects.qnn.indices import INDICES, index_limits
from qdialect.dialects.qnn.network import network
from qdialect.validation.stimuli import sample_inputs

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
K = keras.layers


def bits() -> Any:
    return qkeras.QActivation("quantized_bits(6,2,alpha=1)")


def column(x: Any, first: int, last: int) -> Any:
    return x[:, first:last]


def embedded(x: Any) -> Any:
    return K.Flatten()(bits()(K.Embedding(10, 2)(x)))


NETWORKS = {
    "all elements": ((3,), embedded, [10, 10, 10]),
    "permuted": ((2, 2), lambda x: embedded(K.Flatten()(K.Permute((2, 1))(x))), [[10, 10], [10, 10]]),
    "some elements": ((3,), lambda x: K.concatenate([embedded(column(x, 0, 1)), bits()(column(x, 1, 3))]), [10, 0, 0]),
    "the smaller table": (
        (2,),
        lambda x: K.concatenate([embedded(x), bits()(K.Flatten()(K.Embedding(3, 1)(column(x, 1, 2))))]),
        [10, 3],
    ),
    "categories": ((4,), lambda x: bits()(K.CategoryEncoding(6, "multi_hot")(x)), [6] * 4),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("input_type", ["fixed<8,8>", "fixed<3,5,unsigned>"])
def test_drawn_inputs_verify(name: str, input_type: str) -> None:
    """Keras computes all drawn inputs: the first ones, beyond the type or between its codes, in its own way."""
    shape, build, limits = NETWORKS[name]
    x = K.Input(shape, name="x")
    model = keras.Model(x, build(x))
    module = qdialect.from_keras(model, input_type)
    assert np.array_equal(index_limits(network(module), 0), limits)
    for each in (module, qdialect.lower(module)):
        (drawn,) = sample_inputs(network(each), np.random.default_rng(0), 200)
        limited = drawn[:, np.array(limits) > 0]
        assert (np.rint(limited) == limited).all()
        assert limited.min() == 0
        assert limited.max() <= max(limits) - 1 if np.ndim(limits) == 1 else 9
        expected = model.predict(drawn.astype(np.float32), verbose=0)
        assert np.array_equal(qdialect.simulate(each, drawn)[50:], expected[50:])


def test_verify_runs_keras(tmp_path: Any) -> None:
    model = keras.Sequential([K.Input((3,)), K.Embedding(5, 2), bits()])
    report = qdialect.verify(model, samples=50, input_type="fixed<8,8>")
    assert (report.ok, report.reference, report.note) == (True, "Keras", "")


def test_an_attribute_of_another_type_is_refused() -> None:
    x = K.Input((3,), name="x")
    module = qdialect.from_keras(keras.Model(x, embedded(x)), "fixed<8,8>")
    function = network(module)
    function.arg_attrs = ArrayAttr([DictionaryAttr({INDICES: function.sym_name})])
    with pytest.raises(QdialectError, match=r"argument 0 must be a dense attribute of type tensor<3xi32>"):
        sample_inputs(function, np.random.default_rng(0))
