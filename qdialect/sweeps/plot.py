"""Resources against cycles of the jobs of a sweep."""

from __future__ import annotations

from os import PathLike

from qdialect.errors import QdialectError
from qdialect.reports.plot_file import figure_for
from qdialect.sweeps.collect import Sweep


def plot(sweep: Sweep, path: str | PathLike[str]) -> None:
    """One point a job, with its index: look-up tables over the latency, and over the interval.

    Raises QdialectError as `figure_for` does, and where no job has estimates.
    """
    figure = figure_for(path, 9, 4.5)
    known = [job for job in sweep.jobs if job.lut is not None]
    if not known:
        raise QdialectError(f"{path}: no finished job has estimates to draw")
    for axis, measure in zip(figure.subplots(1, 2, sharey=True), ("latency", "interval"), strict=True):
        axis.scatter([getattr(job, measure) for job in known], [job.lut for job in known])
        for job in known:
            axis.annotate(f" {job.index}", (getattr(job, measure), job.lut))
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel(f"{measure} (cycles)")
        axis.set_ylabel("LUT (estimates)")
        axis.label_outer()
    figure.savefig(path)
