"""The design that is written as a project: a network, and the ports of the hardware that computes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.projects.ports import ValuePort


@dataclass(frozen=True)
class NetworkDesign(ABC):
    """A network at integer level with its interface."""

    module: ModuleOp
    """The network."""
    inputs: Sequence[ValuePort]
    outputs: Sequence[ValuePort]

    @property
    @abstractmethod
    def top(self) -> str:
        """The name of the function or module of the network."""

    @property
    def ports(self) -> Sequence[ValuePort]:
        """Inputs, then outputs."""
        return (*self.inputs, *self.outputs)

    @property
    def words(self) -> int:
        """Words of a sample in data files."""
        return sum(port.words for port in self.ports)
