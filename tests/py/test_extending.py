"""Every section of docs/extending.md, applied to a copy of the repository as it is written, and its own tests run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from trained import ROOT

PAGE = ROOT / "docs" / "extending.md"
COPIED = (
    "passes",
    "qdialect",
    "tools",
    "tests/lit/lit.cfg.py",
    "tests/py/dialects",
    "tests/py/support",
    "pyproject.toml",
)
SECTIONS = ("A pass", "An operation", "A quantizer", "A layer")


@dataclass(frozen=True)
class Block:
    """A block of code: a new file, or a change of one."""

    kind: str
    path: str
    text: str

    def apply(self, tree: Path) -> None:
        file = tree / self.path
        if self.kind == "diff":
            file.write_text(changed(file.read_text(), self.text))
        else:
            assert not file.exists(), f"{self.path} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.text)


def changed(text: str, diff: str) -> str:
    """A text after the hunks of a diff; the lines around a change must be there exactly once."""
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
        assert text.count(old) == 1, f"not once in the file:\n{old}"
        text = text.replace(old, new)
    return text


def blocks(section: str) -> list[Block]:
    (text,) = re.findall(rf"^## {section}$(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [Block(*parts) for parts in re.findall(r"^```(\w+) (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in COPIED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, symlinks=True, ignore=shutil.ignore_patterns("*.pyc.*"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(tree: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env=environment, cwd=tree, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("section", SECTIONS)
def test_the_text_works_as_written(tree: Path, section: str) -> None:
    written = blocks(section)
    for block in written:
        block.apply(tree)
    sources = [block.path for block in written if block.path.endswith(".py")]
    run(tree, "-m", "ruff", "check", "-q", *sources)
    run(tree, "-m", "ruff", "format", "-q", "--check", *sources)
    if texts := [path for path in (block.path for block in written) if path.endswith(".mlir")]:
        run(tree, "-c", "from lit.main import main; main()", "-v", *texts)
    if tests := [path for path in sources if Path(path).name.startswith("test_")]:
        run(tree, "-m", "pytest", "-q", "-p", "no:xdist", *tests)
    assert texts or tests, "a section without tests"


def test_a_change_of_what_is_not_there_is_an_error() -> None:
    assert changed("a\nb\n", " a\n+c\n@@\n-b\n+d\n") == "a\nc\nd\n"
    with pytest.raises(AssertionError, match="not once"):
        changed("a\nb\n", " c\n+d\n")
