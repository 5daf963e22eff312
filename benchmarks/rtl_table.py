"""Networks as RTL: equality with the interpreter on recorded samples in verilator, and warnings.

    python benchmarks/rtl_table.py [--levels N] [--io-type io_stream] FOLDER ...

Each folder holds a model file and `inputs*.npy`. Networks of more than 50,000 products at once are left out: of all
positions, with `io_stream` of one pixel. With registers the test bench inserts bubbles, on streams back-pressure too.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

import qdialect
from qdialect.compiler.write_rtl import RtlConfiguration, rtl_design_of, write_rtl_design
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.traits import WeightedSums
from qdialect.errors import QdialectError

MAX_PRODUCTS = 50_000
SAMPLES = 200


def model_in(folder: Path) -> Path:
    """The model file of a folder, or the folder itself."""
    files = [*sorted(folder.glob("*.h5")), *sorted(folder.glob("*.keras"))]
    return files[0] if len(files) == 1 else folder / "model.h5" if (folder / "model.h5").exists() else folder


def products(module, of_a_pixel: bool) -> int:
    """Those that are computed at once: of all positions, or of one pixel."""
    layers = [op for op in network(module).body.block.ops if op.has_trait(WeightedSums)]
    shapes = [shape_of(op.results[0])[-1:] if of_a_pixel else shape_of(op.results[0]) for op in layers]
    return sum(int(np.prod(shape)) * op.fan_in for op, shape in zip(layers, shapes, strict=True))


def row(folder: Path, settings: RtlConfiguration) -> str:
    """What became of one network."""
    module = qdialect.lower(qdialect.from_keras(model_in(folder), input_type="fixed<16, 6>"))
    count = products(module, settings.io_type == "io_stream")
    if count > MAX_PRODUCTS:
        return f"{count:9}  left out"
    paths = sorted(folder.glob("inputs*.npy"))
    x = [np.load(path)[:SAMPLES].astype(np.float32) for path in paths]
    begin = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        design = rtl_design_of(module, settings)
        project = write_rtl_design(design, settings, Path(scratch) / "net", vectors=x).compile()
        wanted, got = qdialect.simulate(module, x), project.predict(x)
        pairs = zip(*(y if isinstance(y, list) else [y] for y in (wanted, got)), strict=True)
        same = [int((a == b).sum()) for a, b in pairs]
        told = project.make("sim").strip()
        project.make("lint")
    total = sum(y.size for y in (wanted if isinstance(wanted, list) else [wanted]))
    seconds = f"{time.time() - begin:.0f} s"
    cycles = f"latency {project.latency}, interval {project.interval}"
    return f"{count:9}  {sum(same)} / {total} equal, {cycles}, {told}, no warnings, {seconds}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--levels", type=int)
    parser.add_argument("--io-type", default="io_parallel")
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    registers = None if options.levels is None else {"levels": options.levels}
    for folder in options.folders:
        try:
            told = row(folder, RtlConfiguration(options.io_type, registers=registers))
        except QdialectError as error:
            told = f"refused: {error}"
        print(f"{folder.name:30}{told}", flush=True)


if __name__ == "__main__":
    main()
