"""An ONNX graph as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from qdialect.errors import shown
from qdialect.frontends.building.owner import Owner
from qdialect.numerics import limits

Attribute = int | float | str | list[int] | list[float] | list[str] | NDArray[Any]

SPATIAL = frozenset({"Conv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"})
"""Operations that take channels first in ONNX, and channels last here."""


@dataclass
class Node(Owner):
    """One operation. Attributes that no handler has read are refused by `check_all_read`.

    domain: '' for ONNX itself; opset: the version of ONNX' operations.
    """

    op_type: str
    name: str
    domain: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, Attribute]
    opset: int
    _read: set[str] = field(default_factory=set[str])

    @property
    def where(self) -> str:
        return f"node '{self.name}' ({self.op_type})"

    @property
    def options(self) -> Mapping[str, Attribute]:
        return self.attributes

    def number(self, key: str, default: float) -> float:
        value = self.option(key, default)
        if not isinstance(value, int | float):
            raise self.error(f"{key}={shown(value)} is no number")
        return float(value)

    def integer(self, key: str, default: int) -> int:
        value = self.option(key, default)
        if not isinstance(value, int):
            raise self.error(f"{key}={shown(value)} is no integer")
        return value

    def integers(self, key: str, default: Sequence[int], least: int = 0) -> list[int]:
        """A list of sizes or counts."""
        value = self.option(key, list(default))
        known = isinstance(value, list) and all(isinstance(n, int) and least <= n <= limits.MAX_SIZE for n in value)
        if not known or len(value) != len(default):
            raise self.error(f"{key}={shown(value)} is not supported; use {len(default)} integers from {least} on")
        return list(value)

    def check_all_read(self) -> None:
        """Raise QdialectError for attributes that no handler has looked at."""
        for key in self.attributes:
            if key not in self._read:
                raise self.error(f"attribute {key}={shown(self.attributes[key])} is not supported")


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each follows those that it reads, as ONNX demands.

    inputs: the shapes, with the batch axis, of what is no constant; None for an axis that the file leaves open.
    """

    name: str
    nodes: Sequence[Node]
    constants: Mapping[str, NDArray[Any]]
    inputs: Mapping[str, Sequence[int | None]]
    outputs: Sequence[str]
    opset: int

    @property
    def is_spatial(self) -> bool:
        """Whether inputs with channels come channels last."""
        return any(node.op_type in SPATIAL for node in self.nodes)

    @property
    def classes(self) -> dict[str, str]:
        """What each input and each node is, by its name."""
        return {**dict.fromkeys(self.inputs, "Input"), **{node.name: node.op_type for node in self.nodes}}

    @property
    def parameters(self) -> int:
        """The number of parameters: the elements of all float arrays of the graph."""
        return sum(values.size for values in self.constants.values() if values.dtype.kind == "f" and values.ndim)
