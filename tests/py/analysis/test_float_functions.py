"""Float functions of one quantized value: which rise or fall, which channels share them, and how many are tried."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from chains import Network
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import Range
from qdialect.analysis.float_functions import FloatFunction, QuantizedFunction, float_function, quantized_function
from qdialect.analysis.step_functions import Staircase, Table, find_runs, find_staircase, find_steps, find_thresholds
from qdialect.dialects.qnn.attributes import NearestPo2Attr, RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.ops.comparisons import MaximumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.formats import FixedFormat, Po2Format
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.quantizers import NearestPo2, Round
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding

NIBBLE = FixedFormat(4, 4, signed=False)
SAME = ElementFunction(FunctionName.LEAKY_RELU, (1.0,))


def named(name: str) -> Callable[[Network, SSAValue], SSAValue]:
    return lambda net, x: net.then(FunctionOp(x, ElementFunction(FunctionName(name))))


def same(net: Network, x: SSAValue) -> SSAValue:
    return net.then(FunctionOp(x, SAME))


def numbers(net: Network, *values: float) -> SSAValue:
    return net.constant(np.array(values, np.float32), None)


def normalized(net: Network, x: SSAValue) -> SSAValue:
    parameters = [numbers(net, *values) for values in ((-1, 2), (0, 1), (3, 0), (1, 1))]
    return net.then(BatchNormOp(x, parameters, 1e-3, BatchNormFormula.SCALE_OFFSET))


CHAINS: dict[str, tuple[Callable[[Network, SSAValue], SSAValue], bool, bool]] = {
    "rises": (named("tanh"), True, True),
    "bends": (named("swish"), False, True),
    "bends, then rises": (lambda net, x: named("tanh")(net, named("swish")(net, x)), False, True),
    "falls": (lambda net, x: net.then(MulOp(same(net, x), numbers(net, -2.0))), True, True),
    "falls, then rises": (
        lambda net, x: named("tanh")(net, net.then(MulOp(same(net, x), numbers(net, -2.0)))),
        True,
        True,
    ),
    "from a number": (lambda net, x: net.then(SubOp(numbers(net, 5.0), same(net, x))), True, True),
    "a sum": (lambda net, x: net.then(AddOp(same(net, x), named("tanh")(net, x))), False, True),
    "a maximum": (lambda net, x: net.then(MaximumOp(same(net, x), named("tanh")(net, x))), True, True),
    "a maximum that bends": (lambda net, x: net.then(MaximumOp(same(net, x), named("swish")(net, x))), False, True),
    "a difference": (lambda net, x: net.then(SubOp(same(net, x), named("tanh")(net, x))), False, True),
    "a square": (lambda net, x: net.then(MulOp(same(net, x), same(net, x))), False, True),
    "a sum that bends": (lambda net, x: net.then(AddOp(same(net, x), named("swish")(net, x))), False, True),
    "divided": (lambda net, x: net.then(DivideOp(same(net, x), numbers(net, 3.0))), True, True),
    "normalized": (normalized, True, False),
    "a factor each": (lambda net, x: net.then(MulOp(same(net, x), numbers(net, 2.0, -3.0))), True, False),
    "one and each": (
        lambda net, x: net.then(AddOp(net.then(MulOp(same(net, x), numbers(net, 2.0))), numbers(net, 1.0, 2.0))),
        True,
        False,
    ),
}
"""A function, whether it is known to rise or fall throughout, and whether two channels share it."""


def built(build: Callable[[Network, SSAValue], SSAValue]) -> FloatFunction:
    net = Network((2,), NIBBLE)
    build(net, net.argument)
    net.module()
    found = float_function(net.value)
    assert found is not None
    return found


def test_functions_are_known_to_be_monotone_and_shared() -> None:
    for name, (build, monotone, shared) in CHAINS.items():
        function = built(build)
        assert (function.monotone, function.shared) == (monotone, shared), name


def test_results_do_not_depend_on_the_place_of_an_element_where_no_function_is_approximated() -> None:
    for name, deterministic in (("rises", False), ("falls", True), ("falls, then rises", False), ("normalized", True)):
        assert built(CHAINS[name][0]).deterministic == deterministic, name


def test_constants_vary_along_the_last_axis_alone() -> None:
    """Of three positions with two channels."""
    for shape, known in {(1, 2): True, (1, 1): True, (3, 1): False, (3, 2): False}.items():
        net = Network((3, 2), NIBBLE)
        net.then(MulOp(same(net, net.argument), net.constant(np.ones(shape, np.float32), None)))
        net.module()
        assert (float_function(net.value) is not None) == known


def of_quantizer(net: Network) -> QuantizedFunction:
    module, quantizer = net.module(), net.value.owner
    assert isinstance(quantizer, QuantizeOp)
    found = quantized_function(module, quantizer)
    assert found is not None
    return found


@pytest.mark.parametrize(("most", "form"), [(64, Table), (63, type(None))])
def test_elements_with_formats_of_their_own_are_enumerated_up_to_a_limit(
    most: int, form: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """16 codes of four elements; functions of channels have their tables whatever the limit."""
    monkeypatch.setattr("qdialect.analysis.step_functions.MAX_ENUMERATED", most)
    net = Network((2, 2), NIBBLE)
    same(net, net.argument)
    widths = np.array([[1, 2], [3, 4]])
    each = RoundEach(Rounding.FLOOR, Overflow.WRAP, np.zeros_like(widths), widths, np.zeros_like(widths))
    net.then(QuantizeOp(net.value, RoundEachAttr(each), NIBBLE))
    case = of_quantizer(net)
    assert case.of_elements
    known = Range(np.zeros((2, 2), int), np.full((2, 2), 15))
    assert isinstance(find_steps(case, known), form)
    net = Network((4,), NIBBLE)
    same(net, net.argument)
    net.then(QuantizeOp(net.value, RoundAttr(Round(Rounding.FLOOR, Overflow.WRAP)), FixedFormat(2, 2, signed=False)))
    assert isinstance(find_steps(of_quantizer(net), Range(np.zeros(4, int), np.full(4, 15))), Table)


def test_one_change_is_one_threshold() -> None:
    net = Network((1,), NIBBLE)
    same(net, net.argument)
    net.then(QuantizeOp(net.value, RoundAttr(Round(Rounding.FLOOR, Overflow.WRAP)), FixedFormat(1, 4, signed=False)))
    found = find_runs(of_quantizer(net), np.array([0]), np.array([15]))
    assert found is not None
    assert (found.thresholds.levels.tolist(), found.codes.tolist()) == ([[8]], [[0, 1]])


@pytest.mark.parametrize(("low", "high"), [(-(1 << 39), (1 << 39) - 1), (-3, 1 << 20), (1, 1 << 39)])
def test_thresholds_that_coincide_are_one_with_the_doubts_of_all(low: int, high: int) -> None:
    net = Network((1,), FixedFormat(40, 6, signed=True))
    mode = NearestPo2Attr(NearestPo2(quadratic=True, tiny=-22))
    net.then(QuantizeOp(net.value, mode, Po2Format(-40, -20, signed=True)))
    case, ends = of_quantizer(net), (np.array([low]), np.array([high]))
    found, merged = find_thresholds(case, *ends), find_staircase(case, *ends)
    assert found is not None
    assert isinstance(merged, Staircase)
    distinct = sorted(set(found.levels[0].tolist()))
    assert merged.thresholds.levels.tolist() == [distinct]
    doubts = [bool(found.disagree[0, found.levels[0] == level].any()) for level in distinct]
    assert merged.thresholds.disagree.tolist() == [doubts]
    assert any(doubts)
