"""Prints the table of all networks at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def pytest_terminal_summary(terminalreporter) -> None:
    from harness import table

    reports = [report for kind in ("passed", "failed", "skipped") for report in terminalreporter.stats.get(kind, [])]
    rows = [tuple(value) for report in reports for key, value in getattr(report, "user_properties", ()) if key == "row"]
    if rows:
        terminalreporter.write_line("\n".join(["", *table(sorted(rows))]))
