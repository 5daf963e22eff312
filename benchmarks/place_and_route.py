"""Frequencies on an ECP5: networks without registers, and with them, after place and route by nextpnr.

    python benchmarks/place_and_route.py [--levels N] FOLDER ...

Each folder holds a model file. What is printed of a design is what `make yosys` and `make pnr` of its project print.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from rtl_table import model_in

import qdialect
from qdialect.errors import QdialectError


def row(module: Any, settings: dict[str, Any]) -> str:
    """What the tools say of a network with these settings."""
    with tempfile.TemporaryDirectory() as scratch:
        project = qdialect.write_rtl(module, Path(scratch) / "net", settings)
        try:
            return ", ".join([*project.make("yosys").splitlines(), project.make("pnr").strip()])
        except QdialectError as error:
            return str(error)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    for folder in options.folders:
        module = qdialect.lower(qdialect.from_keras(model_in(folder), input_type="fixed<16, 6>"))
        for registers in (None, {"levels": options.levels, "inputs": True}):
            made = row(module, {"registers": registers})
            print(f"{folder.name:30}{'combinational' if registers is None else 'registers':14}{made}", flush=True)


if __name__ == "__main__":
    main()
