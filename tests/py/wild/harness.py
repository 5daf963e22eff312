"""What a network from the wild must do: import without TensorFlow, equal Keras' recorded outputs, lower, compile."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import qdialect
from qdialect.frontends.keras.builder import HEAD
from qdialect.frontends.keras.graph import read_graph
from qdialect.frontends.keras.importer import read_source
from qdialect.info import describe
from qdialect.interpreter.simulate import network
from qdialect.report import columns
from qdialect.widths import TITLES as WIDTH_TITLES

MODEL_FILES = ("model.h5", "model.keras", "arch.json", "saved_model")
FRAMEWORKS = ("tensorflow", "keras", "tf_keras", "qkeras")
INPUT_BITS = 32
TITLES = ("network", "layers", "parameters", "equal outputs", "stages, or why not")


@dataclass
class Row:
    """What became of one network."""

    name: str
    layers: int = 0
    parameters: int = 0
    equal: int = 0
    total: int = 0
    furthest: float = 0.0
    """The largest difference from Keras' outputs, relative to the largest output."""
    rounding: tuple[str, ...] = ()
    """The layers in which Keras' own float32 rounds."""
    stages: str = ""
    refused: str = ""
    """Why the network was not imported, or went no further."""

    @property
    def ok(self) -> bool:
        """Whatever was computed is equal, but for Keras' own roundings."""
        return self.equal == self.total or (bool(self.rounding) and self.furthest < 1e-2)

    def cells(self) -> tuple[str, ...]:
        equal = f"{self.equal} / {self.total}" if self.total else "-"
        rounds = ""
        if self.equal < self.total:
            equal += f" (off by {self.furthest:.1e})"
            rounds = f"Keras rounds in {', '.join(self.rounding)}" if self.rounding else "DIFFERS"
        reached = "; ".join(part for part in (self.stages, rounds, self.refused) if part)
        return self.name, str(self.layers), str(self.parameters), equal, reached


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
        return (HEAD in network(module).attributes and self.recorded("logits")) or self.recorded("outputs")


def cases(folder: Path) -> list[Path]:
    """The folders in `folder` that hold recorded inputs."""
    return sorted({path.parent for path in folder.glob("*/inputs*.npy")})


def as_list(outputs: Any) -> list[np.ndarray]:
    return [np.asarray(y) for y in (outputs if isinstance(outputs, list) else [outputs])]


def check(folder: Path, build: Path) -> Row:
    """What qdialect refuses is no error here: the row says why."""
    case, row = Case(folder), Row(folder.name)
    with patch.dict(sys.modules, dict.fromkeys(FRAMEWORKS)):  # importing any of them fails
        try:
            graph = read_graph(read_source(case.file))
            row.layers = len({call.layer.name for call in graph.calls})
            row.parameters = parameters(graph)
            module, type_ = imported(case)
            row.stages = f"with input_type='{type_}': IR" if type_ else "IR"
            row.rounding = tuple(i.name for i in describe(case.file, type_).layers if "round" in i.verdict)
            compare(row, case, module)
            lower(row, case, module, build)
        except qdialect.QdialectError as error:
            row.refused = str(error)
    return row


def parameters(graph: Any) -> int:
    layers = {call.layer.name: call.layer for call in graph.calls}.values()
    return sum(layer.parameters for layer in layers)


def imported(case: Case) -> tuple[Any, str | None]:
    """The module, and the type of its inputs where the network cannot be imported without one."""
    try:
        return qdialect.from_keras(case.file), None
    except qdialect.QdialectError as error:
        if "input_type" not in str(error):
            raise
    type_ = input_type(case.recorded("inputs"))
    return qdialect.from_keras(case.file, type_), type_


def compare(row: Row, case: Case, module: Any) -> None:
    """The imported module with Keras."""
    got = as_list(qdialect.simulate(module, case.recorded("inputs")))
    wanted = [y.astype(np.float64) for y in case.wanted(module)]
    assert [y.shape for y in got] == [y.shape for y in wanted]
    row.equal = sum(int((a == b).sum()) for a, b in zip(wanted, got, strict=True))
    row.total = sum(y.size for y in wanted)
    pairs = zip(wanted, got, strict=True)
    row.furthest = max(float(np.abs(a - b).max() / max(np.abs(a).max(), 1e-30)) for a, b in pairs)


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
    row.stages += f" {'=' if same else '!='} {len(passes)} passes"
    outputs = as_list(qdialect.write_hls(lowered, build).compile().predict(inputs))
    same = all((a == b).all() for a, b in zip(reference, outputs, strict=True))
    row.stages += f" {'=' if same else '!='} C++"


def input_type(inputs: list[np.ndarray]) -> str:
    """The type of INPUT_BITS that holds the largest recorded input."""
    largest = max(float(np.abs(x).max()) for x in inputs)
    return f"fixed<{INPUT_BITS}, {max(math.frexp(largest)[1], 0) + 1}>"


def table(rows: list[tuple[str, ...]]) -> list[str]:
    return columns([TITLES, *rows])


def width_lines(rows: list[tuple[str, ...]]) -> list[str]:
    """The accumulators of all networks, and how often the other rules are too narrow."""
    lines = columns([("network", *WIDTH_TITLES), *rows])
    for column, rule in ((4, "QTools"), (5, "hls4ml auto")):
        judged = [row[column] for row in rows if row[column] != "float"]
        unsound = sum(cell.endswith("unsound") for cell in judged)
        lines.append(f"{rule}: too narrow for {unsound} of {len(judged)} accumulators")
    bits = {title: sum(int(row[column]) for row in rows) for title, column in (("from types", 3), ("proven", 6))}
    return [*lines, f"bits of all accumulators: {bits['from types']} from types, {bits['proven']} proven"]
