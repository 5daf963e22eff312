"""Random QKeras networks: `model.predict`, the IR at both levels, and the compiled C++.

Every output of `model.predict` is equal to that of the IR, but where Keras' own float32 rounds: there it lies in the
computed enclosure. Every second network is lowered, every tenth read from its file and written as a QONNX graph as
well, every 25th compiled.
`QDIALECT_DRAWS=2000 pytest tests/py/end_to_end/test_keras_networks.py` draws more of them.
"""

import os

import numpy as np
import pytest
from drawn import Network, keras
from exported_networks import read_again

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras, import_with_roundings, read_source
from qdialect.frontends.keras.keras_run.keras_model import keras_outputs
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.heads import head_bounds
from qdialect.reports.info import weights_at_ties
from qdialect.validation.enclosures import enclosures

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "50"))
LOWERED_EVERY, SAVED_EVERY, COMPILED_EVERY = 2, 10, 25
INPUT_TYPE = "fixed<26, 19>"
"""For networks whose first operation is a function of the unquantized input."""


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


def integer_level(module, model):
    """The network to be lowered, and what it becomes."""
    try:
        return module, lower(module, verify=True)
    except QdialectError as error:
        if "input_type" in str(error):
            return integer_level(from_keras(model, INPUT_TYPE), model)
        if "has no hardware form" in str(error):
            pytest.skip(str(error))
        raise


def check_graph(module, path, x) -> None:
    """A network as a QONNX graph gives the same outputs, or is refused by name."""
    try:
        pairs = zip(*read_again(module, path, x), strict=True)
    except QdialectError as error:
        if "QONNX has no form for" not in str(error):
            raise
    else:
        assert all(np.array_equal(before, after) for before, after in pairs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(DRAWS))
def test_random_network(seed, tmp_path):
    keras.backend.clear_session()
    draw = Network(seed)
    model = draw.graph()
    x = draw.inputs(model)

    graph = read_graph(read_source(model))
    if any("lie at a tie" in text for text in weights_at_ties(graph)):
        pytest.skip("TensorFlow's logarithm decides some weights")
    try:
        module, roundings = import_with_roundings(graph, None)
    except QdialectError as error:
        if "put a QActivation after it" not in str(error):
            raise
        pytest.skip(str(error))
    expected = [y.astype(np.float64) for y in keras_outputs(model, as_list(x))]
    simulated = as_list(simulate(module, x, check_ranges=True))
    heads = heads_of(network(module))
    for head, ours, enclosure, keras_ in zip(heads, simulated, enclosures(module, x, roundings), expected, strict=True):
        low, high = head_bounds(head, *enclosure.ends)
        assert ((low <= keras_) & (keras_ <= high)).all()
        assert enclosure.holds(ours).all()

    if seed % SAVED_EVERY == 0:
        model.save(tmp_path / "net.h5")
        assert str(from_keras(tmp_path / "net.h5")) == str(module)
        check_graph(module, tmp_path / "net.onnx", as_list(x))
    if seed % LOWERED_EVERY == 0:
        module, lowered = integer_level(module, model)
        simulated = as_list(simulate(lowered, x, check_ranges=True))
        for before, after in zip(as_list(simulate(module, x, check_ranges=True)), simulated, strict=True):
            assert np.array_equal(before, after)
        if seed % COMPILED_EVERY == 0:
            project = write_hls(lowered, tmp_path / "prj").compile()
            for cpp, ours in zip(as_list(project.predict(x)), simulated, strict=True):
                assert np.array_equal(cpp, ours)
