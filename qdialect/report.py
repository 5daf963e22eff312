"""For users of hls4ml: reports of synthesis, read from a project."""

from __future__ import annotations

import os
from typing import Any

from qdialect.errors import absent
from qdialect.estimates.csynth import read_csynth

INSTEAD = {
    "parse_vivado_report": "use read_vivado_report, which returns the numbers",
    "read_quartus_report": "projects are for Vitis",
}


def __getattr__(name: str) -> object:
    raise absent("qdialect.report", name, INSTEAD)


def read_vivado_report(hls_dir: str | os.PathLike[str]) -> dict[str, Any]:
    """The numbers of Vitis' synthesis in a project under hls4ml's keys: cycles, ns, and resources of the top function;
    None where the tool gives none. Raises QdialectError if nothing was synthesized there."""
    top, _ = read_csynth(os.fspath(hls_dir))
    return {
        "CSynthesisReport": {
            "EstimatedClockPeriod": top.clock,
            "WorstLatency": top.latency,
            "IntervalMax": top.interval,
            "LUT": top.lut,
            "FF": top.ff,
            "DSP": top.dsp,
            "BRAM_18K": top.bram18,
        }
    }


def print_vivado_report(report: dict[str, Any]) -> None:
    """A line for each number of `read_vivado_report`."""
    for section, numbers in report.items():
        print(section, *(f"  {name}: {number}" for name, number in numbers.items()), sep="\n")
