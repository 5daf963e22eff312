"""Networks as RTL: every recorded sample in verilator against the interpreter, and warnings.

    python benchmarks/rtl_table.py [--levels N] [--io-type io_stream] [--results DIRECTORY] [--limit SECONDS] FOLDER ...

Each folder holds a model file and `inputs*.npy`. Networks of more than 50,000 products at once are left out: of all
positions, with `io_stream` of one pixel. The test bench inserts bubbles and back-pressure at random, of parallel
networks through the AXI4-Stream wrapper; it fails on any difference. A network has a process and so many seconds; its
row is kept in the results with a digest of the project, and is not made again for the same text.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

import qdialect
from qdialect.backends.rtl.project import RtlProject
from qdialect.compiler.rtl_configuration import RtlConfiguration
from qdialect.compiler.write_rtl import rtl_design_of, write_rtl_design
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.traits import WeightedSums
from qdialect.errors import QdialectError

MAX_PRODUCTS = 50_000
SIMULATION = {"io_parallel": "sim-axis", "io_stream": "sim"}
"""The targets that insert back-pressure."""


def model_in(folder: Path) -> Path:
    """The model file of a folder, or the folder itself."""
    files = [*sorted(folder.glob("*.h5")), *sorted(folder.glob("*.keras"))]
    if len(files) == 1:
        return files[0]
    return next((path for name in ("model.h5", "saved_model") if (path := folder / name).exists()), folder)


def products(module, of_a_pixel: bool) -> int:
    """Those that are computed at once: of all positions, or of one pixel."""
    layers = [op for op in network(module).body.block.ops if op.has_trait(WeightedSums)]
    shapes = [shape_of(op.results[0])[-1:] if of_a_pixel else shape_of(op.results[0]) for op in layers]
    return sum(int(np.prod(shape)) * op.fan_in for op, shape in zip(layers, shapes, strict=True))


def digest(project: RtlProject) -> str:
    """Of all files of a project."""
    found = sha256()
    for path in sorted(path for path in project.directory.rglob("*") if path.is_file()):
        found.update(str(path.relative_to(project.directory)).encode() + path.read_bytes())
    return found.hexdigest()


def row(folder: Path, settings: RtlConfiguration, kept: Path) -> str:
    """What became of one network, from the file `kept` where its project is the same."""
    begin = time.time()
    module = qdialect.lower(qdialect.from_keras(model_in(folder), input_type="fixed<16, 6>"))
    count = products(module, settings.io_type == "io_stream")
    if count > MAX_PRODUCTS:
        return f"{count:9}  left out"
    x = [np.load(path).astype(np.float32) for path in sorted(folder.glob("inputs*.npy"))]
    with tempfile.TemporaryDirectory() as scratch:
        design = rtl_design_of(module, settings)
        project = write_rtl_design(design, settings, Path(scratch) / "net", vectors=x)
        known = digest(project)
        if kept.exists() and (lines := kept.read_text().splitlines())[0] == known:
            return lines[1]
        written = time.time() - begin
        project.make("lint")
        told = project.make(SIMULATION[settings.io_type]).strip()
    cycles = f"latency {project.latency}, interval {project.interval}"
    seconds = f"{written:.0f} s to write, {time.time() - begin - written:.0f} s to simulate"
    made = f"{count:9}  {told}, {cycles}, no warnings, {seconds}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(f"{known}\n{made}\n")
    return made


def told_by(command: Sequence[str], seconds: int) -> str:
    """What a command prints, in a process with a scratch folder of its own, which is ended with all that it started
    after so many seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ, "TMPDIR": scratch}
        )
        try:
            told, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"not done within {seconds} s"
    return told.strip("\n") or f"ended with code {process.returncode}"


def bounded(folder: Path, options: argparse.Namespace) -> str:
    """The row of a network from a process of its own, which has `limit` seconds."""
    command = [sys.executable, __file__, *sys.argv[1 : len(sys.argv) - len(options.folders)], "--alone", str(folder)]
    told = told_by(command, options.limit)
    return told if told.startswith(" ") else f"           {told}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--levels", type=int)
    parser.add_argument("--io-type", default="io_parallel")
    parser.add_argument("--results", type=Path, default=Path("build/rtl-table"))
    parser.add_argument("--limit", type=int, default=1800)
    parser.add_argument("--alone", action="store_true", help="in this process")
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    registers = None if options.levels is None else {"levels": options.levels}
    settings = RtlConfiguration(options.io_type, registers=registers)
    for folder in options.folders:
        if not options.alone:
            print(f"{folder.name:30}{bounded(folder, options)}", flush=True)
            continue
        try:
            print(row(folder, settings, options.results / f"{folder.name}.{options.io_type}.txt"))
        except QdialectError as error:
            print(f"           refused: {error}")


if __name__ == "__main__":
    main()
