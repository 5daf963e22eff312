"""Model files as inputs of xDSL's drivers: `xdsl-opt net.h5`, `xdsl-opt -f qonnx net.onnx`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.frontend import Frontend

from qdialect.errors import QdialectError
from qdialect.frontends.models import import_model


@dataclass(frozen=True)
class ModelFile(Frontend):
    """The network level of a model file, which is opened by its name: weights may stand in files beside it."""

    input_type: str | None = None
    """What inputs are rounded to, such as 'fixed<8, 3>'; without it the network quantizes them."""

    def parse(self, ctx: Context, input: IO[bytes], input_name: str) -> ModuleOp:
        """Raises QdialectError for what cannot be compiled exactly, and for models that are no files."""
        if not Path(input_name).is_file():
            raise QdialectError(f"-f {self.name}: {input_name}: models are read from files, give the name of one")
        return import_model(input_name, self.input_type, self.name)


class KerasFile(ModelFile):
    """Whatever Keras and its relatives save."""

    name = "keras"


class H5File(ModelFile):
    """Known to xDSL's drivers by the end of its name."""

    name = "h5"


class Hdf5File(ModelFile):
    """Known to xDSL's drivers by the end of its name."""

    name = "hdf5"


class QonnxFile(ModelFile):
    """A graph with the quantizers of QONNX."""

    name = "qonnx"


class OnnxFile(ModelFile):
    """Known to xDSL's drivers by the end of its name."""

    name = "onnx"


MODEL_FILES = {each.name: each for each in (KerasFile, H5File, Hdf5File, QonnxFile, OnnxFile)}
