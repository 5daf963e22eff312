"""Costs of small networks, counted by hand."""

import numpy as np
from chains import Network
from xdsl.dialects.builtin import f32

from qdialect.analysis.costs import SumRow, report, stored_element_bits
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, SubOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountDenseOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.storage import pack_codes
from qdialect.dialects.qnn.types import BinaryType, BitsType, Po2Type, TernaryType
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format

CODES = FixedFormat(3, 3, signed=True)
WEIGHTS = FixedFormat(5, 2, signed=True)
BITS = FixedFormat(2, 2, signed=False)


def ones(net: Network, shape, fmt=WEIGHTS):
    return net.constant(np.ones(shape, np.int64), fmt)


def test_rows_of_sums():
    """Products, fan-in, outputs, type, its bits, and the products that need a multiplier."""
    net = Network((4, 6, 2), CODES)
    net.then(Conv2DOp(net.value, ones(net, (2, 3, 2, 5))))
    net.value.name_hint = "conv"
    net.then(MulOp(net.value, ones(net, (5,))))
    net.then(MulOp(net.value, ones(net, (5,), Po2Format(0, 1, signed=True)), Product.SHIFT))
    net.then(AddOp(net.value, ones(net, (5,))))
    net.then(SubOp(net.value, net.value))
    net.then(MaxPool2DOp(net.value, (1, 2), (1, 2)))
    net.then(SumPool2DOp(net.value, (3, 2), (1, 1)))
    assert report(net.module()).sums == [
        SumRow("conv", "conv2d", "multiply", 12, 60, "!qnn.fixed<11, 8, signed>", 11, 720),
        SumRow("qnn.mul", "mul", "multiply", 1, 60, "!qnn.fixed<16, 10, signed>", 16, 60),
        SumRow("qnn.mul", "mul", "shift", 1, 60, "!qnn.fixed<18, 12, signed>", 18, 0),
        SumRow("qnn.add", "add", "-", 2, 60, "!qnn.fixed<19, 13, signed>", 19, 0),
        SumRow("qnn.sub", "sub", "-", 2, 60, "!qnn.fixed<20, 14, signed>", 20, 0),
        SumRow("qnn.sum_pool2d", "sum_pool2d", "-", 6, 5, "!qnn.fixed<23, 17, signed>", 23, 0),
    ]


def test_multiplications_and_the_table():
    net = Network((2, 3), CODES)
    net.then(DenseOp(net.value, ones(net, (3, 4))))
    net.value.name_hint = "first"
    net.then(DenseOp(net.value, ones(net, (4, 1))))
    costs = report(net.module())
    assert costs.multiplications == 2 * 4 * 3 + 2 * 4
    assert [line.split() for line in costs.table()] == [
        ["accumulator", "operation", "products", "fan-in", "outputs", "type", "multiplications"],
        ["first", "dense", "multiply", "3", "8", "!qnn.fixed<9,", "6,", "signed>", "24"],
        ["qnn.dense", "dense", "multiply", "4", "2", "!qnn.fixed<16,", "10,", "signed>", "8"],
    ]


def test_bits_of_constants():
    """A constant that both a sum of products and another operation use is a kernel."""
    net = Network((2, 3), CODES)
    shared = ones(net, (3, 3))
    net.then(DenseOp(net.value, shared))
    net.then(AddOp(net.value, ones(net, (3,), BinaryFormat())))
    net.then(DenseOp(net.value, ones(net, (3, 2), BITS)))
    weights = net.value
    net.then(AddOp(shared, ones(net, (3, 1), CODES)))
    net.value = weights
    costs = report(net.module())
    assert costs.kernel_bits == 9 * 5 + 6 * 2
    assert costs.other_constant_bits == 3 * 1 + 3 * 3


def test_packed_kernels_have_their_planes():
    """Two planes of 70 bits per output of a ternary kernel, not the 64-bit words that hold them."""
    net = Network((2, 70), BinaryFormat())
    bits = BitsType(70, TernaryType())
    kernel = net.constant(pack_codes(np.ones((4, 70), np.int64), bits.element), bits)
    net.then(PackOp(net.value))
    net.then(PopcountDenseOp(net.value, kernel))
    costs = report(net.module())
    assert costs.kernel_bits == 4 * 140
    assert costs.sums == [
        SumRow("qnn.popcount_dense", "popcount_dense", "popcount", 70, 8, "!qnn.fixed<7, 7, unsigned>", 7, 0)
    ]


def test_bits_of_elements():
    assert stored_element_bits(BitsType(9, BinaryType())) == 9
    assert stored_element_bits(BitsType(9, TernaryType())) == 18
    assert stored_element_bits(Po2Type(-1, 5)) == 4
    assert stored_element_bits(TernaryType()) == 2
    assert stored_element_bits(f32) == 32


def test_thresholds_tables_and_what_is_uncertified():
    net = Network((2, 3), CODES)
    levels = np.array([[0, 1], [-4, 3], [1, 2]])
    net.then(ThresholdOp(net.value, net.constant(levels, CODES), None, BITS, uncertified=[0, 2, 2]))
    net.value.name_hint = "steps"
    net.then(LookupOp(net.value, ones(net, (1, 4), CODES), 0, uncertified=[1]))
    net.then(LookupOp(net.value, ones(net, (3, 8), BITS), -4))
    net.then(ThresholdOp(net.value, ones(net, (1, 1), BITS), None, BITS))
    module = net.module()
    add_remarks(network(module), ["one", "two"])
    costs = report(module)
    assert costs.thresholds == 6 + 1
    assert costs.table_entries == 4 + 24
    assert costs.uncertified == {"steps": [0, 2, 2], "qnn.lookup": [1]}
    assert costs.remarks == ["one", "two"]
    assert (costs.sums, costs.kernel_bits) == ([], 0)
    assert costs.other_constant_bits == 6 * 3 + 4 * 3 + 24 * 2 + 2
    assert report(Network((1,), CODES).module()).thresholds == 0
