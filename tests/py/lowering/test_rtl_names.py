"""Identifiers of SystemVerilog: legal, short enough for names of files, different from each other whatever the case."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sequences import dense, network_of, q

from qdialect import write_rtl
from qdialect.lowering.rtl.names import LONGEST, RESERVED, unique_identifiers


@given(st.lists(st.text(max_size=8) | st.sampled_from(["A", "a", "a.b", "a-b", "a_1", "n1", "", "wire", "x" * 10**4])))
def test_identifiers_are_legal_and_different(hints: list[str]) -> None:
    names = unique_identifiers(hints, ["a"])
    assert len({"a", *(name.lower() for name in names)}) == len(hints) + 1
    for name in names:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
        assert name not in RESERVED
        assert len(name) <= LONGEST + 8


def named(name: str):
    layer = dense(2)
    layer._name = name
    return layer


def test_files_of_a_network_with_long_names(tmp_path: Path) -> None:
    """Its names differ beyond the length that is kept, or in their case."""
    long = "n" * 10_000
    model, _ = network_of((3,), q(), *(named(name) for name in (f"{long}1", f"{long}2", "B", "b")))
    model._name = long
    write_rtl(model, tmp_path / "net")
    files = [path.stem for path in (tmp_path / "net" / "rtl").iterdir()]
    assert len({name.lower() for name in files}) == len(files)
    assert max(map(len, files)) <= LONGEST + 8
