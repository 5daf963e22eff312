"""The folder of a sweep: its model, its data, a folder for each job, and the script that runs one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w

from qdialect.compiler.design import read_design
from qdialect.compiler.subject import subject_of
from qdialect.errors import QdialectError
from qdialect.frontends.models import files_of
from qdialect.sweeps.plan import SweepPlan, read_plan

JOBS, DESIGN, CHOSEN, MODEL = "jobs", "qdialect.toml", "settings.json", "model"


def write_sweep(plan: str | os.PathLike[str], directory: str | os.PathLike[str], data: Mapping[str, str] = {}) -> Path:
    """Write the jobs of a plan's file, which run anywhere: nothing outside the folder is read.

    `data` has files for the options data, expected and labels of `qdialect convert`. Returns the folder, which is there
    as a whole or not at all. Raises QdialectError for what is no plan, for a model that cannot be imported, and for a
    folder that holds something.
    """
    target, sweep = Path(directory), read_plan(Path(plan))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise QdialectError(f"{target}: exists; choose another directory, as its jobs may have results")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        made = Path(scratch) / "sweep"
        write_jobs(sweep, made)
        for option, file in data.items():
            shutil.copy(file, made / f"{option}{Path(file).suffix}")
        subject_of(read_design(made / JOBS / folder(0) / DESIGN))
        made.replace(target)
    return target


def folder(index: int) -> str:
    """The name of a job's folder, as the script spells it."""
    return f"{index:05d}"


def write_jobs(plan: SweepPlan, made: Path) -> None:
    """The model, the script, and the folders of all jobs."""
    model = Path(plan.base["model"])
    copied = made / MODEL / model.name
    if model.is_dir():
        shutil.copytree(model, copied)
    else:
        copied.parent.mkdir(parents=True)
        for file in files_of(model):
            shutil.copy(file, copied.parent / file.name)
    (made / "job.sh").write_text((files("qdialect.sweeps") / "templates" / "job.sh").read_text())
    for index, (chosen, design) in enumerate(plan.jobs()):
        job = made / JOBS / folder(index)
        job.mkdir(parents=True)
        write_job(job, chosen, {**design, "model": os.path.relpath(copied, job)})


def write_job(job: Path, chosen: Mapping[str, Any], design: Mapping[str, Any]) -> None:
    """What a job runs, and what makes it differ from the others."""
    (job / DESIGN).write_text(tomli_w.dumps(design))
    (job / CHOSEN).write_text(json.dumps(chosen, indent=2) + "\n")
