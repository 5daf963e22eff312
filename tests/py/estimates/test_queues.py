"""Queues that hold at any latency: bounded queues of the written depths, processes of drawn latencies.

QDIALECT_DRAWS sets how many networks with joins are drawn.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from joins import Joins
from queue_checks import check_queues, region_of
from xdsl.ir import SSAValue

from qdialect.compiler.hls_config import read_configuration
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.op import shape_of
from qdialect.errors import QdialectError
from qdialect.estimates.fifos import Region
from qdialect.estimates.queues import LEAST_DEPTH, ends, sufficient

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "8"))


@pytest.mark.parametrize("seed", range(DRAWS))
def test_drawn_joins(seed: int) -> None:
    check_queues(lower(Joins(seed).module()), seed)


# --- the kinds, one by one ------------------------------------------------------------------------------------------


def two_scales(net: Joins) -> SSAValue:
    """A flattened image, and the same after a convolution."""
    x = net.images[0]
    ways = (x, net.convolution(x, 3))
    return net.join([net.vector(way) for way in ways], 0)


def below_each_other(net: Joins) -> SSAValue:
    """The rows of an image, then those of its convolution."""
    x = net.images[0]
    return net.join([x, net.convolution(x, 3, filters=4)], 0)


def side_by_side(net: Joins) -> SSAValue:
    x = net.images[0]
    return net.join([net.convolution(x, 3, filters=4), x], 1)


def packed_dense_block(net: Joins) -> SSAValue:
    """Bits of each convolution beside those of all before, read by the next."""
    x = net.convolution(net.images[0], 3, binary=True)
    for _ in range(2):
        x = net.join([x, net.convolution(x, 3, binary=True)], 2)
    return net.convolution(x, 1)


def shortest_last(net: Joins) -> SSAValue:
    """Three ways of different length."""
    x = net.images[0]
    y = net.convolution(x, 3)
    return net.join([net.vector(net.convolution(y, 3)), net.vector(y), net.vector(x)], 0)


KINDS = (two_scales, below_each_other, side_by_side, packed_dense_block, shortest_last)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_joins_need_deeper_queues(kind: Callable[[Joins], SSAValue]) -> None:
    """Each needs deeper queues, at whatever clock period the hardware runs."""
    net = Joins(0, size=(8, 8), channels=(4,))
    lowered = lower(net.module([kind(net)]))
    assert check_queues(lowered, seed=0) > 0
    region, written = region_of(lowered, clock=20)
    assert ends(region.steps, written)
    assert all(Region(region.top, other).run(written) < math.inf for other in (1, 5, 50))


def test_the_convolution_is_waited_for() -> None:
    """Of the image, all but what a convolution of 3 rows has taken in before its first result goes round."""
    net = Joins(0, size=(8, 8), channels=(4,))
    x = net.images[0]
    flat = net.join([net.vector(net.convolution(x, 3)), net.vector(x)], 0)
    region, _ = region_of(lower(net.module([flat])))
    pixels = shape_of(x)[0] * shape_of(x)[1]
    assert max(sufficient(region.steps, region.fifos).values()) <= pixels
    assert sum(sufficient(region.steps, region.fifos).values()) >= pixels - LEAST_DEPTH


# --- the clock -------------------------------------------------------------------------------------------------------


def test_the_clock_of_the_configuration_is_everywhere(tmp_path: Path) -> None:
    net = Joins(0, size=(8, 8), channels=(4,))
    lowered = lower(net.module([two_scales(net)]))
    project = write_hls(lowered, tmp_path / "prj", {"io_type": "io_stream", "clock_period": 2.5})
    assert "clock=2.5ns" in (project.directory / "hls_config.cfg").read_text()
    assert "set clock_period 2.5" in (project.directory / "run_hls.tcl").read_text()
    _, written = region_of(lowered, 2.5)
    source = (project.directory / "src" / "net.cpp").read_text()
    assert sorted(written.values()) == sorted(
        int(line.split("depth=")[1]) for line in source.splitlines() if "depth=" in line
    )


@pytest.mark.parametrize("clock", [0, -1, math.nan, math.inf, "5", True, None, 1e-9, 1e9])
def test_impossible_clocks(clock: object) -> None:
    with pytest.raises(QdialectError, match=r"clock_period is a number of ns from 0\.1 to 1000"):
        read_configuration({"clock_period": clock})
