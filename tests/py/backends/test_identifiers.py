"""Layers and models of any name: all identifiers, macros and headers that a project sees, in both architectures.

`make names` (QDIALECT_NAMES=1) takes every word of the headers and compiles projects with all of them as
layers, and one for every header as a model.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from printed import S8, kernel
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.parser import Parser

from qdialect import simulate, write_hls
from qdialect.backends.hls.lint.synthesizability import WORDS
from qdialect.backends.hls.text.names import FILES, RESERVED, Names
from qdialect.backends.hls.text.printer import print_source
from qdialect.compiler.configuration import IO_TYPES, Configuration
from qdialect.compiler.loop_level import at_loop_level
from qdialect.compiler.registry import make_context
from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp.types import ArrayType, StreamType
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.ops.contractions import DenseOp

SIM = Path(__file__).parents[3] / "qdialect" / "backends" / "hls" / "sim"
HEADERS = "ap_int.h hls_stream.h algorithm cstdio fstream string thread vector cmath cstdint cstring iostream".split()
INCLUDES = "".join(f"#include <{name}>\n" for name in HEADERS)
"""What sources, test bench and bridge include, and what those who add to them do."""
COMPILER = ["g++", "-std=c++11", "-w", f"-I{SIM}", "-x", "c++", "-"]
PARTS = 20
LAYERS = 60
"""Of a network of all words."""
WHOLE = bool(os.environ.get("QDIALECT_NAMES"))


def compiler(*options: str, text: str = INCLUDES) -> str:
    """What g++ prints for a file."""
    run = subprocess.run([*COMPILER, *options], input=text, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[:2000]
    return run.stdout


@pytest.fixture(scope="module")
def seen() -> list[str]:
    """All words of the headers, and all macros."""
    macros = {line.split()[1].split("(")[0] for line in compiler("-dM", "-E").splitlines()}
    return sorted({*re.findall(r"\b[A-Za-z_]\w*", compiler("-E", "-P")), *macros, *RESERVED})


def source_of(names: Sequence[str], element: ArrayType | StreamType) -> str:
    """A function for each name, with an argument, an array or beat and a counter of that name."""

    def build() -> None:
        for name in names:
            with b.function(name, (name, element)) as (_, (given,)), b.loop(None, 2, name=name) as i:
                filled = b.beat(name, element.beat) if isinstance(element, StreamType) else b.local(name, element)
                filled[i] = i.cast(S8)
                if isinstance(element, StreamType):
                    given.write(filled)
                else:
                    given[i] = filled[i]
        with b.function("net", *((name, element) for name in names), top=True) as (_, given):
            for name, argument in zip(names, given, strict=True):
                b.call(name, argument)

    printed = kernel(build)
    return f"{INCLUDES}{printed.header}{printed.source}".replace('#include "net.h"', "")


@pytest.mark.parametrize("part", range(PARTS) if WHOLE else [0])
@pytest.mark.parametrize("element", [b.array(S8, 2), StreamType(2, S8)], ids=IO_TYPES)
def test_words_of_the_headers(seen: list[str], element: ArrayType | StreamType, part: int) -> None:
    """As functions, arguments, variables and counters."""
    compiler("-fsyntax-only", text=source_of(seen[part::PARTS], element))


def test_no_name_is_one_that_synthesis_refuses() -> None:
    assert set(WORDS) <= RESERVED


def test_no_file_hides_a_header(tmp_path: Path) -> None:
    """Headers that are called as a model first in the search path: no other header includes them."""
    stems = {Path(path).stem for path in compiler("-M").replace("\\", "").split() if path.endswith(".h")}
    for name in {*stems, *FILES}:
        (tmp_path / f"{Names(set(RESERVED)).add_file(name)}.h").write_text(f"#error {name} is hidden\n")
    compiler("-E", f"-I{tmp_path}")


def test_two_headers_in_one_file(tmp_path: Path) -> None:
    """Of networks with the same beats, whose names differ in case."""
    text = INCLUDES
    for name in ("net", "Net"):
        project = write_hls(network(name, ["fc"]), tmp_path / name, {"io_type": "io_stream"})
        text += (project.directory / "src" / f"{name}.h").read_text()
    compiler("-fsyntax-only", text=text + "const void *both[] = {(void *)&net, (void *)&Net};\n")


HOSTILE = [
    *"size_t ssize_t int8_t uint64_t time printf read apx hls hls_stream ap_int ap_uint stdin errno EOF assert".split(),
    *"main std int class NULL M_PI FC1 net net_out beat beat_s4x2 clone_x x y0 in_x popcount_2 i Int in_ i_".split(),
    *("", "\0", "a\0b", "_", "__", "1", "2d", "é", "a-b", "a_b", "a b", "a__b", "a.b", "d" * 260, "e" * 10_000),
    *("e" * 10_000 + "f", "a\nb", '"', "\\", "*/", "//", "%s", "{{ top }}", "$(shell)", "#", "a;b", "a'b"),
]
MODELS = ["time", "stdio", "main", "int", "test", "hls", "apx", "ap_int", "", "a\0b", "m" * 10_000, "net.cpp", "../x"]


def network(top: str, layers: Sequence[str]) -> ModuleOp:
    """Dense layers of these names one after the other, as an importer names them."""
    x, y = (f"tensor<2x!qnn.fixed<{bits}, {bits}, signed>>" for bits in (4, 6))
    weights = "tensor<2x2x!qnn.fixed<2, 2, signed>>"
    lines = [
        f"""%k{i} = qnn.constant dense<[[1, -1], [0, 1]]> : tensor<2x2xi8> as {weights}
        %d{i} = qnn.dense %q{i}, %k{i} : {x}, {weights} -> {y}
        %q{i + 1} = qnn.quantize %d{i} {{mode = #qnn.round<half_even, saturate>}} : {y} -> {x}"""
        for i in range(len(layers))
    ]
    body = "\n".join([*lines, f"func.return %q{len(layers)} : {x}"])
    module = Parser(make_context(), f"func.func @top(%q0 : {x}) -> {x} {{ {body} }}").parse_module()
    for dense, name in zip([op for op in module.walk() if isinstance(op, DenseOp)], layers, strict=True):
        dense.result.name_hint = identifier(name)
        next(iter(dense.result.uses)).operation.results[0].name_hint = identifier(name)
    next(iter(module.body.block.ops)).attributes["sym_name"] = StringAttr(top)
    next(iter(module.body.block.ops)).properties["sym_name"] = StringAttr(top)
    return module


def check(module: ModuleOp, directory: Path, io_type: str) -> None:
    x = np.random.default_rng(0).integers(-8, 8, (20, 2)).astype(np.float64)
    project = write_hls(module, directory, {"io_type": io_type}, vectors=x).compile()
    assert (project.predict(x) == simulate(module, x)).all()
    assert "PASS" in project.make("csim")


def compile_layers(names: Sequence[str], io_type: str) -> None:
    """In a file that includes what those who add to a project include."""
    design = at_loop_level(network("net", names), Configuration(io_type=io_type))
    source = print_source(design, inline_roms=True)
    compiler("-fsyntax-only", text=f"{INCLUDES}{source.header}{source.source}".replace('#include "net.h"', ""))


@pytest.mark.parametrize("io_type", IO_TYPES)
def test_templates_of_the_headers(io_type: str) -> None:
    """Functions of any arguments are never overloaded."""
    compile_layers(["iseqsig", "issignaling", "iszero", "max", "swap", "begin"], io_type)


@pytest.mark.parametrize("io_type", IO_TYPES)
def test_hostile_layers(io_type: str, tmp_path: Path) -> None:
    """Keywords, macros, types, names of the project's own text, collisions after cleaning, any character and length."""
    check(network("net", HOSTILE), tmp_path / "prj", io_type)


@pytest.mark.parametrize("top", MODELS if WHOLE else MODELS[-3:], ids=lambda top: ascii(top)[:20])
def test_hostile_models(top: str, tmp_path: Path) -> None:
    for io_type in IO_TYPES:
        check(network(top, ["fc", top]), tmp_path / io_type, io_type)


@pytest.mark.skipif(not WHOLE, reason="QDIALECT_NAMES is not set")
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("io_type", IO_TYPES)
def test_words_as_layers(seen: list[str], part: int, io_type: str) -> None:
    """Of networks small enough for what is not linear in their layers."""
    names = seen[part::PARTS]
    for start in range(0, len(names), LAYERS):
        compile_layers(names[start : start + LAYERS], io_type)


@pytest.mark.skipif(not WHOLE, reason="QDIALECT_NAMES is not set")
@pytest.mark.parametrize("top", sorted(FILES))
def test_headers_as_models(top: str, tmp_path: Path) -> None:
    check(network(top, ["fc"]), tmp_path / "prj", "io_stream")
