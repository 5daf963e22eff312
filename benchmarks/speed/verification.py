"""What verification costs: CPU seconds beside those of the work that it checks, network by network.

    PYTHONPATH=benchmarks python benchmarks/speed/verification.py FOLDER...

`lower(verify=True)` is beside `lower()`; `verify` beside import, passes, project, compilation and run of the C
simulation, and simulation of the same samples after every pass.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from measured import MODEL_FILES, Inputs, recorded, seconds
from run_qdialect import input_type
from xdsl.dialects.builtin import ModuleOp

import qdialect

REPEATS = 3


def typed(file: Path) -> str | None:
    """The input type that a network needs which does not quantize its input."""
    try:
        qdialect.lower(qdialect.from_keras(file))
    except qdialect.QdialectError as error:
        if "input_type" not in str(error):
            raise
        return input_type(file.parent)
    return None


def plain_work(file: Path, given: str | None, x: Inputs) -> None:
    """All that `verify` checks, unchecked."""
    stages: list[ModuleOp] = []
    module = qdialect.from_keras(file, given)
    lowered = qdialect.lower(module, after=lambda _, after: stages.append(after.clone()))
    with tempfile.TemporaryDirectory() as folder:
        qdialect.write_hls(lowered, Path(folder) / "project", vectors=x).make("csim")
    for stage in (module, *stages):
        qdialect.simulate(stage, x)


def ratios(folder: Path) -> tuple[float, float]:
    """CPU seconds of lower(verify=True) / lower(), and of verify / the work without it: medians."""
    file = next(folder / name for name in MODEL_FILES if (folder / name).exists())
    given, inputs = typed(file), recorded(folder, "inputs")
    outputs = recorded(folder, "logits") or recorded(folder, "outputs")
    x: Inputs = inputs if len(inputs) > 1 else inputs[0]
    expected = outputs if len(outputs) > 1 else outputs[0]
    module = qdialect.from_keras(file, given)
    pairs: list[tuple[float, float]] = []
    for _ in range(REPEATS):
        lowering = seconds(lambda: qdialect.lower(module)).cpu
        checked = seconds(lambda: qdialect.lower(module, verify=True)).cpu
        work = seconds(lambda: plain_work(file, given, x)).cpu
        whole = seconds(lambda: qdialect.verify(file, x, expected=expected, input_type=given)).cpu
        pairs.append((checked / lowering, whole / work))
    first, second = np.array(pairs).T
    return median(first), median(second)


def main() -> None:
    print(f"{'':28}lower(verify=True) / lower()   verify / its work")
    for folder in map(Path, sys.argv[1:]):
        lowering, whole = ratios(folder)
        print(f"{folder.name:28}{lowering:29.2f}{whole:20.2f}", flush=True)


if __name__ == "__main__":
    main()
