"""Prints the tables of all networks at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def pytest_terminal_summary(terminalreporter) -> None:
    from harness import speed_lines, table, width_lines

    reports = [report for kind in ("passed", "failed", "skipped") for report in terminalreporter.stats.get(kind, [])]
    recorded = [entry for report in reports for entry in getattr(report, "user_properties", ())]
    rows = [tuple(value) for key, value in recorded if key == "row"]
    speeds = [tuple(value) for key, value in recorded if key == "speed"]
    widths = [tuple(value) for key, value in recorded if key == "width"]
    if rows:
        terminalreporter.write_line("\n".join(["", *table(sorted(rows))]))
    if speeds:
        terminalreporter.write_line("\n".join(["", *speed_lines(sorted(speeds))]))
    if widths:
        terminalreporter.write_line("\n".join(["", *width_lines(widths)]))
