"""What one tool needs for one network, measured alike for both; numpy only, so that either environment runs it."""

from __future__ import annotations

import argparse
import json
import math
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

MODEL_FILES = ("model.h5", "model.keras", "arch.json", "saved_model")
"""The model of a network's folder; beside `arch.json` lies `weights.h5`."""
REPEATS = 3
LEAST_SECONDS = 0.3
"""Shorter runs of the C simulation take their samples several times."""
SLOW_SECONDS = 10
"""Longer ones are measured once."""

Inputs: TypeAlias = np.ndarray | list[np.ndarray]


class ToolRun(Protocol):
    """A tool at work: called in this order."""

    result: str
    """What the hardware gives, of the files in the network's folder: `logits` where a softmax or sigmoid that ends the
    network is left to the host, else `outputs`."""

    def write(self) -> None: ...
    def compile(self) -> None: ...
    def predict(self, x: Inputs) -> np.ndarray: ...
    def sources(self) -> Iterable[Path]: ...


class Seconds(NamedTuple):
    """Wall and CPU time, the latter with threads and processes that were started."""

    wall: float
    cpu: float

    @staticmethod
    def now() -> Seconds:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return Seconds(time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used))


def seconds(run: Callable[[], object]) -> Seconds:
    before = Seconds.now()
    run()
    after = Seconds.now()
    return Seconds(after.wall - before.wall, after.cpu - before.cpu)


def fastest(runs: Sequence[Seconds]) -> Seconds:
    """The least wall and CPU time."""
    return Seconds(min(each.wall for each in runs), min(each.cpu for each in runs))


def recorded(folder: Path, stem: str) -> list[np.ndarray]:
    """`inputs.npy`, or `inputs_0.npy`, `inputs_1.npy`, ... of a network's folder; nothing if there is neither."""
    whole = folder / f"{stem}.npy"
    return [np.load(path) for path in ([whole] if whole.exists() else sorted(folder.glob(f"{stem}_*.npy")))]


def repeated(x: Inputs, times: int) -> Inputs:
    if isinstance(x, list):
        return [np.concatenate([each] * times) for each in x]
    return np.concatenate([x] * times)


def measure(start: Callable[[Path, Path, str], ToolRun]) -> None:
    """Command line `FOLDER OUTPUTS PROJECT IO_TYPE`: saves what the compiled C++ computes, prints the figures as JSON.

    Times in seconds (reading the model is part of writing), memory in MB, rates in samples per second of wall time and
    of CPU time.
    """
    parser = argparse.ArgumentParser()
    for name in ("folder", "outputs", "project"):
        parser.add_argument(name, type=Path)
    parser.add_argument("io_type")
    given = parser.parse_args()
    model = next(path for name in MODEL_FILES if (path := given.folder / name).exists())
    inputs = recorded(given.folder, "inputs")
    x = inputs[0] if len(inputs) == 1 else inputs
    steps: list[ToolRun] = []
    writing = seconds(lambda: (steps.append(start(model, given.project, given.io_type)), steps[0].write()))
    compiling = seconds(steps[0].compile)
    once = seconds(lambda: np.save(given.outputs, steps[0].predict(x)))
    times = max(1, math.ceil(LEAST_SECONDS / once.wall))
    many = repeated(x, times)
    repeats = REPEATS if once.wall < SLOW_SECONDS else 0
    predicting = fastest([seconds(lambda: steps[0].predict(many)) for _ in range(repeats)] or [once])
    own, compiler = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    samples = len(inputs[0]) * times
    figures = {
        "result": steps[0].result,
        "write": writing.wall,
        "g++": compiling.wall,
        "g++ CPU": compiling.cpu,
        "memory": own,
        "g++ memory": compiler,
        "rate": samples / predicting.wall,
        "rate CPU": samples / predicting.cpu,
        "source": sum(path.stat().st_size for path in steps[0].sources()) / 1024,
    }
    print(json.dumps(figures))
