"""No value leaves its type: random networks at the ends of their inputs, in the interpreter and in the compiled C++
with every conversion checked. `QDIALECT_DRAWS=200 pytest tests/py/analysis/test_range_checks.py` draws more of them."""

import os

import numpy as np
import pytest
from chains import FORMATS, Network, random_network

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp
from qdialect.dialects.qnn.types import format_of
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "6"))
INPUTS = tuple(fmt for fmt in FORMATS if not isinstance(fmt, Po2Format))  # shifts by activations have no hardware form


def reals(module, codes) -> np.ndarray:
    return np.ldexp(codes.astype(np.float64), format_of(network(module).args[0].type).lsb)


def assert_nothing_is_lost(module, lowered, x, folder) -> None:
    expected = simulate(module, x)
    assert np.array_equal(simulate(lowered, x, check_ranges=True), expected)
    project = write_hls(lowered, folder, vectors=x)
    assert np.array_equal(project.compile().predict(x), expected)
    assert "PASS" in project.make("check")


@pytest.mark.parametrize("seed", range(DRAWS))
def test_random_networks(seed, tmp_path):
    module, codes = random_network(seed, INPUTS)
    assert_nothing_is_lost(module, lower(module), reals(module, codes), tmp_path / "prj")


@pytest.mark.parametrize("sign", [BinaryFormat(), Po2Format(0, 0, signed=True)], ids=str)
def test_the_negative_end_has_no_positive_twin(sign, tmp_path):
    """[2, 16] times -1 is [-16, -2]: five bits hold it, and not its negative."""
    net = Network((2,), FixedFormat(3, 3, signed=False))
    net.then(DenseOp(net.value, net.constant(np.array([[1], [1]]), FixedFormat(2, 2, signed=True))))
    net.then(AddOp(net.value, net.constant(np.array([2]), FixedFormat(3, 3, signed=True))))
    net.then(MulOp(net.value, net.constant(np.array([-1]), sign)))
    module = net.module()
    lowered = lower(module)
    assert format_of(network(lowered).function_type.outputs.data[0]) == FixedFormat(5, 5, signed=True)
    assert_nothing_is_lost(module, lowered, np.array([[0.0, 0.0], [7.0, 0.0], [7.0, 7.0]]), tmp_path / "prj")
