"""Effective bit operations, counted by hand: bits of inputs times bits of weights, without signs."""

import numpy as np
import pytest
from chains import Network
from modules import module_of

from qdialect.analysis.bit_operations import bit_operations, bits_of_codes, bits_of_value
from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import ReluOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, TransposeOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.owner import own
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat, TernaryFormat
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding

SIGNED, UNSIGNED = FixedFormat(5, 2, signed=True), FixedFormat(3, 3, signed=False)
WIDTHS, SIGNS = np.array([[4, 0, 1], [3, 2, 5]]), np.array([[1, 0, 1], [0, 1, 1]])
EACH = RoundEach(Rounding.HALF_UP, Overflow.WRAP, np.zeros((2, 3), np.int64), WIDTHS, SIGNS)


def rounded_each(net: Network):
    net.then(QuantizeOp(net.value, RoundEachAttr(EACH), FixedFormat(5, 5, signed=True)))


def test_bits_of_codes():
    """From the highest one to the lowest: 12 = 0b1100 has 2, 10 = 0b1010 has 3, zero has none."""
    codes = np.array([[12, 10, 0, 1], [-12, -8, 5, 2**70 + 2**60]], object)
    assert bits_of_codes(codes).tolist() == [[2, 3, 0, 1], [2, 1, 3, 11]]


@pytest.mark.parametrize(
    ("fmt", "bits"),
    [
        (SIGNED, 4),
        (UNSIGNED, 3),
        (FixedFormat(1, 1, signed=False), 1),
        (FixedFormat(1, 1, signed=True), 1),
        (FixedFormat(2, 2, signed=True), 1),
        (BinaryFormat(), 1),
        (TernaryFormat(), 1),
    ],
    ids=str,
)
def test_bits_of_a_format(fmt, bits):
    net = Network((2, 3), fmt)
    assert bits_of_value(net.module(), net.value).tolist() == [[bits] * 3] * 2


def test_bits_of_elements_with_formats_of_their_own():
    """Through what moves elements; other operations have those of their type, which holds all of them."""
    net = Network((2, 3), SIGNED)
    rounded_each(net)
    each = net.value
    net.then(TransposeOp(each, (1, 0)))
    net.then(PadOp(net.value, (1, 0), (0, 0)))
    moved = net.value
    net.then(ReluOp(net.value))
    module = net.module()
    assert bits_of_value(module, each).tolist() == [[3, 0, 0], [3, 1, 4]]
    assert bits_of_value(module, moved).tolist() == [[0, 0], [3, 3], [0, 1], [0, 4]]
    assert bits_of_value(module, net.value).tolist() == [[4, 4]] * 4


def test_bits_of_several_operands():
    """Of other steps, to which their codes are shifted, and their bits are not."""

    def build(x, y):
        return [ConcatOp([x, y], 0)]

    module = module_of([tensor((2,), SIGNED), tensor((3,), UNSIGNED)], build)
    (concat, *_) = module.body.ops.first.body.block.ops
    assert bits_of_value(module, concat.result).tolist() == [4, 4, 3, 3, 3]


def test_sums_of_products():
    """By layer: (3 + 0 + 0) weights of 2 bits and (3 + 1 + 4) of these, then 2 values of their type."""
    net = Network((2, 3), SIGNED)
    rounded_each(net)
    net.then(DenseOp(net.value, net.constant(np.array([[3, 0], [0, 1], [6, 0]]), FixedFormat(4, 4, signed=True))))
    net.value.name_hint = "first"
    width = net.value.type.get_element_type().width.data
    net.then(DenseOp(net.value, net.constant(np.array([[5], [-4]]), FixedFormat(4, 4, signed=True))))
    first, second = (3 + 3) * 2 + (0 + 1) * 1 + (0 + 4) * 2, 2 * (width - 1) * (3 + 1)
    module = net.module()
    assert bit_operations(module) == {"first": first, "qnn.dense": second}
    for op in module.body.ops.first.body.block.ops:
        own(op, "both")
    assert bit_operations(module) == {"both": first + second}


@pytest.mark.parametrize(
    ("op", "kernel", "expected"), [(Conv2DOp, (2, 2, 3, 5), 2 * 12 * 5), (DepthwiseConv2DOp, (2, 2, 3, 5), 2 * 4 * 15)]
)
def test_convolutions(op, kernel, expected):
    """Two positions, 4 bits of each of 12 inputs or of 4 for each of 15 outputs, weights of one bit."""
    net = Network((2, 3, 3), SIGNED)
    net.then(op(net.value, net.constant(np.full(kernel, 2), SIGNED)))
    assert bit_operations(net.module()) == {net.value.owner.name: 4 * expected}


def test_float_sums_and_kernels_that_are_computed_have_none():
    def build(x, y, reals):
        return [DenseOp(x, y), DenseOp(reals, y)]

    types = [tensor((2, 3), SIGNED), tensor((3, 2), SIGNED), tensor((2, 3), None)]
    assert bit_operations(module_of(types, build)) == {}
    net = Network((2, 3), None)
    net.then(DenseOp(net.value, net.constant(np.ones((3, 2), np.int64), SIGNED)))
    assert bit_operations(net.module()) == {}
