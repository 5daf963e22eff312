"""The folder of a project: its files are replaced as a whole, and other files are left alone."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from qdialect.errors import QdialectError

MANIFEST = "manifest.json"


def check_replaceable(target: Path) -> None:
    """Raise QdialectError for a path that holds anything other than an earlier project, or that lies below a file."""
    above = next((parent for parent in target.absolute().parents if parent.exists()), None)
    if above is not None and not above.is_dir():
        raise QdialectError(f"{target}: {above} is not a directory; choose another one")
    if not target.exists():
        return
    if not target.is_dir() or (any(target.iterdir()) and _listed(target) is None):
        raise QdialectError(f"{target}: exists and is no earlier qdialect project; choose another directory")


def _listed(target: Path) -> set[str] | None:
    """The files of the project in `target` as its manifest lists them; None if it is no project of ours.

    Other tools call their files manifest.json too. A path that leads out of the project is none of its files.
    """
    try:
        content = json.loads((target / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or not str(content.get("generator")).startswith("qdialect "):
        return None
    root = target.resolve()
    return {MANIFEST} | {path for path in content.get("files", ()) if (target / path).resolve().is_relative_to(root)}


def add_files(target: Path, text: Mapping[str, str]) -> None:
    """Add files to the project in `target`, and to its manifest, so that they are replaced with it.

    Raises QdialectError if a file that was added by hand is in the way.
    """
    listed = _listed(target) or set()
    for path in text:
        _expect_free(target, path, listed)
    manifest = json.loads((target / MANIFEST).read_text())
    manifest["files"] |= {path: hashlib.sha256(content.encode()).hexdigest() for path, content in text.items()}
    for path, content in {MANIFEST: json.dumps(manifest, indent=2) + "\n", **text}.items():
        (target / path).write_text(content)


def _expect_free(target: Path, path: str, listed: set[str]) -> None:
    if path not in listed and os.path.lexists(target / path):
        raise QdialectError(
            f"{target / path}: was added by hand and is in the way; move it or choose another directory"
        )


def replace_files(target: Path, text: Mapping[str, str]) -> None:
    """Replace the files that the manifest in `target` lists by the files `text`, and leave all others alone.

    The manifest is replaced first, so that a write that is interrupted can be repeated.
    Raises QdialectError, before anything changes, if an added file is in the way.
    """
    listed = _listed(target) or set()
    for path in sorted(text):
        _expect_free(target, path, listed)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        for path, content in text.items():
            file = Path(scratch) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        for path in sorted(listed - text.keys()):
            (target / path).unlink(missing_ok=True)
        for path in sorted(text, key=lambda path: path != MANIFEST):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(scratch) / path, target / path)
