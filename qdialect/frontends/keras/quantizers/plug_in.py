"""Quantizers of other packages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from xdsl.ir import SSAValue

from qdialect.numerics.arrays import Float32Array

if TYPE_CHECKING:
    from qdialect.frontends.building.builder import Builder
    from qdialect.frontends.building.weights import QuantizedWeights


@dataclass(frozen=True)
class PlugInQuantizer(ABC):
    """A quantizer class of another package: a frozen dataclass whose fields are the options of `get_config`.

    `name` is that of the class in Keras. Constructor and methods raise ValueError, without the place, for what has no
    exact form.
    """

    name: ClassVar[str]

    @abstractmethod
    def of_activations(self, b: Builder, x: SSAValue) -> SSAValue:
        """Operations that give what the quantizer gives for each value of `x`."""

    @abstractmethod
    def of_weights(self, w: Float32Array) -> QuantizedWeights:
        """The weights that the network computes with."""
