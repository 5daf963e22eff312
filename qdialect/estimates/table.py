"""Estimates as a table, with what Vitis HLS reported beside them."""

from __future__ import annotations

from collections.abc import Sequence

from qdialect.estimates.csynth import Synthesized
from qdialect.estimates.schedule import Estimate
from qdialect.text import columns

TITLES = ("function", "multipliers", "adders", "LUT", "FF", "DSP", "BRAM18", "latency", "interval")

MEASURED = ("LUT", "FF", "DSP", "BRAM18", "latency", "interval")


def estimate_lines(top: Estimate, parts: Sequence[Estimate], clock: float) -> list[str]:
    """A row for each function, the top one last."""
    rows = [_estimated(estimate) for estimate in (*parts, top)]
    title = f"estimates at {clock:g} ns, from a cost model (docs/estimates.md); no synthesis was run"
    return [title, *columns([TITLES, *rows])]


def comparison_lines(
    top: Estimate, parts: Sequence[Estimate], clock: float, measured: tuple[Synthesized, Sequence[Synthesized]]
) -> list[str]:
    """For each function two rows: the estimate, and what synthesis reported; `-` where it reports none."""
    whole, modules = measured
    known = {module.name: module for module in modules}
    rows: list[Sequence[str]] = []
    for estimate in (*parts, top):
        name = f"{top.name}_{estimate.name}"  # Vitis HLS puts the top function's name before a module's
        found = whole if estimate is top else known.get(estimate.name) or known.get(name)
        rows += [(*_estimated(estimate)[:1], "estimate", *_estimated(estimate)[3:])]
        if found is not None:
            rows += [("", "synthesis", *_synthesized(found))]
    reached = "" if whole.clock is None else f"; synthesis expects {whole.clock:g} ns"
    title = f"estimates at {clock:g} ns beside the report of Vitis HLS{reached}"
    return [title, *columns([("function", "source", *MEASURED), *rows])]


def _estimated(estimate: Estimate) -> Sequence[str]:
    r = estimate.resources
    numbers = (r.multipliers, r.adders, r.lut, r.ff, r.dsp, r.bram18, estimate.latency, estimate.interval)
    return (estimate.name, *(f"{number:.0f}" for number in numbers))


def _synthesized(module: Synthesized) -> Sequence[str]:
    numbers = (module.lut, module.ff, module.dsp, module.bram18, module.latency, module.interval)
    return tuple("-" if number is None else str(number) for number in numbers)
