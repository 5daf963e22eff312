"""HLS projects: the recorded bits of Keras from the compiled C++, test benches that fail when they should, and
folders that are whole or untouched."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from trained import EXAMPLES, load_example, vendor_headers
from xdsl.parser import Parser

from qdialect.backends.hls.project.project import Project
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

WARNINGS = "-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wno-unknown-pragmas -Wno-unused-label".split()


@pytest.fixture(scope="module", params=EXAMPLES)
def written(request, tmp_path_factory):
    """The example and its project, compiled as its Makefile says; tests that change the project take a copy."""
    example = load_example(request.param)
    folder = tmp_path_factory.mktemp(request.param) / "prj"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CXXFLAGS")
        return example, write_hls(from_keras(example.model), folder).compile()


@pytest.fixture
def copied(written, tmp_path) -> Project:
    """A copy of the sources without what has been built."""
    _, project = written
    shutil.copytree(project.directory, tmp_path / "copy", ignore=shutil.ignore_patterns("build"))
    return Project(tmp_path / "copy", project.module, project.top, project.inputs, project.outputs)


# --- bits ------------------------------------------------------------------------------------------------------------


def test_predict_gives_the_recorded_logits(written):
    example, project = written
    assert np.array_equal(project.predict(example.inputs), example.logits)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_predict_of_few_samples(written, count):
    """Fewer samples than cores, and shares of unequal size."""
    example, project = written
    assert np.array_equal(project.predict(example.inputs[:count]), example.logits[:count])


def test_predict_of_no_samples(written):
    example, project = written
    assert project.predict(example.inputs[:0]).shape == (0, *example.logits.shape[1:])


def test_the_vendors_headers_give_the_same_logits(copied, written):
    example, _ = written
    assert np.array_equal(copied.compile(headers=vendor_headers()).predict(example.inputs), example.logits)


def test_checked_simulation_loses_nothing(written):
    """No conversion drops a bit that matters, no undefined behaviour."""
    assert "PASS" in written[1].make("check")


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_the_sources_compile_without_warnings(written, compiler):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    _, project = written
    sim, source = project.directory / "sim", project.directory / "src" / f"{project.top}.cpp"
    done = subprocess.run(
        [compiler, "-std=c++11", "-fsyntax-only", *WARNINGS, "-isystem", sim, source], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- the test bench --------------------------------------------------------------------------------------------------


def data_file(project: Project, side: str) -> Path:
    return project.directory / "tb" / "data" / f"{project.top}_{side}.dat"


def altered(text: str, line: int, word: int, change) -> str:
    """One number of a data file changed."""
    rows = [row.split(" ") for row in text.splitlines()]
    rows[line][word] = str(change(int(rows[line][word])))
    return "".join(" ".join(row) + "\n" for row in rows)


def test_the_test_bench_passes_and_fails(copied):
    """One binary, different data: everything that is not exactly the recorded data fails."""
    assert "PASS" in copied.make("csim")
    inputs, outputs = data_file(copied, "in"), data_file(copied, "out")
    good_in, good_out = inputs.read_text(), outputs.read_text()
    bits = copied.outputs[0].bits
    bad = {
        "first output": (good_in, altered(good_out, 0, 0, lambda v: v + 1)),
        "last output": (good_in, altered(good_out, -1, -1, lambda v: v - 1)),
        "an output wrong by a whole turn of its type": (good_in, altered(good_out, 3, 1, lambda v: v + (1 << bits))),
        "no samples": ("", ""),
        "no outputs": (good_in, ""),
        "a sample is missing": (good_in, "".join(good_out.splitlines(keepends=True)[:-1])),
        "an output too many": (good_in, good_out + good_out.splitlines()[0] + "\n"),
        "half a sample": (good_in[: len(good_in) - len(good_in.splitlines()[-1]) // 2], good_out),
        "no number": (good_in.replace("\n", "\nx", 1), good_out),
    }
    passed = []
    for what, (new_in, new_out) in bad.items():
        inputs.write_text(new_in)
        outputs.write_text(new_out)
        if bench(copied).returncode == 0:
            passed.append(what)
    assert passed == []
    outputs.unlink()
    assert bench(copied).returncode != 0


def bench(project: Project) -> subprocess.CompletedProcess:
    build = project.directory / "build"
    return subprocess.run([build / "csim", project.directory / "tb" / "data"], capture_output=True, text=True)


def test_an_altered_weight_fails_the_test_bench(example, tmp_path):
    """The largest weight array: one number in the middle, by one."""
    project = write_hls(example.model, tmp_path / "prj", {"io_type": "io_stream"})
    file = max(project.directory.glob("src/weights/*.inc"), key=lambda path: path.stat().st_size)
    text = file.read_text()
    at = next(i for i in range(len(text) // 2, len(text)) if text[i].isdigit() and not text[i + 1].isalnum())
    file.write_text(text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :])
    with pytest.raises(QdialectError, match="make csim failed"):
        project.make("csim")


# --- folders ---------------------------------------------------------------------------------------------------------


def test_predict_needs_compile(tmp_path):
    example = load_example("digits_mlp")
    with pytest.raises(QdialectError, match="compile"):
        write_hls(example.model, tmp_path / "prj").predict(example.inputs)


def test_own_vectors_are_the_test_bench(tmp_path):
    example = load_example("digits_mlp")
    project = write_hls(example.model, tmp_path / "prj", vectors=example.inputs[:5])
    rows = np.loadtxt(data_file(project, "out"), dtype=np.int64)
    lsb = project.outputs[0].format.lsb
    assert np.array_equal(np.ldexp(rows.astype(np.float64), lsb), example.logits[:5])


def test_a_project_that_is_written_again_is_compiled_again(tmp_path):
    """In one process, within the same second: what `predict` runs is what was written last."""
    for factor in (2, 3):
        text = f"""
            func.func @top(%x : tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<6, 6, signed>> {{
              %factor = qnn.constant dense<{factor}> : tensor<1xi8> as tensor<1x!qnn.fixed<2, 2, unsigned>>
              %y = qnn.mul %x, %factor
                : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<1x!qnn.fixed<2, 2, unsigned>>
                -> tensor<2x!qnn.fixed<6, 6, signed>>
              func.return %y : tensor<2x!qnn.fixed<6, 6, signed>>
            }}"""
        project = write_hls(Parser(make_context(), text).parse_module(), tmp_path / "prj").compile()
        assert np.array_equal(project.predict([[-3, 5]]), [[-3 * factor, 5 * factor]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.uint64, np.float64, bool])
def test_inputs_of_any_numeric_type(dtype, tmp_path_factory):
    """All types give what float32 gives."""
    text = """
        func.func @top(%x : tensor<3x!qnn.fixed<10, 9, signed>>) -> tensor<3x!qnn.fixed<10, 9, signed>> {
          func.return %x : tensor<3x!qnn.fixed<10, 9, signed>>
        }"""
    module = Parser(make_context(), text).parse_module()
    x = np.arange(-126, 126).clip(0 if np.dtype(dtype).kind in "ub" else None).reshape(-1, 3).astype(dtype)
    assert (simulate(module, x) == x.astype(np.float32)).all()
    if dtype is np.uint8:
        project = write_hls(module, tmp_path_factory.mktemp("bytes") / "prj").compile()
        assert (project.predict(x) == x).all()
        with pytest.raises(QdialectError, match="input 'x' has values outside"):
            project.predict(x.astype(np.int16) + 200)


# --- names and bigger tests ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["in", "out", "i", "value", "samples", "int", "std", "main", "top", "value_"])
def test_any_name_of_a_port(name, tmp_path):
    """Neither keywords nor names of the test bench and the bridge get in the way."""
    module = Parser(
        make_context(),
        f"""
        func.func @top(%{name} : tensor<3x!qnn.fixed<4, 4, signed>>) -> tensor<3x!qnn.fixed<3, 3, unsigned>> {{
          %relu = qnn.relu %{name} : tensor<3x!qnn.fixed<4, 4, signed>> -> tensor<3x!qnn.fixed<3, 3, unsigned>>
          func.return %relu : tensor<3x!qnn.fixed<3, 3, unsigned>>
        }}""",
    ).parse_module()
    project = write_hls(module, tmp_path / "prj").compile()
    assert np.array_equal(project.predict([[-3, 0, 5]]), [[0, 0, 5]])
    assert "PASS" in project.make("check")


CALLER = """
#include "digits_mlp.h"
int main() { return reinterpret_cast<const void *>(&digits_mlp) == nullptr; }
"""


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
def test_a_bigger_cmake_project_links_the_network(written, tmp_path):
    _, project = written
    (tmp_path / "main.cpp").write_text(CALLER.replace("digits_mlp", project.top))
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(bigger CXX)\n"
        f'add_subdirectory("{project.directory}" network)\n'
        f"add_executable(bigger main.cpp)\ntarget_link_libraries(bigger {project.top})\n"
    )
    for step in (["-S", ".", "-B", "build"], ["--build", "build"]):
        subprocess.run(["cmake", *step], cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run([tmp_path / "build" / "bigger"]).returncode == 0
