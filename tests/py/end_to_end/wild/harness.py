"""What a network from the wild must do: import without TensorFlow, equal Keras' recorded outputs, lower, compile.

Where Keras' own float32 rounds, its outputs must lie in the computed enclosure of every output of every sample
(`qdialect/validation/enclosures.py`); where it does not, the enclosure is one number, and the outputs are equal. Other
outputs are undecided where the enclosure is wider than a step.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import qdialect
from qdialect.compiler.configuration import IO_TYPES
from qdialect.dialects.qnn.heads import heads_for_host, heads_of
from qdialect.dialects.qnn.network import network
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import output_codes
from qdialect.numerics.heads import head_bounds
from qdialect.reports.widths import TITLES as WIDTH_TITLES
from qdialect.text import columns
from qdialect.validation.comparison import equal_as_float32
from qdialect.validation.enclosures import enclosed
from qdialect.validation.undecided import output_step

MODEL_FILES = ("model.h5", "model.keras", "arch.json", "saved_model")
FRAMEWORKS = ("tensorflow", "keras", "tf_keras", "qkeras")
INPUT_BITS = 32
SPEED_TITLES = ("network", *(f"{io_type} {what}" for io_type in IO_TYPES for what in ("g++ s", "samples/s")))
VERDICTS = ("equal", "enclosed", "undecided", "refused", "DIFFERS", "FAILED")
TITLES = (
    "network",
    "layers",
    "parameters",
    "verdict",
    "exact in Keras",
    "equal",
    "in enclosure",
    "head in bounds",
    "stages, or why not",
)


@dataclass
class Row:
    """What became of one network: how many outputs, in how many Keras' float32 is certain, how many are equal, how many
    lie in their enclosures, and how many results of a softmax or sigmoid in the bounds that follow from its logits."""

    name: str
    layers: int = 0
    parameters: int = 0
    total: int = 0
    certain: int = 0
    equal: int = 0
    enclosed: int = 0
    undecided: int = 0
    """Of those in enclosures, how many are not the nearest float32 and have an enclosure wider than a step."""
    of_head: tuple[int, int] | None = None
    furthest: float = 0.0
    """The largest difference from Keras' outputs, relative to the largest output."""
    widest: float = 0.0
    """The largest width of an enclosure among the outputs that differ, relative to the largest output."""
    speeds: tuple[str, ...] = ()
    """g++ seconds and samples/s of each architecture."""
    stages: str = ""
    refused: str = ""
    """Why the network was not imported, or went no further."""
    failure: str = ""
    """What went wrong."""

    @property
    def ok(self) -> bool:
        return self.enclosed == self.total and (self.of_head is None or self.of_head[0] == self.of_head[1])

    @property
    def verdict(self) -> str:
        if self.failure:
            return "FAILED"
        if not self.total:
            return "refused"
        if not self.ok:
            return "DIFFERS"
        return "undecided" if self.undecided else "equal" if self.equal == self.total else "enclosed"

    def cells(self) -> tuple[str, ...]:
        if not self.total:
            reason = self.failure or self.refused
            return self.name, str(self.layers), str(self.parameters), self.verdict, "-", "-", "-", "-", reason
        off = "" if self.equal == self.total else f" (off {self.furthest:.0e}, enclosed within {self.widest:.0e})"
        open_ = f", {self.undecided} wider than a step" if self.undecided else ""
        equal, enclosed = f"{self.equal}{off}", f"{self.enclosed} / {self.total}{open_}"
        head = "-" if self.of_head is None else f"{self.of_head[0]} / {self.of_head[1]}"
        reached = "; ".join(filter(None, (self.stages, self.refused, self.failure)))
        counts = str(self.layers), str(self.parameters), self.verdict, str(self.certain), equal, enclosed, head
        return self.name, *counts, reached


@dataclass
class Case:
    """A network's folder: a model file, recorded inputs and outputs."""

    folder: Path
    inputs: list[np.ndarray] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return next(self.folder / name for name in MODEL_FILES if (self.folder / name).exists())

    def recorded(self, stem: str) -> list[np.ndarray]:
        """`inputs.npy`, or `inputs_0.npy`, `inputs_1.npy`, ...; nothing if there is neither."""
        whole = self.folder / f"{stem}.npy"
        count = len(list(self.folder.glob(f"{stem}_*.npy")))
        paths = [whole] if whole.exists() else [self.folder / f"{stem}_{i}.npy" for i in range(count)]
        return [np.load(path) for path in paths]

    def wanted(self, module: Any) -> list[np.ndarray]:
        """Keras' outputs; the logits where the head is left to the host."""
        return (heads_for_host(network(module)) and self.recorded("logits")) or self.recorded("outputs")


def cases(folder: Path) -> list[Path]:
    """The folders in `folder` that hold recorded inputs."""
    return sorted({path.parent for path in folder.glob("*/inputs*.npy")})


def as_list(outputs: Any) -> list[np.ndarray]:
    return [np.asarray(y) for y in (outputs if isinstance(outputs, list) else [outputs])]


@contextmanager
def missing(packages: Sequence[str]) -> Iterator[None]:
    """Importing any of these fails; other modules that are imported meanwhile stay."""
    known = {name: sys.modules[name] for name in packages if name in sys.modules}
    sys.modules.update(dict.fromkeys(packages))
    try:
        yield
    finally:
        for name in packages:
            del sys.modules[name]
        sys.modules.update(known)


def check(row: Row, folder: Path, build: Path) -> None:
    """Fills the row. What qdialect refuses is no error here: the row says why."""
    case = Case(folder)
    with missing(FRAMEWORKS):
        try:
            graph = read_graph(read_source(case.file))
            row.layers = len(graph.layers)
            row.parameters = sum(layer.parameters for layer in graph.layers)
            module, roundings, type_ = imported(case, graph)
            row.stages = f"with input_type='{type_}': IR" if type_ else "IR"
            compare(row, case, module, roundings)
            lower(row, case, module, build)
        except qdialect.QdialectError as error:
            row.refused = str(error)


def imported(case: Case, graph: Any) -> tuple[Any, Any, str | None]:
    """The module, the roundings in its constants, and the type of its inputs where it needs one."""
    try:
        return *import_with_roundings(graph, None), None
    except qdialect.QdialectError as error:
        if "input_type" not in str(error):
            raise
    type_ = input_type(case.recorded("inputs"))
    return *import_with_roundings(graph, type_), type_


def compare(row: Row, case: Case, module: Any, roundings: Any) -> None:
    """The imported module with Keras."""
    inputs = case.recorded("inputs")
    got = as_list(qdialect.simulate(module, inputs))
    wanted = [y.astype(np.float64) for y in case.wanted(module)]
    assert [y.shape for y in got] == [y.shape for y in wanted]
    row.total = sum(y.size for y in wanted)
    known = enclosed(module, inputs, roundings)
    for ours, keras, enclosure, own in zip(got, wanted, known.outputs, known.steps, strict=True):
        assert enclosure.holds(ours).all()
        width, same = np.broadcast_to(enclosure.width, keras.shape), ours == keras
        row.certain += int((width == 0).sum())
        row.equal += int(same.sum())
        row.enclosed += int(enclosure.holds(keras).sum())
        nearest = equal_as_float32(keras.astype(np.float32), ours)
        row.undecided += int((~nearest & (width > output_step(keras, own))).sum())
        largest = max(np.abs(keras).max(), 1e-30)
        row.furthest = max(row.furthest, float(np.abs(ours - keras).max() / largest))
        row.widest = max(row.widest, float(width[~same].max(initial=0) / largest))
    row.of_head = in_bounds(case, module)


def in_bounds(case: Case, module: Any) -> tuple[int, int] | None:
    """How many of Keras' outputs lie within the float32 rounding of a softmax or sigmoid of Keras' logits, and of how
    many."""
    heads = heads_of(network(module))
    if not any(head.is_left_to_host for head in heads) or not case.recorded("logits"):
        return None
    inside: list[np.ndarray] = []
    for head, logits, y in zip(heads, case.recorded("logits"), case.recorded("outputs"), strict=True):
        low, high = head_bounds(head, logits)
        inside.append(((low <= y) & (y <= high)).ravel())
    every = np.concatenate(inside)
    return int(every.sum()), every.size


def lower(row: Row, case: Case, module: Any, build: Path) -> None:
    """The lowered module and the compiled C++ with the imported module; inputs that the network itself does not
    quantize are given a wide type."""
    try:
        run_lowered(row, case, module, build)
    except qdialect.QdialectError as error:
        if "input_type" not in str(error):
            raise
        type_ = input_type(case.recorded("inputs"))
        row.stages += f"; with input_type='{type_}': IR"
        run_lowered(row, case, qdialect.from_keras(case.file, type_), build)


def run_lowered(row: Row, case: Case, module: Any, build: Path) -> None:
    inputs = case.recorded("inputs")
    reference = as_list(qdialect.simulate(module, inputs))
    passes: list[str] = []
    lowered = qdialect.lower(module, verify=True, after=lambda pass_, _: passes.append(pass_.name))
    same = all((a == b).all() for a, b in zip(reference, as_list(qdialect.simulate(lowered, inputs)), strict=True))
    codes = output_codes(lowered, inputs)
    row.stages += f" {'=' if same else '!='} {len(passes)} passes"
    for io_type in IO_TYPES:
        project = qdialect.write_hls(lowered, build / io_type, {"io_type": io_type})
        start = perf_counter()
        project.compile()
        compiled = perf_counter()
        outputs = project.codes(inputs)
        rate = len(inputs[0]) / (perf_counter() - compiled)
        same = all((a == b).all() for a, b in zip(codes, outputs, strict=True))
        row.stages += f" {'=' if same else '!='} {io_type}"
        row.speeds += f"{compiled - start:.1f}", f"{rate:.0f}"


def input_type(inputs: list[np.ndarray]) -> str:
    """The type of INPUT_BITS that holds the largest recorded input."""
    largest = max(float(np.abs(x).max()) for x in inputs)
    return f"fixed<{INPUT_BITS}, {max(math.frexp(largest)[1], 0) + 1}>"


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """One line per network, and the tally."""
    verdicts = [row[TITLES.index("verdict")] for row in rows]
    counts = {verdict: verdicts.count(verdict) for verdict in VERDICTS}
    tally = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return [*columns([TITLES, *rows]), f"{len(rows)} networks: {tally}"]


def speed_lines(rows: list[tuple[str, ...]]) -> list[str]:
    """C simulation of both architectures: seconds of g++, samples per second."""
    return columns([SPEED_TITLES, *rows])


def width_lines(rows: list[tuple[str, ...]]) -> list[str]:
    """The accumulators of all networks, and how often the other rules are too narrow."""
    lines = columns([("network", *WIDTH_TITLES), *rows])
    for column, rule in ((4, "QTools"), (5, "hls4ml auto")):
        judged = [row[column] for row in rows if row[column] != "float"]
        unsound = sum(cell.endswith("unsound") for cell in judged)
        lines.append(f"{rule}: too narrow for {unsound} of {len(judged)} accumulators")
    bits = {title: sum(int(row[column]) for row in rows) for title, column in (("from types", 3), ("proven", 6))}
    return [*lines, f"bits of all accumulators: {bits['from types']} from types, {bits['proven']} proven"]
