"""Small networks at network level, which between them have every operation that QONNX can express."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.ir import Block, Operation, SSAValue

from qdialect.backends.qonnx.exporter import graph_of
from qdialect.compiler.write_qonnx import to_qonnx
from qdialect.dialects.qnn.attributes import DeadZoneAttr, RoundAttr, SignAttr
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import network, results_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import tensor
from qdialect.frontends.building.assembly import finished, network_function
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.qonnx.importer import import_onnx
from qdialect.interpreter.simulate import simulate
from qdialect.interpreter.values import as_list
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.quantizers import DeadZone, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding

SIX = FixedFormat(6, 3, signed=True)


class Network:
    """A network being built: operations are named as they come."""

    def __init__(self, *shape: int):
        self.block = Block(arg_types=[tensor(shape, f32)])
        self.block.args[0].name_hint = "x"
        self.b = Builder(self.block)
        self.rng = np.random.default_rng(7)
        self.count = 0

    def __call__(self, op: Operation) -> SSAValue:
        self.count += 1
        self.b.layer_name = f"n{self.count}"
        return self.b.emit(op)

    def quantized(self, x: SSAValue, fmt: FixedFormat = SIX, mode: Round | None = None) -> SSAValue:
        return self(QuantizeOp(x, RoundAttr(mode or Round()), fmt))

    def constant(self, fmt: Format | None, *shape: int) -> SSAValue:
        """Random codes of a format; float32 numbers without one."""
        if fmt is None:
            values = self.rng.normal(size=shape).astype(np.float32)
        else:
            codes = fmt.codes() if fmt.count < 1 << 20 else range(-(1 << 22), 1 << 22)
            values = self.rng.choice(np.array(codes), shape)
        self.count += 1
        self.b.layer_name = f"n{self.count}"
        return self.b.constant(values, fmt, "weights")


def module_of(n: Network, *results: SSAValue) -> ModuleOp:
    return finished(network_function("net", n.block, results, 0))


def read_again(module: ModuleOp, path: Path, x: Sequence[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The outputs of a network, and those of the graph of it, both with their axes as in the graph: before a softmax
    those of the network."""
    imported = import_onnx(to_qonnx(module, path), None)
    written = graph_of(network(module)).values
    ends = zip(results_of(network(module)), heads_of(network(module)), strict=True)
    values = [written[value].in_order if head is Head.SOFTMAX else written[value].axes for value, head in ends]
    orders = [[0, *(axis + 1 for axis in axes)] for axes in values]
    wanted = [y.transpose(order) for y, order in zip(as_list(simulate(module, x)), orders, strict=True)]
    given = [values.transpose(np.argsort(axes)) for values, axes in zip(x, imported.inputs, strict=True)]
    got = as_list(simulate(imported.module, imported.given(given)))
    return wanted, [y.transpose(np.argsort(axes)) for y, axes in zip(got, imported.outputs, strict=True)]


def image() -> ModuleOp:
    """Convolutions with and without padding, both kinds of pooling, and a dense layer behind."""
    n = Network(7, 6, 2)
    x = n.quantized(n.block.args[0])
    padded = n(PadOp(x, (1, 0, 0), (2, 1, 0)))
    y = n(Conv2DOp(padded, n.constant(FixedFormat(4, 1, True), 3, 2, 2, 4), (2, 1), (1, 2)))
    y = n.quantized(n(AddOp(y, n.constant(FixedFormat(5, 2, True), 4))), FixedFormat(5, 3, False))
    largest = n(MaxPool2DOp(y, (2, 2), (1, 1), (0, 1), (1, 0)))
    each = n(DepthwiseConv2DOp(largest, n.constant(FixedFormat(3, 1, True), 2, 2, 4, 2)))
    half = n.quantized(n(MulOp(each, n.constant(FixedFormat(4, 2, False), 8))), FixedFormat(6, 4, True))
    average = n(ShiftOp(n(SumPool2DOp(half, (2, 2), (1, 1))), -2))
    third = n(DivideOp(n(SumPool2DOp(half, (1, 3), (1, 1))), n.b.constant(np.array([3], np.float32), None, "count")))
    sums = n(SumPool2DOp(n.quantized(average), (2, 1), (1, 2), (1, 0), (0, 1)))
    flat = n(ReshapeOp(sums, (int(np.prod(sums.type.get_shape())),)))
    y = n(DenseOp(flat, n.constant(FixedFormat(4, 1, True), flat.type.get_shape()[0], 3)))
    return module_of(n, y, n.quantized(third))


def sequence() -> ModuleOp:
    """A convolution along one axis, as an image of one row."""
    n = Network(9, 3)
    x = n(ReshapeOp(n.quantized(n.block.args[0]), (1, 9, 3)))
    y = n.quantized(n(Conv2DOp(x, n.constant(BinaryFormat(), 1, 2, 3, 4), (1, 2))))
    pooled = n(MaxPool2DOp(y, (1, 4), (1, 1)))
    row = n(ReshapeOp(y, (4, 4)))
    first = n(SliceOp(row, (1, 0), (2, 3)))
    return module_of(n, n(ReshapeOp(pooled, (4,))), n(DenseOp(first, n.constant(TernaryFormat(), 3, 2))))


def roundings() -> ModuleOp:
    n = Network(40)
    fine = n.quantized(n.block.args[0], FixedFormat(8, 4, True))
    modes = [Round(r, o) for r in Rounding for o in (Overflow.SATURATE, Overflow.SATURATE_SYMMETRIC)]
    coarse = [n.quantized(fine, FixedFormat(4, 3, True), mode) for mode in modes]
    cut = [n.quantized(fine, FixedFormat(6, 4, True), mode) for mode in modes]
    return module_of(n, *coarse, *cut, n.quantized(fine, FixedFormat(3, 2, False), Round(Rounding.AWAY)))


def few_codes() -> ModuleOp:
    """Binary and ternary activations and weights."""
    n = Network(20)
    x = n.quantized(n.block.args[0])
    signs = n(QuantizeOp(x, SignAttr(Sign()), BinaryFormat()))
    bits = n(QuantizeOp(x, SignAttr(Sign()), FixedFormat(1, 1, False)))
    zone = n(
        QuantizeOp(n(MulOp(x, n.constant(None, 20))), DeadZoneAttr(DeadZone(float(np.float32(0.33)))), TernaryFormat())
    )
    kernels = [BinaryFormat(), TernaryFormat(), Po2Format(-3, 2, True)]
    sums = [n(DenseOp(v, n.constant(fmt, 20, 3))) for v, fmt in zip((signs, bits, zone), kernels, strict=True)]
    return module_of(n, *sums, n(DenseOp(bits, n.constant(FixedFormat(1, 0, True), 20, 2))))


def arithmetic() -> ModuleOp:
    n = Network(5, 4)
    x = n.quantized(n.block.args[0])
    row = n.quantized(n(SubOp(n.constant(SIX, 5, 1), x)))
    last = n(ReshapeOp(n(SliceOp(row, (4, 0), (1, 4))), (4,)))
    bounded = n(MinimumOp(n(MaximumOp(n(AddOp(row, last)), n.constant(SIX, 4))), x))
    leaky = n(LeakyReluOp(n(ReluOp(n(SubOp(bounded, n.constant(SIX, 1))))), -2))
    third = n.quantized(n(DivideOp(n(MulOp(leaky, x)), n.b.constant(np.full(4, 3, np.float32), None, "three"))))
    return module_of(n, leaky, third)


def moves() -> ModuleOp:
    n = Network(4, 3, 2)
    x = n.quantized(n.block.args[0])
    pooled = n(MaxPool2DOp(x, (1, 1), (1, 1)))
    turned = n(TransposeOp(pooled, (2, 0, 1)))
    wide = n(RepeatOp(pooled, (2, 3, 1)))
    gaps = n(DilateOp(pooled, (3, 2, 1)))
    part = n(SliceOp(n(PadOp(gaps, (0, 1, 1), (2, 0, 0))), (1, 0, 1), (8, 6, 2)))
    joined = n(ConcatOp([n(SliceOp(wide, (0, 0, 0), (8, 6, 2))), part, n.constant(SIX, 8, 6, 1)], 2))
    return module_of(n, turned, n(ReshapeOp(turned, (6, 4))), joined, n(ReshapeOp(joined, (16, 15))))


def normalizations() -> ModuleOp:
    n = Network(3, 3, 4)
    x = n(MaxPool2DOp(n.quantized(n.block.args[0], FixedFormat(9, 4, True)), (2, 2), (1, 1)))
    results = list[SSAValue]()
    for formula in BatchNormFormula:
        gamma, beta, mean, variance = (n.constant(None, 4) for _ in range(4))
        variance.owner.value = n.b.constant(np.abs(variance.owner.data), None, "variance").owner.value
        results.append(n.quantized(n(BatchNormOp(x, [gamma, beta, mean, variance], 1e-3, formula))))
    return module_of(n, *results)


def functions() -> ModuleOp:
    """Named functions, of few codes: a quantizer decides what their last bits are worth."""
    n = Network(64)
    x = n.quantized(n.block.args[0])
    named = [*SIMPLE, ElementFunction(FunctionName.ELU, (0.5,)), ElementFunction(FunctionName.LEAKY_RELU, (0.3,))]
    return module_of(n, *(n.quantized(n(FunctionOp(x, f)), FixedFormat(8, 4, True)) for f in named))


SIMPLE = [
    ElementFunction(FunctionName(name))
    for name in (
        "hard_sigmoid hard_tanh keras_hard_sigmoid smooth_sigmoid smooth_tanh "
        "exponential selu sigmoid softplus softsign tanh"
    ).split()
]

NETWORKS: list[Callable[[], ModuleOp]] = [
    image,
    sequence,
    roundings,
    few_codes,
    arithmetic,
    moves,
    normalizations,
    functions,
]
