"""Test benches against changes: of single constants changed by one, how many do the recorded vectors notice?

    python benchmarks/equality/changed_constants.py [--count N] [--text N] FOLDER...

Per network, N constants of its lowering are drawn and changed by one, and the fast simulator runs what the written test
bench compares. With --text, that many constants of the written projects of both architectures (`text_constants`) are
changed by one, and `make csim` runs. Prints a line per network; of changes that no vector shows, how many are proved to
be none for all inputs (`text_proofs`), and the names of the others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from time import process_time

import numpy as np
from certificates import imported, sabotaged
from text_constants import TextConstant, array_constants, statement_constants
from text_proofs import ProvableText
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
HEADER = ("network", "vectors", "s", f"first {VECTORS}", "noticed", "no changes", "missed")
TEXT_HEADER = ("network", "in text", "noticed", "no changes", "missed")


def unnoticed(module: ModuleOp, mutants: list[tuple[str, ModuleOp]], inputs: list[Array]) -> list[tuple[str, ModuleOp]]:
    """The mutants with the outputs of the module."""
    outputs = output_codes(module, inputs)
    return [
        (name, mutant)
        for name, mutant in mutants
        if all(np.array_equal(ours, theirs) for ours, theirs in zip(outputs, output_codes(mutant, inputs), strict=True))
    ]


@dataclass
class Tally:
    """Of changes of text: how many the vectors notice, no input shows, and what the others are."""

    noticed: int = 0
    proved: int = 0
    missed: list[str] = field(default_factory=list[str])

    @property
    def count(self) -> int:
        return self.noticed + self.proved + len(self.missed)

    def add(self, noticed: bool, proved: Callable[[], bool], name: str) -> None:
        if noticed:
            self.noticed += 1
        elif proved():
            self.proved += 1
        else:
            self.missed.append(name)

    def cells(self) -> tuple[str, ...]:
        return str(self.count), str(self.noticed), str(self.proved), f"{len(self.missed)} {' '.join(self.missed)}"


def fails(project: Project, constant: TextConstant, step: int) -> bool:
    """Whether `make csim` fails with a constant changed."""
    text = constant.path.read_text()
    constant.path.write_text(constant.changed(step))
    try:
        project.make("csim")
    except QdialectError:
        return True
    finally:
        constant.path.write_text(text)
    return False


def text_row(folder: Path, count: int) -> Tally:
    """What becomes of drawn constants of the text, in turns of both architectures."""
    module, rng, tally = lower(imported(folder)), np.random.default_rng(0), Tally()
    for number, io_type in enumerate(ARCHITECTURES):
        provable = ProvableText(module, io_type)
        with tempfile.TemporaryDirectory() as scratch:
            project = qdialect.write_hls(module, Path(scratch) / "project", {"io_type": io_type})
            constants = array_constants(project.directory) + statement_constants(project.directory)
            for place in rng.choice(len(constants), (count + 1 - number) // 2, replace=False):
                constant, step = constants[place], int(rng.choice([-1, 1]))
                name = f"{constant.name} {constant.value} {step:+}"
                tally.add(fails(project, constant, step), partial(provable.proves, constant, step), name)
    return tally


def row(folder: Path, count: int) -> tuple[str, ...]:
    """A line of the table."""
    module = lower(imported(folder))
    rng = np.random.default_rng(0)
    mutants = [sabotaged(module, rng) for _ in range(count)]
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
    vectors, no_changes = str(len(inputs[0])), str(len(left) - len(open_))
    return folder.name, vectors, f"{seconds:.1f}", str(count - len(few)), noticed, no_changes, missed


def table(header: tuple[str, ...], folders: list[Path], line: Callable[[Path], tuple[str, ...]]) -> None:
    """Print the lines as they come, then below each other."""
    rows = [header]
    for folder in folders:
        try:
            rows.append(line(folder))
        except QdialectError as error:
            print(f"{folder.name}  refused: {error}"[:120], flush=True)
            continue
        print("  ".join(rows[-1]), flush=True)
    print("\n".join(columns(rows)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--text", type=int, default=0)
    options = parser.parse_args()
    if options.count:
        table(HEADER, options.folders, lambda folder: row(folder, options.count))
    if options.text:
        tallies: list[Tally] = []

        def line(folder: Path) -> tuple[str, ...]:
            tallies.append(text_row(folder, options.text))
            return folder.name, *tallies[-1].cells()

        table(TEXT_HEADER, options.folders, line)
        count, noticed, proved = (sum(map(attrgetter(name), tallies)) for name in ("count", "noticed", "proved"))
        print(f"text: of {count} changed constants make csim notices {noticed}, {proved} are proved to change nothing")


if __name__ == "__main__":
    main()
