"""qdialect and hls4ml on the same networks in the same run: `against_hls4ml.py HLS4ML_PYTHON FOLDER...`.

Each folder holds a model (`measured.MODEL_FILES`), inputs.npy, and logits.npy or outputs.npy, as Keras gave them. Both
tools write their project, compile it with g++ and run the C simulation, each in processes of its own; every figure is
printed, of a tool that cannot do it the reason. "off by" is the largest difference from Keras in terms of its largest
output: where Keras' own float32 rounds, no exact result is equal to it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measured import recorded

HERE = Path(__file__).parent
TOOLS = ("qdialect", "hls4ml")
COLUMNS = {
    "write s": "write",
    "g++ s": "g++",
    "g++ CPU s": "g++ CPU",
    "MB": "memory",
    "g++ MB": "g++ memory",
    "samples/s": "rate",
    "per CPU s": "rate CPU",
    "source kB": "source",
}
RATES = ("rate", "rate CPU")
"""Better where they are larger."""
WIDTHS = (20, 13, 15, 11, 12, *(11 for _ in COLUMNS))


def line(*cells: str) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=False))


class Measured(NamedTuple):
    """What one tool computed, what Keras recorded, the figures."""

    got: np.ndarray
    wanted: np.ndarray
    figures: dict[str, float]


def run(tool: str, python: str, folder: Path, io_type: str, timeout: float) -> Measured:
    """One tool at one network. Raises RuntimeError with its last line if it fails."""
    with tempfile.TemporaryDirectory() as scratch:
        got, project = Path(scratch) / "outputs.npy", Path(scratch) / "project"
        command = [python, HERE / f"run_{tool}.py", folder, got, project, io_type]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"no result within {timeout:g} s") from None
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1])
        figures = json.loads(done.stdout.splitlines()[-1])
        wanted = [y.reshape(len(y), -1) for y in recorded(folder, figures.pop("result"))]
        return Measured(np.load(got), np.concatenate(wanted, axis=1), figures)


def compare(folder: Path, pythons: dict[str, str], io_type: str, timeout: float) -> None:
    """A row for each tool, and how many times better qdialect is."""
    measured: list[dict[str, float]] = []
    for tool in TOOLS:
        try:
            got, wanted, figures = run(tool, pythons[tool], folder, io_type, timeout)
        except RuntimeError as error:
            print(f"{line(folder.name, tool)}  fails: {str(error)[:120]}", flush=True)
            continue
        equal = f"{np.mean(got == wanted):.1%}"
        same = f"{np.mean(got.argmax(1) == wanted.argmax(1)):.1%}" if wanted.shape[1] > 1 else "-"
        off = f"{np.abs(got - wanted).max() / np.abs(wanted).max():.0e}" if (got != wanted).any() else "0"
        print(line(folder.name, tool, equal, same, off, *(f"{figures[c]:.4g}" for c in COLUMNS.values())), flush=True)
        measured.append(figures)
    if len(measured) == len(TOOLS):
        ours, theirs = measured
        ratios = [ours[c] / theirs[c] if c in RATES else theirs[c] / ours[c] for c in COLUMNS.values()]
        print(line("", "times better", "", "", "", *(f"{ratio:.3g}" for ratio in ratios)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hls4ml", help="the python of hls4ml's environment")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--io-type", default="io_parallel", help="architecture of both tools")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one tool on one network")
    given = parser.parse_args()
    print(f"{given.io_type}, both tools with their default configuration")
    print(line("network", "tool", "equal to Keras", "same class", "off by", *COLUMNS))
    for folder in given.folders:
        compare(folder, {"qdialect": sys.executable, "hls4ml": given.hls4ml}, given.io_type, given.timeout)


if __name__ == "__main__":
    main()
