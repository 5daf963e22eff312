"""Writes the JSON schemas of results, in `qdialect/reports/schemas`, from their classes."""

from __future__ import annotations

import json
from pathlib import Path

from qdialect.reports.design_result import DesignResult
from qdialect.reports.info import ModelInfo
from qdialect.reports.json_form import schema_of
from qdialect.reports.profile import Profile
from qdialect.reports.proposal import Proposal
from qdialect.reports.widths import WidthTable
from qdialect.sweeps.collect import Sweep

FOLDER = Path(__file__).parents[1] / "qdialect" / "reports" / "schemas"
RESULTS = {
    "design": DesignResult,
    "info": ModelInfo,
    "profile": Profile,
    "proposal": Proposal,
    "sweep": Sweep,
    "widths": WidthTable,
}
"""What commands print with --json, by the name of the schema."""

if __name__ == "__main__":
    for name, class_ in RESULTS.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(schema_of(class_), indent=2) + "\n")
