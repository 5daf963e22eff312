"""ONNX files written field by field, and the numbers that ONNX and QONNX define for them, in float32."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

DTYPES = {"float32": 1, "int32": 6, "int64": 7}


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def integer(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def content(number: int, data: bytes | str) -> bytes:
    data = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, array: np.ndarray, file: Path | None = None) -> bytes:
    head = b"".join(integer(1, n) for n in array.shape) + integer(2, DTYPES[str(array.dtype)]) + content(8, name)
    if file is None:
        return head + content(9, array.tobytes())
    start = file.stat().st_size if file.exists() else 0
    with file.open("ab") as data:
        data.write(array.tobytes())
    entries = {"location": file.name, "offset": str(start), "length": str(array.nbytes)}
    return head + b"".join(content(13, content(1, k) + content(2, v)) for k, v in entries.items()) + integer(14, 1)


def attribute(name: str, value: Any) -> bytes:
    match value:
        case float():
            body = varint(2 << 3 | 5) + struct.pack("<f", value) + integer(20, 1)
        case int():
            body = integer(3, value) + integer(20, 2)
        case str():
            body = content(4, value) + integer(20, 3)
        case list():
            body = b"".join(integer(8, n) for n in value) + integer(20, 7)
    return content(1, name) + body


@dataclass
class Net:
    """A graph that is written node by node; each node is computed by its definition as well, on `x`."""

    x: np.ndarray
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    nodes: list[tuple[str, list[str], list[str], Mapping[str, Any], str]] = field(default_factory=list)
    last: str = "x"

    def constant(self, array: Any, dtype: Any = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(array, dtype)
        return name

    def add(self, op: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> str:
        """Append a node; its name."""
        name = f"n{len(self.nodes)}"
        names = [name, *(f"{name}_{i}" for i in range(1, outputs))]
        self.nodes.append((op, list(inputs), names, attributes, domain))
        self.last = name
        return name

    def quant(self, x: str, scale: Any, bits: int, signed: int = 1, narrow: int = 0, mode: str = "ROUND") -> str:
        constants = [self.constant(scale), self.constant(0), self.constant(bits)]
        options = {"signed": signed, "narrow": narrow, "rounding_mode": mode}
        return self.add("Quant", x, *constants, domain="qonnx.custom_op.general", **options)

    def write(self, path: Path, opset: int = 13, data: bool = False, outputs: Sequence[str] = ()) -> Path:
        file = path.with_name(path.name + ".data") if data else None
        shape = b"".join(content(1, integer(1, n)) for n in (1, *self.x.shape[1:]))
        argument = content(1, "x") + content(2, content(1, integer(1, 1) + content(2, shape)))
        nodes = [
            b"".join(content(1, i) for i in inputs)
            + b"".join(content(2, o) for o in outs)
            + content(4, op)
            + b"".join(content(5, attribute(k, v)) for k, v in attributes.items())
            + content(7, domain)
            for op, inputs, outs, attributes, domain in self.nodes
        ]
        graph = b"".join(content(1, node) for node in nodes) + content(2, "net")
        graph += b"".join(content(5, tensor(name, array, file)) for name, array in self.constants.items())
        floats = content(2, content(1, integer(1, 1)))
        graph += content(11, argument)
        graph += b"".join(content(12, content(1, name) + floats) for name in outputs or [self.last])
        path.write_bytes(integer(1, 8) + content(7, graph) + content(8, content(1, "") + integer(2, opset)))
        return path
