"""The contract of a project: one text in README, manifest and source, and the cycles of a simulation."""

import json
import re
import subprocess

import pytest
from in_turn import in_turn
from one_pipeline import OnePipeline
from trained import EXAMPLES, ROOT

from qdialect.backends.hls.project.contract import top_of
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.layer_settings import LayerSettings
from qdialect.compiler.loop_level import at_loop_level
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.hlscpp.storage_pragmas import StreamOp
from qdialect.dialects.hlscpp.structure import FuncOp, is_written
from qdialect.estimates.fifos import SAMPLES
from qdialect.estimates.schedule import estimate
from qdialect.frontends.keras.importer import from_keras

MODELS = {name: ROOT / "examples" / name / "model.h5" for name in EXAMPLES}


def contract_in(directory):
    return json.loads((directory / "manifest.json").read_text())["contract"]


def promised(directory, top):
    """The promises in the README, and those above the top function."""
    readme = (directory / "README.md").read_text()
    section = readme[readme.index("## Contract") : readme.index("| port")]
    source = (directory / "src" / f"{top}.cpp").read_text()
    above = source[: source.index(f"\nvoid {top}(")].rpartition("\n\n")[2]
    joined = re.sub(r"\n// {5}", " ", above)
    return re.findall(r"^- (.*)", section, re.M), re.findall(r"^// (\w+: .*)", joined, re.M)


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("name", MODELS)
def test_one_contract_in_three_places(name, io_type, tmp_path):
    project = write_hls(MODELS[name], tmp_path / "prj", {"io_type": io_type})
    contract, (readme, source) = contract_in(project.directory), promised(project.directory, project.top)
    assert readme == [line for line in source if not line.startswith(("in:", "out:"))]
    assert readme[0].startswith(f"latency: {contract['latency']} cycles; interval: {contract['interval']} cycles")
    for promise, line in zip(("control", "inputs", "outputs", "layout", "reset"), readme[1:], strict=True):
        assert line.startswith(f"{promise}: {contract[promise]}")


@pytest.mark.parametrize("name", MODELS)
def test_a_simulation_in_turn_takes_the_cycles_of_the_contract(name, tmp_path):
    """Beat by beat through the queues of the written depths: the first sample's last output, and the next ones'."""
    settings = Configuration(io_type="io_stream")
    contract = contract_in(write_hls(MODELS[name], tmp_path / "prj", settings).directory)
    module = at_loop_level(lower(from_keras(MODELS[name])), settings)
    (top,) = (op for op in module.body.block.ops if isinstance(op, FuncOp) and op.top is not None)
    depths = {op.stream: op.depth.data for op in top.walk() if isinstance(op, StreamOp)}
    (output,) = (argument for argument in top.args if is_written(argument))
    written = in_turn(top, depths, settings.clock_period).written[output]
    ends = written[len(written) // SAMPLES - 1 :: len(written) // SAMPLES]
    assert ends[0] == contract["latency"]
    assert ends[-1] - ends[-2] == contract["interval"]


def test_sources_say_where_they_come_from(tmp_path):
    """From which file, by its hash, with which settings; the same bytes whenever they are written again."""
    config = {"io_type": "io_stream", "LayerName": {"fc1": {"ReuseFactor": 4}}}
    project = write_hls(MODELS["digits_mlp"], tmp_path / "prj", config)
    head = (project.directory / "src" / f"{project.top}.h").read_text().splitlines()[:3]
    digest = subprocess.run(["sha256sum", MODELS["digits_mlp"]], capture_output=True, text=True).stdout.split()[0]
    assert "do not edit" in head[0]
    assert head[1] == f"// from: model.h5, sha256 {digest}"
    assert head[2] == '// with: {"io_type": "io_stream", "layers": {"fc1": {"reuse_factor": 4}}}'
    other = write_hls(MODELS["digits_mlp"], tmp_path / "other", config)
    texts = [{f.name: f.read_text() for f in p.directory.rglob("*") if f.is_file()} for p in (project, other)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("target", ["synth", "cosim", "export"])
def test_a_missing_tool_is_named(target, tmp_path):
    project = write_hls(MODELS["digits_mlp"], tmp_path / "prj")
    done = subprocess.run(["make", "-s", target], cwd=project.directory, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.startswith(f"make {target}: needs v++, of Vitis 2023.2 or later, on the PATH")


def test_both_build_files_have_the_part_the_clock_and_its_uncertainty(tmp_path):
    config = {"Part": "xc7a35tcpg236-1", "ClockPeriod": 8, "ClockUncertainty": "1.5ns"}
    directory = write_hls(MODELS["digits_mlp"], tmp_path / "prj", config).directory
    cfg, tcl = ((directory / file).read_text() for file in ("hls_config.cfg", "run_hls.tcl"))
    for line in ("part=xc7a35tcpg236-1", "clock=8ns", "clock_uncertainty=1.5ns"):
        assert line in cfg
    for line in ("set part xc7a35tcpg236-1", "set clock_period 8", "set clock_uncertainty 1.5ns"):
        assert line in tcl


def test_no_path_depends_on_the_working_directory(tmp_path):
    """No include path; the sources are found from the Tcl file, and includes from the file that has them."""
    directory = write_hls(MODELS["digits_mlp"], tmp_path / "prj").directory
    for name in ("Makefile", "hls_config.cfg", "run_hls.tcl"):
        assert "-I" not in (directory / name).read_text()
    added = re.findall(r"^add_files .*", (directory / "run_hls.tcl").read_text(), re.M)
    assert len(added) == 4
    assert all("$here/" in line for line in added)
    bench = directory / "tb" / "tb_digits_mlp.cpp"
    subprocess.run(["g++", "-fsyntax-only", "-isystem", directory / "sim", bench], cwd="/", check=True)


@pytest.mark.parametrize(("name", "reuse"), [("digits_mlp", 1), ("digits_cnn", 4)])
def test_one_pipeline_takes_the_cycles_of_the_contract(name, reuse, tmp_path):
    """Each copy of the unrolled code for itself, sample after sample; the report says the same."""
    settings = Configuration(model=LayerSettings(reuse_factor=reuse))
    lowered = lower(from_keras(MODELS[name]))
    contract = contract_in(write_hls(lowered, tmp_path / "prj", settings).directory)
    module = at_loop_level(lowered, settings)
    ends = OnePipeline(top_of(module), settings.clock_period).ends(2)
    assert contract["interval"] == reuse == ends[1] - ends[0]
    assert contract["latency"] == ends[0] == estimate(module, settings.clock_period)[0].latency
