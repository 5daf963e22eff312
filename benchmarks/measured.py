"""What one tool needs for one network, measured alike for both; numpy only, so that either environment runs it."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np

REPEATS = 3


class Steps(Protocol):
    """A tool at work: called in this order."""

    def write(self) -> None: ...
    def compile(self) -> None: ...
    def predict(self, x: np.ndarray) -> np.ndarray: ...
    def sources(self) -> Iterable[Path]: ...


def seconds(run: Callable[[], object], repeats: int = 1) -> float:
    """Wall time of the fastest of so many runs."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(start: Callable[[Path, Path], Steps]) -> None:
    """Command line `MODEL INPUTS OUTPUTS PROJECT`: saves what the compiled C++ computes, prints the figures as JSON.

    Times in seconds (reading the model is part of writing), memory in MB, the rate in samples per second.
    """
    model, inputs, outputs, project = map(Path, sys.argv[1:])
    x = np.load(inputs)
    steps: list[Steps] = []
    writing = seconds(lambda: (steps.append(start(model, project)), steps[0].write()))
    compiling = seconds(steps[0].compile)
    predicting = seconds(lambda: steps[0].predict(x), REPEATS)
    np.save(outputs, steps[0].predict(x))
    own, compiler = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    figures = {
        "write": writing,
        "g++": compiling,
        "memory": own,
        "g++ memory": compiler,
        "rate": len(x) / predicting,
        "source": sum(path.stat().st_size for path in steps[0].sources()) / 1024,
    }
    print(json.dumps(figures))
