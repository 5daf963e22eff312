"""The rewrites of the compiler, and the lemmas that their docstrings name."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from trained import ROOT

NAMED = re.compile(r"Lemma: `([\w-]+)`")
FOLDERS = ("passes", "qdialect/rewrites", "qdialect/dialects/qnn/ops")
"""Where patterns and canonical forms stand."""


@dataclass(frozen=True)
class Rewrite:
    """A pattern, or the folder of an operation, and the lemmas that its docstring names."""

    name: str
    file: str
    lemmas: tuple[str, ...]


def rewrites() -> list[Rewrite]:
    """Every class that derives from RewritePattern, and every `fold`, in the order of the files."""
    found: list[Rewrite] = []
    for file in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef):
                found += rewrites_of(node, file.relative_to(ROOT))
    return found


def rewrites_of(node: ast.ClassDef, file: Path) -> list[Rewrite]:
    made: list[Rewrite] = []
    if any(ast.unparse(base) == "RewritePattern" for base in node.bases):
        made.append(Rewrite(node.name, str(file), tuple(NAMED.findall(ast.get_docstring(node) or ""))))
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "fold":
            made.append(Rewrite(f"{node.name}.fold", str(file), tuple(NAMED.findall(ast.get_docstring(inner) or ""))))
    return made
