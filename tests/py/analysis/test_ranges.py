"""Range analysis: no simulated value ever leaves its range, and single layers reach the ends of theirs."""

import numpy as np
import pytest
from chains import FORMATS, Network, draw_codes, random_network, values_of
from hypothesis import given
from hypothesis import strategies as st

from qdialect.analysis.ranges import ranges
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import format_of


@given(st.integers(0, 10**6))
def test_values_lie_within_their_ranges(seed):
    module, x = random_network(seed)
    known = ranges(module)
    for value, codes in values_of(module, x).items():
        assert (known[value].low <= codes).all(), value
        assert (codes <= known[value].high).all(), value


@given(st.integers(0, 10**6))
def test_sized_accumulators_hold_every_value(seed):
    module, x = random_network(seed)
    for value, codes in values_of(lower(module, ["size-accumulators"]), x).items():
        fmt = format_of(value.type)
        assert fmt.min_code <= codes.min()
        assert codes.max() <= fmt.max_code


def ends_of_a_layer(shape, fmt, build) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The range of the result, and its values over all inputs (few elements, every combination of ends and 0)."""
    net = Network(shape, fmt)
    build(net)
    module, result = net.module(), net.value
    choices = sorted({fmt.min_code, fmt.max_code} | ({0} if 0 in fmt else set()))
    x = np.stack(np.meshgrid(*[choices] * int(np.prod(shape)), indexing="ij"), axis=-1).reshape(-1, *shape)
    known = ranges(module)[result]
    return known.low, known.high, np.broadcast_to(values_of(module, x)[result], (len(x), *result.type.get_shape()))


# formats with values of both signs or zero: there, stopping a sum early does not go beyond its ends
ATTAINED = (FORMATS[0], FORMATS[1], FORMATS[2], FORMATS[3], FORMATS[4])


@pytest.mark.parametrize("fmt", ATTAINED, ids=str)
@pytest.mark.parametrize("kernel_format", FORMATS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_single_layers_attain_both_ends(fmt, kernel_format, seed):
    """Per output element: these inputs vary independently."""
    rng = np.random.default_rng(seed)

    def dense(net):
        net.then(DenseOp(net.value, net.constant(draw_codes(rng, kernel_format, (5, 3)), kernel_format)))

    def conv(net):
        net.then(Conv2DOp(net.value, net.constant(draw_codes(rng, kernel_format, (2, 2, 1, 3)), kernel_format)))

    def scale(net):
        net.then(MulOp(net.value, net.constant(draw_codes(rng, kernel_format, (3,)), kernel_format)))

    def bias(net):
        net.then(AddOp(net.value, net.constant(draw_codes(rng, kernel_format, (3,)), kernel_format)))

    for shape, build in (((5,), dense), ((3, 2, 1), conv), ((3,), scale), ((3,), bias)):
        low, high, values = ends_of_a_layer(shape, fmt, build)
        assert np.array_equal(values.min(axis=0), low)
        assert np.array_equal(values.max(axis=0), high)


@pytest.mark.parametrize("fmt", ATTAINED, ids=str)
@pytest.mark.parametrize(
    "op",
    [
        ReluOp,
        lambda x: ShiftOp(x, 2),
        lambda x: PadOp(x, (1, 0, 0), (0, 0, 0)),
        lambda x: MaxPool2DOp(x, (2, 1), (1, 1)),
        lambda x: SumPool2DOp(x, (2, 2), (1, 1), (0, 0), (1, 1)),
        lambda x: ReshapeOp(x, (6,)),
    ],
    ids=["relu", "shift", "pad", "max_pool", "sum_pool", "reshape"],
)
def test_other_operations_attain_both_ends(fmt, op):
    low, high, values = ends_of_a_layer((3, 2, 1), fmt, lambda net: net.then(op(net.value)))
    assert np.array_equal(values.min(axis=0), low)
    assert np.array_equal(values.max(axis=0), high)


def partial_sums(rng, terms: list[int]) -> list[int]:
    """Every intermediate value of an adder tree drawn at random; a chain of additions is one of them."""
    found = list(terms)
    while len(terms) > 1:
        a, b = (terms.pop(rng.integers(len(terms))) for _ in range(2))
        terms.append(a + b)
        found.append(a + b)
    return found


@pytest.mark.parametrize("kernel_format", FORMATS, ids=str)
@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_partial_sums_stay_in_the_type_in_any_order(fmt, kernel_format):
    """Also where every product has the same sign, or no value is zero, so that a part exceeds the whole."""
    rng = np.random.default_rng(3)
    codes = draw_codes(rng, kernel_format, (7, 4))
    net = Network((7,), fmt)
    net.then(DenseOp(net.value, net.constant(codes, kernel_format)))
    module = lower(net.module(), ["size-accumulators"])
    (type_,) = (format_of(op.result.type) for op in network(module).walk() if isinstance(op, DenseOp))
    for x in np.concatenate([draw_codes(rng, fmt, (20, 7)), rng.choice([fmt.min_code, fmt.max_code], (60, 7))]):
        for channel in range(4):
            sums = partial_sums(rng, (x * codes[:, channel]).tolist())
            assert type_.min_code <= min(sums)
            assert max(sums) <= type_.max_code
