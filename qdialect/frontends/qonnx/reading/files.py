"""ONNX files as plain data, read without the package `onnx`: `onnx.proto` gives the numbers of the fields."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.errors import QdialectError
from qdialect.frontends.qonnx.model.graph import Attribute, Graph, Node
from qdialect.frontends.qonnx.reading.wire import Message
from qdialect.numerics import limits

DTYPES: Mapping[int, str] = {
    1: "<f4",
    2: "u1",
    3: "i1",
    4: "<u2",
    5: "<i2",
    6: "<i4",
    7: "<i8",
    9: "?",
    10: "<f2",
    11: "<f8",
}
"""NumPy's names of `TensorProto.DataType`."""

MOST_BYTES = limits.MAX_STORE

MOST_NODES = limits.MAX_OPERATIONS


def read_graph(path: Path) -> Graph:
    """The graph of an ONNX file, its constants as arrays. Raises QdialectError, naming the file, if it is none."""
    if not path.is_file():
        raise QdialectError(f"{path}: no such model file")
    if path.stat().st_size > MOST_BYTES:
        raise QdialectError(f"{path}: has {path.stat().st_size} bytes; ONNX files have at most {MOST_BYTES}")
    try:
        model = Message(memoryview(path.read_bytes()))
        if 7 not in model.fields:
            raise ValueError("it has no graph")
        if model.all(25):
            raise ValueError("its local functions are not supported: export without them")
        graph = model.message(7)
        versions = {entry.text(1): entry.integer(2) for entry in model.messages(8)}
        return _graph(path, graph, versions)
    except (ValueError, TypeError, OverflowError, MemoryError, OSError) as error:
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        raise QdialectError(f"{path}: no ONNX model, or a damaged one ({cause})") from None


def _graph(path: Path, graph: Message, versions: Mapping[str, int]) -> Graph:
    if len(graph.all(1)) > MOST_NODES:
        raise ValueError(f"more than {MOST_NODES} nodes")
    constants = {tensor.text(8): _array(tensor, path) for tensor in graph.messages(5)}
    inputs = {value.text(1): _shape(value) for value in graph.messages(11)}
    nodes = [_node(node, path, versions.get("", 0)) for node in graph.messages(1)]
    return Graph(
        name=graph.text(2) or path.stem,
        nodes=nodes,
        constants=constants,
        inputs={name: shape for name, shape in inputs.items() if name not in constants},
        outputs=[value.text(1) for value in graph.messages(12)],
        opset=versions.get("", 0),
    )


def _node(node: Message, path: Path, opset: int) -> Node:
    outputs = node.texts(2)
    name = node.text(3) or (outputs or ["?"])[0]
    attributes = {entry.text(1): _attribute(entry, path) for entry in node.messages(5)}
    return Node(node.text(4), name, node.text(7), node.texts(1), outputs, attributes, opset)


def _attribute(entry: Message, path: Path) -> Attribute:
    """By what is given: files of early versions leave the type out."""
    if entry.all(5):
        return _array(entry.message(5), path)
    if entry.all(6) or entry.all(11):
        raise ValueError(f"attribute '{entry.text(1)}' is a graph: control flow is not supported")
    kind = entry.integer(20)
    if kind == 7 or entry.all(8):
        return entry.integers(8)
    if kind == 6 or entry.all(7):
        return entry.floats(7)
    if kind == 8 or entry.all(9):
        return entry.texts(9)
    if kind == 3 or entry.all(4):
        return entry.text(4)
    if kind == 1 or entry.all(2):
        return (entry.floats(2) or [0.0])[-1]
    return entry.integer(3)


def _shape(value: Message) -> list[int | None]:
    """One entry per axis; None where the file does not say."""
    axes = value.message(2).message(1).message(2).messages(1)
    return [axis.integer(1) if axis.all(1) else None for axis in axes]


def _array(tensor: Message, path: Path) -> NDArray[Any]:
    """The numbers of a constant, from its bytes, its fields, or a file beside the model."""
    shape, kind, name = tensor.integers(1), tensor.integer(2), tensor.text(8)
    if kind not in DTYPES:
        raise ValueError(f"constant '{name}' has data type {kind}, which is not supported")
    dtype = np.dtype(DTYPES[kind])
    size = math.prod(shape)
    if min(shape, default=0) < 0 or size > limits.MAX_ELEMENTS or len(shape) > limits.MAX_AXES:
        raise ValueError(f"constant '{name}' has the shape {shape}")
    raw = _external(tensor, path, size * dtype.itemsize) if tensor.integer(14) == 1 else tensor.content(9)
    if raw is not None:
        if len(raw) != size * dtype.itemsize:
            raise ValueError(f"constant '{name}' has {len(raw)} bytes, its shape {shape} needs {size * dtype.itemsize}")
        return np.frombuffer(raw, dtype).reshape(shape)
    return _numbers(tensor, dtype).reshape(shape)


def _numbers(tensor: Message, dtype: np.dtype[Any]) -> NDArray[Any]:
    """`float_data`, `int32_data`, `int64_data` or `double_data`."""
    if dtype.kind != "f":
        return np.array(tensor.integers(7) or tensor.integers(5), np.int64).astype(dtype)
    if dtype.itemsize == 8:
        return np.concatenate([np.frombuffer(field.content, "<f8") for field in tensor.all(10)] or [np.zeros(0)])
    if dtype.itemsize == 2:
        return np.array(tensor.integers(5), np.uint16).view(np.float16)
    return np.array(tensor.floats(4), np.float32)


def _external(tensor: Message, path: Path, size: int) -> memoryview:
    """Bytes of a file in the model's folder. Raises ValueError for a place elsewhere, and where they end too early."""
    entries = {entry.text(1): entry.text(2) for entry in tensor.messages(13)}
    location = path.parent / entries.get("location", "")
    if not location.resolve().is_relative_to(path.parent.resolve()) or not location.is_file():
        raise ValueError(f"no file '{entries.get('location', '')}' beside it with the weights")
    start = int(entries.get("offset", "0"))
    if start < 0:
        raise ValueError(f"offset {start} of external data")
    with location.open("rb") as file:
        file.seek(start)
        return memoryview(file.read(size))
