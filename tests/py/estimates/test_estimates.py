"""Estimates of hardware: the cost model on small designs counted by hand, and the reports of Vitis HLS beside them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import ModuleOp

from qdialect.compiler.configuration import Configuration
from qdialect.compiler.layer_settings import LayerSettings
from qdialect.compiler.loop_level import at_loop_level
from qdialect.compiler.pipeline import lower
from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp import directives
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import INDEX, IntType
from qdialect.errors import QdialectError
from qdialect.estimates.cost_model import Resources, signed_digits
from qdialect.estimates.csynth import read_csynth
from qdialect.estimates.schedule import estimate
from qdialect.estimates.timeline import timeline_of
from qdialect.frontends.keras.importer import from_keras
from qdialect.tools.cli import main

EXAMPLES = Path(__file__).parents[3] / "examples"
CLOCK = 5.0
X, WEIGHT, SUM = IntType(4, signed=False), IntType(4), IntType(12)


def naf_digits(value):
    """Non-zero digits of the non-adjacent form, digit by digit."""
    count = 0
    while value:
        if value & 1:
            digit = 2 - value % 4
            value -= digit
            count += 1
        value //= 2
    return count


@given(st.integers(-(2**20), 2**20))
def test_signed_digits(value):
    assert signed_digits(value) == naf_digits(abs(value))


def dense(weights, pipeline_loop):
    """y[j] = sum of x[i] * weights[j, i]; the loop over j is pipelined, or unrolled in a pipelined function."""
    outputs, inputs = weights.shape
    module = ModuleOp([])
    with (
        ImplicitBuilder(module.body),
        b.function("net", ("x", b.array(X, inputs)), ("y", b.array(SUM, outputs)), top=True) as (_, (x, y)),
    ):
        w = b.rom("w", weights, WEIGHT)
        for array in (x, y, w):
            directives.array_partition(array, dim=0)
        if not pipeline_loop:
            directives.pipeline(1)
        with b.loop("OUT", outputs) as j:
            directives.pipeline(1) if pipeline_loop else directives.unroll()
            acc = b.variable("acc", SUM, 0)
            with b.loop("IN", inputs) as i:
                directives.unroll()
                acc.set((acc.get() + x[i] * w[j, i]).cast(SUM))
            y[j] = acc.get()
    module.verify()
    return estimate(module, CLOCK)[0]


def test_a_pipelined_loop_multiplies_variables():
    """One output a cycle: a multiplier for each input and an adder for all but one, weights from tables."""
    top = dense(np.arange(-6, 6).reshape(3, 4), pipeline_loop=True)
    assert (top.resources.multipliers, top.resources.adders) == (4, 3)
    assert top.resources.dsp == 0
    short, long = (dense(np.ones((n, 4), np.int64), pipeline_loop=True) for n in (3, 30))
    assert long.latency - short.latency == 27
    assert long.resources.multipliers == short.resources.multipliers


def test_unrolled_constants_need_no_multiplier():
    """7 = 8 - 1 and 5 = 4 + 1 take an adder each, 1 and 4 none; four products are added by three."""
    top = dense(np.array([[7, 1, 5, 4]]), pipeline_loop=False)
    assert top.resources.multipliers == 0
    assert top.resources.adders == 2 + 3
    assert dense(np.array([[7, 0, 5, 0]]), pipeline_loop=False).resources.lut < top.resources.lut
    assert top.interval == 1


def test_a_sum_is_a_balanced_tree():
    depths = [dense(np.ones((1, n), np.int64), pipeline_loop=False).latency for n in (2, 64, 4096)]
    assert depths == sorted(depths)
    assert depths[-1] <= 3 * 12


def table(words, bits, partition):
    module = ModuleOp([])
    index = IntType(max((words - 1).bit_length(), 1), signed=False)
    value = IntType(bits, signed=False)
    with (
        ImplicitBuilder(module.body),
        b.function("net", ("x", b.array(index, 1)), ("y", b.array(value, 1)), top=True) as (_, (x, y)),
    ):
        rom = b.rom("rom", np.arange(words) % (1 << bits), value)
        if partition:
            directives.array_partition(rom, dim=0)
        directives.pipeline(1)
        y[0] = rom[x[0].cast(INDEX)]
    module.verify()
    return estimate(module, CLOCK)[0].resources


@pytest.mark.parametrize(
    ("words", "bits", "partition", "lut", "bram18"),
    [
        (16, 8, False, 8, 0),  # 128 bits: a LUT6 for each bit
        (4096, 8, False, 0, 2),  # 2 blocks of 4096 x 4
        (512, 36, False, 0, 1),
        (256, 8, True, 40, 0),  # 4 LUT6 for each bit, and one that chooses
    ],
)
def test_table_takes_luts_or_block_ram_by_its_size(words, bits, partition, lut, bram18):
    resources = table(words, bits, partition)
    assert (resources.lut, resources.bram18) == (lut, bram18)


@pytest.fixture(scope="module")
def digits():
    return lower(from_keras(str(EXAMPLES / "digits_mlp" / "model.h5")))


PROCESSES = Configuration(model=LayerSettings(pe=1))
"""A schedule of layers, which are processes."""


def test_network_is_the_sum_of_its_parts_and_arrays(digits):
    """Multipliers are where the report says that products are left, and the total is that of the parts and arrays."""
    top, parts = estimate(at_loop_level(digits, PROCESSES), CLOCK)
    assert [part.name for part in parts if part.resources.multipliers] == ["logits"]
    for resource in ("multipliers", "adders", "lut", "dsp", "bram18"):
        total = sum(getattr(part.resources, resource) for part in parts)
        assert getattr(top.resources, resource) == pytest.approx(total)
    assert top.resources.ff > sum(part.resources.ff for part in parts)
    assert top.interval == max(part.latency for part in parts) + 1
    assert top.latency >= top.interval


@pytest.mark.parametrize(("name", "reuse"), [("digits_mlp", 4), ("digits_cnn", 1), ("digits_cnn", 4)])
def test_one_pipeline(name, reuse):
    """The top function takes a sample every R cycles; what only moves values takes none, and no storage."""
    lowered = lower(from_keras(str(EXAMPLES / name / "model.h5")))
    top, parts = estimate(at_loop_level(lowered, Configuration(model=LayerSettings(reuse_factor=reuse))), CLOCK)
    assert {top.interval, *(part.interval for part in parts)} == {reuse}
    wires = [part for part in parts if part.resources == Resources()]
    assert len(wires) == {"digits_mlp": 2, "digits_cnn": 3}[name]  # packs; paddings and a flatten
    assert not any(part.latency for part in wires)
    longest = max(part.latency for part in parts)
    assert longest < top.latency <= sum(part.latency for part in parts)
    assert top.resources.lut == pytest.approx(sum(part.resources.lut for part in parts))


@pytest.mark.parametrize("name", ["digits_mlp", "digits_cnn"])
def test_a_network_on_streams_is_as_fast_as_its_slowest_process(name):
    """One model of what a process takes: for its row, for the sizes of queues and for the network."""
    model = lower(from_keras(str(EXAMPLES / name / "model.h5")))
    module = at_loop_level(model, Configuration(io_type="io_stream"))
    top, parts = estimate(module, CLOCK)
    functions = {op.sym_name.data: op for op in module.body.block.ops if isinstance(op, FuncOp)}
    assert all(part.interval == timeline_of(functions[part.name], CLOCK).duration for part in parts)
    assert top.interval == max(part.interval for part in parts)
    assert max(part.latency for part in parts) < top.latency < sum(part.latency for part in parts)


def test_streams_are_faster_and_larger(digits):
    """A beat is a pixel with all channels, computed at once: weights are constants, which need no multiplier."""
    designs = (PROCESSES, Configuration(io_type="io_stream"))
    (arrays, _), (streams, _) = (estimate(at_loop_level(digits, each), CLOCK) for each in designs)
    assert streams.interval < arrays.interval
    assert streams.resources.lut > arrays.resources.lut
    assert streams.resources.multipliers == 0


def test_other_levels_are_refused(digits):
    with pytest.raises(QdialectError, match="loop level: lower-to-loops"):
        estimate(digits, CLOCK)


def report_xml(name, dsp="DSP", latency="419"):
    return f"""<?xml version="1.0"?><profile>
    <UserAssignments><TopModelName>{name}</TopModelName></UserAssignments>
    <PerformanceEstimates>
      <SummaryOfTimingAnalysis><EstimatedClockPeriod>3.412</EstimatedClockPeriod></SummaryOfTimingAnalysis>
      <SummaryOfOverallLatency><Worst-caseLatency>{latency}</Worst-caseLatency><Interval-max>131</Interval-max>
      </SummaryOfOverallLatency></PerformanceEstimates>
    <AreaEstimates><Resources><BRAM_18K>2</BRAM_18K><{dsp}>3</{dsp}><FF>40</FF><LUT>50</LUT></Resources></AreaEstimates>
    </profile>"""


def test_synthesis_beside_estimates(tmp_path, capsys):
    reports = tmp_path / "solution" / "syn" / "report"
    reports.mkdir(parents=True)
    (reports / "csynth.xml").write_text(report_xml("digits_mlp"))
    (reports / "digits_mlp_csynth.xml").write_text(report_xml("digits_mlp"))
    (reports / "digits_mlp_fc1_csynth.xml").write_text(report_xml("fc1", "DSP48E", "undef"))
    top, (fc1,) = read_csynth(tmp_path)
    assert (top.name, top.lut, top.ff, top.dsp, top.bram18) == ("digits_mlp", 50, 40, 3, 2)
    assert (top.latency, top.interval, top.clock) == (419, 131, 3.412)
    assert (fc1.name, fc1.dsp, fc1.latency) == ("digits_mlp_fc1", 3, None)
    model = str(EXAMPLES / "digits_mlp" / "model.h5")
    assert main(["report", model, "--csynth", str(tmp_path)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["synthesis", "50", "40", "3", "2", "419", "131"] in lines
    assert ["synthesis", "50", "40", "3", "2", "-", "131"] in lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no csynth.xml below it"),
        ("<profile", "not a synthesis report"),
        ("<profile/>", "no AreaEstimates"),
    ],
)
def test_no_report(tmp_path, text, message):
    if text is not None:
        (tmp_path / "csynth.xml").write_text(text)
    with pytest.raises(QdialectError, match=message):
        read_csynth(tmp_path)


def test_a_chain_of_gates_takes_time_in_proportion():
    """36 terms of 4 bits: a table of six inputs takes six terms first, then five more each."""
    module = ModuleOp([])
    with (
        ImplicitBuilder(module.body),
        b.function("net", ("x", b.array(X, 36)), ("y", b.array(X, 1)), top=True) as (_, (x, y)),
    ):
        directives.array_partition(x, dim=0)
        directives.pipeline(1)
        gates = x[0]
        for i in range(1, 36):
            gates = gates | x[i]
        y[0] = gates.cast(X)
    assert estimate(module, CLOCK)[0].resources.lut == 4 * 7
