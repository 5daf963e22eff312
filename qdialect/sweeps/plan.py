"""The plan of a sweep: a design, and lists of what some of its settings are to be.

model = "model.h5"
io_type = "io_parallel"

[sweep]                     # every combination is a job
clock_period = [3, 5]
Model.ReuseFactor = [1, 2, 4]
LayerName.fc1.Strategy = ["latency", "resource"]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from qdialect.compiler.design import over, read_design, read_toml
from qdialect.errors import QdialectError

SECTION = "sweep"
MOST_JOBS = 10_000
"""More than the largest arrays that batch systems take by default (Slurm: 1,000), and what a table can show."""

Place = tuple[str, ...]
"""Where a setting stands: ('LayerName', 'fc1', 'Strategy')."""


@dataclass(frozen=True)
class SweepPlan:
    """A design's dictionary, and the values of each setting that varies."""

    base: Mapping[str, Any]
    varied: Mapping[Place, Sequence[Any]]

    def jobs(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """What varies, by dotted names, and the whole design, of every combination; the last setting runs fastest."""
        for values in product(*self.varied.values()):
            chosen = dict(zip(self.varied, values, strict=True))
            design = dict(self.base)
            for where, value in chosen.items():
                design = over(design, nested(where, value))
            yield {".".join(where): value for where, value in chosen.items()}, design


def nested(where: Place, value: Any) -> dict[str, Any]:
    """The dictionary that has one value, in one place."""
    for key in reversed(where):
        value = {key: value}
    return value


def read_plan(path: Path) -> SweepPlan:
    """The checked plan of a file.

    Raises QdialectError naming the setting for anything but a list of different values, for more than `MOST_JOBS`
    combinations, and for a combination that is no design.
    """
    base = read_toml(path)
    section = base.pop(SECTION, None)
    if not isinstance(section, Mapping) or not section:
        raise QdialectError(f"{path}: a plan is a design with a section [{SECTION}], as in Model.ReuseFactor = [1, 2]")
    plan = SweepPlan(base, dict(varied(section, ())))
    if (count := prod(map(len, plan.varied.values()))) > MOST_JOBS:
        raise QdialectError(f"{path}: {count} combinations; a sweep has at most {MOST_JOBS}")
    for chosen, design in plan.jobs():
        try:
            read_design(design)
        except QdialectError as error:
            told = ", ".join(f"{name} = {value!r}" for name, value in chosen.items())
            raise QdialectError(f"{path}: with {told}: {error}") from None
    return plan


def varied(section: Mapping[str, Any], above: Place) -> Iterator[tuple[Place, list[Any]]]:
    """The settings of a section and of those in it. Raises QdialectError for one without different values to take."""
    for key, values in section.items():
        where = (*above, key)
        if isinstance(values, Mapping):
            yield from varied(values, where)
        elif not isinstance(values, list) or not values or any(values.count(value) > 1 for value in values):
            raise QdialectError(f"{SECTION}: {'.'.join(where)} is a list of different values, as [1, 2, 4]")
        else:
            yield where, values
