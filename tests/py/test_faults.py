"""Every fault that was found has a test, or its reason on the coverage page: `tests/corpus/README.md` says which.

`pytest -v tests/py/test_faults.py` prints the faults.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from trained import ROOT

TESTS = Path(__file__).parent
TABLE = (ROOT / "tests" / "corpus" / "README.md").read_text()
COVERAGE = (ROOT / "docs" / "coverage.md").read_text()
ROWS = re.findall(r"^\| ([A-D]\d+) (.*?) \| (.*) \|$", TABLE, re.MULTILINE)
"""Fault, what it was, and its tests or rows of the coverage page."""


@cache
def functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_the_table_is_whole():
    counts = {"A": 19, "B": 42, "C": 18, "D": 15}
    assert [fault for fault, *_ in ROWS] == [f"{kind}{n + 1}" for kind, count in counts.items() for n in range(count)]


@pytest.mark.parametrize("cell", [cell for *_, cell in ROWS], ids=[f"{fault} {what}" for fault, what, _ in ROWS])
def test_its_tests_exist(cell):
    named = re.findall(r"`([^`:]+)::(\w+)`", cell)
    reasons = re.findall(r"`docs/coverage.md: ([^`]+)`", cell)
    assert len(named) + len(reasons) == cell.count("`") // 2 > 0
    for path, name in named:
        assert name in functions(TESTS / path), f"{path}::{name}"
    for row in reasons:
        assert re.search(rf"^\| {re.escape(row)} \| [a-z].* \|$", COVERAGE, re.MULTILINE), row
