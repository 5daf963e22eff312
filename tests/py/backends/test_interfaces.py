"""Ports by configuration: the same bits through each interface, and what is no interface is refused in one line."""

import json

import numpy as np
import pytest
from trained import load_example
from xdsl.parser import Parser

from qdialect.backends.hls.lint import lint_project
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import simulate

ARCHITECTURES = ("io_parallel", "io_stream")

WIDE = """
!x = !qnn.fixed<{bits}, 3, signed>
!y = !qnn.fixed<{bits}, 3, unsigned>
func.func @net(%x: tensor<2x3x{channels}x!x>) -> tensor<2x3x{channels}x!y> {{
  %y = qnn.relu %x : tensor<2x3x{channels}x!x> -> tensor<2x3x{channels}x!y>
  func.return %y : tensor<2x3x{channels}x!y>
}}
"""

BINARY = """
!s2 = !qnn.fixed<2, 2, signed>
func.func @net(%x: tensor<784x!qnn.binary>) -> tensor<784x!qnn.binary> {
  %w = qnn.constant dense<-1> : tensor<1xi8> as tensor<1x!s2>
  %n = qnn.mul %x, %w : tensor<784x!qnn.binary>, tensor<1x!s2> -> tensor<784x!s2>
  %y = qnn.quantize %n {mode = #qnn.sign} : tensor<784x!s2> -> tensor<784x!qnn.binary>
  func.return %y : tensor<784x!qnn.binary>
}
"""


def read(text):
    return Parser(make_context(), text).parse_module()


def check(model, x, expected, directory, config):
    """The project is clean, its test bench passes in checked mode, and its outputs are equal in every bit."""
    project = write_hls(model, directory, config)
    assert lint_project(directory) == []
    assert "PASS" in project.make("check")
    np.testing.assert_array_equal(project.compile().predict(x).reshape(expected.shape), expected)
    return json.loads((directory / "manifest.json").read_text()), (directory / "src" / f"{project.top}.cpp").read_text()


@pytest.mark.parametrize(
    ("name", "interface", "io_type"),
    [
        ("digits_mlp", "axis", "io_stream"),
        ("digits_cnn", "m_axi", "io_parallel"),
        ("digits_cnn", "m_axi", "io_stream"),
    ],
)
def test_the_bits_of_keras_through_each_interface(name, interface, io_type, tmp_path):
    """And `axis` without streams below."""
    example = load_example(name)
    config = {"io_type": io_type, "interface": interface}
    check(example.model, example.inputs, example.logits, tmp_path / "prj", config)


def test_packets_of_an_image_end_with_tlast(tmp_path):
    """A pixel a packet, the last one of a sample marked."""
    example = load_example("digits_cnn")
    config = {"interface": "axis"}
    manifest, source = check(example.model, example.inputs, example.logits, tmp_path / "prj", config)
    (image,) = manifest["inputs"]
    assert (image["elements_per_beat"], image["beats"], image["bits_per_beat"]) == (1, 64, 8)
    assert "TLAST with the last beat of a sample" in manifest["contract"]["inputs"]
    assert "packet.keep = ~ap_uint<19>(0);" not in source  # 13 bits of 10 logits are 17 bytes
    assert "packet.keep = ~ap_uint<17>(0);" in source


@pytest.mark.parametrize("io_type", ARCHITECTURES)
@pytest.mark.parametrize("interface", ["axis", "m_axi"])
@pytest.mark.parametrize(("bits", "channels"), [(16, 64), (70, 3)], ids=["beats of two words", "wide elements"])
def test_elements_of_any_width(bits, channels, interface, io_type, tmp_path):
    module = read(WIDE.format(bits=bits, channels=channels))
    x = np.random.default_rng(0).integers(-4096, 4096, (5, 2, 3, channels)) / 1024
    config = {"io_type": io_type, "interface": interface}
    manifest, _ = check(module, x, simulate(module, x), tmp_path / "prj", config)
    (port,) = manifest["inputs"]
    assert port["elements_per_beat"] * bits <= port["bits_per_beat"]
    assert port["elements_per_beat"] * port["beats"] == 6 * channels


@pytest.mark.parametrize("io_type", ARCHITECTURES)
def test_a_binary_pixel_takes_a_bit_for_each_channel(io_type, tmp_path):
    module = read(BINARY)
    x = np.random.default_rng(0).choice([-1.0, 1.0], (5, 784))
    manifest, _ = check(module, x, -x, tmp_path / "prj", {"io_type": io_type, "interface": "axis"})
    (port,) = manifest["inputs"]
    assert port["beats"] * port["bits_per_beat"] == 784


@pytest.mark.parametrize("reuse", [5, 6])
def test_ports_are_a_part_of_a_pipeline_that_is_no_faster(reuse, tmp_path):
    """A port takes six words of a sample in six cycles."""
    module = read(WIDE.format(bits=16, channels=3))
    x = np.random.default_rng(0).integers(-4096, 4096, (5, 2, 3, 3)) / 1024
    config = {"interface": "axis", "Model": {"ReuseFactor": reuse}}
    manifest, source = check(module, x, simulate(module, x), tmp_path / "prj", config)
    assert ("#pragma HLS PIPELINE II=6 style=flp" in source) == ("DATAFLOW" not in source) == (reuse == 6)
    assert manifest["contract"]["interval"] >= 6


@pytest.mark.parametrize("control", ["ap_ctrl_hs", "ap_ctrl_chain", "ap_ctrl_none", "s_axilite"])
def test_control(control, tmp_path):
    module = read(WIDE.format(bits=16, channels=3))
    project = write_hls(module, tmp_path / "prj", {"control": control})
    source = (project.directory / "src" / f"{project.top}.cpp").read_text()
    assert f"#pragma HLS INTERFACE mode={control} port=return\n" in source
    assert lint_project(project.directory) == []
    contract = json.loads((project.directory / "manifest.json").read_text())["contract"]
    assert contract["control"] == control
    assert ("ap_start" in contract["inputs"]) == (control != "ap_ctrl_none")
    assert contract["reset"].startswith("ap_rst_n" if control == "s_axilite" else "ap_rst,")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"interface": "axi"}, "interface 'axi' is not supported; did you mean 'axis'?"),
        (
            {"control": "hs"},
            "control 'hs' is not supported; there are 'ap_ctrl_hs', 'ap_ctrl_chain', ",
        ),
        ({"interface": 3}, "interface 3 is not supported; there are 'ports', 'axis', 'm_axi'"),
        (
            {"interface": "m_axi", "control": "ap_ctrl_none"},
            "m_axi has its addresses in registers: control is s_axilite, not ap_ctrl_none",
        ),
        (
            {"control": "ap_ctrl_none", "LayerName": {"fc1": {"ReuseFactor": 4}}},
            "ap_ctrl_none: processes on arrays wait for a start; one pipeline and io_stream do not",
        ),
    ],
)
def test_what_is_no_interface(config, message, tmp_path):
    with pytest.raises(QdialectError) as caught:
        write_hls(load_example("digits_mlp").model, tmp_path / "prj", config)
    assert message in str(caught.value)
    assert not (tmp_path / "prj").exists()
