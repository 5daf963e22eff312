"""Operations of every class that declares a trait, on drawn constants."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from modules import module_of
from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.ir import Block, Operation, SSAValue

from qdialect.dialects.qnn.attributes import Count, Product, RoundAttr
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountConv2DOp, PopcountDenseOp, PopcountDepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp, PackedFlattenOp, PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.storage import pack_words
from qdialect.dialects.qnn.types import BitsType, tensor, type_of
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow

FIXED, FINE = FixedFormat(6, 5, signed=True), FixedFormat(6, 3, signed=True)
IMAGE = (3, 4, 2)


def argument(shape=IMAGE, fmt=FIXED):
    return Block(arg_types=[tensor(shape, f32 if fmt is None else fmt)]).args[0]


def constant(rng, shape, fmt=FIXED):
    if fmt is None:
        return ConstantOp(rng.uniform(0.5, 2, shape).astype(np.float32), f32).result
    codes = fmt.codes()
    return ConstantOp(rng.choice(np.array(list(codes)), shape), fmt).result


def packed(rng, shape):
    return ConstantOp(pack_words(rng.integers(0, 2, shape) > 0), BitsType(shape[-1], type_of(BinaryFormat()))).result


def operations(rng: np.random.Generator) -> Iterator[Operation]:
    """Operations of every class that declares a trait, on arguments and constants."""
    x, y, real, signs = argument(), argument(fmt=FINE), argument(fmt=None), argument(fmt=BinaryFormat())
    for kind in (AddOp, SubOp, MulOp, MaximumOp, MinimumOp):
        yield kind(x, y)
        yield kind(x, constant(rng, (2,)))
        yield kind(real, argument(fmt=None))
    yield from (ShiftOp(x, 3), ReluOp(x), ReluOp(real), LeakyReluOp(x, -2), LeakyReluOp(real, -2))
    yield QuantizeOp(x, RoundAttr(Round()), FixedFormat(3, 3, signed=True))
    yield QuantizeOp(x, RoundAttr(Round(overflow=Overflow.WRAP)), FixedFormat(3, 3, signed=True))
    yield ThresholdOp(x, constant(rng, (2, 3)), None, FixedFormat(2, 2, signed=False))
    yield LookupOp(x, constant(rng, (2, FIXED.count)), FIXED.min_code)
    yield FunctionOp(real, ElementFunction(FunctionName.HARD_TANH))
    yield DivideOp(real, constant(rng, (2,), None))
    parameters = [constant(rng, (2,), None) for _ in range(4)]
    yield BatchNormOp(real, parameters, 1e-3, BatchNormFormula.SCALE_OFFSET)
    yield from (SliceOp(x, (1, 0, 0), (2, 3, 2)), RepeatOp(x, (1, 2, 2)), DilateOp(x, (2, 2, 1)))
    yield from (TransposeOp(x, (2, 0, 1)), PadOp(x, (1, 0, 0), (0, 2, 1)), ReshapeOp(x, (4, 6)), ConcatOp([x, x], 1))
    yield from (MaxPool2DOp(x, (2, 2), (1, 2), (1, 0)), SumPool2DOp(x, (2, 2), (1, 2), (1, 0)))
    yield DenseOp(x, constant(rng, (2, 3)))
    yield DenseOp(x, constant(rng, (2, 3), TernaryFormat()), Product.ADD_SUB)
    yield DenseOp(x, constant(rng, (2, 3), Po2Format(-2, 3, signed=True, zero=True)), Product.SHIFT)
    yield Conv2DOp(x, constant(rng, (2, 2, 2, 3)))
    yield DepthwiseConv2DOp(x, constant(rng, (2, 2, 2, 2)))
    window = ((1, 1), (1, 1), (0, 0), (1, 1))
    for count in (Count.AGREEMENTS, Count.BALANCE):
        pixels = PackOp(signs).result
        yield PopcountDenseOp(pixels, packed(rng, (3, 2)), count=count)
        yield PopcountConv2DOp(pixels, packed(rng, (2, 2, 3, 2)), *window, count=count)
        yield PopcountDepthwiseConv2DOp(signs, packed(rng, (2, 1, 2, 2)), *window, count=count)
    pixels = PackOp(signs).result
    yield from (
        PackOp(signs),
        PackedConcatOp([pixels, pixels]),
        PackedFlattenOp(pixels, 2),
        PackedMaxPool2DOp(pixels, *window),
    )


def network_of(op: Operation) -> ModuleOp:
    """A drawn operation in a network of its own, with the constants and operations before it."""
    before: dict[Operation, None] = {}
    arguments: dict[SSAValue, None] = {}

    def follow(value: SSAValue) -> None:
        if not isinstance(value.owner, Operation):
            arguments[value] = None
            return
        for operand in value.owner.operands:
            follow(operand)
        before[value.owner] = None

    def build(*given):
        known = dict(zip(arguments, given, strict=True))
        for each in (*before, op):
            if each.parent is not None:  # several operations of the list read it
                each.detach()
            each.operands = [known.get(v, v) for v in each.operands]
        return [*before, op]

    for operand in op.operands:
        follow(operand)
    return module_of([v.type for v in arguments], build)
