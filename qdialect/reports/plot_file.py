"""The files that plots are written to, with matplotlib."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from qdialect.errors import QdialectError

SUFFIXES = (".png", ".svg", ".pdf")


def figure_for(path: str | PathLike[str], width: float, height: float) -> Any:
    """An empty matplotlib `Figure` of a size in inches, to be saved at `path`.

    Raises QdialectError without matplotlib, and for file names that do not end in .png, .svg or .pdf.
    """
    if Path(path).suffix not in SUFFIXES:
        raise QdialectError(f"{path}: plots are written to files that end in {', '.join(SUFFIXES)}")
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise QdialectError("plots need matplotlib: pip install 'qdialect[plot]'") from None
    return Figure(figsize=(width, height), layout="constrained")
