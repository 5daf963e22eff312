"""remove-channels: networks with dead, constant and identical channels give the same outputs without them."""

import os

import numpy as np
import pytest
from chains import Network, draw_codes

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.remarks import remarks
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import Round

CODES = FixedFormat(3, 3, signed=True)
KERNELS = (CODES, BinaryFormat(), TernaryFormat(), Po2Format(-1, 1, signed=True))
DRAWS = int(os.environ.get("QDIALECT_DRAWS", "60"))
PASS = ["remove-channels", "remove-levels"]


def repeated(rng, codes: np.ndarray, axis: int) -> np.ndarray:
    """Some channels along an axis become copies of others."""
    n = codes.shape[axis]
    return codes.take(np.where(rng.random(n) < 0.5, rng.integers(n, size=n), np.arange(n)), axis)


def drawn_kernel(rng, net: Network, shape) -> object:
    """With channels in common, and where the format has a zero, dead ones."""
    fmt = KERNELS[rng.integers(len(KERNELS))]
    codes = repeated(rng, repeated(rng, draw_codes(rng, fmt, shape), -1), -2)
    if 0 in fmt:
        codes[..., rng.random(shape[-2]) < 0.3, :] = 0
        codes[..., rng.random(shape[-1]) < 0.2] = 0
    return net.constant(codes, fmt)


def mix(rng, net: Network) -> None:
    """A contraction and what often follows: bias, threshold or quantizer."""
    x = net.value
    if len(shape_of(x)) == 1:
        net.then(DenseOp(x, drawn_kernel(rng, net, (shape_of(x)[0], 6))))
    elif rng.integers(2):
        net.then(Conv2DOp(x, drawn_kernel(rng, net, (1, 2, shape_of(x)[2], 5))))
    else:
        kernel = drawn_kernel(rng, net, (1, 1, shape_of(x)[2], 2))
        net.then(DepthwiseConv2DOp(x, kernel))
    channels = shape_of(net.value)[-1]
    lsb = exact_format_of(net.value.type).lsb
    if rng.integers(2):
        fmt = FixedFormat(5, 5 + lsb, signed=True)
        net.then(AddOp(net.value, net.constant(repeated(rng, draw_codes(rng, fmt, (channels,)), 0), fmt)))
    if rng.integers(2):
        levels = repeated(rng, np.sort(rng.integers(-60, 61, (channels, 3))), 0)
        directions = repeated(rng, rng.choice([-1, 1], channels), 0)
        table = net.constant(levels, FixedFormat(7, 7 + lsb, signed=True))
        uncertified = sorted(rng.integers(channels, size=2).tolist())
        direction = net.constant(directions, BinaryFormat()) if rng.integers(2) else None
        net.then(ThresholdOp(net.value, table, direction, FixedFormat(2, 1, signed=True), uncertified=uncertified))
    else:
        net.then(QuantizeOp(net.value, RoundAttr(Round()), FixedFormat(3, 3 + lsb, signed=bool(rng.integers(2)))))


def move(rng, net: Network) -> None:
    """An operation on every channel alone, or one that moves channels."""
    x = net.value
    shape, fmt = shape_of(x), exact_format_of(x.type)
    n, last = shape[-1], len(shape) - 1
    at_last = [0] * last
    ones = [1] * last
    table = np.arange(fmt.min_code, fmt.max_code + 1)[np.newaxis] % (rng.integers(1, 4, (n, 1)) if n else 1)
    choices = [
        lambda: ReluOp(x),
        lambda: ShiftOp(x, 1),
        lambda: LeakyReluOp(x, -1),
        lambda: MulOp(x, net.constant(repeated(rng, draw_codes(rng, CODES, (n,)), 0), CODES)),
        lambda: MaximumOp(x, net.constant(draw_codes(rng, CODES, shape), CODES)),
        lambda: AddOp(x, x),
        lambda: ConcatOp([x, x], last),
        lambda: ConcatOp([x, net.constant(draw_codes(rng, CODES, shape), CODES)], int(rng.integers(len(shape)))),
        lambda: SliceOp(x, (*at_last, 1), (*shape[:-1], n - 1)),
        lambda: PadOp(x, (*at_last, int(rng.integers(2))), (*ones, 0)),
        lambda: RepeatOp(x, (*[2] * last, int(rng.integers(1, 3)))),
        lambda: LookupOp(x, net.constant(repeated(rng, table, 0), FixedFormat(2, 2, signed=False)), fmt.min_code),
    ]
    if last == 0:
        choices += [lambda k=k: ReshapeOp(x, (1, n // k, k)) for k in (1, 2, 3, n) if n % k == 0] * 4
    if last == 2:
        choices += [
            lambda: MaxPool2DOp(x, (1, 2), (1, 1)),
            lambda: SumPool2DOp(x, (1, 2), (1, 1), (0, 0), (0, 1)),
            lambda: TransposeOp(x, (1, 0, 2)),
            lambda: TransposeOp(x, (0, 2, 1)),
            lambda: ReshapeOp(x, (int(np.prod(shape)),)),
            lambda: ReshapeOp(x, (shape[0], 1, shape[1] * n)),
        ]
    net.then(choices[rng.integers(len(choices))]())


def drawn_network(seed: int):
    rng = np.random.default_rng(seed)
    fmt = FixedFormat(2, 2, signed=bool(rng.integers(2)))
    net = Network((2, 5, 3), fmt)
    for _ in range(3):
        mix(rng, net)
        for _ in range(rng.integers(3)):
            if format_of(net.value.type).bits < 9 and min(shape_of(net.value)[-2:]) > 2:
                move(rng, net)
        if len(shape_of(net.value)) == 3 and shape_of(net.value)[1] < 3:
            net.then(ReshapeOp(net.value, (int(np.prod(shape_of(net.value))),)))
    return net.module(), draw_codes(rng, fmt, (20, 2, 5, 3)).astype(np.float64)


def products(module) -> int:
    contractions = (op for op in network(module).walk() if isinstance(op, ContractionOp))
    return sum(op.fan_in * int(np.prod(shape_of(op.result))) for op in contractions)


def test_random_networks_compute_the_same():
    """Fed with drawn inputs and, by `verify`, with adversarial ones; half of the networks lose channels."""
    removed = 0
    for seed in range(DRAWS):
        module, x = drawn_network(seed)
        lowered = lower(module, PASS, verify=True)
        assert np.array_equal(simulate(lowered, x, check_ranges=True), simulate(module, x)), seed
        assert products(lowered) <= products(module), seed
        removed += products(lowered) < products(module)
    assert removed > DRAWS / 3


@pytest.mark.parametrize("seed", range(3))
def test_random_networks_in_hardware(seed, tmp_path):
    """In the default pipeline, compiled with every conversion checked."""
    module, x = drawn_network(seed)
    project = write_hls(lower(module, verify=True), tmp_path / "prj", vectors=x)
    assert np.array_equal(project.compile().predict(x), simulate(module, x))
    assert "PASS" in project.make("check")


def network_of_few_channels():
    """Of 8 filters 2 are equal to others, 1 never passes its thresholds, 1 always passes all of them, 1 is not used."""
    rng = np.random.default_rng(1)
    net = Network((4, 4, 2), FixedFormat(3, 3, signed=False))
    kernel = rng.integers(1, 4, (3, 3, 2, 8)) * rng.choice([-1, 1], (3, 3, 2, 8))
    kernel[..., 1], kernel[..., 2] = kernel[..., 0], kernel[..., 3]
    net.then(Conv2DOp(net.value, net.constant(kernel, CODES)))
    levels = np.tile([-5, 3, 11], (8, 1))
    levels[4], levels[5] = [500, 501, 502], [-502, -501, -500]
    table = net.constant(levels, FixedFormat(10, 10, signed=True))
    net.then(ThresholdOp(net.value, table, None, FixedFormat(2, 2, signed=False)))
    net.then(MaxPool2DOp(net.value, (1, 2), (1, 1)))
    net.then(ReshapeOp(net.value, (16,)))
    weights = rng.integers(1, 4, (2, 8, 3)) * rng.choice([-1, 1], (2, 8, 3))
    weights[:, 6] = 0
    net.then(DenseOp(net.value, net.constant(weights.reshape(16, 3), CODES)))
    return net.module(), rng.integers(0, 8, (50, 4, 4, 2)).astype(np.float64)


def test_a_network_where_it_matters(tmp_path):
    module, x = network_of_few_channels()
    lowered = lower(module, verify=True)
    expected = simulate(module, x)
    assert np.array_equal(simulate(lowered, x), expected)
    assert np.array_equal(write_hls(lowered, tmp_path / "prj").compile().predict(x), expected)
    assert (products(module), products(lowered)) == (4 * 8 * 18 + 16 * 3, 4 * 3 * 18 + 6 * 3)
    texts = remarks(network(lowered))
    assert texts[0] == "'qnn.dense': 10 of 16 input channels removed (2 dead, 4 constant, 4 identical)"
    assert texts[1].startswith("removed channels: 390 products, ")


@pytest.mark.parametrize("inner", [1, 2, 4])
def test_channels_of_a_reshape_are_alike_only_as_a_whole(inner):
    """Of the four channels the first two are alike: after a reshape into rows of one or two no two channels are."""
    net = Network((3,), CODES)
    net.then(DenseOp(net.value, net.constant(np.array([[1, 1, 2, 3], [1, 1, -1, 2], [0, 0, 1, 1]]), CODES)))
    net.then(ReshapeOp(net.value, (4 // inner, inner)))
    net.then(DenseOp(net.value, net.constant(np.arange(1, 1 + 2 * inner).reshape(inner, 2) % 4, CODES)))
    module, x = net.module(), np.random.default_rng(0).integers(-4, 4, (50, 3)).astype(np.float64)
    lowered = lower(module, PASS, verify=True)
    assert np.array_equal(simulate(lowered, x), simulate(module, x))
    assert (products(lowered) < products(module)) == (inner == 4)


def test_sums_of_wide_weights_and_constants_are_exact():
    """Twins whose weights of 64 bits add up to 2^63; constants, the codes 1 and 3, whose products do."""
    weights, wide = np.array([[2**62, 1], [2**62, 0], [2**61, 2]]), FixedFormat(64, 64, signed=True)
    for kernel, bias in ([[1, 1, 2]], [0, 0, 0]), ([[1, 0, 0]], [0, 1, 3]):
        net = Network((1,), CODES)
        net.then(DenseOp(net.value, net.constant(np.array(kernel), CODES)))
        net.then(AddOp(net.value, net.constant(np.array(bias), CODES)))
        net.then(DenseOp(net.value, net.constant(weights, wide)))
        module, x = net.module(), np.array([[1.0], [3.0], [-4.0]])
        lowered = lower(module, PASS, verify=True)
        assert np.array_equal(simulate(lowered, x), simulate(module, x))
        assert products(lowered) < products(module)


def test_a_network_without_such_channels_stays():
    net = Network((2,), CODES)
    net.then(DenseOp(net.value, net.constant(np.array([[1, 2], [3, -1]]), CODES)))
    module = net.module()
    assert str(lower(module, PASS)) == str(module)
    assert not remarks(network(module))
