"""Test benches against changes: of single constants changed by one, how many do the recorded vectors notice?

    python benchmarks/equality/changed_constants.py [--count N] [--text N] FOLDER...

Per network, N constants of its lowering are drawn and changed by one, and the fast simulator runs what the written test
bench compares. With --text, that many numbers of the files in `src/weights` of both architectures are changed by one
too, and `make csim` runs. Prints a line per network; of changes that no vector shows, how many are proved to be
none for all inputs, and the names of the others.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter
from pathlib import Path
from time import process_time

import numpy as np
from certificates import imported, sabotaged
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.backends.hls.project.project import Project
from qdialect.backends.projects.files import VECTORS, bench_inputs
from qdialect.compiler.pipeline import lower
from qdialect.errors import QdialectError
from qdialect.numerics.arrays import Array
from qdialect.proof.prove import prove
from qdialect.simulator.simulate import output_codes
from qdialect.text import columns

ARCHITECTURES = ("io_parallel", "io_stream")
PROOFS = 60
"""Unnoticed changes of a network that are put to the prover; further ones count as missed."""
HEADER = ("network", "vectors", "s", f"first {VECTORS}", "noticed", "no changes", "missed", "in text", "of")


def unnoticed(module: ModuleOp, mutants: list[tuple[str, ModuleOp]], inputs: list[Array]) -> list[tuple[str, ModuleOp]]:
    """The mutants with the outputs of the module."""
    outputs = output_codes(module, inputs)
    return [
        (name, mutant)
        for name, mutant in mutants
        if all(np.array_equal(ours, theirs) for ours, theirs in zip(outputs, output_codes(mutant, inputs), strict=True))
    ]


def changed_text(project: Project, rng: np.random.Generator) -> bool:
    """Whether `make csim` fails with one number of the constants of a project changed by one."""
    files = [path for path in sorted((project.directory / "src/weights").iterdir()) if path.suffix == ".inc"]
    numbers = [(path, match) for path in files for match in re.finditer(r"-?\b\d+\b", path.read_text())]
    path, match = numbers[int(rng.integers(len(numbers)))]
    text = path.read_text()
    changed = str(int(match[0]) + int(rng.choice([-1, 1])))
    path.write_text(text[: match.start()] + changed + text[match.end() :])
    try:
        project.make("csim")
    except QdialectError:
        return True
    finally:
        path.write_text(text)
    return False


def row(folder: Path, count: int, text: int) -> tuple[str, ...]:
    """A line of the table."""
    module = lower(imported(folder))
    rng = np.random.default_rng(0)
    mutants = [sabotaged(module, rng) for _ in range(count)]
    with tempfile.TemporaryDirectory() as scratch:
        projects = [
            qdialect.write_hls(module, Path(scratch) / io_type, {"io_type": io_type})
            for io_type in ARCHITECTURES
            if text
        ]
        failed = sum(changed_text(projects[number % 2], rng) for number in range(text))
    before = process_time()
    inputs = bench_inputs(module)
    seconds = process_time() - before
    few = unnoticed(module, mutants, [x[:VECTORS] for x in inputs])
    left = unnoticed(module, few, inputs)
    asked, unasked = left[:PROOFS], left[PROOFS:]
    open_ = [name for name, mutant in asked if not prove(module, mutant, search=False).certified]
    open_ += [name for name, _ in unasked]
    kinds = Counter(name.split("[")[0] for name in open_).most_common()
    noticed = f"{count - len(left)} / {count}"
    missed = f"{len(open_)} {' '.join(f'{name} {n}' for name, n in kinds)}"
    return (
        folder.name,
        str(len(inputs[0])),
        f"{seconds:.1f}",
        str(count - len(few)),
        noticed,
        str(len(left) - len(open_)),
        missed,
        str(failed),
        str(text),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--text", type=int, default=0)
    options = parser.parse_args()
    rows: list[tuple[str, ...]] = []
    for folder in options.folders:
        try:
            rows.append(row(folder, options.count, options.text))
        except QdialectError as error:
            rows.append((folder.name, f"refused: {error}"[:80]))
        print("  ".join(rows[-1]), flush=True)
    print("\n".join(columns([HEADER, *(each for each in rows if len(each) == len(HEADER))])))


if __name__ == "__main__":
    main()
