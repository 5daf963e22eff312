"""CPU seconds from an integer matrix to Verilog: this compiler beside da4ml, medians of three, in turns.

    PYTHONPATH=benchmarks python benchmarks/speed/generation.py [CASE ...]

The cases of `hardware.py`, without registers; each time is of a process of its own, which has written a small layer
before, so that nothing is kept from another time and imports do not count.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from hardware import CASES, TOOLS, U4, FixedFormat, drawn

COMPARED = ("qdialect", "da4ml")
TURNS = 3


def generation(name: str, tool: str) -> float:
    """CPU seconds of this process to write a case."""
    with tempfile.TemporaryDirectory() as scratch:
        TOOLS[tool](drawn(U4, FixedFormat(3, 3, True), 2, 2), Path(scratch) / "warm", False)
        case = CASES[name]()
        begin = time.process_time()
        TOOLS[tool](case, Path(scratch) / "case", False)
        return time.process_time() - begin


def main(names: list[str]) -> None:
    print(f"{'layer':24}{'qdialect':>10}{'da4ml':>10}{'ratio':>8}", flush=True)
    for name in names or CASES:
        spent: dict[str, list[float]] = {tool: [] for tool in COMPARED}
        for _ in range(TURNS):
            for tool, each in spent.items():
                command = [sys.executable, __file__, "--alone", name, tool]
                each.append(float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
        ours, other = map(median, spent.values())
        print(f"{name:24}{ours:10.2f}{other:10.2f}{ours / other:8.2f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        print(generation(*sys.argv[2:]))
    else:
        main(sys.argv[1:])
