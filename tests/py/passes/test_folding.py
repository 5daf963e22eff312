"""Folding: some outputs and some products of each at once, with the same results in both architectures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

from qdialect.backends.hls.lint import lint_project
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.hlscpp.memory import RomOp
from qdialect.dialects.hlscpp.types import array_type
from qdialect.dialects.qnn.attributes import Count, Product
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountConv2DOp, PopcountDenseOp, PopcountDepthwiseConv2DOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.schedule import boxes, fold, is_foldable, outputs_of, products_in, reduced_axes, steps_of
from qdialect.dialects.qnn.storage import pack_words
from qdialect.dialects.qnn.types import BitsType, tensor, type_of
from qdialect.estimates.schedule import estimate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.passes.loops.schedule import reuse_factors
from qdialect.passes.loops.schedule_defaults import UNROLLED

BITS = 130
"""Of packed vectors: two words and a part of one."""
SIGNED = FixedFormat(3, 3, signed=True)
INPUTS = (((3, 3, 4), SIGNED), ((3, 3, 4), BinaryFormat()), ((2, BITS), BinaryFormat()), ((2, BITS), TernaryFormat()))


def layers(numbers: SSAValue, signs: SSAValue, vectors: SSAValue, ternary: SSAValue) -> list[Operation]:
    """One of each kind of products, by kind of layer, and what they need."""
    rng = np.random.default_rng(0)

    def weights(shape, fmt):
        codes = {SIGNED: range(-4, 4), TernaryFormat(): (-1, 0, 1), BinaryFormat(): (-1, 1)}.get(fmt, (-4, -1, 2, 4))
        return ConstantOp(rng.choice(codes, shape), fmt)

    def packed(shape, fmt):
        w = rng.choice((-1, 1) if fmt == BinaryFormat() else (-1, 0, 1), shape)
        planes = [w > 0] if fmt == BinaryFormat() else [w != 0, w > 0]
        words = np.concatenate([pack_words(plane) for plane in planes], axis=-1)
        return ConstantOp(words, BitsType(shape[-1], type_of(fmt)))

    pixels, long, gated = (PackOp(x) for x in (signs, vectors, ternary))
    made: list[Operation] = [pixels, long, gated]

    def layer(kind, x, kernel, *options, **named):
        made.extend([kernel, kind(x, kernel.result, *options, **named)])

    window = ((1, 1), (1, 1), (0, 0), (1, 1))
    layer(DenseOp, numbers, weights((4, 6), SIGNED))
    layer(DenseOp, numbers, weights((4, 4), SIGNED), product=Product.SIGNED_DIGITS)
    layer(DenseOp, vectors, weights((BITS, 2), SIGNED), product=Product.ADD_SUB)
    layer(Conv2DOp, numbers, weights((2, 3, 4, 4), SIGNED))
    layer(Conv2DOp, numbers, weights((2, 2, 4, 2), TernaryFormat()), product=Product.ADD_SUB)
    layer(Conv2DOp, numbers, weights((3, 2, 4, 2), Po2Format(0, 2, signed=True)), product=Product.SHIFT)
    layer(DepthwiseConv2DOp, numbers, weights((2, 2, 4, 1), BinaryFormat()), product=Product.ADD_SUB)
    layer(DepthwiseConv2DOp, numbers, weights((2, 3, 4, 2), SIGNED))
    layer(PopcountDenseOp, long.result, packed((4, BITS), BinaryFormat()))
    layer(PopcountDenseOp, long.result, packed((2, BITS), BinaryFormat()), count=Count.BALANCE)
    layer(PopcountDenseOp, gated.result, packed((2, BITS), TernaryFormat()), count=Count.BALANCE)
    layer(PopcountConv2DOp, pixels.result, packed((2, 2, 4, 4), BinaryFormat()), *window)
    layer(PopcountConv2DOp, pixels.result, packed((3, 2, 2, 4), TernaryFormat()), *window)
    layer(PopcountDepthwiseConv2DOp, signs, packed((4, 2, 2, 3), BinaryFormat()), *window, count=Count.BALANCE)
    return made


def network() -> ModuleOp:
    block = Block(arg_types=[tensor(*each) for each in INPUTS])
    for op in (made := layers(*block.args)):
        op.results[0].name_hint = f"layer{len(list(block.ops))}"
        block.add_op(op)
    outputs = [op.results[0] for op in made if is_foldable(op)]
    block.add_op(ReturnOp(*outputs))
    types = [value.type for value in block.args], [value.type for value in outputs]
    return ModuleOp([FuncOp("folded", types, Region(block))])


@pytest.mark.parametrize(
    ("io_type", "reuse"),
    [("io_parallel", 2), ("io_parallel", 6), ("io_parallel", 10**6), ("io_stream", 24), ("io_stream", 10**6)],
)
def test_every_kind_of_products_equals_the_interpreter(io_type, reuse, tmp_path):
    """In the test bench in checked mode, one network with all of them, each with the largest legal reuse factor."""
    project = write_hls(network(), tmp_path / "prj", {"io_type": io_type, "Model": {"ReuseFactor": reuse}})
    assert "PASS" in project.make("check", "CXXFLAGS=-O0")
    assert lint_project(project.directory) == []


FOLDABLE = [op for op in layers(*Block(arg_types=[tensor(*each) for each in INPUTS]).args) if is_foldable(op)]


@pytest.mark.parametrize("op", FOLDABLE, ids=lambda op: f"{op.name}-{FOLDABLE.index(op)}")
def test_legal_foldings(op):
    """SIMD is the products of a box that divides the axes, one of them or all at the least and most; a reuse factor is
    the steps that its PE and SIMD take."""
    sizes, legal = reduced_axes(op), boxes(op)
    for simd, box in legal.items():
        assert products_in(op, box) == simd
        assert all(size % lanes == 0 for size, lanes in zip(sizes, box, strict=True))
    assert math.prod(legal[min(legal)]) == 1
    assert legal[max(legal)] == sizes
    factors = reuse_factors(op)
    assert {1, outputs_of(op), outputs_of(op) * math.prod(sizes)} <= factors.keys()
    for reuse, (pe, simd) in factors.items():
        folded = op.clone()
        fold(folded, pe, simd)
        assert reuse == outputs_of(op) // pe * math.prod(steps_of(folded))


@pytest.mark.parametrize("architecture", ["parallel", "stream"])
def test_many_products_are_folded_without_a_schedule(architecture):
    """An output with more bit products than are unrolled takes several steps, and its cycles and weights say so."""
    codes = FixedFormat(16, 16, signed=False)
    lanes = UNROLLED // (codes.bits * SIGNED.bits)
    block = Block(arg_types=[tensor((3 * lanes,), codes)])
    kernel = ConstantOp(np.ones((3 * lanes, 2), np.int64), SIGNED)
    op = DenseOp(block.args[0], kernel.result, product=Product.MULTIPLY)
    op.result.name_hint = "sums"
    block.add_ops([kernel, op, ReturnOp(op.result)])
    types = [block.args[0].type], [op.result.type]
    passes = [f"{name}{{architecture={architecture}}}" for name in ("schedule-defaults", "lower-to-loops")]
    loops = lower(ModuleOp([FuncOp("wide", types, Region(block))]), passes)
    shapes = [array_type(inner.memref).get_shape() for inner in loops.walk() if isinstance(inner, RomOp)]
    assert (2, 3, lanes) in shapes
    _, parts = estimate(loops, clock=5)
    assert 6 <= next(part.latency for part in parts if part.name == "sums") < 6 + 64


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_folded_sums_that_are_packed_or_wider_than_a_port(io_type, tmp_path):
    """Bits of a folded sum are packed by a task of their own; a pixel of many beats is computed one by one."""
    rng, block = np.random.default_rng(0), Block(arg_types=[tensor((4,), SIGNED)])
    kernels = [ConstantOp(rng.integers(-4, 4, (4, n)), SIGNED) for n in (6, 520)]
    sums, wide = (DenseOp(block.args[0], kernel.result) for kernel in kernels)
    levels = ConstantOp(np.zeros((6, 1), np.int64), SIGNED)
    bits = ThresholdOp(sums.result, levels.result, None, BinaryFormat())
    words = PackOp(bits.result)
    kernel = ConstantOp(pack_words(rng.integers(0, 2, (3, 6)) > 0), BitsType(6, type_of(BinaryFormat())))
    counts = PopcountDenseOp(words.result, kernel.result)
    for op in (sums, wide):
        fold(op, simd=2)
    block.add_ops([*kernels, levels, kernel, wide, sums, bits, words, counts, ReturnOp(counts.result, wide.result)])
    types = [block.args[0].type], [counts.result.type, wide.result.type]
    module = ModuleOp([FuncOp("packed", types, Region(block))])
    project = write_hls(module, tmp_path / "prj", {"io_type": io_type})
    assert "PASS" in project.make("check", "CXXFLAGS=-O0")
    assert lint_project(project.directory) == []
