"""The lit suite as one test, and what keeps its negative tests honest."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).resolve().parents[2] / "lit"
TESTS = sorted(path for path in SUITE.rglob("*.mlir") if "Inputs" not in path.parts)


def run_lines(path: Path) -> list[str]:
    """The commands of a lit test, continued lines joined."""
    text = re.sub(r"\\\n//\s*RUN:", "", path.read_text())
    return re.findall(r"^//\s*RUN:\s*(.*)$", text, re.MULTILINE)


def test_lit_suite() -> None:
    command = [sys.executable, str(SUITE / "forked_lit.py"), "-v", "-j2", "--no-progress-bar", str(SUITE)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(SUITE)))
def test_run_lines_check_something(path: Path) -> None:
    """`--verify-diagnostics` exits with 0 whether or not an error occurs: only a CHECK line makes it a test."""
    lines = run_lines(path)
    assert lines, "a test without RUN line"
    for line in lines:
        if "diagnostics" in line:
            assert re.search(r"\|\s*filecheck\b", line), line
        prefixes = re.findall(r"--check-prefix(?:es)?[= ](\S+)", line) or ["CHECK"] * ("filecheck" in line)
        for prefix in ",".join(prefixes).split(",") if prefixes else []:
            assert re.search(rf"//\s*{prefix}(-LABEL|-DAG)?:", path.read_text()), f"no {prefix} line: {line}"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(SUITE)))
def test_lines_fit_into_120_columns(path: Path) -> None:
    """But for quoted texts, and for tests that match whole lines."""
    text = re.sub(r'"[^"\n]{60,}"', '""', path.read_text())
    long = [line for line in text.splitlines() if len(line) > 120]
    assert long == [] or "--match-full-lines" in text
