"""The architecture of streams: every operation gives what the interpreter gives, the projects are clean."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from trained import load_example
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region
from xdsl.parser import Parser

from qdialect.backends.hls.lint import lint_project
from qdialect.compiler.pipeline import lower
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.hlscpp.structure import FuncOp as HlsFuncOp
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountConv2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.schedule import fold
from qdialect.dialects.qnn.types import BinaryType, BitsType, tensor
from qdialect.errors import QdialectError
from qdialect.estimates.timeline import timeline_of
from qdialect.frontends.keras.importer import from_keras
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.passes.loops.lower_to_loops import LowerToLoops

EMITTED = Path(__file__).parents[2] / "lit" / "emit"
STREAM = {"io_type": "io_stream"}
EMITTED_FORMS = [file for file in sorted(EMITTED.glob("*.mlir")) if "-t hls" in file.read_text()]


def joined(texts: list[str]) -> ModuleOp:
    """One network of several functions, with the inputs and outputs of all."""
    block, outputs = Block(), []
    for text in texts:
        (function,) = Parser(make_context(), text).parse_module().body.block.ops
        assert isinstance(function, FuncOp)
        for argument in function.args:
            joint = block.insert_arg(argument.type, len(block.args))
            joint.name_hint = argument.name_hint
            argument.replace_all_uses_with(joint)
        for op in list(function.body.block.ops):
            op.detach()
            if isinstance(op, ReturnOp):
                outputs += op.operands
            else:
                block.add_op(op)
    block.add_op(ReturnOp(*outputs))
    types = [argument.type for argument in block.args], [value.type for value in outputs]
    return ModuleOp([FuncOp("joined", types, Region(block))])


@pytest.mark.parametrize("file", EMITTED_FORMS, ids=lambda file: file.stem)
def test_every_operation_equals_the_interpreter(file, tmp_path):
    """All functions of a file in one project, in the test bench in checked mode: no conversion loses a value, no stream
    is left with values. Projects have no ports of packed bits."""
    texts = [text for text in file.read_text().split("// -----") if not re.search(r"func.func .*!qnn.bits", text)]
    project = write_hls(joined(texts), tmp_path / "prj", STREAM)
    assert "PASS" in project.make("check", "CXXFLAGS=-O0")
    assert lint_project(project.directory) == []


@pytest.mark.parametrize("name", ["digits_cnn", "digits_mlp"])
def test_examples(name, tmp_path):
    example = load_example(name)
    project = write_hls(lower(from_keras(example.model)), tmp_path / "prj", STREAM).compile()
    assert (project.predict(example.inputs) == example.logits).all()
    assert "PASS" in project.make("check")
    assert lint_project(project.directory) == []


GEOMETRIES = {  # taps, strides, dilations, (padding before, after), all [rows, columns]
    "plain": ((3, 3), (1, 1), (1, 1), (0, 0), (0, 0)),
    "strided": ((3, 2), (2, 3), (1, 1), (0, 0), (0, 0)),
    "dilated": ((2, 3), (1, 1), (3, 2), (0, 0), (0, 0)),
    "both": ((2, 2), (3, 2), (2, 1), (0, 0), (0, 0)),
    "row": ((1, 3), (1, 2), (1, 1), (0, 0), (0, 0)),
    "column": ((3, 1), (1, 1), (2, 1), (0, 0), (0, 0)),
    "pointwise": ((1, 1), (1, 1), (1, 1), (0, 0), (0, 0)),
    "sampled": ((1, 1), (2, 2), (1, 1), (0, 0), (0, 0)),
    "whole": ((7, 6), (1, 1), (1, 1), (0, 0), (0, 0)),
    "same": ((3, 3), (1, 1), (1, 1), (1, 1), (1, 1)),
    "same strided": ((3, 3), (2, 2), (1, 1), (0, 1), (1, 1)),
    "left": ((3, 2), (1, 3), (1, 1), (2, 1), (0, 0)),
    "before": ((3, 3), (2, 2), (1, 1), (1, 1), (0, 0)),
    "row, before": ((1, 3), (1, 1), (1, 1), (0, 1), (0, 0)),
    "far": ((2, 2), (1, 1), (1, 1), (3, 0), (2, 4)),
}


def pooled(x, pool, strides, dilations, low, high):
    return [MaxPool2DOp(x, pool, strides, low, high), SumPool2DOp(x, pool, strides, low, high)]


def convolved(x, taps, strides, dilations, low, high):
    padded, alike = (PadOp(x, (*low, 0), (*high, 0)) for _ in range(2))
    rng = np.random.default_rng(0)
    kernel, filters = (ConstantOp(rng.integers(-4, 4, (*taps, 2, n)), FixedFormat(3, 3, signed=True)) for n in (3, 2))
    conv = Conv2DOp(padded.result, kernel.result, strides, dilations)
    depthwise = DepthwiseConv2DOp(alike.result, filters.result, strides, dilations)
    return [padded, alike, kernel, filters, conv, depthwise]


def popcounted(x, taps, strides, dilations, low, high):
    rng, signs = np.random.default_rng(0), PackOp(x)
    words = ConstantOp(rng.integers(0, 4, (*taps, 3, 1)).astype(np.uint64), BitsType(2, BinaryType()))
    return [signs, words, PopcountConv2DOp(signs.result, words.result, strides, dilations, low, high)]


def windows_network(layers, shape, format):
    """All geometries in one network; pooling and popcounts have their own padding, dilations are those of kernels."""
    block = Block(arg_types=[tensor(shape, format)])
    for taps, strides, dilations, low, high in GEOMETRIES.values():
        dilations = (1, 1) if layers is pooled else dilations
        block.add_ops(layers(block.args[0], taps, strides, dilations, low, high))
    results = [op.results[0] for op in block.ops if not op.results[0].uses]
    block.add_op(ReturnOp(*results))
    types = [tensor(shape, format)], [value.type for value in results]
    return ModuleOp([FuncOp("windows", types, Region(block))])


@pytest.mark.parametrize(
    ("layers", "format"),
    [
        (pooled, FixedFormat(4, 2, signed=True)),
        (convolved, FixedFormat(3, 3, signed=True)),
        (popcounted, BinaryFormat()),
    ],
)
def test_windows_on_streams_compute_the_interpreters_bits(layers, format, tmp_path):
    project = write_hls(windows_network(layers, (7, 6, 2), format), tmp_path / "prj", STREAM)
    assert "PASS" in project.make("check", "CXXFLAGS=-O0")
    assert lint_project(project.directory) == []


@pytest.mark.parametrize(
    ("layers", "format"), [(convolved, FixedFormat(3, 3, signed=True)), (popcounted, BinaryFormat())]
)
def test_folded_windows_on_streams_compute_the_interpreters_bits(layers, format, tmp_path):
    """On an image with many rows, most of which have no result."""
    module = windows_network(layers, (17, 40, 2), format)
    for op in module.walk():
        if isinstance(op, Conv2DOp | PopcountConv2DOp):
            fold(op, pe=1)
    project = write_hls(module, tmp_path / "prj", STREAM)
    assert (project.directory / "src" / "windows.cpp").read_text().count("LINE_IN: for") >= 3
    assert "PASS" in project.make("check", "CXXFLAGS=-O0")
    assert lint_project(project.directory) == []


def test_rows_without_results_take_a_step_for_each_pixel(tmp_path):
    """Of 16 rows every other one has 8 results, of 8 steps each; a phase before each takes one."""
    block = Block(arg_types=[tensor((16, 16, 4), FixedFormat(4, 4, signed=True))])
    block.add_op(padded := PadOp(block.args[0], (1, 1, 0), (1, 1, 0)))
    codes = np.random.default_rng(0).integers(-4, 4, (3, 3, 4, 8))
    block.add_op(kernel := ConstantOp(codes, FixedFormat(3, 3, signed=True)))
    block.add_op(conv := Conv2DOp(padded.result, kernel.result, (2, 2)))
    fold(conv, pe=1)
    block.add_op(ReturnOp(conv.result))
    module = ModuleOp([FuncOp("strided", ([block.args[0].type], [conv.result.type]), Region(block))])
    loops = lower(module, [LowerToLoops(architecture="stream")])
    process = next(op for op in loops.walk() if isinstance(op, HlsFuncOp))
    assert len(timeline_of(process, 5).starts) == 8 * (16 + 8 * (1 + 8))


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
        ({"io": "io_stream"}, "setting 'io' is not supported; there are '"),
    ],
)
def test_unknown_settings_are_refused(config, message, tmp_path):
    with pytest.raises(QdialectError, match=message):
        write_hls(load_example("digits_mlp").model, tmp_path / "prj", config)
