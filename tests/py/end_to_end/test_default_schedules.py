"""Large networks at their default schedules: no pipeline computes more bit products at once than its budget.

`make default-schedules` prints the budget, the most that is computed in a cycle, R, latency and interval.
"""

import math

import numpy as np
import pytest

from qdialect.compiler.configuration import Configuration
from qdialect.compiler.loop_level import loops_of, scheduled
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.schedule import (
    bit_products,
    initiation_interval,
    is_foldable,
    outputs_of,
    pe_of,
    steps_of,
)
from qdialect.estimates.schedule import estimate
from qdialect.frontends.keras.importer import from_keras
from qdialect.lowering.architectures.architectures import architecture_of
from qdialect.passes.loops.pipeline_network import BUDGET
from qdialect.passes.loops.schedule_defaults import UNROLLED

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
networks = pytest.importorskip("documentation_networks")

CLOCK = 5.0


def binary_mlp():
    """784-256-256-10, all weights and activations -1 or +1."""
    layers = [keras.layers.Input((784,)), qkeras.QActivation("binary(alpha=1)")]
    for units in (256, 256, 10):
        layers.append(qkeras.QDense(units, kernel_quantizer="binary(alpha=1)", use_bias=False))
        layers += [keras.layers.BatchNormalization(), qkeras.QActivation("binary(alpha=1)")]
    return keras.Sequential(layers[:-1])


def foldable(function):
    return [op for op in function.body.block.ops if is_foldable(op)]


def at_once(lowered, function, io_type):
    """For each pipeline the steps that a position takes, and the bit products that are computed in one of them.

    Those of one pipeline are counted before popcounts are shared, which takes fewer additions for the same products.
    """
    if (interval := initiation_interval(function)) is not None:
        return [(interval, math.ceil(sum(map(bit_products, foldable(lowered))) / interval))]
    found = []
    for op in foldable(function):
        *positions, _ = shape_of(op.results[0])
        one_by_one = 1 if io_type == "io_parallel" else outputs_of(op)
        groups = outputs_of(op) // (pe_of(op) or one_by_one)
        steps = groups * math.prod(steps_of(op))
        found.append((steps, math.ceil(bit_products(op) / math.prod(positions) / steps)))
    return found


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("build", [binary_mlp, networks.documentation_cnn])
def test_every_pipeline_is_within_its_budget(build, io_type):
    keras.utils.set_random_seed(0)
    settings = Configuration(io_type=io_type)
    lowered = lower(from_keras(build()))
    module = scheduled(lowered, settings)
    function = network(module)
    whole = initiation_interval(function) is not None
    assert architecture_of(settings.architecture, function).shares == whole
    budget, pipelines = BUDGET if whole else UNROLLED, at_once(network(lowered), function, io_type)
    top, _ = estimate(loops_of(module, settings), CLOCK)
    steps, most = (max(each) for each in zip(*pipelines, strict=True))
    print(
        f"\n{build.__name__} {io_type}: {'one pipeline' if whole else f'{len(pipelines)} pipelines with products'},"
        f" at most {most:,} of {budget:,} bit products a cycle, R={steps}, latency {top.latency:,},"
        f" interval {top.interval:,}"
    )
    assert all(bits <= budget for _, bits in pipelines)
    assert np.isfinite([top.latency, top.interval]).all()
    assert 1 <= top.interval
