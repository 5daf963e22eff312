"""Passes of the last levels, in what they write and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from chains import Network

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.schedule import (
    INTERVAL,
    SIMD,
    at_most,
    box_of,
    fold,
    is_foldable,
    outputs_of,
    pe_of,
    reduced_axes,
)
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.functions import ElementFunction, FunctionName

SIGNED = FixedFormat(3, 3, signed=True)


def layers() -> Network:
    rng = np.random.default_rng(0)
    net = Network((3, 3, 4), SIGNED)
    net.then(Conv2DOp(net.value, net.constant(rng.integers(-4, 4, (2, 2, 4, 6)), SIGNED)))
    net.then(DenseOp(net.value, net.constant(rng.integers(-4, 4, (6, 2)), SIGNED)))
    return net


@pytest.mark.parametrize(("options", "interval"), [("{reuse-factor=1}", 1), ("{reuse-factor=3}", 3), ("", 1)])
def test_layers_of_one_pipeline_compute_all_at_once(options: str, interval: int) -> None:
    lowered = lower(layers().module(), [f"pipeline-network{options}"])
    found = [op for op in network(lowered).body.block.ops if is_foldable(op)]
    assert len(found) == 2
    assert all(pe_of(op) == outputs_of(op) and box_of(op) == reduced_axes(op) for op in found)
    assert network(lowered).attributes[INTERVAL].value.data == interval


def test_reuse_factors_are_positive() -> None:
    with pytest.raises(QdialectError, match="reuse-factor is at least 1, not 0"):
        lower(layers().module(), ["pipeline-network{reuse-factor=0}"])


def test_floats_are_no_pipeline() -> None:
    net = Network((3,), SIGNED)
    net.then(FunctionOp(net.value, ElementFunction(FunctionName.TANH)))
    net.then(DenseOp(net.value, net.constant(np.ones((3, 2), int), SIGNED)))
    with pytest.raises(QdialectError, match="dense of float values has no hardware form; put a quantizer after"):
        lower(net.module(), ["pipeline-network"])


def test_what_is_computed_at_once_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight products of 4 by 3 bits are 96 bit products; a schedule that is given, and graphs, stay."""
    monkeypatch.setattr("qdialect.passes.loops.schedule_defaults.UNROLLED", 64)
    for simd, product, found in (
        (None, Product.MULTIPLY, 4),
        (2, Product.MULTIPLY, 2),
        (None, Product.TREE, None),
    ):
        net = Network((8,), FixedFormat(4, 4, signed=False))
        net.then(DenseOp(net.value, net.constant(np.ones((8, 2), int), SIGNED), product=product))
        if simd is not None:
            fold(net.value.owner, simd=simd)
        lowered = lower(net.module(), ["schedule-defaults"])
        (op,) = (op for op in network(lowered).body.block.ops if is_foldable(op))
        assert at_most(op, SIMD) == found


@pytest.mark.parametrize("options", ["levels=0", "levels=-2", "clock=0"])
def test_levels_and_clock_are_positive(options: str) -> None:
    with pytest.raises(QdialectError, match="levels and clock are positive, not"):
        lower(layers().module(), ["default", "lower-to-rtl", f"pipeline-registers{{{options}}}"])


@pytest.mark.parametrize("options", ["", "{levels=1 clock=1}"])
def test_registers_are_placed_by_one_of_two_limits(options: str) -> None:
    with pytest.raises(QdialectError, match="give one of them"):
        lower(layers().module(), ["default", "lower-to-rtl", f"pipeline-registers{options}"])
