"""Models of any kind, by the name of the file: ONNX graphs, and everything that Keras writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

ONNX_SUFFIX = ".onnx"


def is_onnx(model: Any) -> bool:
    """Whether a model is a file with an ONNX graph."""
    return isinstance(model, str | os.PathLike) and Path(os.fspath(model)).suffix == ONNX_SUFFIX


def import_model(model: Any, input_type: str | Mapping[str, str] | None = None, kind: str | None = None) -> ModuleOp:
    """The network level of an ONNX file (`from_onnx`), or of whatever `from_keras` takes. Raises their errors.

    `kind` is 'onnx', 'qonnx' or another frontend, whatever the file is called.
    """
    if is_onnx(model) if kind is None else kind in ("onnx", "qonnx"):
        from qdialect.frontends.qonnx.importer import from_onnx

        return from_onnx(model, input_type)
    from qdialect.frontends.keras.importer import from_keras

    return from_keras(model, input_type)


def files_of(model: Path) -> list[Path]:
    """The files that make a model, if it is no folder: with the weights of an ONNX graph that lie beside it, or the
    other half of an architecture or of weights. Raises QdialectError for a model without its other half."""
    if is_onnx(model):
        return [model, *sorted(model.parent.glob(f"{escape(model.name)}[._]*"))]
    from qdialect.frontends.keras.reading.files import parts

    return parts(model)
