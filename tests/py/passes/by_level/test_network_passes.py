"""Passes of the network level, in what they promise beyond equal results."""

from __future__ import annotations

import numpy as np
import pytest
from chains import Network
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Operation

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.heads import Head, record_heads
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ShiftOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.owner import WEIGHTS, layer_of, own
from qdialect.dialects.qnn.remarks import remarks
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.quantizers import Round
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.passes import PASSES, pass_loader

BYTE = FixedFormat(8, 8, signed=True)
SAME = ElementFunction(FunctionName.LEAKY_RELU, (1.0,))


def kinds(module) -> list[type[Operation]]:
    return [type(op) for op in network(module).body.block.ops if not isinstance(op, ConstantOp)]


@pytest.mark.parametrize("name", PASSES)
def test_every_pass_is_found_by_its_name(name: str) -> None:
    assert pass_loader(name)().name == name


# --- fold-batchnorm --------------------------------------------------------------------------------------------------


def test_products_with_one_number_come_before_moves() -> None:
    """A float function that a reshape parts from its quantizer is thresholds, also with a number as its operand."""
    net = Network((4,), BYTE)
    net.then(FunctionOp(net.value, SAME))
    net.then(ReshapeOp(net.value, (2, 2)))
    net.then(MulOp(net.value, net.constant(np.array([0.5], np.float32), None)))
    net.then(QuantizeOp(net.value, RoundAttr(Round()), FixedFormat(3, 3, signed=True)))
    module = net.module()
    lowered = lower(module, ["fold-batchnorm"])
    assert kinds(lowered)[:2] == [ThresholdOp, ReshapeOp]
    x = np.random.default_rng(0).integers(-128, 128, (50, 4))
    assert np.array_equal(simulate(lowered, x), simulate(module, x))


def test_formats_of_elements_follow_them_before_a_move() -> None:
    """Of a float function that a transposition parts from a quantizer with a format for each element."""
    net = Network((2, 3), BYTE)
    net.then(FunctionOp(net.value, SAME))
    net.then(TransposeOp(net.value, (1, 0)))
    widths = np.array([[1, 2], [3, 4], [5, 6]])
    each = RoundEach(Rounding.FLOOR, Overflow.SATURATE, np.zeros_like(widths), widths, np.ones_like(widths))
    net.then(QuantizeOp(net.value, RoundEachAttr(each), FixedFormat(6, 6, signed=True)))
    module = net.module()
    lowered = lower(module, ["fold-batchnorm"])
    assert FunctionOp not in kinds(lowered)
    x = np.random.default_rng(0).integers(-128, 128, (50, 2, 3))
    expected = np.clip(x.swapaxes(1, 2), -(1 << (widths - 1)), (1 << (widths - 1)) - 1)
    assert np.array_equal(simulate(lowered, x), expected)


@pytest.mark.parametrize(("factors", "channels", "bits"), [(1, 1, 22), (3, 3, 20)])
def test_too_many_thresholds_are_refused_with_what_would_do(factors: int, channels: int, bits: int) -> None:
    """A function that all channels share has thresholds once."""
    net = Network((3,), FixedFormat(30, 30, signed=True))
    net.then(FunctionOp(net.value, SAME))
    net.then(MulOp(net.value, net.constant(np.full(factors, 0.5, np.float32), None)))
    net.then(QuantizeOp(net.value, RoundAttr(Round()), FixedFormat(24, 24, signed=True)))
    net.value.name_hint = "q"
    message = f"'q': a quantizer to {1 << 24} codes .* in {channels} channels; use at most {bits} bits"
    with pytest.raises(QdialectError, match=message):
        lower(net.module(), ["fold-batchnorm"])


def test_a_table_of_an_output_is_remarked_for_normalizations_alone() -> None:
    net = Network((2,), FixedFormat(4, 4, signed=True))
    net.then(FunctionOp(net.value, SAME))
    net.value.name_hint = "f"
    lowered = lower(net.module(), ["fold-batchnorm"])
    assert kinds(lowered)[0] is LookupOp
    assert remarks(network(lowered)) == []


# --- factor-scales, fold-into-kernels, quantize-layers ---------------------------------------------------------------


def test_bits_with_a_scale_belong_to_the_layer_that_sums_them() -> None:
    net = Network((4,), FixedFormat(1, 3, signed=False))
    net.then(DenseOp(net.value, net.constant(np.arange(8).reshape(4, 2) - 3, FixedFormat(4, 4, signed=True))))
    own(net.value.owner, "fc")
    lowered = lower(net.module(), ["factor-scales"])
    assert kinds(lowered)[:2] == [ShiftOp, DenseOp]
    assert {layer_of(op) for op in network(lowered).body.block.ops if isinstance(op, ShiftOp)} == {"fc"}


def test_a_factor_of_bits_leaves_their_sums() -> None:
    """One number; factors of elements stay."""
    for factors, first in ((np.array([3]), DenseOp), (np.array([3, 5, 3, 5]), MulOp)):
        net = Network((4,), BinaryFormat())
        net.then(MulOp(net.value, net.constant(factors, FixedFormat(4, 4, signed=True))))
        net.then(DenseOp(net.value, net.constant(np.arange(8).reshape(4, 2) - 3, FixedFormat(4, 4, signed=True))))
        module = net.module()
        lowered = lower(module, ["factor-scales"])
        assert kinds(lowered)[0] is first
        x = np.random.default_rng(0).choice([-1, 1], (20, 4))
        assert np.array_equal(simulate(lowered, x), simulate(module, x))


@pytest.mark.parametrize("bits", [2, 3, 8])
@pytest.mark.parametrize("largest", [1.0, 0.99, 1.01, 0.75])
def test_folded_kernels_have_the_bits_that_are_asked_for(largest: float, bits: int) -> None:
    """The finest step in which the largest weight, with its sign, has so many: one bit less would not do, or rounding
    has brought it to the next power of two."""
    net = Network((3,), BYTE)
    kernel = np.array([[64, 3], [-7, 20], [1, -64]])
    net.then(DenseOp(net.value, net.constant(kernel, FixedFormat(8, 2, signed=True))))
    factors = np.round(np.array([largest, 0.3]) * 1024).astype(int)
    net.then(MulOp(net.value, net.constant(factors, FixedFormat(12, 2, signed=True))))
    net.then(AddOp(net.value, net.constant(np.array([5, -3]), FixedFormat(8, 4, signed=True))))
    lowered = lower(net.module(), [f"fold-into-kernels{{bits={bits}}}"])
    *_, dense = (op for op in network(lowered).body.block.ops if isinstance(op, DenseOp))
    folded = constant_of(dense.kernel)
    assert folded is not None
    assert 1 << (bits - 2) <= np.abs(folded).max() < 1 << (bits - 1)


def test_rounded_weights_say_what_moves_and_what_saturates() -> None:
    """-4 to 3.5 in steps of 1/2, of which a type from -1 to 1 - 1/4 holds five."""
    net = Network((4,), BYTE)
    kernel = ConstantOp((np.arange(16) - 8).reshape(4, 4), FixedFormat(4, 3, signed=True))
    kernel.attributes[WEIGHTS] = StringAttr("kernel")
    own(kernel, "fc")
    net.block.add_op(kernel)
    net.then(DenseOp(net.value, kernel.result))
    own(net.value.owner, "fc")
    module = net.module()
    told = remarks(network(lower(module, ['quantize-layers{weights="fixed<3,1>"}'])))
    assert told == ["layer 'fc': kernel rounded to fixed<3,1>: 12 of 16 move by at most 3, 12 saturate"]
    told = remarks(network(lower(module, ['quantize-layers{weights="fixed<3,3>"}'])))
    assert told == ["layer 'fc': kernel rounded to fixed<3,3>: 8 of 16 move by at most 0.5, 0 saturate"]
    told = remarks(network(lower(module, ['quantize-layers{weights="fixed<8,4>"}'])))
    assert told == ["quantize-layers rounds nothing: weights and results lie within the types"]


def test_results_are_rounded_for_all_that_reads_them_outside_of_the_layer() -> None:
    """One reader that quantizes does not do."""
    for readers in (1, 2):
        net = Network((4,), BYTE)
        net.then(DenseOp(net.value, net.constant(np.arange(8).reshape(4, 2), FixedFormat(4, 4, signed=True))))
        own(net.value.owner, "fc")
        sums = net.value
        net.then(QuantizeOp(sums, RoundAttr(Round()), FixedFormat(3, 3, signed=True)))
        own(net.value.owner, "act")
        if readers == 2:
            net.then(AddOp(net.value, sums))
            own(net.value.owner, "sum")
        lowered = lower(net.module(), ['quantize-layers{layers=fc activations="fixed<6,6>"}'])
        assert sum(kind is QuantizeOp for kind in kinds(lowered)) == readers


# --- lower-head, quantize-interface ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("classes", "bits", "possible"), [(4, 3, True), (5, 3, False), (8, 4, True)])
def test_a_softmax_has_two_steps_for_each_class(classes: int, bits: int, possible: bool) -> None:
    net = Network((classes,), FixedFormat(5, 3, signed=True))
    net.then(ShiftOp(net.value, 1))
    module = net.module()
    record_heads(network(module), [Head.SOFTMAX])
    if possible:
        result = simulate(lower(module, [f"lower-head{{head=softmax bits={bits}}}"]), np.zeros((1, classes)))
        assert result.shape == (1, classes)
    else:
        with pytest.raises(QdialectError, match=f"a softmax of {classes} classes in {bits} bits"):
            lower(module, [f"lower-head{{head=softmax bits={bits}}}"])


def test_float_outputs_have_no_hardware_form() -> None:
    """Of functions without a quantizer, too wide for a table."""
    net = Network((2,), FixedFormat(30, 6, signed=True))
    net.then(FunctionOp(net.value, ElementFunction(FunctionName.TANH)))
    net.value.name_hint = "y"
    with pytest.raises(QdialectError, match="output 'y' is float and has no hardware form: put a quantizer after"):
        lower(net.module(), ["quantize-interface"])
