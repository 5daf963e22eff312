"""Options of size-accumulators: an upper bound, data, channels. Nothing is ever narrower than proven."""

import numpy as np
import pytest
from chains import Network

from qdialect.analysis.ranges import ranges
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.remarks import remarks
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import FixedFormat

CODES = FixedFormat(4, 4, signed=True)


def sums():
    """Channels of 7 and 6 bits, [-58, 62] and [-31, 31]; with the bias 3 the first needs 8."""
    net = Network((3,), CODES)
    net.then(DenseOp(net.value, net.constant(np.array([[-4, 1], [-2, -2], [2, 1]]), CODES)))
    net.value.name_hint = "sum"
    net.then(AddOp(net.value, net.constant(np.array([3]), CODES)))
    net.value.name_hint = "biased"
    return net.module()


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "inputs.npy"
    np.save(path, np.array([[1.0, 2, 3], [-4, -1, 0], [2, 2, -5]]))
    return path


def sized(*options: str, verify: bool = True):
    return lower(sums(), [f"size-accumulators{{{' '.join(options)}}}"], verify=verify)


def types(module):
    return [format_of(op.results[0].type) for op in network(module).walk() if isinstance(op, DenseOp | AddOp)]


def test_profiled_types_are_the_proven_ones(data):
    module = sized("mode=profiled", f'data="{data}"')
    assert types(module) == types(sized()) == [FixedFormat(n, n, signed=True) for n in (7, 8)]
    assert remarks(network(module)) == [
        "'sum': proven 7 bits, [-22, 18] on the data: 1 bits of headroom",
        "'biased': proven 8 bits, [-19, 21] on the data: 2 bits of headroom",
    ]


def test_a_bound_below_the_proof_saturates_in_the_ir(data):
    module = sized("max-width=7", "mode=profiled", f'data="{data}"', verify=False)
    clamps = [op for op in network(module).walk() if isinstance(op, QuantizeOp)]
    assert [op.result.name_hint for op in clamps] == ["biased_saturated"]
    assert types(module) == types(sized())
    known = ranges(module)
    for op in clamps:
        assert format_of(op.result.type) == FixedFormat(7, 7, signed=True)
        assert known[op.operand].hull[1] > 63 >= known[op.result].hull[1]
    x = np.load(data)
    assert np.array_equal(simulate(module, x, check_ranges=True), simulate(sums(), x))
    beyond = np.array([[-8.0, -8, 7]])
    assert simulate(sums(), beyond).max() == 65
    assert simulate(module, beyond, check_ranges=True).max() == 63


def test_the_pass_never_claims_to_preserve_a_function_that_it_saturates(data):
    with pytest.raises(QdialectError, match="pass 'size-accumulators' changes value"):
        sized("max-width=6", "mode=profiled", f'data="{data}"')


def test_a_remark_says_what_each_channel_needs():
    assert remarks(network(sized("granularity=channel"))) == [
        "'sum': 7 bits, per channel 6 to 7, 13 in all",
        "'biased': 8 bits, per channel 7 to 8, 15 in all",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["max-width=7"], "'biased' needs 8 bits, max-width is 7; mode=profiled data=\"inputs.npy\" would saturate it"),
        (["max-width=5", "mode=profiled", "data"], "'sum' is [-22, 18] on the data, beyond max-width=5"),
        (["mode=profiled"], 'mode=profiled and data="inputs.npy" belong together'),
        (["data"], 'mode=profiled and data="inputs.npy" belong together'),
        (["mode=guessed"], "option 'mode' takes 'proven' or 'profiled', not 'guessed'"),
        (["mode=profiled", 'data="missing.npy"'], "missing.npy: No such file or directory"),
    ],
)
def test_impossible_widths_and_data_are_refused(options, message, data):
    with pytest.raises(QdialectError) as error:
        sized(*(f'data="{data}"' if option == "data" else option for option in options))
    assert message in str(error.value)


def test_a_bound_that_holds_changes_nothing():
    assert str(sized("max-width=8")) == str(sized())
