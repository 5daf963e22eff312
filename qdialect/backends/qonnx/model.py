"""ONNX' messages as bytes; `onnx.proto` gives the numbers of the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qdialect.backends.qonnx.wire import content, contents, integer, integers, real
from qdialect.numerics.arrays import Array

IR_VERSION = 8
OPSET = 13
"""Of ONNX' operations: the first with shapes and axes as inputs, which every reader of QONNX knows."""
QONNX = "qonnx.custom_op.general"
QONNX_OPSET = 2
"""The first with scales of both sides in `Trunc`."""

FLOAT = 1
DATA_TYPES = {"float32": FLOAT, "int64": 7}

Attribute = int | float | str | Sequence[int]


def tensor(name: str, values: Array) -> bytes:
    """A constant, little-endian."""
    raw = values.astype(values.dtype.newbyteorder("<")).tobytes()
    return integers(1, values.shape) + integer(2, DATA_TYPES[values.dtype.name]) + content(8, name) + content(9, raw)


def attribute(name: str, value: Attribute) -> bytes:
    match value:
        case int():
            body = integer(3, value) + integer(20, 2)
        case float():
            body = real(2, value) + integer(20, 1)
        case str():
            body = content(4, value) + integer(20, 3)
        case _:
            body = integers(8, value) + integer(20, 7)
    return content(1, name) + body


def node(
    op_type: str, domain: str, inputs: Sequence[str], output: str, layer: str, attributes: Mapping[str, Attribute]
) -> bytes:
    """A node that is called as its output; `layer` is said beside it."""
    given = contents(5, [attribute(name, value) for name, value in attributes.items()])
    ends = contents(1, inputs) + content(2, output) + content(3, output)
    return ends + content(4, op_type) + given + content(6, f"layer '{layer}'") + content(7, domain)


def tensor_info(name: str, shape: Sequence[int]) -> bytes:
    """The name and the type of a float32 tensor."""
    axes = contents(1, [integer(1, n) for n in shape])
    return content(1, name) + content(2, content(1, integer(1, FLOAT) + content(2, axes)))


@dataclass
class GraphParts:
    """The parts of a graph, each as its bytes; `values` are tensors that nodes compute, by their names."""

    name: str
    nodes: list[bytes] = field(default_factory=list[bytes])
    constants: list[bytes] = field(default_factory=list[bytes])
    inputs: list[bytes] = field(default_factory=list[bytes])
    outputs: list[bytes] = field(default_factory=list[bytes])
    values: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def message(self) -> bytes:
        return (
            contents(1, self.nodes)
            + content(2, self.name)
            + contents(5, self.constants)
            + contents(11, self.inputs)
            + contents(12, self.outputs)
            + contents(13, list(self.values.values()))
        )


def model(graph: GraphParts, version: str) -> bytes:
    """A file with `graph`, written by this version of qdialect."""
    opsets = [content(1, domain) + integer(2, opset) for domain, opset in (("", OPSET), (QONNX, QONNX_OPSET))]
    head = integer(1, IR_VERSION) + content(2, "qdialect") + content(3, version)
    return head + content(7, graph.message()) + contents(8, opsets)
