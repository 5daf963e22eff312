"""The tables of a design behind its summary: sums, functions beside a report of synthesis, ranges with witnesses."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.analysis.costs import report
from qdialect.compiler.built import Built
from qdialect.compiler.hardware import HlsHardware
from qdialect.compiler.targets.range_report import explanations
from qdialect.errors import QdialectError
from qdialect.estimates.csynth import Synthesized
from qdialect.estimates.table import comparison_lines, estimate_lines


def tables(
    built: Built, measured: tuple[Synthesized, Sequence[Synthesized]] | None = None, ranges: bool = False
) -> list[str]:
    """The lines of all tables; `measured` is a report of synthesis, `ranges` adds every value with what attains its
    ends. Raises QdialectError for such a report beside RTL."""
    module, hardware, clock = built.hardware.design.module, built.hardware, built.settings.clock_period
    lines = ["", *report(module).table()]
    if isinstance(hardware, HlsHardware):
        estimates = hardware.design.estimates
        whole, parts = estimates.top, list(estimates.parts.values())
        lines += ["", *estimate_lines(whole, parts, clock)]
        if measured is not None:
            lines += ["", *comparison_lines(whole, parts, clock, measured)]
    elif measured is not None:
        raise QdialectError("--csynth belongs to --target hls")
    return [*lines, "", *explanations(module)] if ranges else lines
