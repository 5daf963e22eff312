"""CPU seconds to start: `python -c pass`, `import qdialect`, `qopt --help`, and `qopt` with the default passes on a
small file; medians, and of the ratios to the first, in turns.

    PYTHONPATH=benchmarks python benchmarks/speed/start_up.py
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median

from measured import seconds

REPEATS = 15
QOPT = Path(sys.executable).parent / "qopt"
SMALL = Path(__file__).parents[2] / "tests" / "lit" / "passes" / "share-popcounts.mlir"


def main() -> None:
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import qdialect": [sys.executable, "-c", "import qdialect"],
        "qopt --help": [QOPT, "--help"],
        "qopt -p default FILE": [QOPT, SMALL, "-p", "default"],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(REPEATS):
        for name, command in commands.items():
            spent[name].append(seconds(partial(subprocess.run, command, stdout=subprocess.DEVNULL, check=True)).cpu)
    least = next(iter(spent.values()))
    for name, each in spent.items():
        ratio = median(own / other for own, other in zip(each, least, strict=True))
        print(f"{name:32}{median(each):7.3f} s{ratio:8.2f}")


if __name__ == "__main__":
    main()
