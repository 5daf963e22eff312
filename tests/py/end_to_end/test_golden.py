"""The golden cases: 117 tiny networks and quantizers with the outputs of `model.predict` recorded from QKeras 0.9.0.

Every one is read from a configuration, without TensorFlow, and has the recorded bits, or is refused with the reason in
REFUSED, or has the value that is meant where QKeras itself loses it in float32 sums (INTENDED, SCALED, EXACT_SUMS), or
differs only where TensorFlow's own last bits depend on the processor. The last test prints how many of each.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from golden import CASES, Net, array, exact_type, source_of

from qdialect.compiler.pipeline import lower
from qdialect.converters import softmax
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.remarks import remarks
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import import_graph
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.interpreter.simulate import simulate

REFUSED: dict[tuple[int, int], str] = {
    (23, 3): "integer=31 breaks QKeras 0.9.0",
    (24, 4): "max_value=0 is not supported",
    (24, 8): "argument [1 is no number",
}

TOP = 1 - 2.0**-15
INTENDED: dict[tuple[int, int], Any] = {
    # x + (q - x) in float32 loses the code q of a large x: 0.9999 becomes 1, then 0
    (1, 0): [TOP, TOP, TOP, -1, TOP, TOP, -1],
    (1, 1): [7.9375, 7.9375, 7.9375, -8, 7.9375, 7.9375],
    (1, 2): [1, 1, -1, 1],
    (23, 2): [1 - 2.0**-25, -1, np.float32(0.3)],  # the top code is none of float32
}
SCALED = {(11, 2): 0.7, (15, 0): 0.3, (15, 2): 0.3, (15, 3): 0.7}
"""alpha is no power of two, so x + (q - x) rounds: the intended value is the float32 product of code and alpha."""
UNIT = 1 / 8
"""The codes of these quantizers are multiples of it."""
EXACT_SUMS = [(23, 0)]
"""Sums past 2**24 steps, which float32 rounds: the intended value is the exact integer."""
READ_AS_WRITTEN = {(24, 5): None}
"""Values of alpha in texts that QKeras reads as 'on', and fails."""
LAST_BITS = [(21, 9)]
"""Logarithms, which TensorFlow rounds otherwise in graph and eager mode: within the error of the function."""
EXACT_ALONE = [
    (4, 0),
    (4, 1),
    (4, 2),
    (4, 3),
    (4, 4),
    (16, 0),
    (16, 1),
    (16, 3),
    (18, 0),
    (18, 1),
    (18, 3),
    (19, 0),
    (19, 1),
    (20, 0),
]
"""Float layers: Keras' float32 before a quantizer; as the last layer of a network exact, within a remarked bound."""
SOFTMAX = (25, 3)

NO_INPUT_TYPE = [(7, 2), (8, 0), (8, 1), (8, 2), (9, 0), (9, 1), (9, 2), (9, 3), (10, 4), (10, 5)]
FLOAT_RESULT = [(21, 6), (21, 7), (21, 8), (21, 9), (21, 10)]
NOT_LOWERED = {key: "is not quantized first" for key in NO_INPUT_TYPE} | {
    key: "is float and has no hardware form" for key in FLOAT_RESULT
}
"""Equal as float networks; for hardware, these inputs have no fixed-point type or these results need a quantizer."""
NOT_FOR_WEIGHTS = [(10, 4), (10, 5), (21, 6), (21, 7), (21, 8), (21, 9)]
NOT_FOR_WEIGHTS += [(23, 2), (23, 3)]
"""Functions, quantizers that use one, and formats that QKeras computes wrongly."""

outcomes: dict[tuple[int, int], str] = {}


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return bool((a == a.astype(np.float32)).all()) and a.astype(np.float32).tobytes() == b.tobytes()


def name(key: tuple[int, int]) -> str:
    return f"{key[0]}.{key[1]}"


NETWORKS = [key for key in CASES if "layer" in CASES[key]]
TEXTS = [key for key in CASES if key[0] == 24 and key not in {*REFUSED, (24, 9)}]
OTHERWISE = {
    *REFUSED,
    *INTENDED,
    *SCALED,
    *EXACT_SUMS,
    *TEXTS,
    *EXACT_ALONE,
    *LAST_BITS,
    SOFTMAX,
}


@pytest.mark.parametrize("key", [key for key in NETWORKS if key not in OTHERWISE], ids=name)
def test_equal_in_every_bit(key):
    net = Net(CASES[key])
    assert same_bits(net.outputs(), net.expected)
    outcomes[key] = "equal"


@pytest.mark.parametrize("key", LAST_BITS, ids=name)
def test_equal_but_for_the_last_bits(key):
    net = Net(CASES[key])
    (function,) = (op for op in net.module(exact_type(net.inputs)).walk() if isinstance(op, FunctionOp))
    assert np.abs(net.outputs() - net.expected).max() <= function.function.data.error
    outcomes[key] = "differs where TensorFlow's last bits do"


@pytest.mark.parametrize("key", EXACT_ALONE, ids=name)
def test_equal_before_a_quantizer(key):
    net = Net(CASES[key])
    assert same_bits(net.before_a_quantizer(), net.expected)
    exact = net.module(exact_type(net.inputs))
    bound = sum(float(text.rpartition(" ")[2]) for text in remarks(network(exact)) if "at most" in text)
    assert np.abs(np.asarray(simulate(exact, net.fed())) - net.expected).max() <= bound
    outcomes[key] = "equal before a quantizer, exact alone"


@pytest.mark.parametrize("key", [key for key in NETWORKS if key not in {*REFUSED, *NOT_LOWERED}], ids=name)
def test_lowered_to_integers(key):
    net = Net(CASES[key])
    module = net.module(exact_type(net.inputs))
    assert np.array_equal(simulate(lower(module, verify=True), net.fed()), simulate(module, net.fed()))


@pytest.mark.parametrize("key", NOT_LOWERED, ids=name)
def test_not_lowered(key):
    net = Net(CASES[key])
    with pytest.raises(QdialectError, match=NOT_LOWERED[key]):
        lower(net.module(exact_type(net.inputs)))


@pytest.mark.parametrize("key", [key for key in NETWORKS if key in REFUSED], ids=name)
def test_what_has_no_exact_meaning_is_refused(key):
    with pytest.raises(QdialectError, match=re.escape(REFUSED[key])) as refusal:
        Net(CASES[key]).module("fixed<16, 6>")
    assert "\n" not in str(refusal.value)
    outcomes[key] = "refused"


@pytest.mark.parametrize("key", [*INTENDED, *SCALED, *EXACT_SUMS], ids=name)
def test_intended_where_float32_loses_the_value(key):
    net = Net(CASES[key])
    if key in INTENDED:
        intended = np.array([INTENDED[key]], np.float64)
    elif key in SCALED:
        alpha = np.float32(SCALED[key])
        intended = np.rint(net.expected / (alpha * UNIT)) * np.float32(UNIT) * alpha
    else:
        intended = np.array(CASES[key]["exact_integer_result"]).astype(np.float64)
    assert np.array_equal(net.outputs(), intended)
    assert not np.array_equal(intended, net.expected)
    outcomes[key] = "intended value instead"


def test_softmax_is_left_to_the_host():
    net = Net(CASES[SOFTMAX])
    assert np.array_equal(net.outputs(), net.inputs[0])
    np.testing.assert_array_almost_equal_nulp(softmax(net.outputs()), net.expected)
    outcomes[SOFTMAX] = "softmax on the host, within a last bit"


@pytest.mark.parametrize("key", TEXTS, ids=name)
def test_texts_of_quantizers(key):
    """The text of a quantizer is another quantizer, and is read as QKeras reads it."""
    case = CASES[key]
    quantizer = read_quantizer(case.get("str", case.get("string")), "here")
    if key in READ_AS_WRITTEN:
        assert quantizer.alpha == READ_AS_WRITTEN[key]
        outcomes[key] = "intended value instead"
    else:
        recorded = case.get("reparsed_config", case.get("parsed_config"))
        options = {k: bool(v) if k == "use_sigmoid" else v for k, v in recorded.items()}
        assert {k: getattr(quantizer, k) for k in options} == options
        outcomes[key] = "equal"


@pytest.mark.parametrize("key", [(24, 4), (24, 8)], ids=name)
def test_refused_texts(key):
    with pytest.raises(QdialectError, match=re.escape(REFUSED[key])):
        read_quantizer(CASES[key].get("str", CASES[key].get("string")), "here")
    outcomes[key] = "refused"


def test_a_bound_that_files_do_not_keep():
    """As saved and loaded again, and with the option that saving forgets: a largest value between two codes."""
    case = CASES[24, 9]
    x = array(case["inputs"])[None]
    config = {"bits": 4, "integer": 2, "relu_upper_bound": 1.3}
    layers = [("QActivation", {"activation": {"class_name": "quantized_relu", "config": config}})]
    saved = import_graph(read_graph(source_of([x], layers, {})), None)
    assert same_bits(simulate(saved, x), array(case["after_get_config_from_config"])[None])
    config["is_quantized_clip"] = False
    live = import_graph(read_graph(source_of([x], layers, {})), None)
    assert same_bits(simulate(live, x), array(case["before"])[None])
    outcomes[24, 9] = "equal"


def test_kernel_with_an_automatic_scale_on_fixed_point_inputs():
    """On float inputs case 14 is equal; in hardware it is code * float32 scale, which QKeras rounds once more."""
    net = Net(CASES[14, 0])
    codes = np.array(CASES[14, 0]["integer_codes"])
    kernel = net.weights["kernel"]
    scale = np.abs(kernel).max(axis=0) * np.float32(2) * np.float32(1 / 14)
    outputs = simulate(net.module(exact_type(net.inputs)), net.fed())
    assert np.array_equal(outputs, codes * scale.astype(np.float64))
    np.testing.assert_array_almost_equal_nulp(outputs.astype(np.float32), net.expected)


@pytest.mark.parametrize("key", [key for key in NETWORKS if "quantizer" in CASES[key]], ids=name)
def test_quantizers_as_those_of_weights(key):
    """The same values for weights, off by what QKeras' straight-through sum loses, which is reported; or a refusal."""
    case = CASES[key]
    if key in NOT_FOR_WEIGHTS:
        with pytest.raises(QdialectError):
            quantize_weights(read_quantizer(case["quantizer"], "here"), array(case["inputs"]), "here")
        return
    weights = quantize_weights(read_quantizer(case["quantizer"], "here"), array(case["inputs"]), "here")
    difference = np.abs(weights.values().astype(np.float64) - array(case["outputs"])).max()
    assert difference == weights.deviation
    assert (difference != 0) == (key in INTENDED or key in SCALED)


def test_print_how_many(capsys):
    with capsys.disabled():
        counts = Counter(outcomes.get(key, "not run") for key in CASES)
        print(f"\n{len(CASES)} golden cases:", "; ".join(f"{n} {text}" for text, n in counts.most_common()))
    assert outcomes.keys() <= CASES.keys()
