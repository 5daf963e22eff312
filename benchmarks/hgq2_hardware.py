"""LUT of HGQ2 networks: this compiler, da4ml and alkaid on the same file, one yosys.

    python benchmarks/hgq2_hardware.py [--tools qdialect,da4ml,alkaid] MODEL.keras ...

The environment has HGQ2, da4ml and alkaid (`make hgq2-table`). All tools leave the input quantizer to the host, and
their Verilog goes through `benchmarks/synthesis.py`, without registers, flattened. A row is printed as soon as it is
there, and what yosys has mapped once it does not map again: 32 particles take half an hour and 8 GB a tool. Ours is
compared with the recorded outputs `MODEL.npz` by `make test-wild`.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from synthesis import mapped
from xdsl.dialects.builtin import StringAttr

import qdialect
from qdialect.dialects.qnn.network import network


def ours(file: Path, folder: Path) -> list[Path]:
    module = qdialect.from_keras(file)
    network(module).sym_name = StringAttr("top")
    qdialect.write_rtl(module, folder / "prj")
    return [path for path in sorted((folder / "prj" / "rtl").glob("*.sv")) if not re.search("_axis|_pins", path.stem)]


def loaded(file: Path):
    import hgq.layers  # noqa: F401
    import keras

    return keras.models.load_model(file, compile=False)


def da4ml(file: Path, folder: Path) -> list[Path]:
    from da4ml.codegen import RTLModel
    from da4ml.converter import trace_model
    from da4ml.trace import comb_trace

    RTLModel(comb_trace(*trace_model(loaded(file))), "top", folder, print_latency=False).write()
    return [path for path in sorted(folder.rglob("*.v")) if path.stem not in ("top_wrapper", "lookup_table")]


def alkaid(file: Path, folder: Path) -> list[Path]:
    from alkaid.codegen import RTLModel
    from alkaid.converter import trace_model
    from alkaid.trace import trace

    RTLModel(trace(*trace_model(loaded(file))), folder, "top", print_latency=False).write()
    return [path for path in sorted(folder.rglob("*.v")) if path.stem not in ("top_wrapper", "lookup_table")]


TOOLS: dict[str, Callable[[Path, Path], list[Path]]] = {"qdialect": ours, "da4ml": da4ml, "alkaid": alkaid}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path, metavar="MODEL.keras")
    parser.add_argument("--tools", default=",".join(TOOLS), help="those that have rows, by commas")
    arguments = parser.parse_args()
    print(f"{'network':24}{'tool':14}{'LUT':>8}{'levels':>8}{'ns':>8}{'CPU s':>8}", flush=True)
    for file in arguments.files:
        for tool in arguments.tools.split(","):
            with tempfile.TemporaryDirectory() as scratch:
                folder, begin = Path(scratch), time.process_time()
                sources = TOOLS[tool](file, folder)
                taken = time.process_time() - begin
                cost = mapped(sources, folder)
                numbers = f"{cost.tables:8}{cost.levels:8}{cost.delay:8.1f}{taken:8.1f}"
                print(f"{file.stem:24}{tool:14}{numbers}", flush=True)


if __name__ == "__main__":
    main()
