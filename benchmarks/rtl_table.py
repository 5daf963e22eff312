"""Networks as RTL: equality with the interpreter on recorded samples in verilator, and warnings.

    python benchmarks/rtl_table.py [--levels N] FOLDER ...

Each folder holds a model file and `inputs*.npy`. Networks of more than 50,000 products are left out: all positions of a
layer are computed at once. With `--levels` there are registers, and the test bench inserts bubbles.
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


def products(module) -> int:
    """Those of all positions."""
    layers = [op for op in network(module).body.block.ops if op.has_trait(WeightedSums)]
    return sum(int(np.prod(shape_of(op.results[0]))) * op.fan_in for op in layers)


def row(folder: Path, settings: RtlConfiguration) -> str:
    """What became of one network."""
    module = qdialect.lower(qdialect.from_keras(model_in(folder), input_type="fixed<16, 6>"))
    count = products(module)
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
    return f"{count:9}  {sum(same)} / {total} equal, latency {project.latency}, {told}, no warnings, {seconds}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--levels", type=int)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    registers = None if options.levels is None else {"levels": options.levels}
    for folder in options.folders:
        try:
            told = row(folder, RtlConfiguration(registers=registers))
        except QdialectError as error:
            told = f"refused: {error}"
        print(f"{folder.name:30}{told}", flush=True)


if __name__ == "__main__":
    main()
