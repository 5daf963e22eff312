"""The lit files: every pass has one of its name, and their lines are short enough to read."""

from __future__ import annotations

from trained import ROOT

from qdialect.passes import PASSES

LIT = ROOT / "tests" / "lit"
LONGEST_LINE = 120


def test_every_pass_has_a_lit_file():
    assert {name for name in PASSES if not (LIT / "passes" / f"{name}.mlir").exists()} == set()


def test_lines_are_short_enough_to_read():
    files = [file for file in sorted(LIT.rglob("*.mlir")) if "Inputs" not in file.parts]
    lines = [(file, number, line) for file in files for number, line in enumerate(file.read_text().splitlines(), 1)]
    assert [f"{file.relative_to(ROOT)}:{number}" for file, number, line in lines if len(line) > LONGEST_LINE] == []
