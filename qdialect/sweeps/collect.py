"""The results of a sweep as one table, and as a plot of resources against cycles."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qdialect.errors import QdialectError
from qdialect.sweeps.jobs import CHOSEN, JOBS
from qdialect.text import columns

RESOURCES = ("lut", "ff", "dsp", "bram18")
MEASURED = ("latency", "interval", *RESOURCES)


@dataclass(frozen=True)
class Job:
    """One job: what was chosen, and what came of it.

    state: 'finished', 'failed: ' with the line of the error, or 'waiting'.
    latency, interval: cycles. lut, ff, dsp, bram18: estimates, None for RTL.
    accuracy: of the hardware, in percent, where labels were given.
    """

    index: int
    settings: Mapping[str, Any]
    state: str
    latency: int | None = None
    interval: int | None = None
    lut: int | None = None
    ff: int | None = None
    dsp: int | None = None
    bram18: int | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Sweep:
    """All jobs of a sweep, by their index."""

    jobs: Sequence[Job]

    def lines(self) -> list[str]:
        """A row for each job, and how many are finished."""
        names = list(self.jobs[0].settings)
        measured = [*MEASURED, *(["accuracy"] if any(job.accuracy is not None for job in self.jobs) else [])]
        rows = [["job", *names, *measured, "state"]]
        for job in self.jobs:
            values = [*(job.settings[name] for name in names), *(getattr(job, name) for name in measured)]
            rows.append([str(job.index), *("-" if value is None else str(value) for value in values), job.state])
        finished = sum(job.state == "finished" for job in self.jobs)
        return [*columns(rows), f"{finished} of {len(self.jobs)} jobs are finished"]


def collect(directory: str | os.PathLike[str]) -> Sweep:
    """The results in the folder of a sweep. Raises QdialectError for a folder that is none."""
    jobs = sorted((Path(directory) / JOBS).glob(f"*/{CHOSEN}"))
    if not jobs:
        raise QdialectError(f"{directory}: no folder of a sweep; qdialect sweep PLAN.toml -o {directory} writes one")
    return Sweep([read_job(file.parent) for file in jobs])


def read_job(job: Path) -> Job:
    """What is known of a job. Raises QdialectError for a file that is damaged."""
    chosen, result, error = read_json(job / CHOSEN), job / "result.json", job / "error.txt"
    if not result.exists():
        return Job(int(job.name), chosen, f"failed: {last_line(error)}" if error.exists() else "waiting")
    found = read_json(result)
    whole = found["whole"] or {}
    return Job(
        index=int(job.name),
        settings=chosen,
        state="finished",
        latency=found["latency"],
        interval=found["interval"],
        accuracy=(found["accuracy"] or {}).get("hardware"),
        **{name: whole.get(name) for name in RESOURCES},
    )


def last_line(error: Path) -> str:
    """What a command said last; where a stage differs, it ends without a word on standard error."""
    lines = [line for line in error.read_text().splitlines() if line]
    return lines[-1] if lines else f"a stage differs, see {error.with_name('result.part')}"


def read_json(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except ValueError as error:
        raise QdialectError(f"{file}: not JSON ({error}); remove it and run the job again") from None
