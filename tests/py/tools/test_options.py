"""Every option of every command with hostile values: one line that names it, nothing written, no traceback, in time."""

from __future__ import annotations

import argparse
import os
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from trained import load_example

import qdialect
from qdialect.errors import QdialectError
from qdialect.passes.integer.binary_to_xnor import BinaryToXnor
from qdialect.tools.cli import main
from qdialect.tools.driver import run
from qdialect.tools.parser import make_parser

EXAMPLE = load_example("digits_mlp")
MODEL = str(EXAMPLE.model)
HOSTILE = (
    *("", "x" * 10_000, "a/" * 3_000, "nul\0byte", "\udcff", "no/such/file", "/dev/null", "/proc/self/mem"),
    *("0", "-1", "nan", "inf", "1e999", "1" * 5_000, "٣", "{}", "[]", "%s", "../../x\ny"),
    *("fixed<99999999,0>", "fixed<8,999999999999>", "fixed<8,-999999999999>", "fixed<0,0>", "a=fixed<8,3>"),
)
REQUIRED = {"output": "out", "data": "in.npy"}
SECONDS = 20


def options() -> Iterator[tuple[str, argparse.Action]]:
    """The options of all commands, positional ones too, except those that only print."""
    (commands,) = (a for a in make_parser()._actions if isinstance(a, argparse._SubParsersAction))
    for name, parser in commands.choices.items():
        for action in parser._actions:
            if action.nargs != 0:
                yield name, action


def arguments(command: str, option: argparse.Action, value: str) -> list[str]:
    """The command with this value of the option, and what else it needs."""
    given = [command]
    for name, other in options():
        if name == command and other is not option and (other.required or not other.option_strings):
            flag = other.option_strings[-1:]
            given += [*flag, REQUIRED.get(other.dest, MODEL)]
    return [*given, f"{option.option_strings[-1]}={value}"] if option.option_strings else [*given, value]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a file of inputs to work in."""
    monkeypatch.chdir(tmp_path)
    np.save("in.npy", EXAMPLE.inputs[:2])
    return tmp_path


def refused(capsys, given: list[str]) -> str:
    """The one line on standard error."""
    started = time.monotonic()
    assert main(given) == 1
    told = capsys.readouterr()
    assert time.monotonic() - started < SECONDS
    assert told.err.startswith("qdialect: error: ")
    assert len(told.err.splitlines()) == 1
    assert len(told.err) < 1_100
    return told.err


HARMLESS = {(command, "output") for command in ("simulate", "profile", "convert", "export-qonnx", "report", "prove")}
"""Names of files to write: some of the values are good ones."""
NAMES = ("nan", "inf")
"""Good names of projects."""


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
@pytest.mark.parametrize(("command", "option"), list(options()), ids=lambda v: getattr(v, "dest", v))
def test_hostile_values_of_every_option(command, option, value, here, capsys):
    if (command, option.dest) in HARMLESS and not (value == "" or "\0" in value or len(value) > 4_000):
        pytest.skip("a name")
    if option.dest == "project_name" and value in NAMES:
        pytest.skip("a name")
    refused(capsys, arguments(command, option, value))
    assert [path.name for path in here.iterdir()] == ["in.npy"]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
@pytest.mark.parametrize("option", [None, "--frontend", "--target", "--passes", "--input-type"], ids=str)
def test_hostile_values_of_every_option_of_qopt(option, value, here, capsys):
    """Names of files to write are those of `qdialect`, in `test_outputs_that_are_no_paths`; no passes are none."""
    if (option, value) == ("--passes", ""):
        pytest.skip("no passes")
    started = time.monotonic()
    assert run([value] if option is None else [MODEL, f"{option}={value}"]) == 1
    told = capsys.readouterr().err
    assert time.monotonic() - started < SECONDS
    assert told.startswith("qopt: error: ")
    assert len(told.splitlines()) == 1
    assert len(told) < 1_100


# --- arrays ----------------------------------------------------------------------------------------------------------


def header(text: str, magic: bytes = b"\x93NUMPY\x01\x00") -> bytes:
    return magic + struct.pack("<H", len(text) + 1) + text.encode() + b"\n"


ARRAYS = {
    "strings": np.array(["a", "b"]),
    "structs": np.zeros(2, [("a", "f4")]),
    "complex": np.zeros((2, 64), complex),
    "dates": np.zeros((2, 64), "M8[s]"),
    "empty": np.zeros((0, 64), np.float32),
    "no values": np.zeros((2, 0), np.float32),
    "scalar": np.float32(1),
    "nan": np.full((2, 64), np.nan, np.float32),
    "infinite": np.full((2, 64), np.inf, np.float32),
    "beyond float32": np.full((2, 64), 1e300),
    "one value too many": np.zeros((2, 65), np.float32),
    "another rank": np.zeros((2, 8, 8), np.float32),
}
FILES = {
    "nothing": b"",
    "text": b"hello",
    "186 GiB": header("{'descr': '<f4', 'fortran_order': False, 'shape': (50000000000,), }"),
    "negative": header("{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }"),
    "objects": header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"),
    "no shape": header("{'descr': '<f4'}"),
    "no text": header("((((((("),
    "cut": header("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 64), }") + b"abc",
    "version 9": header("{}", b"\x93NUMPY\x09\x00"),
    "empty zip": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("kind", [*ARRAYS, *FILES])
@pytest.mark.parametrize("option", ["--data", "--labels", "--expected"])
def test_files_that_are_no_samples(option, kind, here, capsys):
    path = Path("bad.npy")
    path.write_bytes(FILES[kind]) if kind in FILES else np.save(path, ARRAYS[kind])
    if (option, kind) in {("--expected", "one value too many"), ("--expected", "beyond float32")}:
        pytest.skip("compared with the outputs of every stage, in test_wrong_sizes")
    told = refused(capsys, ["verify", MODEL, "--data=in.npy", f"{option}=bad.npy"])
    assert "bad.npy" in told or "input 'image'" in told or option in told or "shape" in told


@pytest.mark.parametrize("function", [qdialect.verify, qdialect.profile], ids=lambda f: f.__name__)
def test_no_sample_is_refused(function):
    with pytest.raises(QdialectError, match="the inputs hold no sample; at least one is needed"):
        function(EXAMPLE.model, EXAMPLE.inputs[:0])


def test_a_zip_of_hostile_arrays(here, capsys):
    with zipfile.ZipFile("in.npz", "w") as file:
        file.writestr("image.npy", FILES["186 GiB"])
    assert "in.npz: image.npy" in refused(capsys, ["simulate", MODEL, "--data=in.npz", "-o=out"])
    np.savez("good.npz", image=EXAMPLE.inputs[:2])
    assert main(["simulate", MODEL, "--data=good.npz", "-o=a/b/out.npy"]) == 0
    assert np.load("a/b/out.npy").shape == (2, 10)


# --- the rest --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [["qdialect", "info", MODEL], ["qdialect.tools.qopt", "--list-passes"], ["qdialect.tools.qopt", "--elide", MODEL]],
)
def test_a_reader_that_stops_is_no_error(command):
    """`qdialect info ... | head -1`."""
    with subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_folders_of_outputs_are_made_and_files_are_not_replaced_by_folders(here, capsys):
    given = ["simulate", MODEL, "--data=in.npy"]
    assert main([*given, "-o=new/folder/out.npy"]) == 0
    assert Path("new/folder/out.npy").is_file()
    assert "new: is a directory" in refused(capsys, [*given, "-o=new"])
    assert "in.npy" in refused(capsys, [*given, "-o=in.npy/out.npy"])
    assert "in.npy" in refused(capsys, ["convert", MODEL, "-o=in.npy"])
    assert "in.npy" in refused(capsys, ["convert", MODEL, "-o=in.npy/project"])
    assert run([MODEL, "--elide", "-o", "more/net.mlir"]) == 0
    assert "func.func" in Path("more/net.mlir").read_text()


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        ("size-accumulators{max-width=x}", "pass 'size-accumulators': option 'max-width' takes an integer, not 'x'"),
        ("size-accumulators{max-width=1,2}", "option 'max-width' takes an integer, not '1,2'"),
        ("size-accumulators{mode=3}", "option 'mode' takes 'proven' or 'profiled', not '3'"),
        ("schedule{layer=3 pe=2}", "pass 'schedule': option 'layer' takes a text, not '3'"),
        ("schedule{pe=2.5}", "option 'pe' takes an integer, not '2.5'"),
        ("schedule{pe=1 pe=2}", "pass 'schedule': option 'pe' is given 2 times"),
        ("schedule{reuse-factor=1 reuse_factor=2}", "option 'reuse-factor' is given 2 times"),
        ("default{bits=4}", "'default' is a pipeline and has no options; give 'bits' to one of its passes"),
        ("pipeline-network{reuse-factor=0}", "reuse-factor is at least 1, not 0"),
        ("size-fifos{clock=-1}", "clock is a positive period in ns, not -1"),
        ("size-fifos{clock=fast}", "pass 'size-fifos': option 'clock' takes an integer or a number, not 'fast'"),
    ],
)
def test_pass_options_of_another_type(pipeline, said, capsys):
    assert run([MODEL, "-p", pipeline]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_paths_of_bytes_that_are_no_text(tmp_path, capsys):
    told = refused(capsys, ["info", os.fsdecode(bytes(tmp_path) + b"/\xff.h5")])
    assert "no such model file" in told


@pytest.mark.parametrize("file", ["nul\0byte", "x" * 10_000, "a/" * 3_000 + "b", ""])
def test_outputs_that_are_no_paths(file, here, capsys):
    assert run([MODEL, "-o", file]) == 1
    told = capsys.readouterr().err
    assert told.startswith("qopt: error: -o: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize("error", [ValueError, NotImplementedError, IndexError, AssertionError])
def test_errors_of_passes_are_no_errors_of_users(error, monkeypatch):
    def fail(*_: object) -> None:
        raise error("of ours")

    monkeypatch.setattr(BinaryToXnor, "apply", fail)
    with pytest.raises(error, match="of ours"):
        run([MODEL, "-p", "binary-to-xnor"])
