"""Every fault that was found has a test: the table in `tests/corpus/README.md` names them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE = (TESTS.parent / "corpus" / "README.md").read_text()
ROWS = dict(re.findall(r"^\| ([A-D]\d+) .*?\| (.*) \|$", TABLE, re.MULTILINE))
"""Fault -> its tests."""


def test_the_table_is_whole():
    counts = {"A": 19, "B": 12, "C": 6, "D": 4}
    assert list(ROWS) == [f"{kind}{number + 1}" for kind, count in counts.items() for number in range(count)]


@pytest.mark.parametrize("fault", ROWS)
def test_its_tests_exist(fault):
    named = re.findall(r"`([^`:]+)::(\w+)`", ROWS[fault])
    assert len(named) == ROWS[fault].count("::") > 0
    for path, name in named:
        tree = ast.parse((TESTS / path).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{path}::{name}"
