"""One network through qdialect: see `measured.measure` for the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from measured import measure

from qdialect import from_keras, write_hls


class Qdialect:
    def __init__(self, model: Path, project: Path):
        self.directory = project
        self.module = from_keras(model)

    def write(self) -> None:
        self.project = write_hls(self.module, self.directory)

    def compile(self) -> None:
        self.project.compile()

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.project.predict(x))

    def sources(self) -> Iterable[Path]:
        return (path for path in (self.directory / "src").rglob("*") if path.is_file())


if __name__ == "__main__":
    measure(Qdialect)
