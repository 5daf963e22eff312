"""Sizes that keep the code readable: of functions, files, folders, and of the root of `qdialect`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from trained import ROOT

FOLDERS = ("qdialect", "passes", "tools", "docs", "benchmarks", "examples", "tests/py", "tests/lit")
"""Where the project's own modules are."""
FUNCTION, FILE = 45, 300
"""Lines, at most."""
LANGUAGES = ("py", "h", "v", "j2", "mlir")
"""Suffixes of files whose lines are counted."""
FOLDER, TOP = 20, 6
"""Modules of a folder and of `qdialect` itself, at most, without `__init__` and `__main__`."""


def files(root: Path, suffix: str = "py") -> Iterator[Path]:
    """Every file once: `qdialect/passes` and `qdialect/tools` are links."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob(f"*.{suffix}")):
            if path.resolve().is_relative_to((root / folder).resolve()):
                yield path


def long_functions(root: Path) -> list[str]:
    """Functions of more than FUNCTION lines, decorators and docstring included."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: {node.name} has {length} lines"
        for path in files(root)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := lines_of(node)) > FUNCTION
    ]


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    assert node.end_lineno is not None
    return node.end_lineno - first + 1


def long_files(root: Path) -> list[str]:
    """Files of more than FILE lines, with the first line beyond."""
    return [
        f"{path.relative_to(root)}:{FILE + 1}: the file has {length} lines"
        for suffix in LANGUAGES
        for path in files(root, suffix)
        if (length := len(path.read_text().splitlines())) > FILE
    ]


def full_folders(root: Path) -> list[str]:
    """Folders of more than FOLDER modules, and `qdialect` with more than TOP."""
    counts = Counter(path.parent.relative_to(root) for path in files(root) if not path.stem.startswith("__"))
    return [
        f"{folder}: {count} modules"
        for folder, count in counts.items()
        if count > (TOP if folder == Path("qdialect") else FOLDER)
    ]


def shared_class_names(root: Path) -> list[str]:
    """Classes of one name in several files, beside operations: `qnn.add` and `hlscpp.add` are two classes AddOp."""
    places = [
        (node.name, str(path.relative_to(root)))
        for path in files(root)
        if path.relative_to(root).parts[0] != "tests"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.endswith("Op")
    ]
    counts = Counter(name for name, _ in places)
    return [f"{path}: class {name}" for name, path in places if counts[name] > 1]


def test_class_names_have_one_meaning():
    assert shared_class_names(ROOT) == []


def test_functions_are_short():
    assert long_functions(ROOT) == []


def test_files_are_short():
    assert long_files(ROOT) == []


def test_folders_are_small():
    assert full_folders(ROOT) == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree at the limits."""
    (tmp_path / "passes" / "integer").mkdir(parents=True)
    (tmp_path / "qdialect").mkdir()
    (tmp_path / "qdialect" / "passes").symlink_to("../passes")
    (tmp_path / "passes" / "fold.py").write_text("@cache\ndef fold():\n" + "    pass\n" * (FUNCTION - 2))
    (tmp_path / "passes" / "long.py").write_text("x = 1\n" * FILE)
    for i in range(FOLDER):
        (tmp_path / "passes" / "integer" / f"pass_{i}.py").touch()
    for name in ("__init__", *range(TOP)):
        (tmp_path / "qdialect" / f"{name}.py").touch()
    return tmp_path


def test_a_tree_at_the_limits(tree: Path):
    assert [*long_functions(tree), *long_files(tree), *full_folders(tree)] == []


def test_class_names_with_two_meanings_are_found(tree: Path):
    for name in ("a", "b"):
        (tree / "passes" / f"{name}.py").write_text("class Window: ...\n\n\nclass AddOp: ...\n")
    assert shared_class_names(tree) == ["passes/a.py: class Window", "passes/b.py: class Window"]


def test_what_is_too_large_is_found(tree: Path):
    for path in ("passes/fold.py", "passes/long.py"):
        (tree / path).write_text((tree / path).read_text() + "    y = 2\n" * (path == "passes/fold.py") + "# end\n")
    for path in ("passes/integer/more.py", "qdialect/more.py"):
        (tree / path).touch()
    assert long_functions(tree) == [f"passes/fold.py:2: fold has {FUNCTION + 1} lines"]
    assert long_files(tree) == [f"passes/long.py:{FILE + 1}: the file has {FILE + 1} lines"]
    assert full_folders(tree) == [f"qdialect: {TOP + 1} modules", f"passes/integer: {FOLDER + 1} modules"]
