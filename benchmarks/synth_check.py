"""The text of layers and networks through a second compiler: LUT beside a tree at exact widths, and equality.

    python benchmarks/synth_check.py [CASE or MODEL ...] [--samples 200] [--auto]

CASE is one of `hardware.CASES`, MODEL a file. Each is written as one pipeline that takes a sample every cycle; clang
compiles the synthesis view of its functions to straight-line code, which becomes Verilog. The LUT are yosys', of each
function; beside them those of the modules of the same network as RTL by plain trees (`products: tree`). The outputs
of the whole text are compared with the interpreter, at the ends of the types and at random. Each row is printed as it
is measured, and a run that was ended goes on where it was (`synthesis.py`). `--auto` computes sums in the cheapest
form, da4ml's graphs among them, instead of common pairs.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from hardware import CASES
from synthesis import mapped
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.backends.hls.synthesis.view import SynthesisView
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.compiler.write_rtl import write_rtl
from qdialect.dialects.qnn.network import network
from qdialect.simulator.simulate import output_codes
from qdialect.validation.stimuli import sample_inputs


def text_tables(view: SynthesisView) -> Iterator[tuple[str, int]]:
    """LUT of function after function."""
    for name in [*view.functions()][:-1]:
        yield name, mapped([view.verilog(name)], view.folder).tables


def tree_modules(module: ModuleOp, folder: Path) -> dict[str, list[Path]]:
    """The files of the modules of a design by plain trees, the module itself as `top`."""
    project = write_rtl(module, folder / "rtl", {"products": "tree"})
    files = {path.stem: path for path in sorted((folder / "rtl" / "rtl").glob("*.sv"))}
    parts = {name: path for name, path in files.items() if name != project.top and not re.search("_axis|_pins", name)}
    found: dict[str, list[Path]] = {}
    for name, path in parts.items():
        (top := folder / f"{name}.sv").write_text(re.sub(rf"\bmodule {name}\b", "module top", path.read_text()))
        others = [other for stem, other in files.items() if stem not in (name, project.top, "top")]
        found[name] = [top, *others]
    return found


def is_equal(view: SynthesisView, module: ModuleOp, samples: int) -> bool:
    """Whether the text gives the interpreter's outputs."""
    x = sample_inputs(network(module), np.random.default_rng(0), samples)
    both = zip(view.codes(x), output_codes(module, x), strict=True)
    return all(np.array_equal(got, wanted) for got, wanted in both)


def check(name: str, module: ModuleOp, samples: int, folder: Path) -> bool:
    """Print the rows of one network; returns whether it is equal."""
    view = SynthesisView(write_hls(module, folder / "prj"), folder / "view")
    equal = is_equal(view, module, samples)
    print(f"{name}: clang's view {'equals' if equal else 'DIFFERS FROM'} the interpreter", flush=True)
    trees, sums = tree_modules(module, folder), np.zeros(2, int)
    for function, text in text_tables(view):
        tree = mapped(trees.pop(function), folder).tables if function in trees else 0
        sums += text, tree
        print(row(function, text, tree), flush=True)
    for function, sources in trees.items():
        sums[1] += (tree := mapped(sources, folder).tables)
        print(row(function, 0, tree), flush=True)
    print(row("sum", *sums), flush=True)
    return equal


def row(name: str, text: int, tree: int) -> str:
    return f"  {name:28}{text:8}{tree:8}" + (f"{text / tree:8.2f}" if text and tree else "")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[*CASES])
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--auto", action="store_true")
    given = parser.parse_args()
    print(f"  {'function, module':28}{'text':>8}{'tree':>8}{'ratio':>8}")
    equal = True
    for name in given.names:
        module = CASES[name]().module if name in CASES else lower(qdialect.from_keras(name))
        if given.auto:
            module = lower(module, ["pipeline-network", "constant-multiplication"])
        with tempfile.TemporaryDirectory() as scratch:
            equal &= check(name, module, given.samples, Path(scratch))
    return 0 if equal else 1


if __name__ == "__main__":
    raise SystemExit(main())
