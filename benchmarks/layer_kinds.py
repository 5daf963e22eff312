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
class LayerKind:
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
KINDS: dict[str, LayerKind] = {
    "dense u4 x 4": LayerKind(unsigned(4), (16,), [dense(8, signed(4))]),
    "dense s6 x 6": LayerKind(signed(6), (12,), [dense(10, signed(6))]),
    "dense u8 x 3": LayerKind(unsigned(8), (20,), [dense(6, signed(3))]),
    "dense s3 x 8": LayerKind(signed(3), (10,), [dense(8, signed(8))]),
    "dense s5 x 5, trees": LayerKind(signed(5), (16,), [dense(6, signed(5))], written("tree")),
    "dense u6 x 6, pairs": LayerKind(unsigned(6), (16,), [dense(16, signed(6))], written("pairs")),
    "dense u6 x 6, digits": LayerKind(unsigned(6), (12,), [dense(6, signed(6))], written("csd")),
    "dense u5 x 5": LayerKind(unsigned(5), (12,), [dense(6, signed(5))]),
    "bits by signs": LayerKind(BIT, (32,), [dense(8, BINARY)]),
    "binary": LayerKind(BINARY, (48,), [dense(12, BINARY)]),
    "binary, signs": LayerKind(BINARY, (32,), [dense(16, BINARY), sign]),
    "binary by ternary": LayerKind(BINARY, (40,), [dense(12, TERNARY)]),
    "ternary": LayerKind(TERNARY, (24,), [dense(10, TERNARY)]),
    "ternary, dead zone": LayerKind(TERNARY, (24,), [dense(10, TERNARY), dead_zone(1.5)]),
    "words by signs": LayerKind(unsigned(5), (24,), [dense(10, BINARY)]),
    "words by ternary": LayerKind(signed(4), (24,), [dense(10, TERNARY)]),
    "words by powers of two": LayerKind(unsigned(4), (16,), [dense(8, POWERS)]),
    "powers of two by powers of two": LayerKind(Po2Format(0, 3, True), (12,), [dense(6, Po2Format(0, 3, True))]),
    "powers of two by words": LayerKind(Po2Format(0, 3, True), (8,), [dense(6, signed(4))]),
    "convolution 3x3": LayerKind(unsigned(4), (4, 4, 2), [convolution(3, 4, signed(4))]),
    "convolution 3x3, padded": LayerKind(unsigned(4), (3, 3, 2), [convolution(3, 3, signed(4), 1)]),
    "convolution 2x2, binary": LayerKind(BINARY, (4, 4, 8), [convolution(2, 6, BINARY)]),
    "convolution, depthwise": LayerKind(signed(5), (5, 5, 4), [depthwise(3, signed(5))]),
    "thresholds 1": LayerKind(signed(8), (16,), [thresholds(1)]),
    "thresholds 3, compare": LayerKind(signed(9), (12,), [thresholds(3)], form("compare")),
    "thresholds 7, compare": LayerKind(unsigned(8), (12,), [thresholds(7)], form("compare")),
    "thresholds 15, compare": LayerKind(signed(10), (8,), [thresholds(15)], form("compare")),
    "thresholds 15, search": LayerKind(signed(10), (8,), [thresholds(15)], form("search")),
    "thresholds 63, search": LayerKind(signed(12), (6,), [thresholds(63)], form("search")),
    "thresholds 7, table": LayerKind(signed(7), (8,), [thresholds(7)], form("table")),
    "table of 64": LayerKind(signed(6), (12,), [table(signed(6))]),
    "table of 256": LayerKind(unsigned(8), (8,), [table(unsigned(5))]),
    "round down": LayerKind(signed(10), (16,), [rounded(3, unsigned(4))]),
    "round half even": LayerKind(signed(10), (16,), [rounded(4, signed(5), Rounding.HALF_EVEN)]),
    "rectifier": LayerKind(signed(8), (24,), [relu]),
    "pooling, largest": LayerKind(signed(6), (4, 4, 6), [max_pool(2)]),
    "pooling, sum": LayerKind(unsigned(5), (6, 6, 3), [sum_pool(3)]),
    "pooling, binary": LayerKind(BINARY, (4, 4, 16), [max_pool(2)]),
    "sum of two": LayerKind(signed(7), (12,), [merged(AddOp)]),
    "difference of two": LayerKind(unsigned(7), (12,), [merged(SubOp)]),
    "product of two": LayerKind(signed(5), (8,), [merged(MulOp)]),
    "larger of two": LayerKind(signed(7), (12,), [merged(MaximumOp)]),
    "dense, rounded": LayerKind(unsigned(6), (16,), [dense(8, signed(6)), rounded(5, unsigned(6), Rounding.HALF_EVEN)]),
    "dense, thresholds": LayerKind(unsigned(3), (24,), [dense(8, TERNARY), thresholds(7)]),
}
