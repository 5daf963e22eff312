"""Multiplications by constant weights as signed digits and as graphs of additions: the same bits, no multiplication."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.analysis.costs import report
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.owner import own
from qdialect.dialects.qnn.types import tensor
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import simulate
from qdialect.numerics import adder_graphs
from qdialect.numerics.adder_graphs import AdderGraph, Term, solve
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat
from qdialect.numerics.signed_digits import digit_counts, signed_digits
from qdialect.passes.integer.constant_multiplication import ConstantMultiplication

INTEGERS = st.one_of(st.integers(-130, 130), st.integers(-(1 << 90), 1 << 90))


@given(st.lists(INTEGERS, min_size=1, max_size=9))
def test_signed_digits_are_canonical(values: list[int]) -> None:
    digits = signed_digits(np.array(values, object)).astype(object)
    assert digits.sum(axis=-1).tolist() == values
    assert digit_counts(np.array(values, object)).tolist() == np.count_nonzero(digits, axis=-1).tolist()
    for row in digits:
        exponents = [abs(d).bit_length() - 1 for d in row if d]
        assert all(abs(d).bit_count() == 1 for d in row if d)
        assert all(b - a > 1 for a, b in pairwise(exponents))


WRITTEN = ("tree", "pairs", "adder_graph")
KERNELS = {"dense": (6, 5), "positions": (6, 5), "conv2d": (2, 3, 2, 3), "depthwise": (2, 2, 3, 2)}
SHAPES = {"dense": (6,), "positions": (2, 6), "conv2d": (4, 6, 2), "depthwise": (4, 4, 3)}
BYTE = FixedFormat(5, 3, signed=True)


def network(kind: str, codes: np.ndarray, x: Format = BYTE, weights: Format | None = None) -> ModuleOp:
    """One layer `fc`."""
    block = Block(arg_types=[tensor(SHAPES[kind], x)])
    block.args[0].name_hint = "x"
    fmt = weights or FixedFormat.holding(int(codes.min()), int(codes.max()), -2)
    kernel = ConstantOp(codes, fmt, "fc_kernel")
    class_ = {"conv2d": Conv2DOp, "depthwise": DepthwiseConv2DOp}.get(kind, DenseOp)
    options = {"strides": (2, 1), "dilations": (1, 2)} if kind == "conv2d" else {}
    layer = class_(block.args[0], kernel.result, **options)
    layer.result.name_hint = "fc_sum"
    own(layer, "fc")
    block.add_ops([kernel, layer, ReturnOp(layer.result)])
    return ModuleOp([FuncOp("net", ([block.args[0].type], [layer.result.type]), Region(block))])


def drawn(kind: str) -> np.ndarray:
    """Weights of both signs, the most negative one, an unused input and an output of zeros."""
    codes = np.random.default_rng(5).integers(-32, 32, KERNELS[kind])
    codes[0, 0] = -32
    codes[-1] = 0
    codes[..., 1] = 0
    return codes


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize(
    ("strategy", "kind"),
    [("csd", "dense"), ("csd", "positions"), ("csd", "conv2d"), ("csd", "depthwise"), *product(WRITTEN, KERNELS)],
)
def test_compiled_strategy_keeps_the_bits(strategy: str, kind: str, io_type: str, tmp_path: Path) -> None:
    module = network(kind, drawn(kind))
    pipeline = f"constant-multiplication{{strategy={strategy} layers=fc}}"
    lowered = lower(module, [pipeline, "size-accumulators"], verify=True)
    assert report(lowered).multiplications == 0
    rng = np.random.default_rng(1)
    x = np.ldexp(rng.integers(-16, 16, (60, *SHAPES[kind])).astype(float), -2)
    x[0], x[1] = -4, 3.75
    expected = simulate(module, x)
    assert np.array_equal(simulate(lowered, x, check_ranges=True), expected)
    project = write_hls(lowered, tmp_path / "prj", {"io_type": io_type}).compile()
    assert np.array_equal(project.predict(x), expected)
    fc = next((tmp_path / "prj/src").glob("*.cpp")).read_text().partition("static void fc(")[2].partition("\n}")[0]
    assert not re.search(r"\* in_|\bx \*|\) \*", fc)


def test_digits_are_read_group_by_group_and_graphs_are_not_folded(tmp_path: Path) -> None:
    """Weights of a folded layer are read group by group; a graph cannot be folded."""
    module, x = network("dense", drawn("dense")), np.full((3, 6), 1.25)
    schedule = {"LayerName": {"fc": {"ReuseFactor": 5}}}
    digits = lower(module, ["constant-multiplication{strategy=csd}"])
    assert np.array_equal(write_hls(digits, tmp_path, schedule).compile().predict(x), simulate(module, x))
    graph = lower(module, ["constant-multiplication{strategy=adder_graph}"])
    with pytest.raises(QdialectError, match="'fc': reuse factor 5 does not divide a graph of additions"):
        write_hls(graph, tmp_path, schedule)


def chosen(module: ModuleOp, **options) -> str:
    ConstantMultiplication(**options).apply(Context(), module)
    return next(op for op in module.walk() if op.name == "qnn.dense").product.data


def test_auto_compares_look_up_tables() -> None:
    sevens, mixed = np.full((6, 5), 7), np.full((6, 5), 0b10101)
    assert chosen(network("dense", sevens)) == "signed_digits"
    assert chosen(network("dense", mixed, FixedFormat(1, 1, signed=False))) == "multiply"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "dsp"}, "strategy 'dsp' is not one of multiply, csd, tree, pairs, adder_graph, auto"),
        ({"layers": ("fc", "fc2")}, "layer 'fc2' has no products; fc do"),
    ],
)
def test_options_are_checked(options: dict, message: str) -> None:
    with pytest.raises(QdialectError, match=message):
        chosen(network("dense", drawn("dense")), **options)


def test_layers_without_a_form_are_refused() -> None:
    ternary = lower(network("dense", np.ones((6, 5), int), weights=TernaryFormat()), ["binary-to-xnor"])
    with pytest.raises(QdialectError, match="layer 'fc' does not multiply by constants"):
        chosen(ternary, strategy="csd", layers=("fc",))
    assert chosen(ternary, strategy="csd") == "add_sub"
    large = network("dense", np.full((6, 1001), 3))
    with pytest.raises(QdialectError, match="'fc' has 6,006 weights, more than 4,096 in a graph; use strategy pairs"):
        chosen(large, strategy="adder_graph", layers=("fc",))
    with pytest.raises(QdialectError, match="'fc' has 36,036 digits of weights, more than the 16,384"):
        chosen(network("dense", np.full((6, 1001), 0b10101010101)), strategy="tree", layers=("fc",))
    powers = network("dense", np.full((6, 5), 3), Po2Format(0, 3, True))
    with pytest.raises(QdialectError, match="'fc' has activations that are powers of two"):
        chosen(powers, strategy="tree", layers=("fc",))


SMALL = {"binary": BinaryFormat(), "ternary": TernaryFormat(), "bit": FixedFormat(1, 1, False)}


WEIGHTS = {"signs": [-1, 1], "ternary": [-1, 0, 1], "6 bits": [*range(-32, 32)]}


@pytest.mark.parametrize(
    ("x", "kind", "weights", "strategy"),
    [
        ("binary", "dense", "signs", "tree"),
        ("binary", "conv2d", "ternary", "pairs"),
        ("binary", "depthwise", "signs", "pairs"),
        ("binary", "positions", "6 bits", "tree"),
        ("ternary", "dense", "signs", "pairs"),
        ("ternary", "conv2d", "6 bits", "adder_graph"),
        ("bit", "dense", "ternary", "tree"),
        ("bit", "depthwise", "6 bits", "pairs"),
        ("bit", "conv2d", "signs", "adder_graph"),
    ],
)
def test_activations_of_one_digit(x: str, kind: str, weights: str, strategy: str, tmp_path: Path) -> None:
    """Popcounts are written out where they are linear."""
    rng = np.random.default_rng(7)
    formats = {"signs": BinaryFormat(), "ternary": TernaryFormat()}
    module = network(kind, rng.choice(WEIGHTS[weights], KERNELS[kind]), SMALL[x], formats.get(weights))
    pipeline = ["binary-to-xnor", f"constant-multiplication{{strategy={strategy}}}", "size-accumulators"]
    lowered = lower(module, pipeline, verify=True)
    values = rng.choice([*SMALL[x].codes()], (40, *SHAPES[kind])).astype(float)
    project = write_hls(lowered, tmp_path / "prj").compile()
    assert np.array_equal(project.predict(values), simulate(module, values))


def test_graphs_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = np.array([[3, 5], [-7, 0]])
    graph = solve(matrix)
    assert np.array_equal(graph.matrix(), matrix)
    wrong = replace(graph, outputs=[*graph.outputs[:1], Term(0, 3)])
    monkeypatch.setattr(adder_graphs, "_graph", lambda inputs, stages: wrong)
    with pytest.raises(QdialectError, match="does not multiply by the weights"):
        solve(matrix)
    with pytest.raises(QdialectError, match="33554433 are too large for da4ml, which computes in float32"):
        solve(np.array([[2**25 + 1]]))
    monkeypatch.setitem(sys.modules, "da4ml.cmvm", None)
    with pytest.raises(QdialectError, match=r"need the package da4ml: pip install 'qdialect\[adder-graphs\]'"):
        solve(matrix)


def test_terms_may_be_negative_and_zero() -> None:
    graph = AdderGraph(
        2, [(Term(0, 0, True), Term(1, 2, True)), (Term(0, 1, True), Term(1, 0))], [Term(2, 1, True), None]
    )
    assert graph.matrix().tolist() == [[2, 0], [8, 0]]
    assert graph.coefficients()[3].tolist() == [-2, 1]
