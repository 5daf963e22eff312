"""qdialect and hls4ml on the same networks in the same run: `against_hls4ml.py HLS4ML_PYTHON FOLDER...`.

Each folder holds model.h5, inputs.npy, and logits.npy or outputs.npy, as Keras gave them. Both tools write their
project, compile it with g++ and run the C simulation, each in processes of its own; every figure is printed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TOOLS = ("qdialect", "hls4ml")
TITLES = (
    "network",
    "tool",
    "equal to Keras",
    "same class",
    "write s",
    "g++ s",
    "MB",
    "g++ MB",
    "samples/s",
    "source kB",
)
COLUMNS = ("write", "g++", "memory", "g++ memory", "rate", "source")


def run(tool: str, python: str, folder: Path, scratch: Path) -> tuple[np.ndarray, dict[str, float]]:
    """Outputs and figures of one tool. Raises RuntimeError with its last line if it fails."""
    got = scratch / f"{tool}.npy"
    arguments = [folder / "model.h5", folder / "inputs.npy", got, scratch / f"project_{tool}"]
    done = subprocess.run([python, HERE / f"run_{tool}.py", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
    return np.load(got), json.loads(done.stdout.splitlines()[-1])


def row(folder: Path, tool: str, python: str, scratch: Path) -> tuple[list[str], dict[str, float]]:
    recorded = next(path for name in ("logits", "outputs") if (path := folder / f"{name}.npy").exists())
    wanted = np.load(recorded)
    try:
        got, figures = run(tool, python, folder, scratch)
    except RuntimeError as error:
        return [folder.name, tool, f"fails: {error}"[:60]], {}
    wanted = wanted.reshape(len(wanted), -1)
    got = got.reshape(wanted.shape)
    equal = f"{np.mean(got == wanted):.1%}"
    same = f"{np.mean(got.argmax(1) == wanted.argmax(1)):.1%}"
    return [folder.name, tool, equal, same, *(f"{figures[c]:.4g}" for c in COLUMNS)], figures


def main() -> None:
    hls4ml, *folders = sys.argv[1:]
    pythons = {"qdialect": sys.executable, "hls4ml": hls4ml}
    print("".join(f"{title:>15}" for title in TITLES))
    for folder in map(Path, folders):
        measured: list[dict[str, float]] = []
        for tool in TOOLS:
            with tempfile.TemporaryDirectory() as scratch:
                cells, figures = row(folder, tool, pythons[tool], Path(scratch))
            print("".join(f"{cell:>15}" for cell in cells), flush=True)
            measured.append(figures)
        if all(measured):
            ours, theirs = measured
            ratios = [theirs[c] / ours[c] if c != "rate" else ours[c] / theirs[c] for c in COLUMNS]
            print(
                "".join(f"{cell:>15}" for cell in (folder.name, "times better", "", "", *(f"{r:.3g}" for r in ratios)))
            )


if __name__ == "__main__":
    main()
