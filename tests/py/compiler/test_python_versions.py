"""What Python versions disagree about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]


def shadowed(text: str) -> Iterator[tuple[int, str]]:
    """Comprehension variables named as something of the module: Python 3.12.1 takes the latter for an unbound local
    where another comprehension of the same function reads it."""
    tree = ast.parse(text)
    imported = {
        (a.asname or a.name) for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    }
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.comprehension)):
        for target in (n for n in ast.walk(node.target) if isinstance(n, ast.Name)):
            if target.id in imported | defined:
                yield target.lineno, target.id


def test_no_comprehension_shadows_a_name_of_the_module() -> None:
    files = [path for folder in ("qdialect", "passes", "tools") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    assert not [(str(path), *found) for path in files for found in shadowed(path.read_text())]


def test_the_check_sees_such_a_name() -> None:
    text = "def tensor(y): ...\ndef f(xs):\n    ys = [tensor for tensor in xs]\n    return [tensor(y) for y in ys]\n"
    assert list(shadowed(text)) == [(3, "tensor")]
