"""Shared popcounts: the same counts, fewer additions, down to the compiled text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.owner import own
from qdialect.dialects.qnn.schedule import INTERVAL
from qdialect.dialects.qnn.types import tensor
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, TernaryFormat
from qdialect.passes.integer.share_popcounts import classes_of

ONE_BIT = FixedFormat(1, 1, False)
HALVES = FixedFormat(2, 1, True)
SUMS = (DenseOp, Conv2DOp)
SHAPES = {DenseOp: ((24,), (24, 7)), Conv2DOp: ((3, 4, 3), (2, 2, 3, 5))}


def network(kind: type, x: Format, weights: Format) -> ModuleOp:
    """One layer `fc` in one pipeline."""
    shape, kernel_shape = SHAPES[kind]
    block = Block(arg_types=[tensor(shape, x)])
    signs = [code for code in weights.codes() if abs(code) <= 1]
    codes = np.random.default_rng(3).choice(np.array(signs, np.int64), kernel_shape)
    block.add_op(kernel := ConstantOp(codes, weights, "kernel"))
    block.add_op(layer := kind(block.args[0], kernel.result))
    layer.result.name_hint = "fc_sum"
    own(layer, "fc")
    block.add_op(ReturnOp(layer.result))
    function = FuncOp("net", ([block.args[0].type], [layer.result.type]), Region(block))
    function.attributes[INTERVAL] = IntegerAttr(1, i64)
    return ModuleOp([function])


@pytest.mark.parametrize("group", [2, 5])
@pytest.mark.parametrize("weights", [BinaryFormat(), TernaryFormat()], ids=["binary", "ternary"])
def test_weights_are_classes_times_signs(weights: Format, group: int) -> None:
    matrix = np.random.default_rng(0).choice(np.array(weights.codes(), np.int64), (40, 13))
    classes, signs = classes_of(matrix, group)
    assert np.array_equal(classes @ signs, matrix)


@pytest.mark.parametrize(
    ("kind", "x", "weights"),
    [
        (DenseOp, BinaryFormat(), BinaryFormat()),
        (DenseOp, BinaryFormat(), TernaryFormat()),
        (DenseOp, TernaryFormat(), BinaryFormat()),
        (DenseOp, ONE_BIT, TernaryFormat()),
        (Conv2DOp, BinaryFormat(), TernaryFormat()),
    ],
    ids=["binary", "ternary", "ternary activations", "bits", "convolution"],
)
def test_compiled(kind: type, x: Format, weights: Format, tmp_path: Path) -> None:
    module = network(kind, x, weights)
    passes = ["binary-to-xnor", "size-accumulators", "share-popcounts{group=3}"]
    lowered = lower(module, passes, verify=True)
    names = [op.name for op in lowered.walk()]
    assert any(name.startswith("qnn.popcount") for name in names)
    assert "qnn.dense" in names
    values = np.random.default_rng(1).choice(np.array(x.codes(), float), (60, *SHAPES[kind][0]))
    project = write_hls(lowered, tmp_path / "prj").compile()
    assert np.array_equal(project.predict(values), simulate(module, values))


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("weights", [BinaryFormat(), TernaryFormat(), HALVES], ids=["signs", "ternary", "halves"])
def test_words_of_one_bit_compiled(kind: type, weights: Format, tmp_path: Path) -> None:
    x = FixedFormat(1, 0, False)
    module = network(kind, x, weights)
    lowered = lower(module, ["pipeline-network", "share-popcounts{group=3}"], verify=True)
    first, second = (op for op in lowered.walk() if isinstance(op, SUMS))
    assert (first.product.data, second.product.data) == (Product.TREE, Product.PAIRS)
    values = np.random.default_rng(1).choice(np.array([0, 0.5]), (60, *SHAPES[kind][0]))
    project = write_hls(lowered, tmp_path / "prj").compile()
    assert np.array_equal(project.predict(values), simulate(module, values))


def test_a_chosen_form_stays() -> None:
    module = network(DenseOp, FixedFormat(1, 0, False), BinaryFormat())
    passes = ["constant-multiplication{strategy=tree}", "pipeline-network", "share-popcounts{group=3}"]
    assert [op.product.data for op in lower(module, passes).walk() if isinstance(op, DenseOp)] == [Product.TREE]


def test_only_where_all_outputs_are_computed_at_once() -> None:
    module = network(DenseOp, BinaryFormat(), BinaryFormat())
    next(op for op in module.walk() if isinstance(op, FuncOp)).attributes.pop(INTERVAL)
    assert not any(
        op.name == "qnn.dense" for op in lower(module, ["binary-to-xnor", "share-popcounts{group=3}"]).walk()
    )


def test_options_are_checked() -> None:
    with pytest.raises(QdialectError, match="group 9 is not 0 or from 2 to 5"):
        lower(network(DenseOp, BinaryFormat(), BinaryFormat()), ["share-popcounts{group=9}"])
