"""Quantizers whose elements have formats of their own: interpreter, ranges, channels, C++ and RTL by the definition."""

from __future__ import annotations

import numpy as np
import pytest
from chains import Network
from element_formats import by_definition, drawn_mode

import qdialect
from qdialect.analysis.ranges import ranges
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.numerics.exact import magnitude
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding

SOURCE = FixedFormat(7, 4, signed=True)
SHAPES = [((5,), (5,)), ((2, 3), (2, 3)), ((2, 3), (1, 3)), ((2, 3), (2, 1)), ((2, 2, 3), (2, 3))]
"""Of a sample, and of its formats."""


def quantized(shape, mode):
    net = Network(shape, SOURCE)
    net.then(QuantizeOp(net.value, RoundEachAttr(mode), mode.hull))
    return net


def inputs(rng, shape, samples=60):
    return rng.integers(SOURCE.min_code, SOURCE.max_code + 1, (samples, *shape)) * 2.0**SOURCE.lsb


@pytest.mark.parametrize("seed", range(30))
def test_each_element_is_rounded_to_its_format(seed):
    rng = np.random.default_rng(seed)
    shape, formats = SHAPES[seed % len(SHAPES)]
    mode = drawn_mode(rng, formats)
    module, x = quantized(shape, mode).module(), inputs(rng, shape)
    wanted = by_definition(mode, x)
    assert np.array_equal(qdialect.simulate(module, x), wanted)
    assert np.array_equal(mode.reals(x.astype(np.float32), mode.hull) * 2.0**mode.hull.lsb, wanted)
    assert np.array_equal(qdialect.simulate(lower(module, ["canonicalize"]), x), wanted)
    known = ranges(module)[network(module).get_return_op().operands[0]]
    codes = wanted / 2.0**mode.hull.lsb
    assert (known.low <= codes).all()
    assert (codes <= known.high).all()


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_hardware(seed, tmp_path):
    """A quantizer of the input, sums, and a quantizer of those, in both architectures of C++ and in RTL."""
    rng = np.random.default_rng(100 + seed)
    shape, formats = SHAPES[seed % len(SHAPES)]
    net = quantized(shape, drawn_mode(rng, formats))
    kernel = ConstantOp(rng.integers(-8, 8, (shape[-1], 4)), FixedFormat(4, 2, signed=True))
    net.block.add_op(kernel)
    net.then(DenseOp(net.value, kernel.result))
    second = drawn_mode(rng, (*formats[:-1], 4))
    net.then(QuantizeOp(net.value, RoundEachAttr(second), second.hull))
    module, x = net.module(), inputs(rng, shape)
    wanted = qdialect.simulate(module, x)
    lowered = qdialect.lower(module)
    assert np.array_equal(qdialect.simulate(lowered, x), wanted)
    for io_type in ("io_parallel", "io_stream"):
        project = qdialect.write_hls(module, tmp_path / io_type, {"IOType": io_type})
        assert np.array_equal(project.compile().predict(x), wanted)
    assert np.array_equal(qdialect.write_rtl(module, tmp_path / "rtl").compile().predict(x), wanted)


def test_sums_see_the_format_of_each_element():
    """Eight elements of 2 bits and one of 8, of inputs up to 8: the hull alone would say 9 * 8."""
    widths, signs, steps = np.array([2] * 8 + [8]), np.zeros(9, int), np.zeros(9, int)
    mode = RoundEach(Rounding.HALF_UP, Overflow.SATURATE, steps, widths, signs)
    net = quantized((9,), mode)
    kernel = ConstantOp(np.ones((9, 1), np.int64), FixedFormat(1, 1, signed=False))
    net.block.add_op(kernel)
    net.then(DenseOp(net.value, kernel.result))
    module = net.module()
    value = network(module).get_return_op().operands[0]
    assert magnitude(ranges(module)[value].high) == 8 + 8 * 3


def test_elements_without_bits_go_with_all_that_only_they_need():
    widths = np.array([3, 0, 2, 0])
    mode = RoundEach(Rounding.FLOOR, Overflow.WRAP, np.zeros(4, int), widths, np.ones(4, int))
    net = Network((3,), SOURCE)
    for shape in ((3, 4), (4, 2)):
        kernel = ConstantOp(np.ones(shape, np.int64), FixedFormat(1, 1, signed=False))
        net.block.add_op(kernel)
        net.then(DenseOp(net.value, kernel.result))
        if shape == (3, 4):
            net.then(QuantizeOp(net.value, RoundEachAttr(mode), mode.hull))
    module = net.module()
    removed = lower(module, ["remove-channels"])
    kernels = [op.data.shape for op in network(removed).walk() if isinstance(op, ConstantOp)]
    assert (3, 2) in kernels or (3, 1) in kernels
    x = inputs(np.random.default_rng(0), (3,))
    assert np.array_equal(qdialect.simulate(removed, x), qdialect.simulate(module, x))


def test_canonical_forms():
    same = RoundEach(Rounding.FLOOR, Overflow.WRAP, np.full(4, -1), np.full(4, 3), np.ones(4, int))
    (op,) = [op for op in lower(quantized((4,), same).module(), ["canonicalize"]).walk() if isinstance(op, QuantizeOp)]
    assert isinstance(op.mode, RoundAttr)


@pytest.mark.parametrize("seed", range(10))
def test_formats_are_no_wider_than_what_is_proven(seed):
    """The ranges of a narrower operand leave bits unused; the results stay."""
    rng = np.random.default_rng(200 + seed)
    net = Network((5,), FixedFormat(int(rng.integers(2, 5)), int(rng.integers(0, 3)), bool(rng.integers(2))))
    mode = drawn_mode(rng, (5,))
    net.then(QuantizeOp(net.value, RoundEachAttr(mode), mode.hull))
    module = net.module()
    sized = lower(module, ["size-accumulators"])
    before, after = (next(op for op in m.walk() if isinstance(op, QuantizeOp)) for m in (module, sized))
    assert (after.mode.data.widths <= np.maximum(before.mode.data.widths, 1)).all()
    fmt = net.argument.type.element_type.format
    x = rng.choice(np.array(fmt.codes()), (200, 5)) * 2.0**fmt.lsb
    assert np.array_equal(qdialect.simulate(sized, x, check_ranges=True), qdialect.simulate(module, x))
