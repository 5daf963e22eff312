"""Reports of Vitis HLS synthesis: the `csynth.xml` of a solution, and one file for each module beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from qdialect.errors import QdialectError

TOP_FILE = "csynth.xml"

MODULE_SUFFIX = "_csynth"


@dataclass(frozen=True)
class Synthesized:
    """The vendor tool's figures for a module; None where it gives no number ("undef", "?")."""

    name: str
    lut: int | None
    ff: int | None
    dsp: int | None
    bram18: int | None
    latency: int | None
    """Cycles of the worst case."""
    interval: int | None
    """Cycles between starts, of the worst case."""
    clock: float | None
    """Estimated clock period, ns."""


def read_csynth(path: str | Path) -> tuple[Synthesized, Sequence[Synthesized]]:
    """The top function and the modules of a synthesis report: `csynth.xml`, or the folder that holds it.

    Raises QdialectError, naming the file, if there is none or if it is no such report.
    """
    path = Path(path)
    found = sorted(path.rglob(TOP_FILE)) if path.is_dir() else [path]
    if not found:
        raise QdialectError(f"{path}: no {TOP_FILE} below it; Vitis HLS writes it into <solution>/syn/report")
    top = _read(found[0])
    files = sorted(found[0].parent.glob(f"*{MODULE_SUFFIX}.xml"))
    modules = [_read(file, file.stem.removesuffix(MODULE_SUFFIX)) for file in files]
    return top, [module for module in modules if module.name != top.name]


def _read(file: Path, name: str | None = None) -> Synthesized:
    try:
        root = ElementTree.parse(file).getroot()
    except OSError as error:
        raise QdialectError(f"{file}: {error.strerror}") from None
    except ElementTree.ParseError as error:
        raise QdialectError(f"{file}: not a synthesis report ({error})") from None
    if root.find("AreaEstimates/Resources") is None or root.find("PerformanceEstimates") is None:
        raise QdialectError(f"{file}: not a synthesis report of Vitis HLS (no AreaEstimates)")
    resources, overall = "AreaEstimates/Resources", "PerformanceEstimates/SummaryOfOverallLatency"
    clock = root.findtext("PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod")
    return Synthesized(
        name or root.findtext("UserAssignments/TopModelName") or file.stem,
        lut=_number(root, f"{resources}/LUT"),
        ff=_number(root, f"{resources}/FF"),
        dsp=_number(root, f"{resources}/DSP", f"{resources}/DSP48E"),
        bram18=_number(root, f"{resources}/BRAM_18K"),
        latency=_number(root, f"{overall}/Worst-caseLatency"),
        interval=_number(root, f"{overall}/Interval-max", f"{overall}/PipelineInitiationInterval"),
        clock=float(clock) if clock else None,
    )


def _number(root: ElementTree.Element, *places: str) -> int | None:
    """The first of `places` that holds an integer; names of elements differ between versions."""
    for place in places:
        text = (root.findtext(place) or "").strip()
        if text.isdigit():
            return int(text)
    return None
