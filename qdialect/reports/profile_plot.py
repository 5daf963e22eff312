"""Box plots of a profile, with matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from qdialect.numerics.formats import Format
from qdialect.reports.plot_file import figure_for

if TYPE_CHECKING:
    from qdialect.reports.profiled_value import ProfiledValue

ROW_HEIGHT = 0.28  # inches


def plot(values: Sequence[ProfiledValue], path: str | PathLike[str]) -> None:
    """One row per value: the quartiles of log2 |x|, whiskers to the ends, and the type from its step to its largest
    magnitude as a bar behind. Weights and activations have an axis each.

    Raises QdialectError as `figure_for` does.
    """
    groups = [
        ("weights", [value for value in values if value.kind == "weights"]),
        ("activations", [value for value in values if value.kind != "weights"]),
    ]
    groups = [(title, group) for title, group in groups if group]
    rows = [len(group) for _, group in groups]
    figure = figure_for(path, 9, ROW_HEIGHT * sum(rows) + 1.2 * len(groups))
    axes: Any = figure.subplots(len(groups), 1, squeeze=False, height_ratios=rows)
    for axis, (title, group) in zip(axes[:, 0], groups, strict=True):
        draw(axis, title, group)
    figure.savefig(path)


def draw(axis: Any, title: str, values: Sequence[ProfiledValue]) -> None:
    """One axis, the first value on top."""
    for position, value in enumerate(values):
        if value.format is not None:
            low, high = extent(value.format)
            axis.barh(position, high - low, left=low, height=0.9, color="0.85")
        if value.box is not None:
            keys = ("whislo", "q1", "med", "q3", "whishi")
            box = dict(zip(keys, value.box, strict=True)) | {"fliers": []}
            axis.bxp([box], positions=[position], widths=0.5, orientation="horizontal", manage_ticks=False)
        if value.saturated:
            axis.annotate(f"{value.saturated} saturate", (1, position), xycoords=("axes fraction", "data"), va="center")
    axis.set_yticks(range(len(values)), [value.name for value in values])
    axis.invert_yaxis()
    axis.set_title(title)
    axis.set_xlabel("log2 |x|; grey: from the step to the largest value of the type")


def extent(fmt: Format) -> tuple[float, float]:
    """log2 of the step and of the largest magnitude, moved apart where they are equal so that the bar is visible."""
    largest = max(abs(fmt.min_code), abs(fmt.max_code))
    return fmt.lsb, fmt.lsb + max(math.log2(largest), 0.1)
