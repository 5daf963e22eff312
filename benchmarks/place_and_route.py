"""Frequencies on an ECP5: networks without registers, and with them, after place and route by nextpnr.

    python benchmarks/place_and_route.py [--levels N] [--limit SECONDS] FOLDER ...

Each folder holds a model file. What is printed of a design is what `make yosys` and `make pnr` of its project print; a
design has a process and so many seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rtl_table import model_in, told_by

import qdialect
from qdialect.errors import QdialectError

DESIGNS: dict[str, Callable[[int], dict[str, Any] | None]] = {
    "combinational": lambda levels: None,
    "registers": lambda levels: {"levels": levels, "inputs": True},
}


def row(folder: Path, registers: dict[str, Any] | None) -> str:
    """What the tools say of a network with these registers."""
    module = qdialect.lower(qdialect.from_keras(model_in(folder), input_type="fixed<16, 6>"))
    with tempfile.TemporaryDirectory() as scratch:
        project = qdialect.write_rtl(module, Path(scratch) / "net", {"registers": registers})
        try:
            return ", ".join([*project.make("yosys").splitlines(), project.make("pnr").strip()])
        except QdialectError as error:
            return str(error)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--limit", type=int, default=900)
    parser.add_argument("--alone", choices=DESIGNS, help="this design, in this process")
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    if options.alone:
        print(row(options.folders[0], DESIGNS[options.alone](options.levels)))
        return
    for folder in options.folders:
        for name in DESIGNS:
            command = [sys.executable, __file__, "--levels", str(options.levels), "--alone", name, str(folder)]
            print(f"{folder.name:30}{name:14}{told_by(command, options.limit)}", flush=True)


if __name__ == "__main__":
    main()
