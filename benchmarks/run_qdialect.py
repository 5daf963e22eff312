"""One network through qdialect: see `measured.measure` for the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from measured import Inputs, measure, recorded

from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.heads import heads_for_host
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras

INPUT_BITS = 32
"""Of inputs that the network does not quantize itself: enough for the recorded float32 numbers; hls4ml takes
`fixed<16, 6>` by default."""


def input_type(folder: Path) -> str:
    """A type of INPUT_BITS whose range holds the largest recorded input."""
    largest = max(float(np.abs(x).max()) for x in recorded(folder, "inputs"))
    return f"fixed<{INPUT_BITS}, {max(int(np.frexp(largest)[1]), 0) + 1}>"


class Qdialect:
    def __init__(self, model: Path, project: Path, io_type: str):
        self.model, self.directory, self.config = model, project, {"io_type": io_type}

    def write(self) -> None:
        try:
            self.project = write_hls(from_keras(self.model), self.directory, self.config)
        except QdialectError as error:
            if "input_type" not in str(error):
                raise
            typed = from_keras(self.model, input_type=input_type(self.model.parent))
            self.project = write_hls(typed, self.directory, self.config)
        self.result = "logits" if heads_for_host(network(self.project.module)) else "outputs"

    def compile(self) -> None:
        self.project.compile()

    def predict(self, x: Inputs) -> np.ndarray:
        outputs = self.project.predict(x)
        parts = outputs if isinstance(outputs, list) else [outputs]
        return np.concatenate([np.asarray(y).reshape(len(y), -1) for y in parts], axis=1)

    def sources(self) -> Iterable[Path]:
        return (path for path in (self.directory / "src").rglob("*") if path.is_file())


if __name__ == "__main__":
    measure(Qdialect)
