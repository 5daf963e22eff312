"""RTL projects: everything to simulate, measure and synthesize a network, in one folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike
from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.projects.compiled import CompiledProject
from qdialect.errors import QdialectError


@dataclass
class RtlProject(CompiledProject):
    """A written project. `compile` builds the verilated model, `predict` runs it."""

    rtl: ModuleOp
    """Its `hw` modules."""
    latency: int
    """Cycles from the inputs to the outputs of a sample; 0 of a network without registers."""
    interval: int
    """Cycles from a sample to the next one."""

    word: ClassVar[DTypeLike] = np.uint32
    failures: ClassVar[str] = "[Ee]rror|ERROR|FAIL|not found"

    def compile(self) -> RtlProject:
        """Compile the verilated model.

        Raises QdialectError where verilator is not installed.
        """
        if shutil.which("verilator") is None:
            raise QdialectError("RTL is simulated by verilator, which is not installed (package 'verilator')")
        self.make("library")
        self.load(Path("build"))
        return self
