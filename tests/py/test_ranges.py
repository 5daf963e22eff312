"""Range analysis: no simulated value ever leaves its range, and single layers reach the ends of theirs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect import lower
from qdialect.dialect.attributes import RoundAttr
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.contractions import Conv2DOp, DenseOp
from qdialect.dialect.elementwise import AddOp, MulOp, ReluOp, ShiftOp
from qdialect.dialect.padding import PadOp, ReshapeOp
from qdialect.dialect.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialect.quantize import QuantizeOp, ThresholdOp
from qdialect.dialect.types import format_of, tensor
from qdialect.interpreter.simulate import interpreter_for, network
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import Round
from qdialect.ranges import ranges

FORMATS = (
    FixedFormat(3, 1, signed=True),
    FixedFormat(4, 2, signed=False),
    BinaryFormat(),
    TernaryFormat(),
    Po2Format(-1, 2, signed=True),
    Po2Format(-1, 2, signed=False),
)


def draw_codes(rng, fmt, shape) -> np.ndarray:
    return rng.choice(np.array(fmt.codes()), shape)


class Network:
    """A chain of operations after one argument."""

    def __init__(self, shape, fmt):
        self.block = Block(arg_types=[tensor(shape, fmt)])
        self.value = self.argument = self.block.args[0]

    def constant(self, values, fmt):
        return self.block.add_op(op := ConstantOp(values, fmt)) or op.result

    def then(self, op):
        self.block.add_op(op)
        self.value = op.results[0]

    def module(self) -> ModuleOp:
        self.block.add_op(ReturnOp(self.value))
        function = FuncOp("net", ([self.argument.type], [self.value.type]), Region(self.block))
        module = ModuleOp([function])
        module.verify()
        return module


def add_step(rng, net: Network) -> None:
    """One random operation that fits the value [rows, columns, channels]."""
    x, (rows, columns, channels) = net.value, net.value.type.get_shape()
    fmt, lsb = FORMATS[rng.integers(len(FORMATS))], format_of(x.type).lsb
    match rng.integers(9):
        case 0:
            net.then(DenseOp(x, net.constant(draw_codes(rng, fmt, (channels, 2)), fmt)))
        case 1:
            kernel = draw_codes(rng, fmt, (min(rows, 2), min(columns, 2), channels, 3))
            net.then(Conv2DOp(x, net.constant(kernel, fmt)))
        case 2:
            shape = [(channels,), (1,), (rows, columns, 1)][rng.integers(3)]
            net.then([AddOp, MulOp][rng.integers(2)](x, net.constant(draw_codes(rng, fmt, shape), fmt)))
        case 3:
            net.then(ReluOp(x))
        case 4:
            net.then(ShiftOp(x, int(rng.integers(-2, 3))))
        case 5:
            net.then(PadOp(x, (1, 0, 0), (0, 1, 0)))
        case 6:
            pool = [MaxPool2DOp, SumPool2DOp][rng.integers(2)]
            net.then(pool(x, (min(rows, 2), 1), (1, 1), (0, 0), (1, 0)))
        case 7:
            net.then(QuantizeOp(x, RoundAttr(Round()), FixedFormat(4, 4 + lsb, bool(rng.integers(2)))))
        case 8:
            levels = np.sort(rng.integers(-9, 10, (channels, 3)))
            directions = rng.choice([-1, 1], channels)
            table = net.constant(levels, FixedFormat(6, 6 + lsb, signed=True))
            direction = net.constant(directions, BinaryFormat())
            net.then(ThresholdOp(x, table, direction, FixedFormat(2, 1, signed=True)))


def values_of(module: ModuleOp, x: np.ndarray) -> dict:
    function, interpreter = network(module), interpreter_for(module)
    values = {function.args[0]: x}
    for op in function.body.block.ops:
        if op.results:
            (values[op.results[0]],) = interpreter.run_op(op, tuple(values[v] for v in op.operands))
    return values


def random_network(seed: int) -> tuple[ModuleOp, np.ndarray]:
    """With inputs that are random, all at one end, or mixed from both."""
    rng = np.random.default_rng(seed)
    fmt = FORMATS[rng.integers(len(FORMATS))]
    shape = tuple(int(n) for n in rng.integers(1, 4, 3))
    net = Network(shape, fmt)
    for _ in range(rng.integers(1, 6)):
        add_step(rng, net)
    extremes = rng.choice([fmt.min_code, fmt.max_code], (30, *shape))
    x = np.concatenate([draw_codes(rng, fmt, (30, *shape)), extremes])
    x[0], x[1] = fmt.min_code, fmt.max_code
    return net.module(), x


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
