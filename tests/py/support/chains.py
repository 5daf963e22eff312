"""Random chains of operations, with inputs at the ends of their types."""

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import Round

FORMATS = (
    FixedFormat(3, 1, signed=True),
    FixedFormat(4, 2, signed=False),
    BinaryFormat(),
    TernaryFormat(),
    Po2Format(-1, 2, signed=True),
    Po2Format(-1, 2, signed=False),
    Po2Format(-1, 1, signed=True, zero=True),
)


def draw_codes(rng, fmt, shape) -> np.ndarray:
    return rng.choice(np.array(fmt.codes()), shape)


class Network:
    """A chain of operations after one argument."""

    def __init__(self, shape, fmt):
        self.block = Block(arg_types=[tensor(shape, fmt)])
        self.value = self.argument = self.block.args[0]

    def constant(self, values, fmt):
        return self.block.add_op(op := ConstantOp(np.asarray(values), fmt)) or op.result

    def then(self, op):
        """Add an operation; its result is the value from here on."""
        self.block.add_op(op)
        self.value = op.results[0]
        return self.value

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


def random_network(seed: int, inputs=FORMATS) -> tuple[ModuleOp, np.ndarray]:
    """With an input of one of the formats `inputs`: codes that are random, all at one end, or mixed from both."""
    rng = np.random.default_rng(seed)
    fmt = inputs[rng.integers(len(inputs))]
    shape = tuple(int(n) for n in rng.integers(1, 4, 3))
    net = Network(shape, fmt)
    for _ in range(rng.integers(1, 6)):
        add_step(rng, net)
    extremes = rng.choice([fmt.min_code, fmt.max_code], (30, *shape))
    x = np.concatenate([draw_codes(rng, fmt, (30, *shape)), extremes])
    x[0], x[1] = fmt.min_code, fmt.max_code
    return net.module(), x


def values_of(module: ModuleOp, x: np.ndarray) -> dict:
    """The codes of all values for raw codes `x` of the one argument."""
    function, interpreter = network(module), interpreter_for(module)
    values = {function.args[0]: x}
    for op in function.body.block.ops:
        if op.results:
            (values[op.results[0]],) = interpreter.run_op(op, tuple(values[v] for v in op.operands))
    return values
