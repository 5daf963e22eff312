"""Step functions in each form, by comparisons, a search, a table or a shift: the same codes, also in C++."""

import numpy as np
import pytest
from chains import Network

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format
from qdialect.numerics.quantizers import Round

OPERAND = FixedFormat(8, 5, signed=True)
CODES = np.arange(-128, 128)
FORMS = ("compare", "search", "table", "shift")
CHANNELS = 3


def thresholds(levels, fmt, directions=None):
    """A threshold operation on [channels] values of fixed<8, 5>."""
    net = Network((CHANNELS,), OPERAND)
    table = net.constant(levels, FixedFormat(10, 7, signed=True))
    direction = None if directions is None else net.constant(np.array(directions), BinaryFormat())
    net.then(ThresholdOp(net.value, table, direction, fmt))
    net.value.name_hint = "y"
    return net.module()


def quantizer(fmt):
    net = Network((CHANNELS,), OPERAND)
    net.then(QuantizeOp(net.value, RoundAttr(Round()), fmt))
    net.value.name_hint = "y"
    return net.module()


def random_levels(n):
    return np.sort(np.random.default_rng(n).integers(-140, 140, (CHANNELS, n)))


FUNCTIONS = {
    "few": lambda: thresholds(random_levels(3), FixedFormat(2, 2, signed=False)),
    "falling": lambda: thresholds(random_levels(3) * [[1], [-1], [1]], FixedFormat(2, 1, signed=True), [1, -1, 1]),
    "many": lambda: thresholds(random_levels(31), FixedFormat(5, 1, signed=True)),
    "dense": lambda: thresholds(random_levels(127), FixedFormat(7, 1, signed=True)),
    "bit": lambda: thresholds(random_levels(1), BinaryFormat()),
    "power of two": lambda: thresholds(random_levels(3), Po2Format(-1, 2, signed=False)),
    "even": lambda: thresholds(np.arange(-24, 32, 8)[np.newaxis] + [[1], [9], [-3]], FixedFormat(3, 2, signed=True)),
    "quantizer": lambda: quantizer(FixedFormat(4, 3, signed=True)),
}
SHIFTED = {"even", "quantizer"}


def inputs():
    return np.repeat(CODES[:, np.newaxis] / 8, CHANNELS, axis=1)


def form_of(module):
    (op,) = (op for op in network(module).walk() if op.results and op.results[0].name_hint == "y")
    return {LookupOp: "table", QuantizeOp: "shift"}.get(type(op)) or str(op.form.data)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_form_computes_the_same_function(function, form, tmp_path):
    """Asked for by name; refused where the function has no such form."""
    module, passes = FUNCTIONS[function](), [f"choose-forms{{form={form} layers=y}}", "size-accumulators"]
    if form == "shift" and function not in SHIFTED:
        with pytest.raises(QdialectError, match="'y': no shift, its thresholds are not at equal distances"):
            lower(module, passes)
        return
    lowered = lower(module, passes, verify=True)
    assert form_of(lowered) == form
    expected = simulate(module, inputs())
    assert np.array_equal(simulate(lowered, inputs(), check_ranges=True), expected)
    assert np.array_equal(write_hls(lowered, tmp_path / "prj").compile().predict(inputs()), expected)


@pytest.mark.parametrize(
    ("function", "form"),
    [("few", "compare"), ("many", "search"), ("dense", "table"), ("bit", "compare"), ("even", "shift")],
)
def test_the_cheapest_form_is_chosen(function, form):
    assert form_of(lower(FUNCTIONS[function](), ["choose-forms"], verify=True)) == form


@pytest.mark.parametrize("form", FORMS)
def test_every_layer_of_a_network(form, example):
    """Where a form is possible: the outputs stay."""
    lowered = lower(from_keras(example.model), ["default", f"choose-forms{{form={form}}}"])
    assert np.array_equal(simulate(lowered, example.inputs), example.logits)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("form=rom", "form 'rom' is not one of compare, search, shift, table"),
        ("form=table layers=z", "layer 'z' has no step function; those that have are: y"),
        ("layers=y", "layers without form: say which form they get"),
    ],
)
def test_refused_form_says_what_is_possible(options, message):
    with pytest.raises(QdialectError, match=message):
        lower(FUNCTIONS["few"](), [f"choose-forms{{{options}}}"])
