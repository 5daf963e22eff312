"""Ranges of single operations, element by element, worked out by hand."""

import numpy as np
import pytest
from chains import Network
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr

from qdialect.analysis.code_range import Range
from qdialect.analysis.ranges import range_of, ranges, unproven_lookups
from qdialect.dialects.qnn.attributes import Count, NearestPo2Attr, RoundAttr, RoundEachAttr, SignAttr
from qdialect.dialects.qnn.network import QUANTIZER, network
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountDenseOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.storage import pack_codes
from qdialect.dialects.qnn.types import BitsType, TernaryType
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.quantizers import NearestPo2, Round
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding

CODES, WIDE = FixedFormat(3, 3, signed=True), FixedFormat(6, 6, signed=True)
TINY = FixedFormat(2, 2, signed=False)


class Ends(Network):
    """One operation, or a few, on an argument of two codes in [-4, 3]."""

    def __init__(self, shape=(2,), fmt=CODES, quantizer=None):
        super().__init__(shape, fmt)
        self.quantizer = quantizer

    def codes(self, values, fmt=WIDE):
        return self.constant(values, fmt)

    def module(self):
        module = super().module()
        if self.quantizer is not None:
            network(module).arg_attrs = ArrayAttr([DictionaryAttr({QUANTIZER: self.quantizer})])
        return module


def ends_of(build, **options):
    """The lowest and the highest code of each element of the result; None if nothing is known."""
    made = Ends(**options)
    made.then(build(made, made.argument))
    known = ranges(made.module()).get(made.value)
    return known and (known.low.tolist(), known.high.tolist())


def function(name):
    return lambda made, x: FunctionOp(x, ElementFunction(name))


def quantized(name, mode, fmt=CODES):
    return lambda made, x: QuantizeOp(made.then(function(name)(made, x)), RoundAttr(mode), fmt)


EACH = RoundEach(Rounding.HALF_UP, Overflow.SATURATE, np.array([0, 1]), np.array([2, 2]), np.array([0, 1]))
SYMMETRIC = Round(overflow=Overflow.SATURATE_SYMMETRIC)
WRAP = Round(overflow=Overflow.WRAP)
FOUND = {
    "constant": (lambda made, x: AddOp(x, made.codes([1, -2])), ([-3, -6], [4, 1])),
    "shared_table": (lambda made, x: LookupOp(x, made.codes([[0, 1, 0, 1, 0, 1, -2, 3]]), -4), ([-2] * 2, [3] * 2)),
    "tables": (lambda made, x: LookupOp(x, made.codes([[1] * 8, [*range(-4, 4)]]), -4), ([1, -4], [1, 3])),
    "table_in_part": (lambda made, x: LookupOp(x, made.codes([[3, 1, 2]]), -1), ([1, 1], [3, 3])),
    "beside_the_codes": (lambda made, x: LookupOp(x, made.codes([[3, 2, *[1] * 8, 0, 3]]), -6), ([1, 1], [1, 1])),
    "table_of_relu": (
        lambda made, x: LookupOp(made.then(ReluOp(x)), made.codes([[-4, 0, 1, 2, 1, 3]]), -1),
        ([0, 0], [2, 2]),
    ),
    "table_of_arguments": (
        lambda made, x: LookupOp(x, made.then(ReshapeOp(made.then(ReluOp(x)), (1, 2))), -4),
        ([0, 0], [3, 3]),
    ),
    "rising": (function(FunctionName.HARD_SIGMOID), ([0.0, 0.0], [1.0, 1.0])),
    "falling": (function(FunctionName.GELU), None),
    "of_falling": (quantized(FunctionName.GELU, Round()), ([-4, -4], [3, 3])),
    "of_rising": (quantized(FunctionName.TANH, Round()), ([-1, -1], [1, 1])),
    "of_rising_wrapped": (quantized(FunctionName.TANH, WRAP), ([-4, -4], [3, 3])),
    "rounded": (lambda made, x: QuantizeOp(x, RoundAttr(Round()), FixedFormat(2, 3, signed=True)), ([-2, -2], [1, 1])),
    "wrapped": (lambda made, x: QuantizeOp(x, RoundAttr(WRAP), TINY), ([0, 0], [3, 3])),
    "each": (lambda made, x: QuantizeOp(x, RoundEachAttr(EACH), CODES), ([0, -4], [3, 2])),
    "sign": (lambda made, x: QuantizeOp(made.then(ReluOp(x)), SignAttr(), BinaryFormat()), ([1, 1], [1, 1])),
    "quadratic": (
        lambda made, x: QuantizeOp(x, NearestPo2Attr(NearestPo2(tiny=0)), Po2Format(-1, 0, signed=False)),
        ([1, 1], [2, 2]),
    ),
    "dense": (lambda made, x: DenseOp(x, made.codes([[1, -2], [3, 0]])), ([-16, -6], [12, 8])),
    "dense_of_positive": (
        lambda made, x: DenseOp(made.then(AddOp(x, made.codes([5]))), made.codes([[1, -2], [-3, 0]])),
        ([-24, -16], [8, 0]),
    ),
    "dense_of_negative": (
        lambda made, x: DenseOp(made.then(AddOp(x, made.codes([-4]))), made.codes([[1], [-3]])),
        ([-8], [24]),
    ),
    "computed_kernel": (lambda made, x: DenseOp(x, made.then(ReshapeOp(x, (2, 1)))), ([-64], [63])),
    "float_sum": (
        lambda made, x: DenseOp(made.then(function(FunctionName.TANH)(made, x)), made.codes([[1], [1]])),
        None,
    ),
    "product": (lambda made, x: MulOp(x, made.then(AddOp(x, made.codes([1, 3])))), ([-16, -24], [12, 18])),
    "product_of_low_ends": (lambda made, x: MulOp(x, x), ([-12, -12], [16, 16])),
    "product_of_other_ends": (
        lambda made, x: MulOp(made.then(AddOp(x, made.codes([3, 7]))), x),
        ([-24, -40], [18, 30]),
    ),
    "difference": (lambda made, x: SubOp(x, made.then(ReluOp(x))), ([-7, -7], [3, 3])),
    "dependent": (lambda made, x: SubOp(made.then(MulOp(x, made.codes([3, -1]))), x), ([-8, -6], [6, 8])),
    "concat": (lambda made, x: ConcatOp([x, made.then(ReluOp(x))], 0), ([-4, -4, 0, 0], [3] * 4)),
    "thresholds": (
        lambda made, x: ThresholdOp(made.then(ReluOp(x)), made.codes([[-1, 2], [1, 3]]), None, TINY),
        ([1, 0], [2, 2]),
    ),
    "descending": (
        lambda made, x: ThresholdOp(x, made.codes([[-1, 2], [1, -4]]), made.codes([1, -1], BinaryFormat()), TINY),
        ([0, 0], [2, 2]),
    ),
    "packed": (lambda made, x: PackOp(made.then(QuantizeOp(x, SignAttr(), BinaryFormat()))), None),
}


def test_ranges_of_operations():
    """Element by element, worked out by hand."""
    assert {name: ends_of(build) for name, (build, _) in FOUND.items()} == {name: e for name, (_, e) in FOUND.items()}


def test_ranges_of_arguments():
    """What their quantizers allow; nothing of floats, but of what is made of these by quantizers."""

    def itself(made, x):
        return ShiftOp(x, 0)

    assert ends_of(itself, quantizer=RoundAttr(SYMMETRIC)) == ([-3, -3], [3, 3])
    assert ends_of(itself) == ([-4, -4], [3, 3])
    assert ends_of(itself, fmt=None) is None
    assert ends_of(lambda made, x: QuantizeOp(x, RoundAttr(SYMMETRIC), CODES), fmt=None) == ([-3, -3], [3, 3])
    assert ends_of(lambda made, x: AddOp(x, made.codes([1])), fmt=None) is None


def test_sums_of_windows_hold_their_parts():
    """Of codes in [2, 5] a sum is 0 before the first is added; of those in [-5, -2] after none."""

    def pooled(offset, fmt):
        return lambda made, x: SumPool2DOp(made.then(AddOp(x, made.codes([offset]))), (1, 3), (1, 1))

    assert ends_of(pooled(2, CODES), shape=(1, 3, 1), fmt=TINY) == ([[[0]]], [[[15]]])
    assert ends_of(pooled(-4, CODES), shape=(1, 3, 1), fmt=TINY) == ([[[-12]]], [[[0]]])


@pytest.mark.parametrize(
    ("first", "codes", "ends"), [(-2, 3, (-2, 0)), (-4, 8, None), (-5, 9, None), (-4, 7, (-4, 2)), (-3, 9, (-3, 3))]
)
def test_codes_outside_of_tables(first, codes, ends):
    """The operand has no others than the table from there on; the lookup is said to be unproven."""
    made = Ends()
    made.then(LookupOp(made.argument, made.codes([[1] * codes]), first))
    module = made.module()
    known = ranges(module)
    assert known[made.argument].hull == (ends or (-4, 3))
    assert unproven_lookups(module) == ([] if ends is None else [made.value.owner])
    whole = Range(np.array([-4, -4]), np.array([3, 3]))
    found = range_of(made.value.owner, {made.argument: whole}, interpreter_for(module))
    assert found.hull == (1, 1)


def test_counts_of_agreements():
    """Per channel the products of a ternary kernel that are none."""
    made, bits = Ends((3,), BinaryFormat()), BitsType(3, TernaryType())
    kernel = made.codes(pack_codes(np.array([[1, -1, 0], [1, 1, 1]]), bits.element), bits)
    packed = made.then(PackOp(made.value))
    made.then(PopcountDenseOp(packed, kernel, Count.BALANCE))
    known = ranges(made.module())
    assert packed not in known
    assert (known[made.value].low.tolist(), known[made.value].high.tolist()) == ([-2, -3], [2, 3])
