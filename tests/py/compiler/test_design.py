"""A declared design: one file, dictionary or set of flags that every command and function reads, checked at every
level."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from trained import load_example

import qdialect
from qdialect import QdialectError, read_design, verify, write_hls, write_rtl
from qdialect.compiler.design import over
from qdialect.tools.cli import main

CNN = load_example("digits_cnn")
MLP = load_example("digits_mlp")
STREAMED = """
model = "model.h5"
io_type = "io_stream"
clock_period = 3
part = "xcku5p-ffvb676-2-e"

[Model]
ReuseFactor = 4
"""


def refused(*said: str):
    """One line that says all of this."""
    return pytest.raises(QdialectError, match="".join(f"(?=.*{re.escape(words)})" for words in said) + r".*\Z")


def written(folder: Path, text: str, model: Path = MLP.model) -> str:
    """The design of a model in a folder."""
    (folder / "model.h5").symlink_to(model)
    (folder / "qdialect.toml").write_text(text)
    return str(folder / "qdialect.toml")


def test_project_page_json_and_report_agree(tmp_path, capsys) -> None:
    """Latency, interval, part and clock, wherever a person or a program reads them."""
    file = written(tmp_path, STREAMED, CNN.model)
    np.save(tmp_path / "x.npy", CNN.inputs[:20])
    np.save(tmp_path / "y.npy", CNN.logits[:20])
    data = ["--data", str(tmp_path / "x.npy"), "--expected", str(tmp_path / "y.npy")]
    assert main(["convert", file, "-o", str(tmp_path / "net"), *data]) == 0
    summary = capsys.readouterr().out
    project = tmp_path / "net"
    manifest, result = (json.loads((project / name).read_text()) for name in ("manifest.json", "report.json"))
    told = {
        "manifest": (manifest["contract"]["latency"], manifest["contract"]["interval"]),
        "JSON": (result["latency"], result["interval"]),
        "estimates": (result["whole"]["latency"], result["whole"]["interval"]),
        "page": numbers((project / "report.html").read_text(), r'id="latency">(\d+) .*?id="interval">(\d+) '),
        "source": numbers((project / "src/digits_cnn.cpp").read_text(), r"latency: (\d+) cycles; interval: (\d+) "),
        "README": numbers((project / "README.md").read_text(), r"latency: (\d+) cycles; interval: (\d+) "),
        "convert": numbers(summary, r"latency (\d+), interval (\d+)"),
    }
    assert main(["report", file]) == 0
    told["report"] = numbers(capsys.readouterr().out, r"latency (\d+), interval (\d+)")
    assert main(["report", file, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    told["report --json"] = (again["latency"], again["interval"])
    assert len(set(told.values())) == 1, told
    part = "xcku5p-ffvb676-2-e"
    assert (manifest["part"], manifest["clock_period"], manifest["contract"]["clock_period"]) == (part, 3, 3)
    assert (result["target"]["part"], result["target"]["clock_period"]) == (part, 3)
    assert f"part={part}\n" in (project / "hls_config.cfg").read_text()
    assert "clock=3ns\n" in (project / "hls_config.cfg").read_text()
    assert f"{part}, 3 ns" in summary
    assert {*manifest["files"]} >= {"report.html", "report.json"}
    assert {**again, "comparison": None} == {**result, "comparison": None}


def numbers(text: str, pattern: str) -> tuple[int, ...]:
    (found,) = set(re.findall(pattern, text, re.DOTALL))
    return tuple(map(int, found))


def test_a_file_a_dictionary_and_flags_say_the_same(tmp_path) -> None:
    file = written(tmp_path, STREAMED)
    flags = {"io_type": "io_stream", "clock_period": 3, "part": "xcku5p-ffvb676-2-e", "Model": {"ReuseFactor": 4}}
    model = str(tmp_path / "model.h5")
    assert read_design(file) == read_design({"model": model, **flags}) == read_design(model, flags)


def test_flags_go_over_a_file(tmp_path) -> None:
    file = written(tmp_path, STREAMED + "\n[LayerName.fc1]\nReuseFactor = 2\nStrategy = 'Resource'\n")
    design = read_design(file, {"clock_period": 4, "LayerName": {"fc1": {"ReuseFactor": 8}}})
    assert (design.settings.clock_period, design.settings.io_type) == (4, "io_stream")
    fc1 = design.settings.layers["fc1"]
    assert (fc1.reuse_factor, fc1.strategy) == (8, "resource")
    assert over({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}, "d": 4}) == {"a": {"b": 1, "c": 3}, "d": 4}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("io_typ = 'io_stream'", ("setting 'io_typ'", "'io_type'")),
        ("[Mode]\nReuseFactor = 4", ("setting 'Mode'", "'Model'")),
        ("[Model]\nReuse = 4", ("Model: setting 'Reuse'", "'ReuseFactor'")),
        ("[LayerType.QDense]\nStrat = 4", ("LayerType 'QDense': setting 'Strat'", "'Strategy'")),
        ("[LayerType.QDens]\nReuseFactor = 4", ("LayerType 'QDens'", "'QDense'")),
        ("[LayerName.fc9]\nReuseFactor = 4", ("LayerName 'fc9'", "'fc4'")),
        ("[inputs]\nimag = 'fixed<8,1>'", ("no input 'imag'", "'image'")),
        ("[inputs]\nimage = 'fixed<8>'", ("input type 'fixed<8>'", "fixed<16, 6>")),
        ("inputs = 3", ("input_type is a text",)),
        ("target = 'vhdl'", ("target 'vhdl'", "hls, rtl")),
        ("[rtl]\nproducts = 'tree'", ("section rtl belongs to target = 'rtl'",)),
        ("target = 'rtl'\n[rtl]\nproduct = 'tree'", ("rtl: setting 'product'", "'products'")),
        ("target = 'rtl'\n[rtl.registers]\nlevel = 5", ("setting 'level' of registers", "levels")),
        ("[model]\nReuseFactor = 4", ("settings of all layers are called Model",)),
        ("IOType = 'io_stream'\nio_type = 'io_stream'", ("io_type a second time",)),
        ("clock_period = 'fast'", ("clock_period is a number of ns",)),
        ("x = ", ("not a TOML file",)),
        ("SkipOptimizers = ['a']", ("SkipOptimizers", "passes of its own")),
        ("[LayerName.fc1]\nPrecision = 'fixed<8,4>'", ("LayerName 'fc1'", "the types follow from the network")),
    ],
)
def test_what_is_unknown_or_wrong_is_refused_with_the_nearest(text, said, tmp_path, capsys) -> None:
    model = "" if text.startswith("[model]") else "model = 'model.h5'\n"
    file = written(tmp_path, model + text)
    with refused(*said):
        write = write_rtl if "target = 'rtl'" in text else write_hls
        write(file, tmp_path / "net")
    assert main(["report", file]) == 1
    assert "".join(capsys.readouterr().err.splitlines()).startswith("qdialect: error: ")
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "a design names its model"), ({"model": ""}, "a design names its model")],
)
def test_a_design_has_a_model(given, said) -> None:
    with refused(said):
        read_design(given)


def test_a_design_has_all_settings(tmp_path) -> None:
    file = written(tmp_path, STREAMED)
    for arguments in ({"config": {"Model": {}}}, {"input_type": "fixed<8,2>"}, {"rtl": {}}):
        with refused("a design holds all settings"):
            verify(file, **arguments)
    with refused("give flags with its file"):
        read_design(read_design(file), {"clock_period": 3})
    with refused("is a design; give it in place of the model"):
        write_hls(MLP.model, tmp_path / "net", file)
    with refused("write_rtl"):
        write_hls(read_design(file, {"target": "rtl"}), tmp_path / "net")
    with refused("write_hls"):
        write_rtl(file, tmp_path / "net")


def two_inputs():
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    track, energy = keras.layers.Input((4,), name="track"), keras.layers.Input((3,), name="energy")
    quantizers = {part: qkeras.quantized_bits(4, 1, alpha=1) for part in ("kernel_quantizer", "bias_quantizer")}
    return keras.Model([track, energy], qkeras.QDense(2, **quantizers)(keras.layers.Concatenate()([track, energy])))


def test_two_inputs_have_two_types(tmp_path) -> None:
    design = read_design({"model": two_inputs(), "inputs": {"track": "fixed<10,4>", "energy": "fixed<6,2,unsigned>"}})
    project = write_hls(design, tmp_path / "net")
    assert [(port.bits, port.signed) for port in project.inputs] == [(10, True), (6, False)]
    with refused("given twice"):
        write_hls(
            read_design(
                {
                    "model": two_inputs(),
                    "inputs": {"track": "fixed<10,4>"},
                    "LayerName": {"energy": {"Precision": "fixed<6,2>"}},
                }
            ),
            tmp_path / "other",
        )


def test_every_command_reads_a_design(tmp_path, capsys) -> None:
    file = written(tmp_path, "model = 'model.h5'\nhead = 'argmax'\n")
    np.save(tmp_path / "x.npy", MLP.inputs[:5])
    data = ["--data", str(tmp_path / "x.npy")]
    for command in (["info"], ["widths"], ["profile", *data], ["simulate", *data, "-o", str(tmp_path / "y.npy")]):
        name, *options = command
        assert main([name, file, *options]) == 0
    assert np.array_equal(np.load(tmp_path / "y.npy")[:, 0], MLP.logits[:5].argmax(axis=1))
    assert main(["export-qonnx", file, "-o", str(tmp_path / "net.onnx")]) == 0
    capsys.readouterr()


def test_options_of_schedules(tmp_path, capsys) -> None:
    given = ["--io-type=io_stream", "--reuse-factor=4", "--reuse-factor=logits=5", "--strategy=logits=resource"]
    assert main(["report", str(MLP.model), "--json", *given]) == 0
    settings = json.loads(capsys.readouterr().out)["origin"]["settings"]
    assert settings["model"] == {"reuse_factor": 4}
    assert settings["layers"] == {"logits": {"reuse_factor": 5, "strategy": "resource"}}
    assert main(["report", str(MLP.model), "--reuse-factor=4", "--reuse-factor=5"]) == 1
    assert "ReuseFactor is given twice" in capsys.readouterr().err


def test_a_design_of_rtl(tmp_path) -> None:
    text = "target = 'rtl'\nclock_period = 4\n[rtl]\nproducts = 'tree'\n[rtl.registers]\nlevels = 6\n"
    design = read_design(written(tmp_path, "model = 'model.h5'\n" + text))
    assert design.rtl is not None
    assert (design.rtl.clock_period, design.rtl.products, design.rtl.registers) == (4, "tree", {"levels": 6})
    small = {"model": two_inputs(), "inputs": "fixed<4,2>", "target": "rtl", "rtl": {"registers": {"levels": 2}}}
    result = qdialect.result_of(read_design(small))
    assert (result.target.language, result.functions, result.contract) == ("SystemVerilog", [], None)
    assert result.interval == 1
    assert result.latency > 0
