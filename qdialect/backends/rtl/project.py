"""RTL projects: everything to simulate, measure and synthesize a network, in one folder."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.rtl.ports import Port
from qdialect.dialects.qnn.network import argument_names, network
from qdialect.errors import QdialectError
from qdialect.interpreter.values import as_inputs, to_argument, to_reals
from qdialect.numerics.exact import IntArray


@dataclass
class RtlProject:
    """A written project. `compile` builds the verilated model, `predict` runs it."""

    directory: Path
    module: ModuleOp
    """The network at integer level."""
    rtl: ModuleOp
    """Its `hw` modules."""
    top: str
    inputs: Sequence[Port]
    outputs: Sequence[Port]
    latency: int
    """Cycles from inputs to outputs; 0 of a network without registers."""
    _library: Any = field(default=None, repr=False)

    def make(self, *arguments: str) -> str:
        """Run make in the project and return what it prints.

        Raises QdialectError with the first line that tells why if it fails.
        """
        run = subprocess.run(["make", "-s", *arguments], cwd=self.directory, capture_output=True, text=True)
        if run.returncode:
            lines = [line for line in (run.stderr + run.stdout).splitlines() if line.strip()]
            told = next((line for line in lines if re.search("[Ee]rror|ERROR|FAIL|not found", line)), "")
            raise QdialectError(f"{self.directory}: make {' '.join(arguments)} failed: {told or (lines or [''])[0]}")
        return run.stdout

    def compile(self) -> RtlProject:
        """Compile the verilated model.

        Raises QdialectError where verilator is not installed.
        """
        if shutil.which("verilator") is None:
            raise QdialectError("RTL is simulated by verilator, which is not installed (package 'verilator')")
        self.make("library")
        with tempfile.NamedTemporaryFile(suffix=".so") as copy:  # the loader takes a path it knows for the old library
            shutil.copyfile(self.directory / "build" / f"lib{self.top}.so", copy.name)
            self._library = getattr(ctypes.CDLL(copy.name), f"{self.top}_batch")
        return self

    def codes(self, x: Any) -> list[IntArray]:
        """The output codes of the verilated model for real inputs.

        Raises QdialectError if the project is not compiled, or for inputs that do not fit.
        """
        if self._library is None:
            raise QdialectError(f"{self.directory}: compile() the project before predict()")
        function = network(self.module)
        values = as_inputs(x, argument_names(function))
        fed = np.concatenate(
            [
                port.to_words(to_argument(function, i, value))
                for i, (port, value) in enumerate(zip(self.inputs, values, strict=True))
            ],
            axis=1,
        )
        got = np.zeros((len(fed), sum(port.words for port in self.outputs)), np.uint32)
        pointer = ctypes.POINTER(ctypes.c_uint32)
        fed = np.ascontiguousarray(fed, np.uint32)
        self._library(fed.ctypes.data_as(pointer), got.ctypes.data_as(pointer), ctypes.c_long(len(fed)))
        ends = np.cumsum([port.words for port in self.outputs])[:-1]
        return [port.from_words(part) for port, part in zip(self.outputs, np.split(got, ends, axis=1), strict=True)]

    def predict(self, x: Any) -> Any:
        """The outputs of the verilated model for real inputs, as `qdialect.simulate` gives them.

        Raises QdialectError as `codes` does.
        """
        types = network(self.module).function_type.outputs.data
        outputs = [to_reals(codes, type_) for codes, type_ in zip(self.codes(x), types, strict=True)]
        return outputs[0] if len(outputs) == 1 else outputs
