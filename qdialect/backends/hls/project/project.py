"""HLS projects: everything to simulate and synthesize a network, in one folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

from qdialect.backends.projects.compiled import CompiledProject


@dataclass
class Project(CompiledProject):
    """A written project. `compile` builds the C simulation, `predict` runs it."""

    word: ClassVar[DTypeLike] = np.int64
    failures: ClassVar[str] = "error|FAIL|loses|runtime"

    def compile(self, headers: str | os.PathLike[str] | None = None) -> Project:
        """Compile the C simulation with g++, against the project's own `ap_int.h` or the one in `headers`."""
        build = Path("build") if headers is None else Path("build") / "other_headers"
        arguments = [f"BUILD={build}"] + ([] if headers is None else [f"AP={Path(headers).resolve()}"])
        self.make("library", *arguments)
        self.load(build)
        return self
