"""Small networks of every kind of layer, drawn: what `calibrate.py` holds the cost model against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import DeadZoneAttr, RoundAttr, SignAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import MaximumOp
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, SubOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of, tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import DeadZone, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding

Step: TypeAlias = Callable[[Block, SSAValue, np.random.Generator], SSAValue]
"""A layer: adds operations to a block that compute from a value another one."""


def signed(bits: int) -> FixedFormat:
    return FixedFormat(bits, bits, True)


def unsigned(bits: int) -> FixedFormat:
    return FixedFormat(bits, bits, False)


def added(block: Block, op: Operation) -> SSAValue:
    block.add_op(op)
    return op.results[0]


def constant(block: Block, codes: np.ndarray, fmt: Format) -> SSAValue:
    return added(block, ConstantOp(codes, fmt))


def weights(draws: np.random.Generator, fmt: Format, shape: Sequence[int]) -> np.ndarray:
    return draws.choice(np.array(fmt.codes(), np.int64), shape)


def dense(outputs: int, fmt: Format) -> Step:
    def step(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
        codes = weights(draws, fmt, (shape_of(x)[-1], outputs))
        return added(block, DenseOp(x, constant(block, codes, fmt)))

    return step


def convolution(kernel: int, outputs: int, fmt: Format, padding: int = 0) -> Step:
    def step(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
        if padding:
            x = added(block, PadOp(x, [padding, padding, 0], [padding, padding, 0]))
        codes = weights(draws, fmt, (kernel, kernel, shape_of(x)[-1], outputs))
        return added(block, Conv2DOp(x, constant(block, codes, fmt)))

    return step


def depthwise(kernel: int, fmt: Format) -> Step:
    def step(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
        codes = weights(draws, fmt, (kernel, kernel, shape_of(x)[-1], 1))
        return added(block, DepthwiseConv2DOp(x, constant(block, codes, fmt)))

    return step


def thresholds(levels: int) -> Step:
    """Codes of as many levels and one, each channel with bounds of its own within the values."""

    def step(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
        fmt = exact_format_of(x.type)
        between = np.arange(fmt.min_code + 1, fmt.max_code + 1)
        bounds = np.stack([np.sort(draws.choice(between, levels, replace=False)) for _ in range(shape_of(x)[-1])])
        result = unsigned(levels.bit_length())
        return added(block, ThresholdOp(x, constant(block, bounds, signed(fmt.bits + 1)), None, result))

    return step


def rounded(dropped: int, result: FixedFormat, rounding: Rounding = Rounding.FLOOR) -> Step:
    """A quantizer that drops low bits and saturates."""

    def step(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
        fmt = FixedFormat(result.width, result.int_bits + dropped, result.signed)
        return added(block, QuantizeOp(x, RoundAttr(Round(rounding, Overflow.SATURATE)), fmt))

    return step


def sign(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
    return added(block, QuantizeOp(x, SignAttr(Sign()), BinaryFormat()))


def relu(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
    return added(block, ReluOp(x))


def table(result: FixedFormat) -> Step:
    """A function of every code, without order."""

    def step(block: Block, x: SSAValue, draws: np.random.Generator) -> SSAValue:
        fmt = exact_format_of(x.type)
        codes = weights(draws, result, (1, fmt.max_code - fmt.min_code + 1))
        return added(block, LookupOp(x, constant(block, codes, result), fmt.min_code))

    return step


def max_pool(size: int) -> Step:
    return lambda block, x, draws: added(block, MaxPool2DOp(x, (size, size), (size, size)))


def sum_pool(size: int) -> Step:
    return lambda block, x, draws: added(block, SumPool2DOp(x, (size, size), (size, size)))


def merged(op: type[AddOp | SubOp | MulOp | MaximumOp]) -> Step:
    """With another input of the same type."""
    return lambda block, x, draws: added(block, op(x, block.insert_arg(x.type, len(block.args))))


def dead_zone(threshold: float) -> Step:
    mode = DeadZoneAttr(DeadZone(threshold))
    return lambda block, x, draws: added(block, QuantizeOp(x, mode, TernaryFormat()))


@dataclass(frozen=True)
class Kind:
    """Steps on an input, with how the passes lower them."""

    inputs: Format
    shape: Sequence[int]
    steps: Sequence[Step]
    passes: Sequence[str] = ()
    """After the default ones, before the network becomes loops."""

    def module(self, seed: int) -> ModuleOp:
        """The network at integer level."""
        draws = np.random.default_rng(seed)
        block = Block(arg_types=[tensor(self.shape, self.inputs)])
        value: SSAValue = block.args[0]
        for step in self.steps:
            value = step(block, value, draws)
        block.add_op(ReturnOp(value))
        function = FuncOp("top", ([arg.type for arg in block.args], [value.type]), Region(block))
        return lower(ModuleOp([function]), ["default", *self.passes])


def written(strategy: str) -> Sequence[str]:
    return ("pipeline-network", f"constant-multiplication{{strategy={strategy}}}")


def form(name: str) -> Sequence[str]:
    return (f"choose-forms{{form={name}}}",)


TERNARY, BINARY, BIT, POWERS = TernaryFormat(), BinaryFormat(), unsigned(1), Po2Format(0, 7, True)
KINDS: dict[str, Kind] = {
    "dense u4 x 4": Kind(unsigned(4), (16,), [dense(8, signed(4))]),
    "dense s6 x 6": Kind(signed(6), (12,), [dense(10, signed(6))]),
    "dense u8 x 3": Kind(unsigned(8), (20,), [dense(6, signed(3))]),
    "dense s3 x 8": Kind(signed(3), (10,), [dense(8, signed(8))]),
    "dense s5 x 5, trees": Kind(signed(5), (16,), [dense(6, signed(5))], written("tree")),
    "dense u6 x 6, pairs": Kind(unsigned(6), (16,), [dense(16, signed(6))], written("pairs")),
    "dense u6 x 6, digits": Kind(unsigned(6), (12,), [dense(6, signed(6))], written("csd")),
    "dense u5 x 5": Kind(unsigned(5), (12,), [dense(6, signed(5))]),
    "bits by signs": Kind(BIT, (32,), [dense(8, BINARY)]),
    "binary": Kind(BINARY, (48,), [dense(12, BINARY)]),
    "binary, signs": Kind(BINARY, (32,), [dense(16, BINARY), sign]),
    "binary by ternary": Kind(BINARY, (40,), [dense(12, TERNARY)]),
    "ternary": Kind(TERNARY, (24,), [dense(10, TERNARY)]),
    "ternary, dead zone": Kind(TERNARY, (24,), [dense(10, TERNARY), dead_zone(1.5)]),
    "words by signs": Kind(unsigned(5), (24,), [dense(10, BINARY)]),
    "words by ternary": Kind(signed(4), (24,), [dense(10, TERNARY)]),
    "words by powers of two": Kind(unsigned(4), (16,), [dense(8, POWERS)]),
    "powers of two by powers of two": Kind(Po2Format(0, 3, True), (12,), [dense(6, Po2Format(0, 3, True))]),
    "powers of two by words": Kind(Po2Format(0, 3, True), (8,), [dense(6, signed(4))]),
    "convolution 3x3": Kind(unsigned(4), (4, 4, 2), [convolution(3, 4, signed(4))]),
    "convolution 3x3, padded": Kind(unsigned(4), (3, 3, 2), [convolution(3, 3, signed(4), 1)]),
    "convolution 2x2, binary": Kind(BINARY, (4, 4, 8), [convolution(2, 6, BINARY)]),
    "convolution, depthwise": Kind(signed(5), (5, 5, 4), [depthwise(3, signed(5))]),
    "thresholds 1": Kind(signed(8), (16,), [thresholds(1)]),
    "thresholds 3, compare": Kind(signed(9), (12,), [thresholds(3)], form("compare")),
    "thresholds 7, compare": Kind(unsigned(8), (12,), [thresholds(7)], form("compare")),
    "thresholds 15, compare": Kind(signed(10), (8,), [thresholds(15)], form("compare")),
    "thresholds 15, search": Kind(signed(10), (8,), [thresholds(15)], form("search")),
    "thresholds 63, search": Kind(signed(12), (6,), [thresholds(63)], form("search")),
    "thresholds 7, table": Kind(signed(7), (8,), [thresholds(7)], form("table")),
    "table of 64": Kind(signed(6), (12,), [table(signed(6))]),
    "table of 256": Kind(unsigned(8), (8,), [table(unsigned(5))]),
    "round down": Kind(signed(10), (16,), [rounded(3, unsigned(4))]),
    "round half even": Kind(signed(10), (16,), [rounded(4, signed(5), Rounding.HALF_EVEN)]),
    "rectifier": Kind(signed(8), (24,), [relu]),
    "pooling, largest": Kind(signed(6), (4, 4, 6), [max_pool(2)]),
    "pooling, sum": Kind(unsigned(5), (6, 6, 3), [sum_pool(3)]),
    "pooling, binary": Kind(BINARY, (4, 4, 16), [max_pool(2)]),
    "sum of two": Kind(signed(7), (12,), [merged(AddOp)]),
    "difference of two": Kind(unsigned(7), (12,), [merged(SubOp)]),
    "product of two": Kind(signed(5), (8,), [merged(MulOp)]),
    "larger of two": Kind(signed(7), (12,), [merged(MaximumOp)]),
    "dense, rounded": Kind(unsigned(6), (16,), [dense(8, signed(6)), rounded(5, unsigned(6), Rounding.HALF_EVEN)]),
    "dense, thresholds": Kind(unsigned(3), (24,), [dense(8, TERNARY), thresholds(7)]),
}
