"""Sweeps: jobs that run anywhere, one table of their results, and plans that are refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_files import chain, layer, ones, write_h5

from qdialect.errors import QdialectError
from qdialect.sweeps.collect import collect
from qdialect.sweeps.jobs import write_sweep
from qdialect.sweeps.plan import read_plan
from qdialect.tools.cli import main

PLAN = """
model = "net.h5"

[sweep]
clock_period = [3, 5]
LayerName.fc.ReuseFactor = [1, 2]
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan of four jobs beside its model, whose outputs are 2 x0 + x1."""
    fc = layer("QDense", name="fc", units=1, use_bias=False, kernel_quantizer="quantized_bits(4,2,alpha=1)")
    write_h5(tmp_path / "net.h5", chain([2], fc), {"fc": {"kernel": [[2], [1]]}})
    np.save(tmp_path / "x.npy", np.array([[1, 2], [3, -1]], np.float32))
    np.save(tmp_path / "y.npy", np.array([[4], [5]], np.float32))
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path / "plan.toml"


def run(sweep: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script, from another folder, with the command `qdialect` of this environment."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(sweep / "job.sh"), *arguments],
        env={**os.environ, "PATH": path, **environment},
        cwd="/",
        capture_output=True,
        text=True,
    )


def test_jobs_run_where_the_folder_is_moved_to(plan: Path, tmp_path: Path, capsys) -> None:
    files = ("--data", str(tmp_path / "x.npy"), "--expected", str(tmp_path / "y.npy"))
    assert main(["sweep", str(plan), "-o", str(tmp_path / "made"), *files]) == 0
    sweep = (tmp_path / "made").rename(tmp_path / "moved")
    for file in ("net.h5", "x.npy", "y.npy", "plan.toml"):
        (tmp_path / file).unlink()
    assert [job.state for job in collect(sweep).jobs] == ["waiting"] * 4
    assert run(sweep, "1").returncode == 0
    assert run(sweep, SLURM_ARRAY_TASK_ID="2", SLURM_SUBMIT_DIR=str(sweep)).returncode == 0
    assert run(sweep, "2").stdout.endswith("jobs/00002: finished\n")
    found = collect(sweep)
    assert [job.state for job in found.jobs] == ["waiting", "finished", "finished", "waiting"]
    assert [job.settings for job in found.jobs[1:3]] == [
        {"clock_period": 3, "LayerName.fc.ReuseFactor": 2},
        {"clock_period": 5, "LayerName.fc.ReuseFactor": 1},
    ]
    assert found.jobs[1].interval > found.jobs[2].interval == 1
    result = json.loads((sweep / "jobs" / "00002" / "result.json").read_text())
    assert result["comparison"]["samples"] == 2
    assert found.jobs[2].lut == result["whole"]["lut"]
    capsys.readouterr()
    assert main(["collect", str(sweep), "-o", str(tmp_path / "sweep.svg")]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split()[:4] == ["job", "clock_period", "LayerName.fc.ReuseFactor", "latency"]
    assert shown[-1] == "2 of 4 jobs are finished"
    assert len(shown) == 6
    assert "<svg" in (tmp_path / "sweep.svg").read_text()


def test_a_job_that_fails_says_why_and_runs_again(plan: Path, tmp_path: Path) -> None:
    sweep = write_sweep(
        plan, tmp_path / "sweep", {"data": str(tmp_path / "x.npy"), "expected": str(tmp_path / "y.npy")}
    )
    np.save(sweep / "expected.npy", np.zeros((3, 1), np.float32))
    assert run(sweep, "0").returncode == 1
    assert re.match("failed: qdialect: error: .*3", collect(sweep).jobs[0].state)
    np.save(sweep / "expected.npy", np.array([[4], [7]], np.float32))
    assert run(sweep, "0").returncode == 1
    assert collect(sweep).jobs[0].state.startswith("failed: a stage differs")
    shutil.copy(tmp_path / "y.npy", sweep / "expected.npy")
    assert run(sweep, "0").returncode == 0
    assert collect(sweep).jobs[0].state == "finished"


def test_both_files_of_a_model_are_taken_along(plan: Path, tmp_path: Path) -> None:
    model = chain(
        [2], layer("QDense", name="fc", units=1, use_bias=False, kernel_quantizer="quantized_bits(4,2,alpha=1)")
    )
    pair = tmp_path / "pair"
    pair.mkdir()
    (pair / "arch.json").write_text(json.dumps(model))
    write_h5(pair / "weights.h5", {}, {"fc": ones(kernel=(2, 1))})
    plan.write_text(PLAN.replace("net.h5", "pair/arch.json"))
    sweep = write_sweep(plan, tmp_path / "sweep")
    assert sorted(file.name for file in (sweep / "model").iterdir()) == ["arch.json", "weights.h5"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[1, 2]", "[1, 1]"), "LayerName.fc.ReuseFactor is a list of different values"),
        (("[1, 2]", "2"), "LayerName.fc.ReuseFactor is a list of different values"),
        (("[1, 2]", "[]"), "LayerName.fc.ReuseFactor is a list of different values"),
        (("[1, 2]", "[1, 0]"), "with clock_period = 3, LayerName.fc.ReuseFactor = 0: "),
        (("clock_period", "clock"), "clock"),
        (("[sweep]", "[sweeps]"), "a design with a section [sweep]"),
        (("fc", "fd"), "fd"),
        (("[3, 5]", str(list(range(1, 9002)))), "18002 combinations"),
        (("net.h5", "none.h5"), "no such model file"),
    ],
    ids=lambda case: case[1] if isinstance(case, tuple) else "",
)
def test_refused_plans_leave_nothing(plan: Path, tmp_path: Path, change: tuple[str, str], told: str) -> None:
    plan.write_text(PLAN.replace(*change))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(QdialectError, match=re.escape(told)) as refused:
        write_sweep(plan, tmp_path / "sweep")
    assert "\n" not in str(refused.value)
    assert sorted(tmp_path.iterdir()) == before


def test_folders_that_hold_something_are_refused(plan: Path, tmp_path: Path) -> None:
    with pytest.raises(QdialectError, match="exists; choose another directory"):
        write_sweep(plan, tmp_path)
    with pytest.raises(QdialectError, match="no folder of a sweep"):
        collect(tmp_path)
    sweep = write_sweep(plan, tmp_path / "sweep")
    (sweep / "jobs" / "00003" / "result.json").write_text("{")
    with pytest.raises(QdialectError, match="not JSON"):
        collect(sweep)


def test_the_last_setting_runs_fastest(plan: Path) -> None:
    assert [list(chosen.values()) for chosen, _ in read_plan(plan).jobs()] == [[3, 1], [3, 2], [5, 1], [5, 2]]
