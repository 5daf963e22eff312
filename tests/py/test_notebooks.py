"""The notebooks of `examples/notebooks` run to the end."""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from typing import Any

import pytest
from trained import ROOT

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:marimo")

FOLDER = ROOT / "examples" / "notebooks"


def run(name: str) -> Mapping[str, Any]:
    """What the cells of a notebook define."""
    _, defined = runpy.run_path(str(FOLDER / f"{name}.py"))["app"].run()
    return defined


def test_the_first_hour_ends_with_equal_numbers() -> None:
    ran = run("first_hour")
    assert (ran["compiled"] == ran["logits"]).all()
    assert ran["accuracy"] > 96


def test_designs_have_the_interval_that_is_asked_for() -> None:
    designs = run("choosing_hardware")["designs"]
    assert [each["interval"] for each in designs if each["architecture"] == "io_parallel"] == [8, 4]


def test_every_notebook_is_run() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == {"first_hour", "choosing_hardware"}
