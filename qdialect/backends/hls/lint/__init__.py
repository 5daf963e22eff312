"""Linters for the text of an emitted project: constructs that a vendor's tool would refuse or ignore."""

from __future__ import annotations

import os
from pathlib import Path

from qdialect.backends.hls.lint.constants import lint_constants
from qdialect.backends.hls.lint.pragmas import lint_pragmas
from qdialect.backends.hls.lint.source import Finding, parse
from qdialect.backends.hls.lint.synthesizability import lint_synthesizability
from qdialect.errors import QdialectError

__all__ = ["Finding", "lint_project"]


def lint_project(directory: str | os.PathLike[str]) -> list[Finding]:
    """What the sources in `directory`/src break, in the order of files and lines.

    Raises `QdialectError` if there are no sources.
    """
    folder = Path(directory)
    paths = sorted(path for path in folder.glob("src/*") if path.suffix in (".cpp", ".h"))
    if not any(path.suffix == ".cpp" for path in paths):
        raise QdialectError(f"{directory}: no project, which has src/*.cpp")
    files = {str(path.relative_to(folder)): parse(path.read_text()) for path in paths}
    return sorted({*lint_pragmas(files), *lint_constants(files), *lint_synthesizability(files)})
