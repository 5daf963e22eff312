"""Docstrings state what a function returns or a class is; none of them asks."""

from __future__ import annotations

import ast

from trained import ROOT


def test_docstrings_state():
    asking: list[str] = []
    for folder in ("qdialect", "passes", "tools"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Module):
                    first = (ast.get_docstring(node) or "").split("\n\n")[0]
                    asking += [f"{file.relative_to(ROOT)}: {first}"] if first.rstrip().endswith("?") else []
    assert asking == []
