"""What front ends build a network function with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Block, Operation, SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.owner import WEIGHTS, own
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError, shown
from qdialect.frontends.building.owner import Owner
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.numerics import limits
from qdialect.numerics.float32 import Roundings
from qdialect.numerics.formats import Format

REFERENCE = "qnn.reference"
"""Function attribute: whose results are meant, where it is not QKeras 0.9.0."""

PARAMETERS = "qnn.parameters"
"""Function attribute: how many numbers the model has learned."""


@dataclass(frozen=True)
class Quotient:
    """numerator / divisor; roundings: those that Keras' divisions add to a value on the way."""

    numerator: SSAValue
    divisor: int = 1
    roundings: int = 0


class Builder:
    """Appends operations to the network function; values are named after the layer being built.

    whose: the reference, in remarks.
    layer, step: who owns what is built; the time step of a layer that is unrolled.
    origins: the layer that each value was built for.
    raw: the unquantized network inputs, and the float values that depend on them.
    masked: values that come with a mask of their time steps.
    exact_forms: for float values, the fixed-point values that `exact` has built.
    quotients: for float values that averages take part in, their exact numerators and divisors.
    roundings: constants that Keras does not have but computes in float32; inputs rounded to `input_type`; weights that
        QKeras moves off their grid.
    folded: those of the layer being built, by their suffix.
    index_limits: for each element of an input that is an index, below which number; 0 for others.
    """

    def __init__(self, block: Block, whose: str = "Keras'"):
        self.block = block
        self.whose = whose
        self.layer_name = ""
        self.step: int | None = None
        self.layer: Owner | None = None
        self.origins: dict[SSAValue, Owner] = {}
        self.raw: set[SSAValue] = {argument for argument in block.args if format_of(argument.type) is None}
        self.masked: set[SSAValue] = set()
        self.exact_forms: dict[SSAValue, SSAValue] = {}
        self.quotients: dict[SSAValue, Quotient] = {}
        self.roundings: dict[SSAValue, Roundings] = {}
        self.folded: Mapping[str, Roundings] = {}
        self.index_limits: dict[SSAValue, NDArray[np.int64]] = {}
        self.remarks: list[str] = []
        self.operations = 0

    def emit(self, op: Operation, suffix: str = "") -> SSAValue:
        """Append `op`; its result is called `<layer>_<suffix>`.

        Raises VerifyException, and QdialectError for values and networks beyond `qdialect.numerics.limits`.
        """
        result = self.append(op)
        result.name_hint = "_".join(filter(None, (self.layer_name, suffix)))
        if self.layer is not None:
            self.origins[result] = self.layer
        if format_of(result.type) is None and not self.raw.isdisjoint(op.operands):
            self.raw.add(result)
        return result

    def append(self, op: Operation) -> SSAValue:
        """Append `op` under the name that it has. Raises the errors of `emit`."""
        (result,) = op.results
        if len(shape_of(result)) > limits.MAX_AXES:
            raise QdialectError(f"{self.place}: {result.type} has more than {limits.MAX_AXES} axes")
        self.operations += 1
        if self.operations > limits.MAX_OPERATIONS:
            raise QdialectError(f"{self.place}: the network unrolls to more than {limits.MAX_OPERATIONS} operations")
        op.verify()
        self.block.add_op(op)
        if self.layer is not None:
            own(op, self.layer.name, self.step)
        return result

    @property
    def place(self) -> str:
        """The layer being built, for messages."""
        return "the network" if self.layer is None else self.layer.where

    def remark(self, layer: Owner, text: str) -> None:
        """Record on the module what a user of `layer` should know about its last bits."""
        self.remarks.append(f"{layer.where}: {text}")

    def constant(self, values: NDArray[Any], fmt: Format | None, suffix: str) -> SSAValue:
        """A constant of codes in `fmt`, or of floats without one."""
        constant = ConstantOp(values, fmt)
        constant.attributes[WEIGHTS] = StringAttr(suffix)
        result = self.emit(constant, suffix)
        if suffix in self.folded:
            self.roundings[result] = self.folded[suffix]
        return result

    def weights(self, weights: QuantizedWeights, suffix: str) -> SSAValue:
        """The codes of weights as a constant; how far Keras' own lie from them is kept for enclosures."""
        result = self.constant(weights.data, weights.format, suffix)
        if weights.deviation:
            self.roundings[result] = Roundings(apart=weights.apart)
        return result


def as_float32(values: Any) -> NDArray[np.float32]:
    """Numbers of an option as an array. Raises ValueError for anything else, texts of numbers too."""
    if np.asarray(values).dtype.kind not in "biuf":
        raise ValueError(f"{shown(values)} is no number")
    return np.asarray(values, np.float32)
