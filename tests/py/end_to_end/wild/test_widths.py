"""Accumulator widths of networks from the wild: `QDIALECT_MODELS=<folder> make widths` prints the table."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from harness import Case, cases, input_type
from width_checks import checked_widths

import qdialect
from qdialect.reports.widths import WidthTable

MODELS = os.environ.get("QDIALECT_MODELS", "")


@pytest.mark.skipif(not MODELS, reason="QDIALECT_MODELS does not name a folder of networks")
@pytest.mark.parametrize("folder", cases(Path(MODELS)) if MODELS else [], ids=lambda folder: folder.name)
def test_widths(folder: Path, record_property) -> None:
    try:
        table = table_of(Case(folder))
    except qdialect.QdialectError as error:
        pytest.skip(str(error))
    for row in table.rows:
        record_property("width", (folder.name, *row.cells()))


def table_of(case: Case) -> WidthTable:
    """With a type for the inputs that the network does not quantize itself."""
    try:
        table = checked_widths(case.file)
        if not table.floats:
            return table
    except qdialect.QdialectError as error:
        if "input_type" not in str(error):
            raise
    return checked_widths(case.file, input_type(case.recorded("inputs")))
