"""Imports point one way: from a room to rooms on lower floors, and never in a circle of files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from trained import ROOT

FLOORS = (
    ("__init__", "errors", "text"),
    ("numerics",),
    ("dialects",),
    ("interpreter",),
    ("simulator",),
    ("analysis",),
    ("lowering", "rewrites", "validation"),
    ("estimates", "frontends", "proof"),
    ("backends", "passes"),
    ("compiler",),
    ("reports", "utils"),
    ("converters", "model", "report", "sweeps"),
    ("tools",),
    ("__main__",),
)
"""Rooms from the ground up; those of one floor do not know each other."""
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
SOURCES = {"qdialect": "qdialect", "passes": "qdialect.passes", "tools": "qdialect.tools"}
"""The folders of the project's modules, and the packages that they are."""


@dataclass(frozen=True)
class Import:
    """One module imports another one, on a line of its file."""

    file: Path
    line: int
    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.importer} imports {self.imported}"


def modules(root: Path) -> dict[str, Path]:
    """The files of all modules by their names; a package is its `__init__`."""
    found: dict[str, Path] = {}
    for folder, package in SOURCES.items():
        for file in sorted((root / folder).rglob("*.py")):
            found[".".join([package, *file.relative_to(root / folder).with_suffix("").parts])] = file
    return found


def imports(root: Path) -> Iterator[Import]:
    """Every import of a module of the project, wherever in a file it stands; for type checkers alone is none."""
    known = modules(root)
    for importer, file in known.items():
        tree = ast.parse(file.read_text())
        unread = {id(inner) for node in ast.walk(tree) if is_for_types(node) for inner in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and id(node) not in unread:
                for alias in node.names:
                    names = (f"{node.module}.{alias.name}", str(node.module), f"{node.module}.__init__")
                    if (imported := next((name for name in names if name in known), None)) is not None:
                        yield Import(file.relative_to(root), node.lineno, importer, imported)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def room(module: str) -> str:
    return module.split(".")[1]


def wrong_ways(root: Path) -> list[str]:
    """The imports that go up, or to a neighbour on the same floor."""
    return [
        str(arrow)
        for arrow in imports(root)
        if room(arrow.importer) != room(arrow.imported) and FLOOR[room(arrow.imported)] >= FLOOR[room(arrow.importer)]
    ]


def circle(root: Path) -> list[str]:
    """The modules of one circle of imports; none if there is none."""
    graph: dict[str, set[str]] = {}
    for arrow in imports(root):
        graph.setdefault(arrow.importer, set()).add(arrow.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_every_room_has_a_floor():
    assert {room(module) for module in modules(ROOT)} == FLOOR.keys()


def test_the_picture_shows_these_floors():
    (picture,) = re.findall(r"^```\n(tools .*?)^```", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S)
    shown = [set(line[:38].split()) for line in reversed(picture.splitlines())]
    assert shown == [set(rooms) for rooms in FLOORS if not {"__init__", "__main__"} & set(rooms)]


def test_imports_go_down():
    assert wrong_ways(ROOT) == []


def test_no_circle_of_files():
    assert circle(ROOT) == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house of two floors."""
    for path, text in {
        "qdialect/numerics/exact.py": "",
        "qdialect/dialects/qnn/types.py": "from qdialect.numerics.exact import shift\n",
        "passes/fold.py": "def apply():\n    from qdialect.dialects.qnn import types\n",
        "tools/qopt.py": "from qdialect.passes.fold import Fold\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_a_house_in_order(house: Path):
    assert (wrong_ways(house), circle(house)) == ([], [])


def test_an_import_that_goes_up_is_found(house: Path):
    (house / "qdialect/numerics/exact.py").write_text("\nfrom qdialect.dialects.qnn.types import Fixed\n")
    line = "qdialect/numerics/exact.py:2: qdialect.numerics.exact imports qdialect.dialects.qnn.types"
    assert wrong_ways(house) == [line]
    assert set(circle(house)) == {"qdialect.numerics.exact", "qdialect.dialects.qnn.types"}


def test_an_import_of_a_neighbour_is_found(house: Path):
    (house / "qdialect/backends").mkdir()
    (house / "qdialect/backends/printer.py").write_text("def text():\n    from qdialect.passes.fold import Fold\n")
    assert wrong_ways(house) == [
        "qdialect/backends/printer.py:2: qdialect.backends.printer imports qdialect.passes.fold"
    ]
