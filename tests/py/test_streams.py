"""The architecture of streams: every operation gives what the interpreter gives, the projects are clean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from trained import load_example
from xdsl.parser import Parser

from qdialect import from_keras, lower, write_hls
from qdialect.backends.hls.lint import lint_project
from qdialect.errors import QdialectError
from qdialect.universe import make_context

EMITTED = Path(__file__).parents[1] / "lit" / "emit"
STREAM = {"io_type": "io_stream"}
FUNCTIONS = {
    f"{file.stem}-{number}": text
    for file in sorted(EMITTED.glob("*.mlir"))
    if "-t hls" in file.read_text()
    for number, text in enumerate(file.read_text().split("// -----"))
    if not re.search(r"func.func .*!qnn.bits", text)  # projects have no ports of packed bits
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_operation_equals_the_interpreter(name, tmp_path):
    """In the test bench in checked mode: no conversion loses a value, no stream is left with values."""
    module = Parser(make_context(), FUNCTIONS[name]).parse_module()
    project = write_hls(module, tmp_path / "prj", STREAM)
    assert "PASS" in project.make("check", "CXXFLAGS=-O0")
    assert lint_project(project.directory) == []


@pytest.mark.parametrize("name", ["digits_cnn", "digits_mlp"])
def test_examples(name, tmp_path):
    example = load_example(name)
    project = write_hls(lower(from_keras(example.model)), tmp_path / "prj", STREAM).compile()
    assert (project.predict(example.inputs) == example.logits).all()
    assert "PASS" in project.make("check")
    assert lint_project(project.directory) == []


WIRES = """
func.func @wires(%x : tensor<2x3x!qnn.fixed<4, 4, signed>>, %unused : tensor<5x!qnn.binary>)
    -> (tensor<2x3x!qnn.fixed<4, 4, signed>>, tensor<6x!qnn.fixed<3, 3, unsigned>>,
        tensor<2x3x!qnn.fixed<3, 3, unsigned>>, tensor<6x!qnn.fixed<4, 4, unsigned>>) {
  %relu = qnn.relu %x : tensor<2x3x!qnn.fixed<4, 4, signed>> -> tensor<2x3x!qnn.fixed<3, 3, unsigned>>
  %flat = qnn.reshape %relu : tensor<2x3x!qnn.fixed<3, 3, unsigned>> -> tensor<6x!qnn.fixed<3, 3, unsigned>>
  %twice = qnn.add %flat, %flat
    : tensor<6x!qnn.fixed<3, 3, unsigned>>, tensor<6x!qnn.fixed<3, 3, unsigned>> -> tensor<6x!qnn.fixed<4, 4, unsigned>>
  func.return %x, %flat, %relu, %twice : tensor<2x3x!qnn.fixed<4, 4, signed>>, tensor<6x!qnn.fixed<3, 3, unsigned>>,
    tensor<2x3x!qnn.fixed<3, 3, unsigned>>, tensor<6x!qnn.fixed<4, 4, unsigned>>
}
"""


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_values_with_any_number_of_readers(io_type, tmp_path):
    """None, one, several; inputs that are outputs, reshapes that are only another name of a stream."""
    project = write_hls(Parser(make_context(), WIRES).parse_module(), tmp_path / "prj", {"io_type": io_type})
    assert "PASS" in project.make("check")
    assert lint_project(project.directory) == []


def test_a_wide_pixel_is_several_beats(tmp_path):
    """A port has 4096 bits at most, and elements lie in bytes there."""
    text = """
        func.func @top(%x : tensor<2x1030x!qnn.fixed<5, 5, signed>>) -> tensor<2x1030x!qnn.fixed<4, 4, unsigned>> {
          %relu = qnn.relu %x : tensor<2x1030x!qnn.fixed<5, 5, signed>> -> tensor<2x1030x!qnn.fixed<4, 4, unsigned>>
          func.return %relu : tensor<2x1030x!qnn.fixed<4, 4, unsigned>>
        }"""
    project = write_hls(Parser(make_context(), text).parse_module(), tmp_path / "prj", STREAM)
    assert [port.lanes for port in (*project.inputs, *project.outputs)] == [206, 206]
    assert "PASS" in project.make("check", "CXXFLAGS=-O0")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"io_type": "io_serial"}, "io_type 'io_serial' is not one of io_parallel, io_stream"),
        ({"io": "io_stream"}, "setting 'io' is not one of io_type, passes"),
    ],
)
def test_unknown_settings_are_refused(config, message, tmp_path):
    with pytest.raises(QdialectError, match=message):
        write_hls(load_example("digits_mlp").model, tmp_path / "prj", config)
