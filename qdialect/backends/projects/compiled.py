"""Written projects: their make files are run, their simulation is compiled and called."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray
from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.projects.library import CompiledLibrary
from qdialect.backends.projects.ports import ValuePort
from qdialect.dialects.qnn.network import argument_names, network
from qdialect.dialects.qnn.op import shape_of
from qdialect.errors import QdialectError
from qdialect.interpreter.blocks import blocks, joined
from qdialect.interpreter.values import as_inputs, to_argument, to_reals
from qdialect.numerics.exact import IntArray


@dataclass
class CompiledProject:
    """A written project whose simulation is a C function on words of inputs and outputs."""

    directory: Path
    module: ModuleOp
    """The network at integer level."""
    top: str
    inputs: Sequence[ValuePort]
    outputs: Sequence[ValuePort]
    _library: CompiledLibrary | None = field(default=None, init=False, repr=False)

    word: ClassVar[DTypeLike]
    """The type of a word of the C interface."""
    failures: ClassVar[str]
    """A regular expression for the lines that say why make failed."""

    def make(self, *arguments: str) -> str:
        """Run make in the project and return what it prints.

        Raises QdialectError with the first line that tells why if it fails.
        """
        run = subprocess.run(["make", "-s", *arguments], cwd=self.directory, capture_output=True, text=True)
        if run.returncode:
            lines = [line for line in (run.stderr + run.stdout).splitlines() if line.strip()]
            told = next((line for line in lines if re.search(self.failures, line)), "")
            raise QdialectError(f"{self.directory}: make {' '.join(arguments)} failed: {told or (lines or [''])[0]}")
        return run.stdout

    def load(self, build: Path) -> None:
        """Load the library that make left in the folder `build` of the project."""
        with tempfile.NamedTemporaryFile(suffix=".so") as copy:  # the loader takes a path it knows for the old library
            shutil.copyfile(self.directory / build / f"lib{self.top}.so", copy.name)
            self._library = CompiledLibrary(copy.name, self.top, sum(port.words for port in self.outputs), self.word)

    def codes(self, x: Any) -> list[IntArray]:
        """The raw output codes of the simulation for real inputs, of every width exactly as the interpreter's.

        Raises QdialectError if the project is not compiled, or for inputs that do not fit.
        """
        if self._library is None:
            raise QdialectError(f"{self.directory}: compile() the project before predict()")
        inputs = as_inputs(x, argument_names(network(self.module)))
        each = np.dtype(self.word).itemsize * sum(port.words for port in (*self.inputs, *self.outputs))
        return joined([self._block(self._library, block) for block in blocks(inputs, each)])

    def _block(self, library: CompiledLibrary, inputs: Sequence[NDArray[Any]]) -> list[IntArray]:
        """The output codes of a block of samples."""
        function = network(self.module)
        ports = enumerate(zip(self.inputs, inputs, strict=True))
        fed = [port.to_words(to_argument(function, i, value)) for i, (port, value) in ports]
        ends = np.cumsum([port.words for port in self.outputs])[:-1]
        got = np.split(library(np.concatenate(fed, axis=1)), ends, axis=1)
        shapes = map(shape_of, function.function_type.outputs)
        codes = (port.from_words(part) for port, part in zip(self.outputs, got, strict=True))
        return [values.reshape(len(values), *shape) for values, shape in zip(codes, shapes, strict=True)]

    def predict(self, x: Any) -> Any:
        """The outputs of the simulation for real inputs: float64 arrays [samples, ...], as `qdialect.simulate` returns
        them.

        Raises QdialectError as `codes` does.
        """
        types = network(self.module).function_type.outputs.data
        outputs = [to_reals(codes, type_) for codes, type_ in zip(self.codes(x), types, strict=True)]
        return outputs[0] if len(outputs) == 1 else outputs
