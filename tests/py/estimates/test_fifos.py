"""Depths of streams: no process waits longer than with unlimited ones, and less than the depth is slower or stops."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from in_turn import in_turn
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.parser import Parser

from qdialect.compiler.pipeline import lower
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.hlscpp.storage_pragmas import StreamOp
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.errors import QdialectError
from qdialect.estimates.fifos import SAMPLES, Region
from qdialect.estimates.queues import LEAST_DEPTH
from qdialect.estimates.timeline import timeline_of
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

CLOCK = 5
TO_LOOPS = ("quantize-interface", "lower-to-loops{architecture=stream}", "size-fifos")


def residual_network(shape: tuple[int, int, int]) -> Any:
    """Two convolutions around which a branch goes, pooling, and a dense layer."""
    import qkeras
    import tf_keras

    def bits() -> Any:
        return qkeras.quantized_bits(4, 0, alpha=1)

    def conv(filters: int) -> Any:
        return qkeras.QConv2D(filters, 3, padding="same", kernel_quantizer=bits(), use_bias=False)

    tf_keras.utils.set_random_seed(0)
    given = tf_keras.Input(shape)
    stem = qkeras.QActivation("quantized_relu(4, 2)", name="stem")(
        conv(4)(qkeras.QActivation("quantized_bits(6, 1)")(given))
    )
    inner = qkeras.QActivation("quantized_relu(4, 2)")(conv(4)(stem))
    joined = tf_keras.layers.Add(name="join")([qkeras.QActivation("quantized_relu(4, 2)")(conv(4)(inner)), stem])
    pooled = tf_keras.layers.MaxPooling2D(4)(joined)
    outputs = qkeras.QDense(10, kernel_quantizer=bits(), bias_quantizer=bits())(tf_keras.layers.Flatten()(pooled))
    return tf_keras.Model(given, outputs)


def top_of(module: ModuleOp) -> FuncOp:
    return next(op for op in module.body.block.ops if isinstance(op, FuncOp) and op.top)


@pytest.fixture(scope="module", params=[(28, 28, 1), (32, 32, 3)], ids=["28x28x1", "32x32x3"])
def network(request) -> tuple[ModuleOp, FuncOp]:
    lowered = lower(from_keras(residual_network(request.param)))
    return lowered, top_of(lower(lowered, TO_LOOPS))


def depths(top: FuncOp) -> dict[SSAValue, int]:
    return {op.stream: op.depth.data for op in top.walk() if isinstance(op, StreamOp)}


def test_the_depths_suffice_and_less_does_not(network):
    """With a beat less in any stream that is deeper than usual the network is slower; with the branch that waits as
    short as any other stream, all processes wait for ever."""
    _, top = network
    region, found = Region(top, CLOCK), depths(top)
    assert set(found) == set(region.fifos)
    end = region.run({})
    assert region.run(found) == end
    (branch,) = (stream for stream in region.fifos if found[stream] > LEAST_DEPTH)
    assert region.run({**found, branch: found[branch] - 1}) > end
    assert region.run({**found, branch: LEAST_DEPTH}) == math.inf
    rows = math.isqrt(max(len(at) for process in region.processes for at in process.writes.values()) // SAMPLES) - 2
    assert 2 * rows < found[branch] < 3 * (rows + 2)  # a row and a pixel of padding for each convolution, and latencies


@pytest.mark.parametrize("change", [0, 1, 7, 1000])
def test_times_equal_those_of_a_simulation_in_turn(network, change):
    _, top = network
    shorter = {stream: max(depth - change, LEAST_DEPTH) for stream, depth in depths(top).items()}
    assert Region(top, CLOCK).run(shorter) == in_turn(top, shorter, CLOCK).end


def test_the_project_holds_the_depths(network, tmp_path):
    lowered, top = network
    project = write_hls(lowered, tmp_path / "prj", {"io_type": "io_stream"}).compile()
    listed = json.loads((project.directory / "manifest.json").read_text())["fifo_depths"]
    assert sorted(listed.values()) == sorted(depths(top).values())
    source = (project.directory / "src" / f"{project.top}.cpp").read_text()
    assert all(f"#pragma HLS STREAM variable={name} depth={depth}" in source for name, depth in listed.items())
    x = np.random.default_rng(0).uniform(-2, 2, (3, *project.inputs[0].shape))
    assert (project.predict(x) == simulate(lowered, x)).all()


STALLED = """
hlscpp.func @f(%x : !hlscpp.stream<1 of !hlscpp.int<2, signed>>) {{
  hlscpp.for %i = 0 to 4 {{
    {body}
  }}
}}
"""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("%b = hlscpp.read %x : !hlscpp.stream<1 of !hlscpp.int<2, signed>>", "hlscpp.read outside of a pipeline"),
        (
            "hlscpp.pipeline ii = 1\n hlscpp.for %j = 0 to 2 {\n"
            "%b = hlscpp.read %x : !hlscpp.stream<1 of !hlscpp.int<2, signed>>\n}",
            "in a loop beneath a pipeline",
        ),
    ],
)
def test_processes_without_a_schedule(body, message):
    module = Parser(make_context(), STALLED.format(body=body)).parse_module()
    function = module.body.block.first_op
    assert isinstance(function, FuncOp)
    with pytest.raises(QdialectError, match=message):
        timeline_of(function, CLOCK)
